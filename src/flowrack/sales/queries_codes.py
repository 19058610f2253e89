"""Reads of customers' own numbers of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class Meant:
    """What a customer's number stands for: an item, and base units of its pack (1 without one)."""

    sku: str
    factor: int


_MEANT = """
    SELECT w.n, i.sku, coalesce(l.factor, 1)
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS w(customer, code, n)
    JOIN parties_party p ON p.code = w.customer
    JOIN sales_customeritem k ON k.customer_id = p.id AND k.code = w.code
    JOIN catalog_item i ON i.id = k.item_id
    LEFT JOIN catalog_packlevel l ON l.item_id = k.item_id AND l.level = k.pack AND k.pack <> ''
"""


def meant(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Meant]:
    """What (customer, number) stand for; unknown ones are left out. One query."""
    rows = sql.fetch_all(_MEANT, ([customer for customer, _ in pairs], [code for _, code in pairs]))
    return {pairs[row[0] - 1]: Meant(row[1], row[2]) for row in rows}


def items_of(customer: str, codes: Sequence[str]) -> dict[str, Meant]:
    """What a customer's numbers stand for. One query."""
    return {code: found for (_, code), found in meant([(customer, code) for code in codes]).items()}


@dataclass(frozen=True, slots=True)
class CustomerItemRow:
    """A customer's number in the list."""

    id: int
    customer: str
    customer_code: str
    code: str
    sku: str
    name: str
    pack: str
    item_id: int


_ROWS = """
    SELECT k.id, p.name AS customer, p.code AS customer_code, k.code, i.sku, i.name, k.pack, i.id AS item_id
    FROM sales_customeritem k JOIN parties_party p ON p.id = k.customer_id JOIN catalog_item i ON i.id = k.item_id
"""


def customer_item_page(query: ListQuery) -> Page[CustomerItemRow]:
    """Customers' numbers of items. Two queries."""
    return sql_page(query, CustomerItemRow, _ROWS, search=("customer", "customer_code", "code", "sku", "name"))


def customer_items_after(after_id: int, *, customer: str, limit: int) -> list[CustomerItemRow]:
    """Customers' numbers with ids above `after_id`, of one customer or of all. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_ROWS}) AS r WHERE r.id > %(after)s AND (%(customer)s = '' OR r.customer_code = %(customer)s)
        ORDER BY r.id LIMIT %(limit)s
        """,  # noqa: S608 - our own text
        {"after": after_id, "customer": customer, "limit": limit},
    )
    return [CustomerItemRow(*row) for row in rows]
