"""The numbers of receiving, from counts, carries, verdicts, trucks and the ledger.

Formulas (docs/stages/analytics.md has them for readers; sources: WERC's measures as published, features 9, 10 and 16):

- Dock to stock = put away − check-in of the truck, for each pallet (what stood on one LPN) or loose line whose
  available units came into their bin in the period. WERC DC Measures: from the arrival of the goods until they are put
  away and recorded. Its steps: unloading (received − check-in), inspection (verdict − received), hold (released −
  verdict), putaway (put away − free, free being the last of received, verdict and release). Without QC = dock to
  stock − (free − received). Percentiles are by nearest rank over pallets, never over averages.
- Lines per labour hour = receipt lines counted / labour hours (WERC: lines received and put away per person-hour). The
  house keeps no time clock: an hour is four quarter hours in which a person recorded a count or a putaway.
- Appointment punctuality = trucks that checked in within the window around their slot / trucks due and decided.
- Discrepancy rate = receipt lines with a discrepancy that was not withdrawn / receipt lines counted.
- Putaway overrides = pallets that went to another bin than the one suggested / pallets with a suggestion.
- Stock by inbound state: units that the ledger has in a state; their age from what is open: putaways, inspections,
  holds and discrepancies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.analytics.queries.holds import HELD_UNITS
from flowrack.analytics.queries.inbound_sql import LINE_ROWS, LINES, PALLET_ROWS, PALLETS, TRUCKS
from flowrack.analytics.rules_inbound import (
    DockToStock,
    InboundAsked,
    InboundFigures,
    Productivity,
    Punctuality,
    Standing,
    StepTime,
)
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

STEPS = ("dock_to_stock", "without_qc", "received_to_stock", "unload", "inspect", "hold", "putaway")
AGES = (4, 24, 72, 168)  # hours: under 4, to a day, to 3 days, to a week, and longer
AGE_LABELS = ("under 4 h", "4 to 24 h", "1 to 3 days", "3 to 7 days", "over 7 days")
NAMED = re.compile(r"%\((\w+)\)s")


def inbound_figures(asked: InboundAsked) -> InboundFigures:
    """All numbers of receiving. Five queries, whatever the history."""
    whole, weeks, reasons = dock_to_stock(asked)
    lines, line_weeks = productivity(asked)
    return InboundFigures(
        asked, whole, weeks, lines, line_weeks, punctuality(asked), discrepancy_kinds(asked), reasons, standing(asked)
    )


def dock_to_stock(asked: InboundAsked) -> tuple[DockToStock, list[DockToStock], list[tuple[str, int]]]:
    """The steps of the pallets put away in the period, week by week, and why they went elsewhere. One query."""
    times = ", ".join(
        f"count(p.{step}), coalesce(sum(p.{step}), 0), "
        f"percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY p.{step})"
        for step in STEPS
    )
    rows = sql.fetch_all(
        f"""
        {PALLETS}
        SELECT p.week, CASE WHEN p.is_overridden THEN p.reason END, grouping(p.week), count(*),
               count(*) FILTER (WHERE p.is_suggested), count(*) FILTER (WHERE p.is_overridden), {times}
        FROM pallet p GROUP BY GROUPING SETS ((), (p.week), (CASE WHEN p.is_overridden THEN p.reason END))
        ORDER BY grouping(p.week, CASE WHEN p.is_overridden THEN p.reason END) DESC, 1, 6 DESC, 2
        """,  # noqa: S608 - our own text
        asked.params,
    )
    weeks = [_dock_to_stock(row) for row in rows if row[2] == 0]
    return _dock_to_stock(rows[0]), weeks, [(row[1], row[5]) for row in rows[1:] if row[2] and row[1] is not None]


def _dock_to_stock(row: Sequence[Any]) -> DockToStock:
    steps = {}
    for n, key in enumerate(STEPS):
        pallets, minutes, marks = row[6 + 3 * n : 9 + 3 * n]
        p50, p90 = marks or (None, None)
        steps[key] = StepTime(key, pallets, _minutes(minutes), _or_none(p50), _or_none(p90))
    return DockToStock(row[0], row[3], steps, row[4], row[5])


def _minutes(value: Any) -> Decimal:
    return Decimal(value).quantize(Decimal("0.1"))


def _or_none(value: Any) -> Decimal | None:
    return None if value is None else _minutes(value)


def productivity(asked: InboundAsked) -> tuple[Productivity, list[Productivity]]:
    """Lines counted and labour in the period and week by week. One query.

    A quarter hour lies in one week, so that the weeks add up. It is not split between suppliers.
    """
    rows = sql.fetch_all(
        f"""
        {LINES}, work AS (
            SELECT received_by_id AS who, received_at AS at, site_id FROM line
            UNION ALL
            SELECT m.ended_by_id, m.ended_at, m.site_id FROM storage_plannedmove m
            JOIN locations_site site ON site.id = m.site_id
            WHERE m.kind = 'putaway' AND m.state = 'done'
              AND m.ended_at >= %(start)s::date - 1 AND m.ended_at < %(end)s::date + 2
              AND (m.ended_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
              AND (%(site)s::bigint = 0 OR m.site_id = %(site)s::bigint)
        ), labour AS (
            SELECT week, count(*) AS quarters FROM (
                SELECT DISTINCT date_trunc('week', w.at AT TIME ZONE site.timezone)::date AS week, w.who,
                       floor(extract(epoch FROM w.at) / 900)
                FROM work w JOIN locations_site site ON site.id = w.site_id
            ) q GROUP BY week
        ), goods AS (
            SELECT date_trunc('week', l.received_on)::date AS week, count(*) AS lines, sum(l.units)::bigint AS units,
                   count(DISTINCT CASE WHEN l.lpn_id > 0 THEN -l.lpn_id ELSE l.id END) AS pallets, count(w.id) AS wrong
            FROM line l LEFT JOIN wrong w ON w.id = l.id GROUP BY 1
        )
        SELECT coalesce(g.week, h.week), coalesce(g.lines, 0), coalesce(g.units, 0), coalesce(g.pallets, 0),
               coalesce(g.wrong, 0), coalesce(h.quarters, 0)
        FROM goods g FULL JOIN labour h ON h.week = g.week ORDER BY 1
        """,  # noqa: S608 - our own text
        asked.params,
    )
    weeks = [_work(asked, *row) for row in rows if row[1] or not asked.supplier_id]
    whole = _work(asked, None, *(sum(row[n] for row in rows) for n in (1, 2, 3, 4, 5)))
    return whole, weeks


def _work(asked: InboundAsked, week: date | None, *counts: int) -> Productivity:
    lines, units, pallets, faulty, quarters = counts
    return Productivity(week, lines, units, pallets, faulty, None if asked.supplier_id else quarters)


def discrepancy_kinds(asked: InboundAsked) -> list[tuple[str, int, int]]:
    """(kind, how many, units) of the discrepancies recorded in the period and not withdrawn, most first. One query.

    Missing goods have no receipt line: they are counted here, not in the rate.
    """
    return sql.fetch_all(
        """
        SELECT d.kind, count(*), sum(d.units)::bigint FROM inbound_discrepancy d
        JOIN locations_site site ON site.id = d.site_id
        WHERE d.recorded_at >= %(start)s::date - 1 AND d.recorded_at < %(end)s::date + 2 AND d.state <> 'withdrawn'
          AND (d.recorded_at AT TIME ZONE site.timezone)::date BETWEEN %(start)s::date AND %(end)s::date
          AND (%(site)s::bigint = 0 OR d.site_id = %(site)s::bigint)
          AND (%(supplier)s::bigint = 0 OR d.supplier_id = %(supplier)s::bigint)
        GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        asked.params,
    )


