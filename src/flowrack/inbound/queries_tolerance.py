"""Reads of tolerances: which one is in force for an item of an order, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.inbound.rules_tolerance import HOUSE, Tolerance
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

FIELDS = """
    t.id, t.version, t.over_pct, t.over_units, t.under_pct, t.under_units, t.early_days, t.late_days, t.min_life_days,
    t.on_over, t.on_under, t.on_early, t.on_late, t.on_short_dated
"""


def in_force(po_id: int, item_ids: Sequence[int]) -> dict[int, Tolerance]:
    """The tolerance for each item of a PO: the one of supplier and family before the one of the supplier, that before
    the one of the family, that before the default. Days that it leaves open are those that the PO agreed. One query."""
    return in_force_of(sql.fetch_all(*ask_in_force(po_id, item_ids)))


def ask_in_force(po_id: int, item_ids: Sequence[int]) -> sql.Asked:
    """The question of `in_force`."""
    return (
        f"""
        SELECT i.id, po.early_days, po.late_days, {FIELDS}
        FROM purchasing_po po
        CROSS JOIN catalog_item i
        LEFT JOIN LATERAL (
            SELECT * FROM inbound_tolerance t
            WHERE t.ended_at IS NULL AND (t.supplier_id = po.supplier_id OR t.supplier_id IS NULL)
              AND (t.family_id = i.family_id OR t.family_id IS NULL)
            ORDER BY t.supplier_id IS NULL, t.family_id IS NULL LIMIT 1
        ) AS t ON true
        WHERE po.id = %s AND i.id = ANY(%s::bigint[])
        """,  # noqa: S608 (a constant of this module)
        (po_id, sorted(set(item_ids))),
    )


def in_force_of(rows: Sequence[Sequence[Any]]) -> dict[int, Tolerance]:
    """The answer of `in_force`."""
    known: dict[tuple[Any, ...], Tolerance] = {}  # thousands of items follow a few
    for _, *tolerance in rows:
        key = tuple(tolerance)
        if key not in known:
            known[key] = _with_days(key[0], key[1], key[2:])
    return {row[0]: known[tuple(row[1:])] for row in rows}


def _with_days(early: int | None, late: int | None, row: tuple[Any, ...]) -> Tolerance:
    found = Tolerance(*row) if row[0] is not None else HOUSE
    if found.early_days is not None and found.late_days is not None:
        return found
    return replace(
        found,
        early_days=early if found.early_days is None else found.early_days,
        late_days=late if found.late_days is None else found.late_days,
    )


@dataclass(frozen=True, slots=True)
class ToleranceRow:
    """A version of a tolerance in a list."""

    id: int
    supplier: str
    family: str
    version: int
    over_pct: Decimal | None
    over_units: int | None
    under_pct: Decimal | None
    under_units: int | None
    early_days: int | None
    late_days: int | None
    min_life_days: int
    on_over: str
    on_under: str
    on_early: str
    on_late: str
    on_short_dated: str
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    is_in_force: str


TOLERANCES = """
    SELECT t.id, coalesce(s.name, '') AS supplier, coalesce(f.name, '') AS family, t.version, t.over_pct, t.over_units,
           t.under_pct, t.under_units, t.early_days, t.late_days, t.min_life_days, t.on_over, t.on_under, t.on_early,
           t.on_late, t.on_short_dated, t.reason, u.full_name AS set_by, t.set_at, t.ended_at,
           CASE WHEN t.ended_at IS NULL THEN 'yes' ELSE 'no' END AS is_in_force
    FROM inbound_tolerance t
    JOIN platform_user u ON u.id = t.set_by_id
    LEFT JOIN parties_party s ON s.id = t.supplier_id
    LEFT JOIN catalog_family f ON f.id = t.family_id
"""


def tolerance_page(query: ListQuery) -> Page[ToleranceRow]:
    """All versions of tolerances. Two queries."""
    return sql_page(query, ToleranceRow, TOLERANCES, search=("supplier", "family"))


def tolerances() -> list[ToleranceRow]:
    """The tolerances in force. One query."""
    rows = sql.fetch_all(TOLERANCES + " WHERE t.ended_at IS NULL ORDER BY t.id DESC")
    return [ToleranceRow(*row) for row in rows]
