"""The numbers of picking, packing and sending, from lists, picks, waits, cartons, waves, shipments and choices.

Formulas (docs/stages/analytics.md has them for readers; sources: WERC's measures as published, 13 and 30 to 32):

- Lines an hour = lines picked of lists that were done in the period / hours from the taking of a list to its last pick,
  of lists that somebody took: a system may confirm a list without that.
- Short picks = picks that found less / picks made, each once, also where some was found. Pick accuracy = 1 - wrong
  picks / the same picks made (`kpi.accuracy`).
- Waves on time = waves of which all was picked by the time that their plan says / waves whose time came then.
- Replenishment urgency = order lines that waited for the refill of a face / picks made, and for how long.
- Carton fill = what is in cartons of a known type, by their room / that room. As planned = cartons of the type that was
  planned / cartons with both. Weight right = first weighings within tolerance / cartons weighed.
- Shipment punctuality = shipments that left by the ship-by day of every order on them / shipments that left.
- Left behind = orders of which goods stayed when their truck was closed / orders planned on trucks that were closed.
- Cost a line = freight of the last choice for the orders of what left / lines of which it is known + cost of its
  cartons / lines in cartons of a known type. The freight of a choice counts once, when the first goods of it left;
  where the carrier's bill matched or was accepted, the bill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.analytics.queries.kpi import REST, accuracy
from flowrack.analytics.rules import Ratio, ratio
from flowrack.analytics.rules_floor import FloorAsked, FloorFigures, Picked
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

_SITE = "(%(site)s::bigint = 0 OR {}.site_id = %(site)s::bigint)"
_WHEN = (
    "{0} >= %(start)s::date - 1 AND {0} < %(end)s::date + 2 "
    "AND ({0} AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date"
)


def _when(column: str) -> str:
    return _WHEN.format(column)


def floor_figures(asked: FloorAsked) -> FloorFigures:
    """All numbers of the floor. Eight queries, whatever the history."""
    whole, methods, weeks = picked(asked)
    picks = next(kpi for kpi in accuracy(asked.site_id, asked.start, asked.end) if kpi.key == "pick")
    short, made, lines_waited, p50, p90, on_time, waves = _waits_and_waves(asked)
    filled, cartons, known, as_planned, planned, right, weighed, scanned = _cartons(asked)
    punctual, sent, freight, carton_cost, lines, priced, boxed = _sent(asked)
    return FloorFigures(
        asked, whole, methods, weeks,
        short=ratio(short, made),
        right=ratio(int(picks.numerator), int(picks.denominator)),
        waves_on_time=ratio(on_time, waves),
        waited=ratio(lines_waited, made),
        wait_p50=p50, wait_p90=p90, filled_permille=filled, cartons=cartons, filled_cartons=known,
        as_planned=ratio(as_planned, planned),
        weight_right=ratio(right, weighed), scanned=ratio(scanned, cartons),
        punctual=ratio(punctual, sent),
        left_behind=_left_behind(asked),
        freight=freight, carton_cost=carton_cost, sent_lines=lines, priced_lines=priced, boxed_lines=boxed,
    )  # fmt: skip


def picked(asked: FloorAsked) -> tuple[Picked, list[Picked], list[Picked]]:
    """Picking of the period as a whole, by method and kind of unit, and week by week. One query."""
    rows = sql.fetch_all(
        f"""
        WITH list AS (
            SELECT l.id, l.method, l.unit_kind, l.started_at, l.taken_at, l.last_pick_at, l.walk_mm,
                   date_trunc('week', l.finished_at AT TIME ZONE site.timezone)::date AS week
            FROM fulfilment_picklist l JOIN locations_site site ON site.id = l.site_id
            WHERE l.state = 'done' AND {_SITE.format("l")} AND {_when("l.finished_at")}
        ), done AS (
            SELECT list.*, p.lines, p.units, w.mm AS plain_mm,
                   CASE WHEN list.taken_at IS NOT NULL
                        THEN greatest(0, extract(epoch FROM list.last_pick_at - list.started_at)) ELSE 0 END AS seconds
            FROM list
            CROSS JOIN LATERAL (SELECT count(*) AS lines, coalesce(sum(p.units), 0) AS units FROM fulfilment_pickline p
                                WHERE p.pick_list_id = list.id AND p.state = 'picked') AS p
            LEFT JOIN fulfilment_picklistwalk w ON w.pick_list_id = list.id AND w.method = 'as given'
        )
        SELECT coalesce(method, ''), coalesce(unit_kind, ''), week, count(*), coalesce(sum(lines), 0)::bigint,
               coalesce(sum(units), 0)::bigint, coalesce(sum(seconds), 0)::bigint,
               coalesce(sum(lines) FILTER (WHERE seconds > 0), 0)::bigint,
               coalesce(sum(walk_mm), 0)::bigint, coalesce(sum(coalesce(plain_mm, walk_mm)), 0)::bigint,
               grouping(method), grouping(week)
        FROM done GROUP BY GROUPING SETS ((), (method, unit_kind), (week)) ORDER BY week, method, unit_kind
        """,  # noqa: S608 - our own text
        asked.params,
    )
    whole = next(_picked(row) for row in rows if row[10] and row[11])
    return whole, [_picked(r) for r in rows if not r[10]], [_picked(r) for r in rows if not r[11]]


def _picked(row: Sequence[Any]) -> Picked:
    return Picked(*row[:10])


# A pick is made before its list is done: what was picked since a day is in lists that were done since, or are not yet.
_WAITS_AND_WAVES = f"""
    WITH list AS (
        SELECT id, site_id FROM fulfilment_picklist WHERE state = 'done' AND finished_at >= %(start)s::date - 1
        UNION ALL
        SELECT id, site_id FROM fulfilment_picklist WHERE state IN ('open', 'taken', 'parked')
    ), pick AS (
        SELECT count(*) FILTER (WHERE p.short_units > 0) AS short, count(*) FILTER (WHERE NOT {REST}) AS made
        FROM list l JOIN locations_site site ON site.id = l.site_id
        JOIN fulfilment_pickline p ON p.pick_list_id = l.id
        WHERE p.state IN ('picked', 'short') AND {_SITE.format("l")} AND {_when("p.done_at")}
    ), wait AS (
        SELECT count(*) AS lines,
               percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (
                   ORDER BY extract(epoch FROM coalesce(w.ended_at, %(now)s::timestamptz) - w.since) / 60
               ) AS minutes
        FROM replenishment_wait w JOIN locations_site site ON site.id = w.site_id
        WHERE {_SITE.format("w")} AND {_when("w.since")}
    ), wave AS (
        SELECT r.pick_until, bool_or(p.state = 'open') AS is_open, max(p.done_at) AS done_at
        FROM waves_run r JOIN fulfilment_wave w ON w.id = r.wave_id JOIN locations_site site ON site.id = w.site_id
        JOIN fulfilment_pickline p ON p.wave_id = w.id AND p.state <> 'cancelled'
        WHERE r.pick_until <= %(now)s::timestamptz AND {_SITE.format("w")} AND {_when("r.pick_until")}
        GROUP BY r.wave_id, r.pick_until
    )
    SELECT pick.short, pick.made, wait.lines, wait.minutes,
           (SELECT count(*) FROM wave WHERE NOT is_open AND done_at <= pick_until), (SELECT count(*) FROM wave)
    FROM pick, wait