def punctuality(asked: InboundAsked) -> Punctuality:
    """How the trucks whose slot began in the period kept it. One query."""
    rows = sql.fetch_all(
        f"SELECT t.verdict, count(*) FROM ({TRUCKS}) t GROUP BY 1",  # noqa: S608 - our own text
        asked.params,
    )
    return Punctuality(**dict(rows))


DOCKSIDE = """
    SELECT 'receiving' AS state, m.units - m.done_units AS units, coalesce(l.received_at, m.planned_at) AS since
    FROM storage_plannedmove m
    CROSS JOIN LATERAL (SELECT x.role FROM locations_location x WHERE x.id = m.from_location_id OFFSET 0) p
    LEFT JOIN LATERAL (
        SELECT x.received_at FROM inbound_receiptline x
        WHERE x.id = CASE WHEN m.origin LIKE 'inbound.line:%%' THEN substr(m.origin, 14)::bigint END OFFSET 0
    ) l ON true
    WHERE m.kind = 'putaway' AND m.state = 'open' AND m.quality = 'available' AND p.role = 'receiving'
      AND (%(site)s::bigint = 0 OR m.site_id = %(site)s::bigint)
"""


def standing(asked: InboundAsked) -> list[Standing]:
    """Units on their way into stock now, by state and age. One query; the period and the supplier do not matter.

    The units are the ledger's. Ages come from what is open: putaways from the dock (since the count), and what the hold
    board lists: inspections, holds and discrepancies, each in the state in which its goods stand. They never add up to
    more than the units: the older counts first.
    """
    rows = sql.fetch_all(
        f"""
        {HELD_UNITS}, aged AS (
            SELECT k.state, width_bucket(
                extract(epoch FROM %(now)s::timestamptz - k.since) / 3600, %(ages)s::numeric[]) AS age,
                sum(k.units) AS units
            FROM (
                {DOCKSIDE}
                UNION ALL
                SELECT h.quality, h.units, h.since FROM held h
                WHERE h.kind <> 'none' AND (%(site)s::bigint = 0 OR h.site_id = %(site)s::bigint)
            ) k GROUP BY 1, 2
        ), pools AS (
            SELECT sum(p.receiving) AS receiving, sum(p.inspection) AS inspection, sum(p.quarantine) AS quarantine,
                   sum(p.hold) AS hold, sum(p.damaged) AS damaged
            FROM ledger_pool p WHERE %(site)s::bigint = 0 OR p.site_id = %(site)s::bigint
        )
        SELECT s.state, coalesce(s.units, 0)::bigint, coalesce(a.age, 0), coalesce(a.units, 0)::bigint
        FROM pools CROSS JOIN LATERAL (VALUES (1, 'receiving', pools.receiving), (2, 'inspection', pools.inspection),
            (3, 'quarantine', pools.quarantine), (4, 'hold', pools.hold), (5, 'damaged', pools.damaged)
        ) AS s(place, state, units)
        LEFT JOIN aged a ON a.state = s.state ORDER BY s.place, 3 DESC
        """,  # noqa: S608 - our own text
        {**asked.params, "ages": [Decimal(hours) for hours in AGES]},
    )
    found: dict[str, tuple[int, list[int]]] = {}
    for state, units, age, aged in rows:
        ages = found.setdefault(state, (units, [0] * len(AGE_LABELS)))[1]
        ages[age] = min(aged, units - sum(ages))
    return [Standing(state, units, tuple(ages)) for state, (units, ages) in found.items()]


