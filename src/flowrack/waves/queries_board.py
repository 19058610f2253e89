"""The board: waves that are planned or on the floor, how far each is, who works on it and what holds it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flowrack.platform import sql
from flowrack.waves import queries_pool, queries_transfers
from flowrack.waves.rules_board import Due, OnFloor, standing, stuck, stuck_planned
from flowrack.waves.rules_grouping import told_apart
from flowrack.waves.rules_hands import done_by, people_at
from flowrack.waves.rules_transfers import TransferWork

DAYS_BACK = 3
MOST = 300
HOURS_FROM = 180  # minutes from which hours say enough
LANES = (
    ("planned", "Planned"),
    ("released", "Released"),
    ("picking", "Picking"),
    ("packing", "Packing"),
    ("loading", "To load"),
    ("door", "At the door"),
    ("gone", "Gone"),
)


@dataclass(frozen=True, slots=True)
class WaveCard:
    """A wave on the board; times by the site's clock are words.

    Lines are order lines, however many picks each takes: `open` have one that is to do, `short` ended with one.
    """

    key: str
    wave_id: int
    plan_id: int
    number: str
    site_id: int
    standing: str
    template: str
    service: str
    label: str
    cut_off_at: datetime | None
    pick_until: datetime | None
    cut_off: str
    orders: int
    lines: int
    done: int
    short: int
    open: int
    units: int
    percent: int
    people: str
    stuck: str
    tone: str
    slipped: bool
    why: str
    released_at: datetime | None
    minutes_left: int | None
    leaves: str = ""  # the cut-off by the site's clock, as a form takes it

    @property
    def left(self) -> str:
        """How long it is until it must be picked; empty when that is over or nothing is left to pick."""
        if self.minutes_left is None or self.minutes_left <= 0:
            return ""
        return (
            f"{self.minutes_left} min left" if self.minutes_left < HOURS_FROM else f"{self.minutes_left // 60} h left"
        )

    @property
    def plan_wave_id(self) -> int:
        """The wave of a plan that it is; 0 on the floor."""
        return 0 if self.wave_id else int(self.key.removeprefix("plan-"))

    @property
    def id(self) -> int:
        """For lists."""
        return self.wave_id


_FLOOR = """
    SELECT w.id, w.number, w.released_at, coalesce(r.template, ''), coalesce(r.service, ''), coalesce(r.label, ''),
           r.cut_off_at, r.pick_until, r.slipped_at IS NOT NULL, coalesce(r.why, ''), t.picks, t.open, t.done, t.short,
           t.units, t.orders, t.people, t.last_at, t.open_units, u.picked, least(u.packed, u.picked), u.gone, u.to_pack,
           g.number, g.cut_off_at, g.orders, v.lines, v.open_lines, v.short_lines
    FROM fulfilment_wave w LEFT JOIN waves_run r ON r.wave_id = w.id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')) AS picks,
               count(*) FILTER (WHERE p.state = 'open') AS open, count(*) FILTER (WHERE p.state = 'picked') AS done,
               count(*) FILTER (WHERE p.state = 'short') AS short,
               coalesce(sum(p.units) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')), 0)::bigint AS units,
               count(DISTINCT p.order_id) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')) AS orders,
               coalesce(string_agg(DISTINCT coalesce(nullif(d.full_name, ''), d.username), ', ')
                        FILTER (WHERE p.done_at > %(now)s::timestamptz - interval '30 minutes'
                                AND p.state IN ('picked', 'short')), '') AS people,
               max(p.done_at) FILTER (WHERE p.state IN ('picked', 'short')) AS last_at,
               coalesce(sum(p.units) FILTER (WHERE p.state = 'open'), 0)::bigint AS open_units
        FROM fulfilment_pickline p LEFT JOIN platform_user d ON d.id = p.done_by_id WHERE p.wave_id = w.id
    ) AS t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.picked), 0)::bigint AS picked, coalesce(sum(x.packed), 0)::bigint AS packed,
               coalesce(sum(x.gone), 0)::bigint AS gone, count(*) FILTER (WHERE x.picked > x.packed) AS to_pack
        FROM (
            SELECT o.order_id, sum(l.picked_units) AS picked, sum(l.shipped_units) AS gone,
                   (SELECT coalesce(sum(i.units), 0) FROM fulfilment_carton c
                    JOIN fulfilment_cartonline i ON i.carton_id = c.id
                    WHERE c.order_id = o.order_id AND c.state = 'packed') AS packed
            FROM (SELECT DISTINCT p.order_id FROM fulfilment_pickline p
                  WHERE p.wave_id = w.id AND p.state = 'picked') AS o
            JOIN sales_orderline l ON l.order_id = o.order_id
            GROUP BY o.order_id
        ) AS x
    ) AS u
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, count(*) FILTER (WHERE y.is_open) AS open_lines,
               count(*) FILTER (WHERE y.is_short AND NOT y.is_open) AS short_lines
        FROM (SELECT bool_or(p.state = 'open') AS is_open, bool_or(p.state = 'short') AS is_short
              FROM fulfilment_pickline p WHERE p.wave_id = w.id AND p.state <> 'cancelled'
              GROUP BY p.order_line_id) AS y
    ) AS v
    LEFT JOIN LATERAL (
        SELECT l.number, l.cut_off_at, count(DISTINCT x.order_id) AS orders
        FROM fulfilment_pickline p JOIN shipping_loadorder x ON x.order_id = p.order_id AND x.is_live
        JOIN shipping_load l ON l.id = x.load_id AND l.state IN ('open', 'loading') AND l.cut_off_at IS NOT NULL
        WHERE p.wave_id = w.id AND p.state = 'open' GROUP BY l.id ORDER BY l.cut_off_at, l.id LIMIT 1
    ) AS g ON true
    WHERE w.site_id = %(site)s AND w.released_at > %(now)s::timestamptz - make_interval(days => %(days)s)
    ORDER BY r.pick_until NULLS LAST, w.id LIMIT %(limit)s
