"""What the simulated people look at before they act. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql


def recorded_keys(actor_ids: Sequence[int], prefix: str) -> frozenset[str]:
    """Keys of commands that these people have done and that start so."""
    rows = sql.fetch_all(
        "SELECT key FROM platform_commandrecord WHERE actor_id = ANY(%s::bigint[]) AND key LIKE %s",
        (list(actor_ids), prefix.replace("%", "").replace("_", r"\_") + "%"),
    )
    return frozenset(row[0] for row in rows)


def stored_answer(actor_id: int, key: str) -> tuple[str, str]:
    """The command of a key and its answer as JSON."""
    row = sql.fetch_one(
        "SELECT command, result::text FROM platform_commandrecord WHERE actor_id = %s AND key = %s", (actor_id, key)
    )
    assert row is not None, "the key was read from this table"
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class DueLine:
    """A PO line of which something may still come."""

    po_id: int
    supplier: str
    ordered_on: date
    due_on: date
    state: str
    po_line_id: int
    item_id: int
    sku: str
    units: int
    received: int
    owed: int
    number: str
    line_no: int


def due_lines(site_id: int, until: date) -> list[DueLine]:
    """Lines of approved POs of a site that may be on a truck by a day."""
    rows = sql.fetch_all(
        """
        SELECT po.id, s.code, po.ordered_on, po.due_on, po.state, l.id, l.item_id, i.sku, l.units, l.received_units,
               greatest(l.units - l.received_units - l.short_units, 0), po.number, l.line_no
        FROM purchasing_po po JOIN parties_party s ON s.id = po.supplier_id
        JOIN purchasing_poline l ON l.po_id = po.id JOIN catalog_item i ON i.id = l.item_id
        WHERE po.site_id = %s AND po.state IN ('approved', 'receiving') AND po.due_on <= %s::date + 1
        ORDER BY po.ordered_on, s.code, l.line_no
        """,
        (site_id, until),
    )
    return [DueLine(*row) for row in rows]


def open_receipts(site_id: int) -> dict[int, int]:
    """Open receipts of a site: id by PO."""
    return dict(
        sql.fetch_all("SELECT po_id, id FROM inbound_receipt WHERE site_id = %s AND state = 'open'", (site_id,))
    )


def open_putaways(site_id: int) -> list[tuple[int, int]]:
    """Putaways that wait: id and target (0 = none yet), in the order in which they were planned."""
    rows = sql.fetch_all(
        """
        SELECT id, coalesce(to_location_id, 0) FROM storage_plannedmove
        WHERE site_id = %s AND kind = 'putaway' AND state = 'open' ORDER BY id
        """,
        (site_id,),
    )
    return [(row[0], row[1]) for row in rows]


def drafts(site_id: int) -> list[int]:
    """POs of a site that wait for approval."""
    return [
        row[0]
        for row in sql.fetch_all(
            "SELECT id FROM purchasing_po WHERE site_id = %s AND state = 'draft' ORDER BY id", (site_id,)
        )
    ]


def orders_by_reference(site_id: int, references: Sequence[str]) -> list[int]:
    """Orders of a site by the customers' own numbers."""
    return [
        row[0]
        for row in sql.fetch_all(
            "SELECT id FROM sales_order WHERE site_id = %s AND reference = ANY(%s::text[]) ORDER BY id",
            (site_id, list(references)),
        )
    ]