def _bound(statement: str, params: dict[str, Any]) -> tuple[str, list[Any]]:
    return NAMED.sub("%s", statement), [params[name] for name in NAMED.findall(statement)]


def pallet_page(query: ListQuery, asked: InboundAsked) -> Page[Any]:
    """The pallets behind dock to stock and the overrides. Two queries."""
    return sql_page(
        query,
        None,
        *_bound(PALLET_ROWS, asked.params),
        search=("lpn", "sku", "receipt", "supplier", "appointment", "went_to"),
        conditions={
            "step": "CASE %s::text WHEN 'dock_to_stock' THEN r.dock_to_stock IS NOT NULL WHEN 'inspect' THEN r.inspect "
            "IS NOT NULL WHEN 'hold' THEN r.hold IS NOT NULL WHEN 'suggested' THEN r.has_suggestion ELSE true END"
        },
        totals={"units": "sum(units)"},
    )


def line_page(query: ListQuery, asked: InboundAsked) -> Page[Any]:
    """The receipt lines behind lines per hour and the discrepancy rate. Two queries."""
    return sql_page(
        query,
        None,
        *_bound(LINE_ROWS, asked.params),
        search=("receipt", "sku", "supplier", "lpn", "received_by", "kinds"),
        totals={"units": "sum(units)"},
    )


def truck_page(query: ListQuery, asked: InboundAsked) -> Page[Any]:
    """The trucks behind the punctuality. Two queries."""
    return sql_page(query, None, *_bound(TRUCKS, asked.params), search=("number", "carrier", "reference"))
