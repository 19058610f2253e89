"""Reads of lines that are sent instead of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class InsteadOf:
    """A line that stands for another one of its order: which, its item, and how many units of it."""

    line_id: int
    original_id: int
    line_no: int
    item_id: int
    sku: str
    replaces: int
    is_price_protected: bool


def instead_of(line_ids: Sequence[int]) -> dict[int, InsteadOf]:
    """What lines stand for; lines of their own, and substitutes that were taken back, are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.line_id, s.original_id, o.line_no, o.item_id, i.sku, s.replaces, s.is_price_protected
        FROM sales_substitution s JOIN sales_orderline o ON o.id = s.original_id JOIN catalog_item i ON i.id = o.item_id
        WHERE s.line_id = ANY(%s::bigint[]) AND s.undone_at IS NULL
        """,
        (list(line_ids),),
    )
    return {row[0]: InsteadOf(*row) for row in rows}


def substitutes_of(original_id: int) -> list[InsteadOf]:
    """The lines that stand for a line, by id. One query."""
    rows = sql.fetch_all("SELECT line_id FROM sales_substitution WHERE original_id = %s", (original_id,))
    return sorted(instead_of([row[0] for row in rows]).values(), key=lambda one: one.line_id)


def lines_instead(order_id: int) -> frozenset[int]:
    """The lines of an order that stand, or stood, for another line of it. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.line_id FROM sales_substitution s JOIN sales_orderline l ON l.id = s.line_id WHERE l.order_id = %s
        """,
        (order_id,),
    )
    return frozenset(row[0] for row in rows)


@dataclass(frozen=True, slots=True)
class FillCounts:
    """Units of original lines: wanted, filled with the ordered item, and what filled substitutes stand for."""

    wanted: int
    original: int
    replaced: int


_FILL = """
    SELECT coalesce(sum(l.units - l.cancelled_units + coalesce(t.replaces, 0)), 0)::bigint,
           coalesce(sum(l.shipped_units + %(soon)s * (l.allocated_units + l.picked_units)), 0)::bigint,
           coalesce(sum(t.filled), 0)::bigint
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
    LEFT JOIN LATERAL (
        SELECT sum(s.replaces) AS replaces,
               sum(s.replaces * (x.shipped_units + %(soon)s * (x.allocated_units + x.picked_units)) / x.units) AS filled
        FROM sales_substitution s JOIN sales_orderline x ON x.id = s.line_id
        WHERE s.original_id = l.id AND s.undone_at IS NULL
    ) AS t ON true
    WHERE NOT EXISTS (SELECT FROM sales_substitution s WHERE s.line_id = l.id)
"""


def fill_of_order(order_id: int) -> FillCounts:
    """What an order has so far: reserved, picked and sent units count as filled. One query."""
    row = sql.fetch_one(_FILL + " AND o.id = %(order)s", {"soon": 1, "order": order_id})
    assert row is not None, "an aggregate gives one row"
    return FillCounts(*row)


def fill_of_sites(site_ids: Sequence[int], since: date, until: date) -> FillCounts:
    """What orders that were to leave on these days got: sent units count as filled; sites 0 = all. One query."""
    days = (
        " AND o.ship_by_on BETWEEN %(since)s AND %(until)s"
        " AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))"
    )
    row = sql.fetch_one(_FILL + days, {"soon": 0, "since": since, "until": until, "sites": list(site_ids)})
    assert row is not None, "an aggregate gives one row"
    return FillCounts(*row)