def held_quantities(site_id: int) -> list[tuple[int, int, str, str, int]]:
    """Lines of a site that wait for their quantity: hold, line, customer, item and units."""
    rows = sql.fetch_all(
        """
        SELECT h.id, l.id, p.code, i.sku, l.open_units
        FROM sales_hold h JOIN sales_orderline l ON l.id = h.line_id JOIN sales_order o ON o.id = h.order_id
        JOIN parties_party p ON p.id = o.customer_id JOIN catalog_item i ON i.id = l.item_id
        WHERE h.ended_at IS NULL AND h.kind = 'quantity' AND o.site_id = %s AND l.open_units > 0 ORDER BY h.id
        """,
        (site_id,),
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def releasable_orders(site_id: int, due_on: date = date.max, leaving_by: date = date.max) -> list[int]:
    """Open orders of a site with promised units that no picker has yet, to leave by a day or promised for one."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT o.id FROM sales_order o CROSS JOIN LATERAL (
                SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.allocated_units > l.released_units LIMIT 1
            ) promised
            WHERE o.site_id = %(site)s AND o.state IN ('confirmed', 'released')
              AND (o.ship_by_on <= %(leaving)s
                   OR EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.promised_on <= %(due)s))
            ORDER BY o.id
            """,
            {"site": site_id, "due": due_on, "leaving": leaving_by},
        )
    ]