"""

# What went with another wave, or is not reserved any more, is no work of a plan: the same lines stand here once.
_PLANNED = """
    SELECT w.id, p.id, p.number, w.template, w.service, w.label, w.cut_off_at, w.pick_until,
           count(DISTINCT x.order_id), count(x.id),
           sum(least(x.units, l.allocated_units - l.released_units))::bigint, w.why, g.number, g.cut_off_at, g.orders,
           coalesce(e.number, '')
    FROM waves_plan p JOIN waves_planwave w ON w.plan_id = p.id AND w.state = 'planned'
    JOIN waves_planline x ON x.plan_id = p.id AND x.wave_place = w.place
    JOIN sales_orderline l ON l.id = x.line_id AND l.allocated_units > l.released_units
    LEFT JOIN LATERAL (
        SELECT d.number, d.cut_off_at, count(DISTINCT y.order_id) AS orders
        FROM waves_planline y JOIN shipping_loadorder o ON o.order_id = y.order_id AND o.is_live
        JOIN shipping_load d ON d.id = o.load_id AND d.state IN ('open', 'loading') AND d.cut_off_at IS NOT NULL
        WHERE y.plan_id = p.id AND y.wave_place = w.place GROUP BY d.id ORDER BY d.cut_off_at, d.id LIMIT 1
    ) AS g ON true
    LEFT JOIN LATERAL (
        SELECT min(d.number) AS number
        FROM shipping_load d WHERE w.moved_from IS NOT NULL AND d.site_id = p.site_id
             AND date_trunc('minute', d.cut_off_at) = date_trunc('minute', w.cut_off_at)
        HAVING bool_and(d.state = 'cancelled')
    ) AS e ON true
    WHERE p.id = (SELECT max(id) FROM waves_plan WHERE site_id = %(site)s AND state IN ('draft', 'releasing'))
    GROUP BY w.id, p.id, g.number, g.cut_off_at, g.orders, e.number
    ORDER BY w.pick_until, w.id
