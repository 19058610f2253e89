"""What the books say: reads over the ledger for the figures of scenarios. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.ledger.verify import verify
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class Cell:
    """Stock at one physical place."""

    item_id: int
    lot: str
    location_id: int
    lpn: str
    site_id: int
    state: str
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Stock and promises of an item and lot at a site."""

    item_id: int
    lot: str
    site_id: int
    allocatable: int
    committed: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Worth:
    """Units, value and unit cost of the inventory account of a site."""

    units: int
    value: Decimal
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What one posting did to the value of inventory, and the units that crossed its border."""

    posting_id: int
    units: int
    value: Decimal


def cells(item_ids: Sequence[int]) -> list[Cell]:
    """Physical stock of the items, place by place."""
    rows = sql.fetch_all(
        """
        SELECT c.item_id, coalesce(l.code, ''), c.location_id, coalesce(p.code, ''), c.site_id, c.state, c.on_hand,
               c.reserved
        FROM ledger_cell c
        LEFT JOIN catalog_lot l ON l.id = c.lot_id AND l.id > 0
        LEFT JOIN locations_lpn p ON p.id = c.lpn_id AND p.id > 0
        WHERE c.item_id = ANY(%s::bigint[]) AND NOT c.is_virtual AND c.on_hand > 0
        ORDER BY c.id
        """,
        (list(item_ids),),
    )
    return [Cell(*row) for row in rows]


def pools(item_ids: Sequence[int]) -> list[Pool]:
    """Pools of the items."""
    rows = sql.fetch_all(
        """
        SELECT p.item_id, coalesce(l.code, ''), p.site_id, p.reserve + p.forward_pick, p.committed, p.arrived_at
        FROM ledger_pool p LEFT JOIN catalog_lot l ON l.id = p.lot_id AND l.id > 0
        WHERE p.item_id = ANY(%s::bigint[]) ORDER BY p.id
        """,
        (list(item_ids),),
    )
    return [Pool(*row) for row in rows]


def worth(item_ids: Sequence[int], site_id: int = 0) -> Worth:
    """What the inventory of the items is worth at a site (0 = everywhere); the last unit cost when there is none."""
    row = sql.fetch_one(
        """
        SELECT coalesce(sum(units), 0)::bigint, coalesce(sum(value), 0),
               coalesce((array_agg(unit_cost ORDER BY units DESC, id DESC))[1], 0)
        FROM ledger_book
        WHERE item_id = ANY(%s::bigint[]) AND account = 'inventory' AND (%s = 0 OR site_id = %s)
        """,
        (list(item_ids), site_id, site_id),
    )
    assert row is not None, "an aggregate gives one row"
    units, value, last = row
    return Worth(units, value, value / units if units else last)


def layers(item_ids: Sequence[int]) -> list[tuple[int, Decimal]]:
    """Open FIFO layers, oldest first: units left and value left."""
    rows = sql.fetch_all(
        """
        SELECT y.units_left, y.value_left FROM ledger_layer y JOIN ledger_book b ON b.id = y.book_id
        WHERE b.item_id = ANY(%s::bigint[]) AND b.account = 'inventory' AND y.units_left > 0 ORDER BY y.id
        """,
        (list(item_ids),),
    )
    return [(row[0], row[1]) for row in rows]


def last_posting() -> int:
    """The newest posting's id; 0 before the first."""
    return int(sql.fetch_value("SELECT coalesce(max(id), 0) FROM ledger_posting"))


def entries(item_ids: Sequence[int], after: int = 0) -> list[Entry]:
    """Per posting after a given one: units and value that came into inventory (out: negative), oldest first."""
    rows = sql.fetch_all(
        """
        SELECT m.posting_id, sum(CASE WHEN t.account = 'inventory' THEN m.units ELSE -m.units END)::bigint,
               sum(CASE WHEN t.account = 'inventory' THEN m.value ELSE -m.value END)
        FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
        WHERE f.item_id = ANY(%s::bigint[]) AND m.posting_id > %s
          AND (f.account = 'inventory') <> (t.account = 'inventory')
        GROUP BY m.posting_id ORDER BY m.posting_id
        """,
        (list(item_ids), after),
    )
    return [Entry(*row) for row in rows]