def open_picks(site_id: int, since: datetime) -> list[tuple[int, str, int, bool]]:
    """Picks of waves since a time that wait: id, a name that is the same in every run, units, and whether one stands in
    for a short pick."""
    rows = sql.fetch_all(
        """
        WITH p AS MATERIALIZED (
            SELECT p.* FROM fulfilment_wave w CROSS JOIN LATERAL (
                SELECT id, wave_id, sequence, order_id, order_line_id, location_id, lot_id, units, state
                FROM fulfilment_pickline WHERE wave_id = w.id AND state IN ('open', 'short') OFFSET 0
            ) p
            WHERE w.site_id = %s AND w.released_at >= %s
        ), short AS (SELECT DISTINCT order_line_id, wave_id FROM p WHERE state = 'short')
        SELECT p.id, o.reference || '/' || l.line_no || '/' || b.code || '/' || t.code, p.units,
               short.wave_id IS NOT NULL
        FROM p
        JOIN sales_order o ON o.id = p.order_id JOIN sales_orderline l ON l.id = p.order_line_id
        JOIN locations_location b ON b.id = p.location_id JOIN catalog_lot t ON t.id = p.lot_id
        LEFT JOIN short ON short.order_line_id = p.order_line_id AND short.wave_id = p.wave_id
        WHERE p.state = 'open' ORDER BY p.wave_id, p.sequence, p.id
        """,
        (site_id, since),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def shippable_orders(site_id: int) -> list[tuple[int, str]]:
    """Orders with picked units that may leave (ship-complete ones only when nothing is missing): id and country."""
    rows = sql.fetch_all(
        """
        SELECT o.id, c.country
        FROM sales_order o JOIN parties_party c ON c.id = o.customer_id
        CROSS JOIN LATERAL (
            SELECT sum(l.picked_units) AS picked, sum(l.open_units + l.allocated_units) AS missing
            FROM sales_orderline l WHERE l.order_id = o.id OFFSET 0
        ) of
        WHERE o.site_id = %s AND o.state = 'released' AND of.picked > 0
          AND (o.policy <> 'complete' OR of.missing = 0)
        ORDER BY o.id
        """,
        (site_id,),
    )
    return [(row[0], row[1]) for row in rows]


def packed_orders(order_ids: Sequence[int]) -> set[int]:
    """Those of the orders whose goods stand in cartons already, with nothing loose beside them."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_id FROM fulfilment_carton WHERE order_id = ANY(%s::bigint[]) AND state = 'packed'",
        (list(order_ids),),
    )
    return {row[0] for row in rows}


def stale_lines(site_id: int, before: datetime) -> list[tuple[int, int]]:
    """Lines of orders from before a time that still wait for stock: id and waiting units."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.open_units FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND o.ordered_at < %s AND l.open_units > 0
        ORDER BY l.id
        """,
        (site_id, before),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class SoldLine:
    """What of a sale can still come back, lot by lot."""

    customer: str
    reference: str
    sku: str
    site_id: int
    order_line_id: int
    item_id: int
    lot_id: int
    units: int
    returnable: int


def sold_lines(wanted: Sequence[tuple[str, str, str]]) -> list[SoldLine]:
    """Units of (customer, reference, item) still out, lot by lot, and how many of the line may still come back."""
    rows = sql.fetch_all(
        """
        SELECT c.code, o.reference, i.sku, o.site_id, l.id, l.item_id, s.lot_id,
               (sum(s.units) - coalesce((
                   SELECT sum(b.units) FROM returns_rmaline r JOIN returns_returnedlot b ON b.line_id = r.id
                   WHERE r.order_line_id = l.id AND b.lot_id = s.lot_id
               ), 0))::bigint,
               (l.shipped_units
                - coalesce((SELECT sum(r.units) FROM returns_rmaline r WHERE r.order_line_id = l.id), 0))::bigint
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS w(customer, reference, sku)
        JOIN parties_party c ON c.code = w.customer
        JOIN sales_order o ON o.customer_id = c.id AND o.reference = w.reference
        JOIN catalog_item i ON i.sku = w.sku
        JOIN sales_orderline l ON l.order_id = o.id AND l.item_id = i.id
        JOIN shipping_shipmentline s ON s.order_line_id = l.id
        WHERE l.shipped_units > 0
        GROUP BY c.code, o.reference, i.sku, o.site_id, l.id, l.item_id, s.lot_id, l.shipped_units
        ORDER BY l.id, s.lot_id
        """,
        ([w[0] for w in wanted], [w[1] for w in wanted], [w[2] for w in wanted]),
    )
    return [SoldLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitingReturn:
    """Returned units that wait for a decision."""

    returned_lot_id: int
    item_id: int
    lot_id: int
    units: int
    proposal: str


def waiting_returns(site_id: int) -> list[WaitingReturn]:
    """Goods in return review at a site."""
    rows = sql.fetch_all(
        """
        SELECT t.id, l.item_id, t.lot_id, t.left_units, t.proposal
        FROM returns_returnedlot t JOIN returns_rmaline l ON l.id = t.line_id JOIN returns_rma r ON r.id = l.rma_id
        WHERE r.site_id = %s AND t.left_units > 0 ORDER BY t.id
        """,
        (site_id,),
    )
    return [WaitingReturn(*row) for row in rows]


def bins_of(site_id: int, item_ids: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """The fullest reserve bin of each item and lot: location and free units."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (item_id, lot_id) item_id, lot_id, location_id, on_hand - reserved
        FROM ledger_cell
        WHERE site_id = %s AND item_id = ANY(%s::bigint[]) AND state IN ('reserve', 'forward_pick') AND lpn_id = 0
          AND on_hand > 0 AND owner_id = 1
        ORDER BY item_id, lot_id, on_hand DESC, location_id
        """,
        (site_id, list(item_ids)),
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def free_units(site_id: int, item_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """Units of each item and lot that are not promised."""
    rows = sql.fetch_all(
        """
        SELECT item_id, lot_id, reserve + forward_pick - committed FROM ledger_pool
        WHERE site_id = %s AND item_id = ANY(%s::bigint[]) AND owner_id = 1
        """,
        (site_id, list(item_ids)),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def empty_bins(site_id: int, count: int) -> list[int]:
    """The first bins in walking order in which nothing lies."""
    return [
        row[0]
        for row in sql.fetch_all(
            """
            SELECT b.id FROM locations_location b
            WHERE b.site_id = %s AND b.role = 'reserve' AND b.kind = 'bin' AND b.is_active
              AND NOT EXISTS (
                  SELECT 1 FROM ledger_cell c WHERE c.location_id = b.id AND NOT c.is_virtual AND c.on_hand > 0)
              AND NOT EXISTS (SELECT 1 FROM storage_plannedmove m WHERE m.to_location_id = b.id AND m.state = 'open')
            ORDER BY b.pick_sequence, b.id LIMIT %s
            """,
            (site_id, count),
        )
    ]


def count_tasks(site_id: int, since: datetime, limit: int) -> list[tuple[int, str, int, str]]:
    """The first counts that wait or ended since a time, those of short picks before others: id, bin, bin id, state."""
    rows = sql.fetch_all(
        """
        SELECT t.id, b.code, b.id, t.state
        FROM counting_counttask t JOIN locations_location b ON b.id = t.location_id
        WHERE t.site_id = %s AND t.state <> 'cancelled' AND (t.finished_at IS NULL OR t.finished_at >= %s)
        ORDER BY t.cause <> 'short_pick', t.id LIMIT %s
        """,
        (site_id, since, limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def open_variances(task_id: int) -> int:
    """Differences of a count that nobody has settled."""
    return int(
        sql.fetch_value("SELECT count(*) FROM counting_variance WHERE task_id = %s AND decision = 'open'", (task_id,))
    )


def stock_in_bin(location_id: int) -> list[tuple[int, str, int, int, int, str, int]]:
    """What lies in a bin by the books: item, SKU, lot, LPN, owner, quality and units."""
    return [
        (row[0], row[1], row[2], row[3], row[4], row[5], row[6])
        for row in sql.fetch_all(
            """
            SELECT c.item_id, i.sku, c.lot_id, c.lpn_id, c.owner_id, c.quality, c.on_hand
            FROM ledger_cell c JOIN catalog_item i ON i.id = c.item_id
            WHERE c.location_id = %s AND NOT c.is_virtual AND c.on_hand > 0 ORDER BY i.sku, c.lot_id, c.id
            """,
            (location_id,),
        )
    ]


def missing_at_picks(site_id: int, location_id: int, since: datetime) -> dict[int, int]:
    """Units that pickers did not find in a bin since a time, by item."""
    rows = sql.fetch_all(
        """
        SELECT p.item_id, sum(p.short_units)::bigint
        FROM fulfilment_wave w JOIN fulfilment_pickline p ON p.wave_id = w.id
        WHERE w.site_id = %s AND w.released_at >= %s AND p.location_id = %s AND p.state = 'short' GROUP BY p.item_id
        """,
        (site_id, since, location_id),
    )
    return dict(rows)


def lot_code(lot_id: int) -> str:
    """The code of a lot; empty for none."""
    return str(sql.fetch_value("SELECT code FROM catalog_lot WHERE id = %s", (lot_id,)) or "") if lot_id else ""


def moves(site_ids: Sequence[int]) -> int:
    """How many moves the ledger has at sites."""
    return int(
        sql.fetch_value(
            "SELECT count(*) FROM ledger_move m JOIN ledger_cell c ON c.id = m.from_cell_id"
            " WHERE c.site_id = ANY(%s::bigint[])",
            (list(site_ids),),
        )
    )


def books_hash(site_ids: Sequence[int]) -> str:
    """A fingerprint of all stock and values of sites, free of ids: the same books, the same hash."""
    rows = sql.fetch_all(
        """
        SELECT s.code, i.sku, l.code, b.code, c.quality, sum(c.on_hand)::bigint, sum(c.reserved)::bigint
        FROM ledger_cell c JOIN locations_site s ON s.id = c.site_id JOIN catalog_item i ON i.id = c.item_id
        JOIN catalog_lot l ON l.id = c.lot_id JOIN locations_location b ON b.id = c.location_id
        WHERE c.site_id = ANY(%s::bigint[]) AND c.on_hand <> 0
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
        """,
        (list(site_ids),),
    )
    values = sql.fetch_all(
        """
        SELECT s.code, i.sku, k.account, sum(k.units)::bigint, sum(k.value)::text
        FROM ledger_book k JOIN locations_site s ON s.id = k.site_id JOIN catalog_item i ON i.id = k.item_id
        WHERE k.site_id = ANY(%s::bigint[]) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        (list(site_ids),),
    )
    return hashlib.sha256(repr((rows, values)).encode()).hexdigest()