"""  # noqa: S608 - our own text


def _waits_and_waves(asked: FloorAsked) -> tuple[Any, ...]:
    """Short picks, picks, lines that waited for a refill, their minutes (median, 90 %), waves in time, and waves."""
    row = sql.fetch_one(_WAITS_AND_WAVES, asked.params)
    assert row is not None, "counts always have a row"
    p50, p90 = row[3] or (None, None)
    return (*row[:3], _minutes(p50), _minutes(p90), *row[4:])


def _minutes(value: Any) -> Any:
    return None if value is None else Decimal(value).quantize(Decimal("0.1"))


def _cartons(asked: FloorAsked) -> tuple[Any, ...]:
    """Permille filled, cartons packed, of known fill, as planned, with a plan, right when first weighed, weighed, and
    with every unit scanned. One query."""
    row = sql.fetch_one(
        f"""
        WITH carton AS (
            SELECT c.id, c.carton_type_id, c.planned_type_id, c.filled, c.checked,
                   t.length_mm::numeric * t.width_mm * t.height_mm AS room
            FROM fulfilment_carton c JOIN locations_site site ON site.id = c.site_id
            LEFT JOIN fulfilment_cartontype t ON t.id = c.carton_type_id
            WHERE c.state <> 'unpacked' AND {_SITE.format("c")} AND {_when("c.packed_at")}
        )
        SELECT (sum(c.filled * c.room) FILTER (WHERE c.filled IS NOT NULL)
                / nullif(sum(c.room) FILTER (WHERE c.filled IS NOT NULL), 0))::int,
               count(*), count(*) FILTER (WHERE c.filled IS NOT NULL AND c.room IS NOT NULL),
               count(*) FILTER (WHERE c.carton_type_id = c.planned_type_id),
               count(*) FILTER (WHERE c.carton_type_id IS NOT NULL AND c.planned_type_id IS NOT NULL),
               count(*) FILTER (WHERE first.state = 'ok'), count(first.state),
               count(*) FILTER (WHERE c.checked = 'scanned')
        FROM carton c
        LEFT JOIN LATERAL (SELECT w.state FROM fulfilment_cartonweighing w
                           WHERE w.carton_id = c.id ORDER BY w.id LIMIT 1) AS first ON true
        """,  # noqa: S608 - our own text
        asked.params,
    )
    assert row is not None, "counts always have a row"
    return tuple(row)


def _sent(asked: FloorAsked) -> tuple[Any, ...]:
    """Shipments in time, shipments, freight and cost of cartons of what left, lines sent, with freight, in cartons."""
    row = sql.fetch_one(
        f"""
        WITH gone AS MATERIALIZED (
            SELECT s.id, s.carrier, (s.shipped_at AT TIME ZONE site.timezone)::date AS left_on
            FROM shipping_shipment s JOIN locations_site site ON site.id = s.site_id
            WHERE s.state IN ('shipped', 'delivered', 'refused') AND {_SITE.format("s")} AND {_when("s.shipped_at")}
        ), of AS MATERIALIZED (
            SELECT gone.id, gone.carrier, so.order_id, gone.left_on <= o.ship_by_on AS is_in_time
            FROM gone JOIN shipping_shipmentorder so ON so.shipment_id = gone.id
            JOIN sales_order o ON o.id = so.order_id
        ), sent AS MATERIALIZED (
            SELECT l.shipment_id, l.order_line_id, l.lpn_id
            FROM shipping_shipmentline l JOIN gone ON gone.id = l.shipment_id
        ), chosen AS MATERIALIZED (
            SELECT c.id, c.cost FROM carriers_choice c
            JOIN parties_carrierservice v ON v.id = c.service_id JOIN parties_party p ON p.id = v.carrier_id
            WHERE c.id IN (SELECT x.choice_id FROM carriers_choiceorder x JOIN of ON of.order_id = x.order_id
                           WHERE x.is_latest
                             AND (of.carrier = '' OR starts_with(lower(of.carrier || ' '), lower(p.name || ' '))
                                  OR starts_with(lower(of.carrier || ' '), lower(p.code || ' '))))
              AND (SELECT f.id FROM carriers_choiceorder y
                   JOIN shipping_shipmentorder so ON so.order_id = y.order_id
                   JOIN shipping_shipment f ON f.id = so.shipment_id AND f.shipped_at IS NOT NULL
                   WHERE y.choice_id = c.id ORDER BY f.shipped_at, f.id LIMIT 1) IN (SELECT id FROM gone)
        ), bill AS MATERIALIZED (
            SELECT b.shipment_id, b.billed - b.expected AS more FROM freight_charge b
            JOIN freight_invoice i ON i.id = b.invoice_id AND i.state <> 'dropped'
            WHERE b.state IN ('matched', 'accepted') AND b.shipment_id IN (SELECT id FROM gone)
        ), box AS MATERIALIZED (
            SELECT c.lpn_id, k.cost FROM fulfilment_carton c JOIN fulfilment_cartontype k ON k.id = c.carton_type_id
            WHERE c.lpn_id IN (SELECT lpn_id FROM sent WHERE lpn_id > 0)
        )
        SELECT (SELECT count(*) FROM (SELECT 1 FROM of GROUP BY id HAVING bool_and(is_in_time)) AS x),
               (SELECT count(*) FROM gone),
               (SELECT coalesce(sum(cost), 0) FROM chosen) + (SELECT coalesce(sum(more), 0) FROM bill),
               (SELECT coalesce(sum(cost), 0) FROM box),
               count(DISTINCT sent.order_line_id),
               count(DISTINCT sent.order_line_id) FILTER (
                   WHERE sent.shipment_id IN (SELECT shipment_id FROM bill)
                      OR d.order_id IN (SELECT x.order_id FROM carriers_choiceorder x
                                        JOIN chosen ON chosen.id = x.choice_id)),
               count(DISTINCT sent.order_line_id) FILTER (WHERE sent.lpn_id IN (SELECT lpn_id FROM box))
        FROM sent JOIN sales_orderline d ON d.id = sent.order_line_id
        """,  # noqa: S608 - our own text
        asked.params,
    )
    assert row is not None, "counts always have a row"
    return tuple(row)


def _left_behind(asked: FloorAsked) -> Ratio:
    """Orders of which goods stayed when their truck was closed, of those that were planned on it. One query."""
    row = sql.fetch_one(
        f"""
        SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM shipping_loadbehind b
                                              WHERE b.load_id = h.id AND b.order_id = x.order_id)), count(*)
        FROM shipping_load h JOIN locations_site site ON site.id = h.site_id
        JOIN shipping_loadorder x ON x.load_id = h.id
        WHERE {_SITE.format("h")} AND {_when("h.closed_at")}
        """,  # noqa: S608 - our own text
        asked.params,
    )
    assert row is not None, "counts always have a row"
    return ratio(row[0], row[1])


@dataclass(frozen=True, slots=True)
class PickRow:
    """A pick behind the numbers of the floor."""

    id: int
    done_at: datetime
    wave_id: int
    wave: str
    number: str
    order_id: int
    order: str
    sku: str
    location: str
    units: int
    short_units: int
    short_reason: str
    method: str
    unit_kind: str
    picker: str
    site_id: int
    is_short: bool


def pick_page(query: ListQuery) -> Page[PickRow]:
    """The picks behind the numbers of the floor. Two queries."""
    return sql_page(
        query,
        PickRow,
        f"""
        SELECT p.id, p.done_at, w.id AS wave_id, w.number AS wave, l.number AS number, o.id AS order_id,
               o.number AS order, i.sku, b.code AS location,
               CASE p.state WHEN 'picked' THEN p.units ELSE 0 END::bigint AS units,
               coalesce(p.short_units, rest.short_units, 0)::bigint AS short_units,
               coalesce(nullif(p.short_reason, ''), rest.short_reason, '') AS short_reason, l.method, l.unit_kind,
               coalesce(u.username, '') AS picker, w.site_id,
               coalesce(p.short_units, rest.short_units, 0) > 0 AS is_short
        FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        JOIN fulfilment_picklist l ON l.id = p.pick_list_id JOIN sales_order o ON o.id = p.order_id
        JOIN catalog_item i ON i.id = p.item_id JOIN locations_location b ON b.id = p.location_id
        LEFT JOIN platform_user u ON u.id = p.done_by_id
        LEFT JOIN LATERAL (
            SELECT r.short_units, r.short_reason
            FROM fulfilment_shortpick s JOIN fulfilment_pickline r ON r.id = s.rest_id
            WHERE s.pick_list_id = p.pick_list_id AND s.pick_id = p.id AND s.rest_id <> p.id AND s.found_at IS NULL
            ORDER BY s.id DESC LIMIT 1
        ) AS rest ON true
        WHERE p.state IN ('picked', 'short') AND NOT {REST}
        """,  # noqa: S608 - our own text
        [],
        search=("number", "order", "sku", "location", "wave"),
        totals={"units": "sum(units)", "short_units": "sum(short_units)"},
        site_column="site_id",
    )