def moves_between(
    item_ids: Sequence[int], accounts: tuple[str, str], after: int
) -> list[tuple[int, int, Decimal, str]]:
    """Moves from one account to another after a posting: id, units, value and lot, oldest first."""
    rows = sql.fetch_all(
        """
        SELECT m.id, m.units, m.value, coalesce(l.code, '')
        FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
        LEFT JOIN catalog_lot l ON l.id = f.lot_id AND l.id > 0
        WHERE f.item_id = ANY(%s::bigint[]) AND m.posting_id > %s AND f.account = %s AND t.account = %s
        ORDER BY m.id
        """,
        (list(item_ids), after, *accounts),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def order_lines(line_ids: Sequence[int]) -> dict[int, tuple[int, int, int, int, int]]:
    """Counts of order lines by id: ordered, allocated, picked, shipped, cancelled."""
    rows = sql.fetch_all(
        """
        SELECT id, units, allocated_units, picked_units, shipped_units, cancelled_units
        FROM sales_orderline WHERE id = ANY(%s::bigint[])
        """,
        (list(line_ids),),
    )
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def demand(item_ids: Sequence[int]) -> int:
    """Units that customers still want of the items: ordered, not shipped, not cancelled."""
    return int(
        sql.fetch_value(
            """
            SELECT coalesce(sum(units - shipped_units - cancelled_units), 0)::bigint
            FROM sales_orderline WHERE item_id = ANY(%s::bigint[])
            """,
            (list(item_ids),),
        )
    )


def reserved_by_place(item_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Units that are reserved on cells, by location and lot."""
    rows = sql.fetch_all(
        """
        SELECT c.location_id, coalesce(l.code, ''), sum(c.reserved)::bigint
        FROM ledger_cell c LEFT JOIN catalog_lot l ON l.id = c.lot_id AND l.id > 0
        WHERE c.item_id = ANY(%s::bigint[]) AND c.reserved > 0 GROUP BY 1, 2
        """,
        (list(item_ids),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def fingerprint(item_ids: Sequence[int]) -> str:
    """A hash of stock, promises, reservations, values and purchases of the items."""
    rows = sql.fetch_all(
        """
        SELECT 'cell', id, on_hand, reserved, 0 FROM ledger_cell WHERE item_id = ANY(%s::bigint[])
        UNION ALL
        SELECT 'pool', id, reserve + forward_pick, committed, 0 FROM ledger_pool WHERE item_id = ANY(%s::bigint[])
        UNION ALL
        SELECT 'book', id, units, 0, value FROM ledger_book WHERE item_id = ANY(%s::bigint[])
        UNION ALL
        SELECT 'bought', id, units, 0, 0 FROM purchasing_poline WHERE item_id = ANY(%s::bigint[])
        UNION ALL
        SELECT 'asked', id, units, 0, 0 FROM purchasing_requisitionline WHERE item_id = ANY(%s::bigint[])
        ORDER BY 1, 2
        """,
        [list(item_ids)] * 5,
    )
    kept = [row for row in rows if any(row[2:])]
    return hashlib.sha256(repr(kept).encode()).hexdigest()


def due_on(po_id: int) -> date:
    """The day on which a PO is due."""
    found: date = sql.fetch_value("SELECT due_on FROM purchasing_po WHERE id = %s", (po_id,))
    return found


def findings() -> list[str]:
    """What does not add up in the whole database; empty when all is well."""
    return [f"{finding.check} ({finding.rows} rows)" for finding in verify()]


def purchased_units(item_id: int, site_id: int) -> list[int]:
    """The units of an item on each line of a site's purchases that are not cancelled, the oldest first."""
    rows = sql.fetch_all(
        """
        SELECT l.units FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
        WHERE l.item_id = %s AND po.site_id = %s AND po.state <> 'cancelled' ORDER BY l.id
        """,
        (item_id, site_id),
    )
    return [row[0] for row in rows]
