"""Reads for traceability. Each is one statement over the ledger's indexes by lot or LPN, whatever the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.compliance.rules import MassBalance, mass_balance
from flowrack.compliance.types import Destination, Holding, NothingToTrace, Source, Step, Subject
from flowrack.platform import sql
from flowrack.platform.lookup import Found, label_of, look_up

STEP_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class LotHead:
    """A lot or serial and its item."""

    lot_id: int
    code: str
    is_serial: bool
    expires_on: date | None
    item_id: int
    sku: str
    name: str
    base_uom: str


@dataclass(frozen=True, slots=True)
class LotTrace:
    """The whole history of a lot: back to its suppliers, forward to its customers, and what adds up to what."""

    head: LotHead
    balance: MassBalance
    sources: list[Source]
    destinations: list[Destination]
    holdings: list[Holding]
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Units that were picked off an LPN for an order line, and how many units of that line have left the house."""

    order_id: int
    order: str
    customer: str
    sku: str
    units: int
    shipped_units: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LpnTrace:
    """The history of a license plate: what it carries and carried, and where it stood."""

    lpn_id: int
    code: str
    kind: str
    contents: list[Holding]
    lots: list[Subject]
    steps: list[Step]
    taken: list[TakenOff]


def find(code: str, *, limit: int = 20) -> list[Subject]:
    """What a code can mean: lots and serials, LPNs, and the lots of a receipt or an order. One query."""
    rows = sql.fetch_all(
        """
        SELECT * FROM (
            SELECT CASE WHEN l.is_serial THEN 'serial' ELSE 'lot' END AS kind, l.id, l.code,
                   i.sku || ' ' || i.name AS text
            FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id WHERE l.code = %(code)s
            UNION ALL
            SELECT 'lpn', p.id, p.code, p.kind FROM locations_lpn p WHERE p.code = %(code)s AND p.id > 0
            UNION ALL
            SELECT DISTINCT 'lot', l.id, l.code, i.sku || ', received by ' || r.number
            FROM inbound_receipt r JOIN inbound_receiptline rl ON rl.receipt_id = r.id AND rl.lot_id > 0
            JOIN catalog_lot l ON l.id = rl.lot_id JOIN catalog_item i ON i.id = l.item_id
            WHERE r.number = upper(%(code)s)
            UNION ALL
            SELECT DISTINCT 'lot', l.id, l.code, i.sku || ', shipped on ' || o.number
            FROM sales_order o JOIN sales_orderline ol ON ol.order_id = o.id
            JOIN shipping_shipmentline sl ON sl.order_line_id = ol.id AND sl.lot_id > 0
            JOIN catalog_lot l ON l.id = sl.lot_id JOIN catalog_item i ON i.id = l.item_id
            WHERE o.number = upper(%(code)s)
        ) x ORDER BY kind, id LIMIT %(limit)s
        """,
        {"code": code.strip(), "limit": limit},
    )
    if not rows:
        raise NothingToTrace(
            f"“{code}” is no lot, serial, LPN, purchase order, receipt, order or shipment.",
            fix="Scan the label again, or type the code as it is printed.",
        )
    return [Subject(*row) for row in rows]


def trace_lot(lot_id: int) -> LotTrace:
    """Trace a lot or serial both ways. Six queries."""
    return LotTrace(
        head=_head(lot_id),
        balance=_balance(lot_id),
        sources=_sources(lot_id),
        destinations=_destinations(lot_id),
        holdings=_holdings("c.lot_id = %s AND c.lot_id <> 0", lot_id),
        steps=_steps("lot_id = %s AND lot_id <> 0", lot_id),
    )


def trace_lpn(lpn_id: int) -> LpnTrace:
    """Trace an LPN: its contents, the lots it ever carried, where it stood, whom it served. Five queries."""
    row = sql.fetch_one("SELECT id, code, kind FROM locations_lpn WHERE id = %s AND id > 0", (lpn_id,))
    if row is None:
        raise NothingToTrace("There is no such LPN.", fix="Scan its label again.")
    lots = sql.fetch_all(
        """
        SELECT DISTINCT CASE WHEN l.is_serial THEN 'serial' ELSE 'lot' END, l.id, l.code, i.sku || ' ' || i.name
        FROM ledger_cell c JOIN catalog_lot l ON l.id = c.lot_id JOIN catalog_item i ON i.id = l.item_id
        WHERE c.lpn_id = %s AND c.lpn_id <> 0 ORDER BY 3 LIMIT 200
        """,
        (lpn_id,),
    )
    return LpnTrace(
        lpn_id=row[0],
        code=row[1],
        kind=row[2],
        contents=_holdings("c.lpn_id = %s AND c.lpn_id <> 0", lpn_id),
        lots=[Subject(*lot) for lot in lots],
        steps=_steps("lpn_id = %s AND lpn_id <> 0", lpn_id),
        taken=_taken(lpn_id),
    )


