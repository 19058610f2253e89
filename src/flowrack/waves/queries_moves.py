"""Reads of planned waves that may leave at another time: how full each cut-off is then, and their trucks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flowrack.platform import sql
from flowrack.waves import queries_pool
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_moves import Leaving, Room, Truck, consequences, not_aboard, rooms


class PlannedWave(NamedTuple):
    """A wave of a plan that is not released: whose it is, and its times."""

    plan_wave_id: int
    plan_id: int
    plan: str
    site_id: int
    template: str
    service: str
    cut_off_at: datetime
    pick_until: datetime
    moved_from: datetime | None


def planned_wave(plan_wave_id: int) -> PlannedWave | None:
    """A wave that is still planned. One query."""
    row = sql.fetch_one(
        """
        SELECT w.id, p.id, p.number, p.site_id, w.template, w.service, w.cut_off_at, w.pick_until, w.moved_from
        FROM waves_planwave w JOIN waves_plan p ON p.id = w.plan_id
        WHERE w.id = %s AND w.state = 'planned' AND p.state IN ('draft', 'releasing')
        """,
        (plan_wave_id,),
    )
    return PlannedWave(*row) if row else None


def leaving(here: Here, plan_id: int) -> list[Leaving]:
    """The waves of a plan that are still planned, by the site's clock. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, w.cut_off_at, w.pick_until, coalesce(sum(x.seconds), 0)::bigint
        FROM waves_planwave w LEFT JOIN waves_planline x ON x.plan_id = w.plan_id AND x.wave_place = w.place
        WHERE w.plan_id = %s AND w.state = 'planned' GROUP BY w.id ORDER BY w.pick_until, w.id
        """,
        (plan_id,),
    )
    return [Leaving(row[0], here.clock(row[1]), here.clock(row[2]), row[3]) for row in rows]


def _trucks(here: Here, plan_wave_id: int) -> list[Truck]:
    """The trucks that orders of a planned wave are on. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.number, l.cut_off_at, count(DISTINCT o.order_id)
        FROM waves_planwave w JOIN waves_planline x ON x.plan_id = w.plan_id AND x.wave_place = w.place
        JOIN shipping_loadorder o ON o.order_id = x.order_id AND o.is_live
        JOIN shipping_load l ON l.id = o.load_id AND l.state IN ('open', 'loading') AND l.cut_off_at IS NOT NULL
        WHERE w.id = %s GROUP BY l.id ORDER BY l.cut_off_at, l.id
        """,
        (plan_wave_id,),
    )
    return [Truck(number, here.clock(at), orders) for number, at, orders in rows]


_ORDERS = """
    SELECT count(DISTINCT x.order_id) FROM waves_planwave w
    JOIN waves_planline x ON x.plan_id = w.plan_id AND x.wave_place = w.place WHERE w.id = %s
"""


@dataclass(frozen=True, slots=True)
class MoveSeen:
    """What a move would do: each cut-off before and after, and the consequences in sentences."""

    rooms: list[Room]
    said: list[str]
    knows_hands: bool


def foreseen(here: Here, wave: PlannedWave, cut_off_at: datetime, *, truck: str = "") -> MoveSeen:
    """How full each cut-off is from now on if a planned wave leaves at another time, with a truck or by itself.

    Eight queries.
    """
    site = queries_pool.site_of(here)
    before = leaving(here, wave.plan_id)
    was = next(one for one in before if one.plan_wave_id == wave.plan_wave_id)
    leaves = here.clock(cut_off_at)
    new = was._replace(cut_off_at=leaves, pick_until=leaves - (was.cut_off_at - was.pick_until))
    after = [new if one is was else one for one in before]
    found = rooms(site.crew, here.local, site.floor, before, after)
    trucks = _trucks(here, wave.plan_wave_id)
    aboard = next((one.orders for one in trucks if one.number == truck), 0)
    orders: int = sql.fetch_value(_ORDERS, (wave.plan_wave_id,)) if truck else 0
    said = consequences(
        was, new, found, trucks, planned_for=here.clock(wave.moved_from or wave.cut_off_at),
        service=wave.service, knows_hands=site.crew.is_known, now=here.local,
    )  # fmt: skip
    if aboard < orders:
        said.insert(0, not_aboard(truck, aboard, orders))
    return MoveSeen(found, said, site.crew.is_known)


class Moved(NamedTuple):
    """A wave that the planner moved: what it is known by in a plan that is made anew, and when it leaves. Which of the
    waves with the same words and time it is, counted from 1, is `nth`."""

    template_id: int
    service_id: int
    label: str
    moved_from: datetime
    nth: int
    cut_off_at: datetime
    because: str


# The waves of a plan, each with its number among those that have the same words and were planned for the same time.
_ALIKE = """
    SELECT p.*, row_number() OVER (
        PARTITION BY p.template_id, p.service_id, p.label, coalesce(p.moved_from, p.cut_off_at) ORDER BY p.place) AS nth
    FROM waves_planwave p WHERE p.plan_id = %(plan)s
"""


def moved(plan_id: int) -> list[Moved]:
    """The waves of a plan that the planner moved. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT w.template_id, w.service_id, w.label, w.moved_from, w.nth, w.cut_off_at, w.moved_because
        FROM ({_ALIKE}) AS w WHERE w.state = 'planned' AND w.moved_from IS NOT NULL ORDER BY w.place
        """,  # noqa: S608 - a constant
        {"plan": plan_id},
    )
    return [Moved(*row) for row in rows]


def named(plan_id: int, of: Sequence[Moved]) -> list[tuple[int, Moved]]:
    """The waves of a plan that was made anew which are those that the planner had moved; of waves with the same words
    and time the same one in their order. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT w.id, n.place
        FROM unnest(%(templates)s::bigint[], %(services)s::bigint[], %(labels)s::text[], %(times)s::timestamptz[],
                    %(nths)s::bigint[]) WITH ORDINALITY AS n(template, service, label, at, nth, place)
        JOIN ({_ALIKE}) AS w ON w.template_id = n.template AND w.service_id = n.service
             AND w.label = n.label AND w.cut_off_at = n.at AND w.nth = n.nth
        WHERE w.state = 'planned' ORDER BY n.place
        """,  # noqa: S608 - a constant
        {
            "templates": [one.template_id for one in of],
            "services": [one.service_id for one in of],
            "labels": [one.label for one in of],
            "times": [one.moved_from for one in of],
            "nths": [one.nth for one in of],
            "plan": plan_id,
        },
    )
    return [(wave_id, of[place - 1]) for wave_id, place in rows]
