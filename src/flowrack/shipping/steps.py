"""Writes of shipping."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.runner import Context

Head = tuple[str, str, str]  # number, carrier, tracking
Line = tuple[str, int, int, int, int, int, Decimal, int]  # number, line, item, lot, lpn, units, cost, move


def prepare(ctx: Context, site_id: int, head: Head, order_ids: Sequence[int]) -> int:
    """Write a shipment that waits for its truck. One statement."""
    shipment_id: int = sql.fetch_value(
        """
        WITH head AS (
            INSERT INTO shipping_shipment (number, site_id, state, carrier, tracking, prepared_at, prepared_by_id)
            VALUES (%s, %s, 'open', %s, %s, %s, %s) RETURNING id
        ), orders AS (
            INSERT INTO shipping_shipmentorder (shipment_id, order_id, is_waiting)
            SELECT head.id, o.id, true FROM head, unnest(%s::bigint[]) AS o(id)
        )
        SELECT id FROM head
        """,
        (head[0], site_id, head[1], head[2], ctx.now, ctx.actor_id, list(order_ids)),
    )
    return shipment_id


def open_numbers(site_id: int, count: int) -> tuple[list[str], int]:
    """Numbers for new shipments of a site, and the place where its goods go: CUSTOMER. One statement."""
    row = sql.fetch_one(
        """
        SELECT ARRAY (SELECT 'SH-' || n FROM platform_next_numbers('SH', %s) AS n), l.id FROM locations_location l
        WHERE l.site_id = %s AND l.code = 'CUSTOMER' AND l.is_virtual
        """,
        (count, site_id),
    )
    assert row is not None, "every site has its virtual places"
    return row[0], row[1]


def insert_shipped(
    ctx: Context,
    site_id: int,
    *,
    posting_id: int,
    heads: Sequence[Head],
    orders: Sequence[tuple[str, int]],
    lines: Sequence[Line],
) -> dict[str, int]:
    """Write shipments that leave without having been prepared: number -> id. One statement."""
    rows = sql.fetch_all(
        """
        WITH head AS (
            INSERT INTO shipping_shipment (number, site_id, state, carrier, tracking, prepared_at, prepared_by_id,
                                           shipped_at, shipped_by_id, posting_id)
            SELECT h.number, %(site)s, 'shipped', h.carrier, h.tracking, %(now)s, %(actor)s, %(now)s, %(actor)s,
                   %(posting)s
            FROM unnest(%(numbers)s::text[], %(carriers)s::text[], %(trackings)s::text[])
                 AS h(number, carrier, tracking)
            RETURNING id, number
        ), orders AS (
            INSERT INTO shipping_shipmentorder (shipment_id, order_id, is_waiting)
            SELECT head.id, o.order_id, false
            FROM unnest(%(order_numbers)s::text[], %(order_ids)s::bigint[]) AS o(number, order_id)
            JOIN head ON head.number = o.number
        ), line AS (
            INSERT INTO shipping_shipmentline
                   (shipment_id, order_line_id, item_id, lot_id, lpn_id, units, cost, move_id)
            SELECT head.id, l.line_id, l.item_id, l.lot_id, l.lpn_id, l.units, l.cost, l.move_id
            FROM unnest(%(line_numbers)s::text[], %(line_ids)s::bigint[], %(items)s::bigint[], %(lots)s::bigint[],
                        %(lpns)s::bigint[], %(units)s::bigint[], %(costs)s::numeric[], %(moves)s::bigint[])
                 WITH ORDINALITY AS l(number, line_id, item_id, lot_id, lpn_id, units, cost, move_id, n)
            JOIN head ON head.number = l.number ORDER BY l.n
        )
        SELECT number, id FROM head
        """,
        {
            "site": site_id,
            "now": ctx.now,
            "actor": ctx.actor_id,
            "posting": posting_id,
            "numbers": [head[0] for head in heads],
            "carriers": [head[1] for head in heads],
            "trackings": [head[2] for head in heads],
            "order_numbers": [order[0] for order in orders],
            "order_ids": [order[1] for order in orders],
            **_columns(lines),
        },
    )
    return dict(rows)


def _columns(lines: Sequence[Line]) -> dict[str, list[object]]:
    names = ("line_numbers", "line_ids", "items", "lots", "lpns", "units", "costs", "moves")
    return {name: [line[n] for line in lines] for n, name in enumerate(names)}


def confirm_prepared(ctx: Context, posting_id: int, heads: Sequence[Head], lines: Sequence[Line]) -> None:
    """Prepared shipments leave: their state, carrier and lines. One statement."""
    sql.execute(
        """
        WITH head AS (
            UPDATE shipping_shipment s
            SET state = 'shipped', shipped_at = %(now)s, shipped_by_id = %(actor)s, posting_id = %(posting)s,
                carrier = coalesce(nullif(h.carrier, ''), s.carrier),
                tracking = coalesce(nullif(h.tracking, ''), s.tracking)
            FROM unnest(%(numbers)s::text[], %(carriers)s::text[], %(trackings)s::text[])
                 AS h(number, carrier, tracking)
            WHERE s.number = h.number RETURNING s.id, s.number
        ), orders AS (
            UPDATE shipping_shipmentorder o SET is_waiting = false FROM head WHERE o.shipment_id = head.id
        )
        INSERT INTO shipping_shipmentline (shipment_id, order_line_id, item_id, lot_id, lpn_id, units, cost, move_id)
        SELECT head.id, l.line_id, l.item_id, l.lot_id, l.lpn_id, l.units, l.cost, l.move_id
        FROM unnest(%(line_numbers)s::text[], %(line_ids)s::bigint[], %(items)s::bigint[], %(lots)s::bigint[],
                    %(lpns)s::bigint[], %(units)s::bigint[], %(costs)s::numeric[], %(moves)s::bigint[])
             WITH ORDINALITY AS l(number, line_id, item_id, lot_id, lpn_id, units, cost, move_id, n)
        JOIN head ON head.number = l.number ORDER BY l.n
        """,
        {
            "now": ctx.now,
            "actor": ctx.actor_id,
            "posting": posting_id,
            "numbers": [head[0] for head in heads],
            "carriers": [head[1] for head in heads],
            "trackings": [head[2] for head in heads],
            **_columns(lines),
        },
    )


def call_off(shipment_id: int) -> None:
    """The shipment does not leave; its orders are free for another. One statement."""
    sql.execute(
        """
        WITH head AS (UPDATE shipping_shipment SET state = 'cancelled' WHERE id = %s RETURNING id)
        UPDATE shipping_shipmentorder o SET is_waiting = false FROM head WHERE o.shipment_id = head.id
        """,
        (shipment_id,),
    )


def set_tracking(shipment_id: int, carrier: str, tracking: str) -> None:
    """Note the carrier's reference. One statement."""
    sql.execute(
        "UPDATE shipping_shipment SET carrier = %s, tracking = %s WHERE id = %s", (carrier, tracking, shipment_id)
    )


def clear_tracking(shipment_ids: Sequence[int]) -> None:
    """The carrier's references of shipments are none any more. One statement."""
    sql.execute("UPDATE shipping_shipment SET tracking = '' WHERE id = ANY(%s::bigint[])", (list(shipment_ids),))