def _taken(lpn_id: int) -> list[TakenOff]:
    """What was picked off an LPN, by order line: there its goods go on, in totes and cartons. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, p.name, i.sku, sum(m.units)::bigint, max(l.shipped_units), min(x.occurred_at)
        FROM ledger_cell c JOIN ledger_move m ON m.from_cell_id = c.id AND m.units > 0
        JOIN ledger_posting x ON x.id = m.posting_id
        JOIN fulfilment_pickline k
          ON k.id = CASE WHEN m.origin LIKE 'fulfilment.pick:%%' THEN substr(m.origin, 17)::bigint END
         AND k.state = 'picked'
        JOIN sales_orderline l ON l.id = k.order_line_id JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party p ON p.id = o.customer_id JOIN catalog_item i ON i.id = c.item_id
        WHERE c.lpn_id = %s AND c.lpn_id <> 0 AND m.posting_id = k.posting_id
        GROUP BY o.id, o.number, p.name, i.sku, l.id ORDER BY min(m.id) LIMIT {STEP_LIMIT}
        """,  # noqa: S608 - a constant
        (lpn_id,),
    )
    return [TakenOff(*row) for row in rows]


def _head(lot_id: int) -> LotHead:
    row = sql.fetch_one(
        """
        SELECT l.id, l.code, l.is_serial, l.expires_on, i.id, i.sku, i.name, i.base_uom
        FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id WHERE l.id = %s
        """,
        (lot_id,),
    )
    if row is None:
        raise NothingToTrace("There is no such lot.", fix="Search for its code.")
    return LotHead(*row)


def _balance(lot_id: int) -> MassBalance:
    """What came in and went out by each door, from the moves; what is here, from the pools. One query."""
    rows = sql.fetch_all(
        """
        WITH its AS MATERIALIZED (
            SELECT id, is_virtual, account FROM ledger_cell WHERE lot_id = %(lot)s AND lot_id <> 0
        )
        SELECT f.account, true, sum(m.units)::bigint
        FROM its f JOIN ledger_move m ON m.from_cell_id = f.id JOIN its t ON t.id = m.to_cell_id
        WHERE f.is_virtual AND NOT t.is_virtual GROUP BY 1
        UNION ALL
        SELECT t.account, false, sum(m.units)::bigint
        FROM its t JOIN ledger_move m ON m.to_cell_id = t.id JOIN its f ON f.id = m.from_cell_id
        WHERE t.is_virtual AND NOT f.is_virtual GROUP BY 1
        UNION ALL
        SELECT 'on_hand', NULL, coalesce(sum(receiving + inspection + quarantine + reserve + forward_pick + staged
               + return_review + damaged + hold + expired), 0)::bigint FROM ledger_pool
        WHERE lot_id = %(lot)s AND lot_id <> 0
        UNION ALL
        SELECT 'in_transit', NULL, coalesce(sum(in_transit), 0)::bigint FROM ledger_pool
        WHERE lot_id = %(lot)s AND lot_id <> 0
        """,
        {"lot": lot_id},
    )
    here = {account: units for account, came_in, units in rows if came_in is None}
    crossings = [(account, came_in, units) for account, came_in, units in rows if came_in is not None]
    return mass_balance(crossings, on_hand=here["on_hand"], in_transit=here["in_transit"])


def _sources(lot_id: int) -> list[Source]:
    rows = sql.fetch_all(
        """
        SELECT r.id, r.number, po.number, p.name, min(x.occurred_at), sum(x.units)::bigint
        FROM (
            SELECT m.origin, m.units, g.occurred_at FROM ledger_cell c
            JOIN ledger_move m ON m.to_cell_id = c.id AND m.reason = 'RECEIPT'
            JOIN ledger_posting g ON g.id = m.posting_id
            WHERE c.lot_id = %s AND c.lot_id <> 0 AND m.origin LIKE 'inbound.receipt:%%'
        ) x
        JOIN inbound_receipt r ON r.id = substr(x.origin, 17)::bigint
        JOIN purchasing_po po ON po.id = r.po_id
        JOIN parties_party p ON p.id = po.supplier_id
        GROUP BY 1, 2, 3, 4 ORDER BY 5 LIMIT 500
        """,
        (lot_id,),
    )
    return [Source(*row) for row in rows]