"""


def board(site_id: int, now: datetime) -> list[WaveCard]:
    """The waves of a site, by the time by which they must be picked. Seven queries."""
    here = queries_pool.here(site_id, now)
    if here is None:
        return []
    zone = ZoneInfo(here.timezone)
    crew = queries_pool.crew(here)
    people = sum(people_at(crew, here.local).values())
    asked = {"site": site_id, "now": now, "days": DAYS_BACK, "limit": MOST}
    planned = sql.fetch_all(_PLANNED, asked)
    apart = told_apart([tuple(row[3:7]) for row in planned])
    cards, before = [_planned(site_id, zone, here.local, *one) for one in zip(planned, apart, strict=True)], 0
    for row in sql.fetch_all(_FLOOR, asked):
        before += row[11] * here.house.policy.line_seconds + row[18] * here.house.policy.hundred_seconds // 100
        by = done_by(crew, here.local, before) if crew.is_known and row[11] else None
        cards.append(_card(site_id, zone, here.local, row, by, people if crew.is_known else -1))
    return cards


def transfers(site_id: int, now: datetime) -> list[TransferWork]:
    """Transfers of a site that have not left. Three queries."""
    here = queries_pool.here(site_id, now)
    return [] if here is None else queries_transfers.to_go(site_id, here.house, here.local, now)


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone).replace(tzinfo=None) if at else None


def _planned(site_id: int, zone: ZoneInfo, local: datetime, row: Sequence[Any], apart: str) -> WaveCard:
    wave_id, plan_id, number, template, service, label, cut_off_at, pick_until, orders, lines, units, why = row[:12]
    truck, truck_at, truck_orders, called_off = row[12:]
    words, tone = stuck_planned(
        Due(
            now=local,
            pick_until=_local(pick_until, zone),
            cut_off_at=_local(cut_off_at, zone),
            truck=truck or "",
            truck_at=_local(truck_at, zone),
            truck_orders=truck_orders or 0,
            called_off=called_off,
        )
    )
    return WaveCard(
        key=f"plan-{wave_id}", wave_id=0, plan_id=plan_id, number=number, site_id=site_id, standing="planned",
        template=template, service=service, label=", ".join(filter(None, (label, apart))),
        cut_off_at=cut_off_at, pick_until=pick_until,
        cut_off=f"{cut_off_at.astimezone(zone):%a %H:%M}", orders=orders, lines=lines, done=0, short=0, open=lines,
        units=units, percent=0, people="", stuck=words, tone=tone, slipped=False, why=why, released_at=None,
        minutes_left=(pick_until.astimezone(zone).replace(tzinfo=None) - local) // timedelta(minutes=1),
        leaves=_for_form(cut_off_at, zone),
    )  # fmt: skip


def _for_form(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}" if at else ""


def _card(
    site_id: int, zone: ZoneInfo, local: datetime, row: Sequence[Any], by: datetime | None, people: int
) -> WaveCard:
    (wave_id, number, released_at, template, service, label, cut_off_at, pick_until, slipped, why, picks, to_pick, _,
     short, units, orders, pickers, last_at, _, picked, packed, gone, to_pack,
     truck, truck_at, truck_orders, lines, open_lines, short_lines) = row  # fmt: skip
    of = OnFloor(
        now=local,
        released_at=released_at.astimezone(zone).replace(tzinfo=None),
        pick_until=_local(pick_until, zone),
        cut_off_at=_local(cut_off_at, zone),
        picks=picks,
        open_picks=to_pick,
        short=short,
        last_pick_at=_local(last_at, zone),
        picked_units=picked,
        packed_units=packed,
        gone_units=gone,
        orders_to_pack=to_pack,
        picked_by=by,
        people=people,
        truck=truck or "",
        truck_at=_local(truck_at, zone),
        truck_orders=truck_orders or 0,
    )
    words, tone = stuck(of)
    left = (of.pick_until - local) // timedelta(minutes=1) if of.pick_until and to_pick else None
    return WaveCard(
        key=f"wave-{wave_id}", wave_id=wave_id, plan_id=0, number=number, site_id=site_id, standing=standing(of),
        template=template or "released by hand", service=service, label=label, cut_off_at=cut_off_at,
        pick_until=pick_until, cut_off=f"{cut_off_at.astimezone(zone):%a %H:%M}" if cut_off_at else "", orders=orders,
        lines=lines, done=lines - open_lines - short_lines, short=short_lines, open=open_lines, units=units,
        percent=(lines - open_lines) * 100 // lines if lines else 100, people=pickers, stuck=words, tone=tone,
        slipped=slipped, why=why, released_at=released_at, minutes_left=left,
        leaves=_for_form(cut_off_at, zone),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pace:
    """How the people of a site do: who picks now by the shifts, who has picked, and lines in the last hour."""

    due: int
    seen: int
    lines: int
    knows: bool


def pace(site_id: int, now: datetime) -> Pace:
    """People and lines of the last hour. Five queries."""
    here = queries_pool.here(site_id, now)
    row = sql.fetch_one(
        """
        SELECT count(DISTINCT p.done_by_id), count(*) FROM fulfilment_pickline p
        JOIN fulfilment_wave w ON w.id = p.wave_id
        WHERE w.site_id = %s AND p.state = 'picked' AND p.done_at > %s AND w.released_at > %s
        """,
        (site_id, now - timedelta(hours=1), now - timedelta(days=DAYS_BACK)),
    )
    crew = queries_pool.crew(here) if here else None
    people = sum(people_at(crew, here.local).values()) if here and crew else 0
    return Pace(people, row[0] if row else 0, row[1] if row else 0, bool(crew and crew.is_known))
