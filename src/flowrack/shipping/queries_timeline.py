"""What happened to an order and when, from entry to return, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from flowrack.platform import sql
from flowrack.shipping.queries_changes import changes

MOST = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: what, when, by whom, and a few words more."""

    at: datetime
    what: str
    who: str
    note: str


_MOMENTS = """
    WITH line AS (SELECT l.id, l.line_no FROM sales_orderline l WHERE l.order_id = %(order)s), what AS (
        SELECT o.ordered_at AS at, 1 AS place, 'Entered' AS what, o.entered_by_id AS actor_id,
               (SELECT n || CASE n WHEN 1 THEN ' line' ELSE ' lines' END
                FROM (SELECT count(*) - %(added)s AS n FROM line) AS x) AS note
        FROM sales_order o WHERE o.id = %(order)s
        UNION ALL
        SELECT h.placed_at, 2, 'Held', h.placed_by_id, h.kind || coalesce(', line ' || l.line_no, '') || ': '
               || h.sentence
        FROM sales_hold h LEFT JOIN line l ON l.id = h.line_id WHERE h.order_id = %(order)s
        UNION ALL
        SELECT h.ended_at, 3, CASE h.ending WHEN 'released' THEN 'Hold released' ELSE 'Hold ended' END, h.ended_by_id,
               h.kind || CASE WHEN h.reason = '' THEN '' ELSE ': ' || h.reason END
        FROM sales_hold h WHERE h.order_id = %(order)s AND h.ended_at IS NOT NULL
        UNION ALL
        SELECT d.decided_at, 4, CASE WHEN bool_or(d.sentence LIKE '%% reserved%%') THEN 'Promised' ELSE 'No stock' END,
               c.actor_id, CASE count(*) WHEN 1 THEN min(d.sentence) ELSE count(*)::text || ' lines looked at' END
        FROM platform_decision d JOIN platform_commandrecord c ON c.id = d.command_id
        WHERE d.subject = ANY(ARRAY(SELECT 'sales.line:' || id FROM line)) AND d.kind = 'allocation'
        GROUP BY d.command_id, d.decided_at, c.actor_id
        UNION ALL
        SELECT d.decided_at, 4, CASE WHEN d.detail ? 'lost' THEN 'Gave way' ELSE 'Urgent' END, c.actor_id, d.sentence
        FROM platform_decision d JOIN platform_commandrecord c ON c.id = d.command_id
        WHERE d.subject = ANY(ARRAY(SELECT 'sales.line:' || id FROM line)) AND d.kind = 'displacement'
        UNION ALL
        SELECT d.decided_at, 4, 'Told another day', c.actor_id, 'line ' || line.line_no || ': ' || d.sentence
        FROM line JOIN platform_decision d ON d.subject = 'promise.line:' || line.id
        JOIN platform_commandrecord c ON c.id = d.command_id AND c.command = 'promise.move_promises'
        UNION ALL
        SELECT q.ended_at, 2, 'Quote taken', q.ended_by_id, q.number || ', ' || q.units::text || ' units'
        FROM promise_quote q WHERE q.line_id IN (SELECT id FROM line) AND q.state = 'taken'
        UNION ALL
        SELECT w.released_at, 5, 'Released', w.released_by_id, w.number || ', ' || sum(p.units)::text || ' units'
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        WHERE p.order_id = %(order)s AND p.state <> 'short' GROUP BY w.id
        UNION ALL
        SELECT max(p.done_at), 6, p.what, p.done_by_id, sum(p.units)::text || ' units'
        FROM (
            SELECT wave_id, done_at, done_by_id, units,
                   CASE state WHEN 'picked' THEN 'Picked' WHEN 'short' THEN 'Picked short'
                              ELSE CASE WHEN posting_id IS NULL THEN 'Called back' ELSE 'Put back' END END AS what
            FROM fulfilment_pickline WHERE order_id = %(order)s AND state IN ('picked', 'short', 'cancelled')
            UNION ALL
            SELECT b.wave_id, g.recorded_at, g.actor_id, b.units, 'Picked'
            FROM fulfilment_pickline b JOIN ledger_posting g ON g.id = b.posting_id
            WHERE b.order_id = %(order)s AND b.state IN ('going_back', 'cancelled')
        ) AS p
        WHERE p.done_at IS NOT NULL GROUP BY p.wave_id, p.what, p.done_by_id
        UNION ALL
        SELECT max(c.packed_at), 7, 'Packed', c.packed_by_id,
               count(*)::text || CASE count(*) WHEN 1 THEN ' carton' ELSE ' cartons' END
        FROM fulfilment_carton c WHERE c.order_id = %(order)s AND c.state <> 'unpacked' GROUP BY c.packed_by_id
        UNION ALL
        SELECT h.shipped_at, 8, 'Shipped', h.shipped_by_id, h.number || ', ' || s.units::text || ' units'
        FROM shipping_shipmentorder x
        JOIN shipping_shipment h ON h.id = x.shipment_id AND h.shipped_at IS NOT NULL
        CROSS JOIN LATERAL (SELECT coalesce(sum(l.units), 0) AS units FROM shipping_shipmentline l
                            WHERE l.shipment_id = h.id AND l.order_line_id IN (SELECT id FROM line)) AS s
        WHERE x.order_id = %(order)s
        UNION ALL
        SELECT max(b.stayed_at), 8, 'Left behind', max(b.stayed_by_id),
               g.number || ', ' || concat_ws(' and ',
                   sum(b.units) FILTER (WHERE b.is_staged)::text || ' units staged',
                   sum(b.units) FILTER (WHERE NOT b.is_staged)::text || ' units not staged')
               || coalesce(', leaves on ' || to_char(max(b.next_on), 'FMDD Mon'), '')
               || CASE max(b.note) WHEN '' THEN '' ELSE ': ' || max(b.note) END
        FROM shipping_loadbehind b JOIN shipping_load g ON g.id = b.load_id
        WHERE b.order_id = %(order)s GROUP BY g.id
        UNION ALL
        SELECT f.happened_at, 9, CASE f.outcome WHEN 'delivered' THEN 'Delivered'
                                                WHEN 'partial' THEN 'Delivered in part' ELSE 'Refused' END,
               f.recorded_by_id, f.number || ', ' || f.received_by
        FROM shipping_shipmentorder x JOIN shipping_proof f ON f.shipment_id = x.shipment_id
        WHERE x.order_id = %(order)s
        UNION ALL
        SELECT p.recorded_at, 10, 'Returned', p.actor_id, sum(m.units)::text || ' units'
        FROM shipping_shipmentline l JOIN ledger_move m ON m.of_move_id = l.move_id AND m.reason = 'RETURN'
        JOIN ledger_posting p ON p.id = m.posting_id
        WHERE l.order_line_id IN (SELECT id FROM line) GROUP BY p.id
        UNION ALL
        SELECT x.at, 11, x.what, x.actor_id, x.note
        FROM (SELECT unnest(%(at)s::timestamptz[]) AS at, unnest(%(what)s::text[]) AS what,
                     unnest(%(actors)s::bigint[]) AS actor_id, unnest(%(notes)s::text[]) AS note) AS x
    )
    SELECT w.at, w.what, coalesce(nullif(u.full_name, ''), u.username, ''), w.note
    FROM what w LEFT JOIN platform_user u ON u.id = w.actor_id
    ORDER BY w.at, w.place LIMIT %(most)s
"""