def _destinations(lot_id: int) -> list[Destination]:
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, p.name, s.number, s.carrier, s.shipped_at, sum(l.units)::bigint,
               coalesce(sum(b.units), 0)::bigint
        FROM shipping_shipmentline l
        JOIN shipping_shipment s ON s.id = l.shipment_id
        JOIN sales_orderline ol ON ol.id = l.order_line_id
        JOIN sales_order o ON o.id = ol.order_id
        JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT sum(m.units) AS units FROM ledger_move m WHERE m.of_move_id = l.move_id AND m.of_move_id <> 0
        ) b ON true
        WHERE l.lot_id = %s AND l.lot_id <> 0
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 6, 2 LIMIT 5000
        """,
        (lot_id,),
    )
    return [Destination(*row) for row in rows]


def _holdings(condition: str, key: int) -> list[Holding]:
    rows = sql.fetch_all(
        f"""
        SELECT s.code, l.code, lpn.code, lot.id, lot.code, i.sku, c.state, c.on_hand
        FROM ledger_cell c JOIN locations_site s ON s.id = c.site_id JOIN locations_location l ON l.id = c.location_id
        JOIN locations_lpn lpn ON lpn.id = c.lpn_id JOIN catalog_lot lot ON lot.id = c.lot_id
        JOIN catalog_item i ON i.id = c.item_id
        WHERE {condition} AND NOT c.is_virtual AND c.on_hand > 0 ORDER BY s.code, l.pick_sequence, c.id LIMIT 1000
        """,  # noqa: S608 - constant conditions
        (key,),
    )
    return [Holding(*row) for row in rows]


def _steps(condition: str, key: int) -> list[Step]:
    """The way of the units, moves of a day between two places summed, oldest first."""
    picked = f"""
        its AS MATERIALIZED (SELECT id FROM ledger_cell WHERE {condition}),
        picked AS (
            SELECT m.id FROM its JOIN ledger_move m ON m.from_cell_id = its.id
            UNION
            SELECT m.id FROM its JOIN ledger_move m ON m.to_cell_id = its.id
        )
    """  # noqa: S608 - constant conditions
    return _summed(picked, key)


def steps_of_postings(posting_ids: Sequence[int]) -> list[Step]:
    """The moves of some postings, summed in the same way."""
    picked = "picked AS (SELECT id FROM ledger_move WHERE posting_id = ANY(%s::bigint[]))"
    return _summed(picked, list(posting_ids))


def _summed(picked: str, key: int | list[int]) -> list[Step]:
    rows = sql.fetch_all(
        f"""
        WITH {picked}
        SELECT p.booked_on, min(p.occurred_at), m.reason, fl.code, tl.code, f.state, t.state, sum(m.units)::bigint,
               count(*), string_agg(DISTINCT u.full_name, ', ')
        FROM picked JOIN ledger_move m ON m.id = picked.id
        JOIN ledger_posting p ON p.id = m.posting_id
        JOIN platform_user u ON u.id = p.actor_id
        JOIN ledger_cell f ON f.id = m.from_cell_id JOIN locations_location fl ON fl.id = f.location_id
        JOIN ledger_cell t ON t.id = m.to_cell_id JOIN locations_location tl ON tl.id = t.location_id
        WHERE m.units > 0
        GROUP BY 1, 3, 4, 5, 6, 7 ORDER BY min(m.id) LIMIT {STEP_LIMIT}
        """,  # noqa: S608 - constant conditions
        (key,),
    )
    return [Step(*row) for row in rows]


_LOOK_UP_LOTS = """
SELECT l.id, l.code, i.sku || ' ' || i.name, l.code = ANY(%(exact)s::text[])
FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id
WHERE l.id > 0 AND l.id = ANY (ARRAY(
    (SELECT id FROM catalog_lot WHERE code = ANY(%(exact)s::text[]) ORDER BY id LIMIT %(limit)s)
    UNION ALL
    (SELECT n.id FROM catalog_lot n WHERE n.code LIKE %(starts)s ORDER BY n.code, n.id LIMIT %(limit)s)
    UNION ALL
    (SELECT n.id FROM catalog_lot n WHERE n.code LIKE %(starts_upper)s ORDER BY n.code, n.id LIMIT %(limit)s)
))
ORDER BY 4 DESC, l.code, l.id LIMIT %(limit)s
"""
_LOOK_UP_LPNS = """
SELECT p.id, p.code, p.kind || ', ' || s.name, p.code = ANY(%(exact)s::text[])
FROM locations_lpn p JOIN locations_site s ON s.id = p.site_id
WHERE p.id = ANY (ARRAY(
    SELECT id FROM locations_lpn WHERE code = ANY(%(exact)s::text[])
    UNION ALL
    (SELECT n.id FROM locations_lpn n WHERE n.code LIKE %(starts_upper)s
     AND (0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))
     ORDER BY n.code USING ~<~ LIMIT %(limit)s)
)) AND (0 = ANY(%(sites)s::bigint[]) OR p.site_id = ANY(%(sites)s::bigint[]))
ORDER BY 4 DESC, p.code LIMIT %(limit)s
"""


def look_up_lots(text: str, sites: frozenset[int]) -> list[Found]:
    """Lots and serials by code, also inside a GS1 label; a lot is of no site. One query."""
    label = label_of(text)
    return look_up(_LOOK_UP_LOTS, label.lot or label.serial or text)


def look_up_lpns(text: str, sites: frozenset[int]) -> list[Found]:
    """License plates by code or SSCC, also inside a GS1 label. One query."""
    return look_up(_LOOK_UP_LPNS, label_of(text).sscc or text, sites=sites)
