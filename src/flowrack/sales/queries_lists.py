"""Reads of the lists by which orders are sorted."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class OrderCodeRow:
    """A sales channel or an order type."""

    id: int
    list: str
    code: str
    name: str
    is_active: bool


def order_codes(of: str = "", *, only_active: bool = False) -> list[OrderCodeRow]:
    """The codes of a list, or of both. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, list, code, name, is_active FROM sales_ordercode
        WHERE (list = %(list)s OR %(list)s = '') AND (is_active OR NOT %(only)s) ORDER BY list, code
        """,
        {"list": of, "only": only_active},
    )
    return [OrderCodeRow(*row) for row in rows]


def choices(of: str) -> list[tuple[str, str]]:
    """The codes of a list that are used, for forms and filters: code, and code with name. One query."""
    return [(row.code, f"{row.code}, {row.name}") for row in order_codes(of, only_active=True)]