def moments(order_id: int) -> Sequence[Moment]:
    """What happened to an order, the oldest first; the same again and again is told once. Three queries."""
    changed = changes(order_id)
    rows = sql.fetch_all(
        _MOMENTS,
        {
            "order": order_id,
            "added": sum(one.added for one in changed),
            "at": [one.at for one in changed],
            "what": [one.what for one in changed],
            "actors": [one.actor_id for one in changed],
            "notes": [one.note for one in changed],
            "most": MOST,
        },
    )
    told: list[Moment] = []
    times = 1
    for row in rows:
        one = Moment(*row)
        last = told[-1] if told else None
        if last is not None and (last.what, last.who) == (one.what, one.who) and last.note.startswith(one.note):
            times += 1
            note = f"{one.note} The same {times} times until {localtime(one.at).day} {localtime(one.at):%b}."
            told[-1] = Moment(last.at, last.what, last.who, note)
        else:
            told.append(one)
            times = 1
    return told


@dataclass(frozen=True, slots=True)
class LineMoment:
    """What happened to the units of one line: a decision, a pick or a shipment, on a day at its site."""

    on: date
    kind: str  # of the decision, "picked" or "shipped"
    sentence: str
    units: int


def of_line(line_id: int) -> list[LineMoment]:
    """What was decided about the units of a line, and what was picked and sent, by the day at its site. One query."""
    rows = sql.fetch_all(
        """
        WITH line AS (
            SELECT l.id, o.ordered_at, l.units, s.timezone
            FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN locations_site s ON s.id = o.site_id
            WHERE l.id = %(line)s
        ), what AS (
            SELECT ordered_at AS at, 'ordered' AS kind, '' AS sentence, units FROM line
            UNION ALL
            SELECT d.decided_at, d.kind, d.sentence, coalesce((d.detail ->> 'lost')::bigint, 0)
            FROM platform_decision d WHERE d.subject = 'sales.line:' || %(line)s::bigint
             AND d.kind IN ('allocation', 'displacement', 'override')
            UNION ALL
            SELECT max(p.done_at), 'picked', '', sum(p.units)::bigint FROM fulfilment_pickline p
            WHERE p.order_id = (SELECT order_id FROM sales_orderline WHERE id = %(line)s)
              AND p.order_line_id = %(line)s AND p.state = 'picked' GROUP BY p.wave_id
            UNION ALL
            SELECT h.shipped_at, 'shipped', '', sum(x.units)::bigint
            FROM shipping_shipmentline x JOIN shipping_shipment h ON h.id = x.shipment_id
            WHERE x.order_line_id = %(line)s AND h.shipped_at IS NOT NULL GROUP BY h.id
        )
        SELECT (w.at AT TIME ZONE line.timezone)::date, w.kind, w.sentence, w.units
        FROM what w CROSS JOIN line WHERE w.at IS NOT NULL ORDER BY w.at LIMIT %(most)s
        """,
        {"line": line_id, "most": MOST},
    )
    return [LineMoment(*row) for row in rows]
