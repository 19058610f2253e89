"""The figures of the floor, worked out a second time: row by row in Python, by the words of docs/stages/analytics.md.

Nothing is shared with the statements of `queries/floor.py` but the tables. Whole tables are read, so it is for tests
and for the sample company.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flowrack.analytics.queries.floor import floor_figures
from flowrack.analytics.rules import Ratio
from flowrack.analytics.rules_floor import FloorAsked
from flowrack.platform import sql

Figures = dict[str, Any]


class _Rows(NamedTuple):
    """The business day of a time at a site, and whether it is asked for."""

    asked: FloorAsked
    zones: dict[int, ZoneInfo]

    def is_in(self, site_id: int, at: datetime | None) -> bool:
        if at is None or self.asked.site_id not in (0, site_id):
            return False
        return self.asked.start <= at.astimezone(self.zones[site_id]).date() <= self.asked.end


def figures(asked: FloorAsked) -> Figures:
    """Every figure but money, by its name."""
    zones = {site_id: ZoneInfo(name) for site_id, name in sql.fetch_all("SELECT id, timezone FROM locations_site")}
    rows = _Rows(asked, zones)
    return _lists(rows) | _picks(rows) | _waits(rows) | _waves(rows) | _cartons(rows) | _shipments(rows)


def _lists(rows: _Rows) -> Figures:
    picked: dict[int, list[int]] = defaultdict(list)
    for list_id, units in sql.fetch_all("SELECT pick_list_id, units FROM fulfilment_pickline WHERE state = 'picked'"):
        picked[list_id].append(units)
    plain = dict(sql.fetch_all("SELECT pick_list_id, mm FROM fulfilment_picklistwalk WHERE method = 'as given'"))
    found: Figures = {"lists": 0, "lines": 0, "units": 0, "seconds": 0, "timed lines": 0, "walk": (0, 0), "methods": {}}
    for list_id, site_id, method, kind, taken, begun, last, finished, walk in sql.fetch_all(
        """
        SELECT id, site_id, method, unit_kind, taken_at, started_at, last_pick_at, finished_at, walk_mm
        FROM fulfilment_picklist WHERE state = 'done'
        """
    ):
        if not rows.is_in(site_id, finished):
            continue
        lines = len(picked[list_id])
        seconds = max(Decimal(0), _seconds(last, begun)) if taken and last and begun else Decimal(0)
        found["lists"] += 1
        found["lines"] += lines
        found["units"] += sum(picked[list_id])
        found["seconds"] += seconds
        found["timed lines"] += lines if seconds else 0
        walked, given = found["walk"]
        found["walk"] = (walked + (walk or 0), given + (plain.get(list_id, walk) or 0))
        of = found["methods"].setdefault((method, kind), [0, 0, Decimal(0)])
        of[0] += lines
        of[1] += lines if seconds else 0
        of[2] += seconds
    hours = found["seconds"] / 3_600 if found["seconds"] else None
    found["lines an hour"] = (found["timed lines"] / hours).quantize(Decimal("0.1")) if hours else None
    found["methods"] = {
        key: (lines, (timed * 3_600 / seconds).quantize(Decimal("0.1")) if seconds else None)
        for key, (lines, timed, seconds) in found["methods"].items()
    }
    return found


def _seconds(late: datetime, early: datetime) -> Decimal:
    between = late - early
    return Decimal(between.days * 86_400 + between.seconds) + Decimal(between.microseconds) / 1_000_000


def _picks(rows: _Rows) -> Figures:
    rests = {
        rest_id
        for (rest_id,) in sql.fetch_all(
            "SELECT rest_id FROM fulfilment_shortpick WHERE rest_id <> pick_id AND found_at IS NULL"
        )
    }
    made = short = 0
    for pick_id, site_id, state, missing, at in sql.fetch_all(
        """
        SELECT p.id, l.site_id, p.state, coalesce(p.short_units, 0), p.done_at
        FROM fulfilment_pickline p JOIN fulfilment_picklist l ON l.id = p.pick_list_id
        WHERE p.state IN ('picked', 'short') AND l.state IN ('open', 'taken', 'parked', 'done')
        """
    ):
        if rows.is_in(site_id, at):
            made += not (state == "short" and pick_id in rests)
            short += missing > 0
    wrong = sum(
        rows.is_in(site_id, at)
        for site_id, at in sql.fetch_all(
            """
            SELECT r.site_id, r.created_at FROM returns_rmaline l JOIN returns_rma r ON r.id = l.rma_id
            WHERE r.reason IN ('wrong_item', 'too_many') AND l.order_line_id IS NOT NULL AND r.state <> 'cancelled'
            """
        )
    )
    return {"short": (short, made), "right": (max(0, made - wrong), made), "made": made}


def _waits(rows: _Rows) -> Figures:
    minutes = sorted(
        _seconds(ended or rows.asked.now, since) / 60
        for site_id, since, ended in sql.fetch_all("SELECT site_id, since, ended_at FROM replenishment_wait")
        if rows.is_in(site_id, since)
    )
    return {"waits": len(minutes), "wait, median": _rank(minutes, 50), "wait, 90 %": _rank(minutes, 90)}


def _rank(values: list[Decimal], percent: int) -> Decimal | None:
    """The nearest rank."""
    return values[-(-len(values) * percent // 100) - 1].quantize(Decimal("0.1")) if values else None


def _waves(rows: _Rows) -> Figures:
    of_wave: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    for wave_id, state, at in sql.fetch_all("SELECT wave_id, state, done_at FROM fulfilment_pickline"):
        if state != "cancelled":
            of_wave[wave_id].append((state, at))
    in_time = due = 0
    for wave_id, site_id, until in sql.fetch_all(
        "SELECT r.wave_id, w.site_id, r.pick_until FROM waves_run r JOIN fulfilment_wave w ON w.id = r.wave_id"
    ):
        if until is None or until > rows.asked.now or not rows.is_in(site_id, until) or not of_wave[wave_id]:
            continue
        due += 1
        in_time += all(state != "open" and at is not None and at <= until for state, at in of_wave[wave_id])
    return {"waves in time": (in_time, due)}


def _cartons(rows: _Rows) -> Figures:
    room_of = {
        type_id: long * wide * high
        for type_id, long, wide, high in sql.fetch_all(
            "SELECT id, length_mm, width_mm, height_mm FROM fulfilment_cartontype"
        )
    }
    first: dict[int, str] = {}
    for carton_id, state in sql.fetch_all("SELECT carton_id, state FROM fulfilment_cartonweighing ORDER BY id"):
        first.setdefault(carton_id, state)
    count = known = room = inside = as_planned = planned = right = weighed = scanned = 0
    for carton_id, site_id, type_id, planned_id, filled, checked, at in sql.fetch_all(
        """
        SELECT id, site_id, carton_type_id, planned_type_id, filled, checked, packed_at FROM fulfilment_carton
        WHERE state <> 'unpacked'
        """
    ):
        if not rows.is_in(site_id, at):
            continue
        count += 1
        if filled is not None and type_id in room_of:
            known, room, inside = known + 1, room + room_of[type_id], inside + filled * room_of[type_id]
        if type_id and planned_id:
            planned, as_planned = planned + 1, as_planned + (type_id == planned_id)
        if carton_id in first:
            weighed, right = weighed + 1, right + (first[carton_id] == "ok")
        scanned += checked == "scanned"
    fill = int((Decimal(inside) / room).quantize(Decimal(1), ROUND_HALF_UP)) if room else None
    return {
        "cartons": count, "cartons of known fill": known, "fill, permille": fill, "as planned": (as_planned, planned),
        "weight right": (right, weighed), "content scanned": (scanned, count),
    }  # fmt: skip


def _shipments(rows: _Rows) -> Figures:
    by_on: dict[int, list[Any]] = defaultdict(list)
    for shipment_id, on in sql.fetch_all(
        "SELECT x.shipment_id, o.ship_by_on FROM shipping_shipmentorder x JOIN sales_order o ON o.id = x.order_id"
    ):
        by_on[shipment_id].append(on)
    left = in_time = 0
    for shipment_id, site_id, at in sql.fetch_all(
        "SELECT id, site_id, shipped_at FROM shipping_shipment WHERE state IN ('shipped', 'delivered', 'refused')"
    ):
        if rows.is_in(site_id, at):
            left += 1
            day = at.astimezone(rows.zones[site_id]).date()
            in_time += bool(by_on[shipment_id]) and all(on is not None and day <= on for on in by_on[shipment_id])
    return {"punctual": (in_time, left)}


def told(asked: FloorAsked) -> Figures:
    """The same figures as the program tells them."""
    found = floor_figures(asked)
    whole = found.whole
    return {
        "lists": whole.lists, "lines": whole.lines, "units": whole.units, "seconds": whole.seconds,
        "timed lines": whole.timed_lines, "walk": (whole.walk_mm, whole.plain_mm),
        "lines an hour": whole.lines_an_hour,
        "methods": {(one.method, one.unit_kind): (one.lines, one.lines_an_hour) for one in found.methods},
        "short": _parts(found.short), "right": _parts(found.right), "made": int(found.short.denominator),
        "waits": int(found.waited.numerator), "wait, median": found.wait_p50, "wait, 90 %": found.wait_p90,
        "waves in time": _parts(found.waves_on_time), "cartons": found.cartons,
        "cartons of known fill": found.filled_cartons, "fill, permille": found.filled_permille,
        "as planned": _parts(found.as_planned), "weight right": _parts(found.weight_right),
        "content scanned": _parts(found.scanned), "punctual": _parts(found.punctual),
    }  # fmt: skip


def _parts(one: Ratio) -> tuple[int, int]:
    return int(one.numerator), int(one.denominator)


def differences(asked: FloorAsked) -> list[str]:
    """Where the program tells another figure than the hand; a second of rounding is none."""
    hand, program = figures(asked), told(asked)
    hand["seconds"] = int(hand["seconds"].quantize(Decimal(1), ROUND_HALF_UP)) if hand["seconds"] else 0
    return [
        f"{name}: {program.get(name)} is told, {hand.get(name)} by hand"
        for name in sorted(hand.keys() | program.keys())
        if hand.get(name) != program.get(name)
    ]
