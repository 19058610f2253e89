"""Reads of goods that came without an order: how they came in, and what of them still stands in quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.inbound.rules_blind import Found, Spot, Wanted, allot
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class BlindGoods:
    """Goods of one discrepancy: the move that brought them with its value, and what of them was dealt with."""

    discrepancy_id: int
    number: str
    posting_id: int
    move_id: int
    origin: str
    site_id: int
    location_id: int
    item_id: int
    sku: str
    costing: str
    lot_id: int
    lpn_id: int
    units: int
    sent_units: int
    value: Decimal

    @property
    def left_units(self) -> int:
        """What did not go back yet."""
        return self.units - self.sent_units

    @property
    def spot(self) -> Spot:
        """Where they came in."""
        return Spot(self.item_id, self.lot_id, self.site_id, self.location_id, self.lpn_id)


def goods(discrepancy_ids: Sequence[int]) -> dict[int, BlindGoods]:
    """The goods of discrepancies of kind no_po, by discrepancy. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.id, d.number, d.posting_id, m.id, m.origin, d.site_id, c.location_id, c.item_id, i.sku, i.costing,
               c.lot_id, c.lpn_id, d.units, d.sent_units, m.value
        FROM inbound_discrepancy d
        JOIN ledger_move m ON m.id = d.move_id
        JOIN ledger_cell c ON c.id = m.to_cell_id
        JOIN catalog_item i ON i.id = c.item_id
        WHERE d.id = ANY(%s::bigint[]) AND d.kind = 'no_po' AND d.move_id > 0 ORDER BY d.id
        """,
        (sorted(set(discrepancy_ids)),),
    )
    return {row[0]: BlindGoods(*row) for row in rows}


def where(of: Sequence[BlindGoods]) -> dict[int, list[Found]]:
    """Where the goods of these discrepancies stand in quarantine now, by discrepancy; see rules_blind. Two queries."""
    keys = sorted({(one.item_id, one.lot_id, one.site_id) for one in of})
    items, lots, sites = ([key[n] for key in keys] for n in range(3))
    wanted = [
        Wanted(row[0], Spot(*row[1:6]), row[6])
        for row in sql.fetch_all(
            """
            SELECT d.id, c.item_id, c.lot_id, d.site_id, c.location_id, c.lpn_id, (d.units - d.sent_units)::bigint
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS k(item, lot, site)
            JOIN inbound_discrepancy d ON d.site_id = k.site AND d.item_id = k.item AND d.state = 'open'
            JOIN ledger_move m ON m.id = d.move_id
            JOIN ledger_cell c ON c.id = m.to_cell_id AND c.lot_id = k.lot
            WHERE d.kind = 'no_po' AND d.move_id > 0 ORDER BY d.id
            """,
            (items, lots, sites),
        )
    ]
    free = {
        Spot(*row[:5]): row[5]
        for row in sql.fetch_all(
            """
            SELECT c.item_id, c.lot_id, c.site_id, c.location_id, c.lpn_id, (c.on_hand - c.reserved)::bigint
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS k(item, lot, site)
            JOIN ledger_cell c ON c.item_id = k.item AND c.lot_id = k.lot AND c.site_id = k.site
            WHERE c.quality = 'quarantine' AND c.owner_id = 1 AND NOT c.is_virtual AND c.on_hand > c.reserved
            """,
            (items, lots, sites),
        )
    }
    return allot(wanted, free)


def is_reversible(posting_id: int) -> bool:
    """Whether the books still hold exactly what a posting brought: then its exact opposite can be posted. One query.

    Of FIFO items the layer must be whole; of others the book must keep a value that is possible without it.
    """
    return bool(
        sql.fetch_value(
            """
            SELECT coalesce(bool_and(CASE
                       WHEN x.costing = 'fifo' THEN x.is_whole
                       ELSE b.units > x.units AND b.value >= x.value OR (b.units, b.value) = (x.units, x.value)
                   END), false)
            FROM (
                SELECT c.item_id, c.site_id, i.costing,
                       CASE WHEN i.costing = 'lot_actual' THEN c.lot_id ELSE 0 END AS lot_id, sum(m.units) AS units,
                       sum(m.value) AS value,
                       bool_and(coalesce((l.units_left, l.value_left) = (m.units, m.value), false)) AS is_whole
                FROM ledger_move m
                JOIN ledger_cell c ON c.id = m.to_cell_id
                JOIN catalog_item i ON i.id = c.item_id
                LEFT JOIN ledger_layer l ON l.move_id = m.id
                WHERE m.posting_id = %s AND m.units > 0 GROUP BY 1, 2, 3, 4
            ) AS x
            LEFT JOIN ledger_book b ON b.item_id = x.item_id AND b.site_id = x.site_id AND b.account = 'inventory'
                 AND b.lot_id = x.lot_id
            """,
            (posting_id,),
        )
    )


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """One move of a posting with units: from where (`source_kind`: a virtual place's code, else "") and to where.

    `variance`: what besides its value is owed for it, of an item at standard cost.
    """

    move_id: int
    item_id: int
    site_id: int
    costing: str
    lot_id: int
    source_kind: str
    location_id: int
    lpn_id: int
    quality: str
    units: int
    value: Decimal
    variance: Decimal
    origin: str


def brought_in(posting_id: int) -> list[BroughtIn]:
    """The moves of a posting that carry units, in their order. One query.

    Variances stand beside the moves, one for each that has any: those of an item are told with its first move.
    """
    rows = sql.fetch_all(
        """
        WITH moved AS (
            SELECT m.id, c.item_id, c.site_id, c.lot_id, f.is_virtual, f.location_id AS source_id, c.location_id,
                   c.lpn_id, c.quality, m.units, m.value, m.origin, m.reason
            FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell c ON c.id = m.to_cell_id
            WHERE m.posting_id = %s
        ), variance AS (
            SELECT item_id, sum(value) AS value FROM moved WHERE reason = 'price_variance' AND units = 0 GROUP BY 1
        )
        SELECT m.id, m.item_id, m.site_id, i.costing, m.lot_id, CASE WHEN m.is_virtual THEN s.code ELSE '' END,
               m.location_id, m.lpn_id, m.quality, m.units, m.value,
               CASE WHEN row_number() OVER (PARTITION BY m.item_id ORDER BY m.id) = 1 THEN coalesce(v.value, 0)
                    ELSE 0 END, m.origin
        FROM moved m
        JOIN catalog_item i ON i.id = m.item_id
        JOIN locations_location s ON s.id = m.source_id
        LEFT JOIN variance v ON v.item_id = m.item_id
        WHERE m.units > 0 ORDER BY m.id
        """,
        (posting_id,),
    )
    return [BroughtIn(*row) for row in rows]


def decided_of(posting_id: int) -> str:
    """The number of a discrepancy of a blind count of which something went back or on an order; "" if none."""
    return str(
        sql.fetch_value(
            """
            SELECT number FROM inbound_discrepancy
            WHERE posting_id = %s AND kind = 'no_po' AND (state <> 'open' OR sent_units > 0) ORDER BY id LIMIT 1
            """,
            (posting_id,),
        )
        or ""
    )
