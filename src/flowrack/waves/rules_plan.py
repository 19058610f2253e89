"""The plan of a site: by which cut-off each order leaves, which wave takes it, what waits, and why. Pure.

Times are the site's own clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from flowrack.promise.rules_house import CutOff, House, hours_on, services_on, there_on
from flowrack.waves.rules_fit import ANYWHERE, Fit, Hands, Unit, greedy
from flowrack.waves.rules_grouping import WavePlan, waves_of
from flowrack.waves.rules_hands import Crew, seconds_until
from flowrack.waves.rules_penalty import Penalty, Policy, penalty
from flowrack.waves.rules_pool import Missed, PoolLine, PoolOrder, Slot
from flowrack.waves.rules_templates import Template, Traits, first_match
from flowrack.waves.rules_transfers import TransferWork
from flowrack.waves.types import WaitsBy

DAY = timedelta(days=1)
MOST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Window:
    """Work that must be picked by a time: seconds of hands up to then, of what is on the floor, and of the plan."""

    cut_off_at: datetime
    pick_until: datetime
    hands: int
    floor: int
    planned: int = 0
    waiting: int = 0
    lines: int = 0
    lines_waiting: int = 0


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What becomes of a line. `wave` is the place of its wave in the plan; -1 = it waits or is out."""

    order: PoolOrder
    line: PoolLine
    slot: Slot | None
    penalty: Penalty
    wave: int
    why: str
    because: str = ""

    @property
    def fate(self) -> str:
        """goes, waits or out."""
        return "goes" if self.wave >= 0 else "out" if self.slot is None else "waits"


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes, what waits, and how sure it is that no plan is cheaper."""

    windows: tuple[Window, ...]
    waves: tuple[WavePlan, ...]
    lines: tuple[LinePlan, ...]
    fit: Fit
    knows_hands: bool

    def of(self, fate: str) -> list[LinePlan]:
        """The lines of one fate."""
        return [line for line in self.lines if line.fate == fate]


@dataclass(frozen=True, slots=True)
class Site:
    """What a plan goes by. `floor` are seconds of open picks, and of transfers that are to be staged, by the time by
    which they must be done and zone."""

    now: datetime
    house: House
    crew: Crew
    policy: Policy
    templates: tuple[Template, ...]
    floor: Mapping[tuple[datetime, int], int] = field(default_factory=dict)
    fixed: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    transfers: tuple[TransferWork, ...] = ()


Improve = Callable[[Sequence[Unit], Hands, Fit], Fit]


def traits_of(order: PoolOrder, cut_off: CutOff) -> Traits:
    """What templates look at in an order that leaves by a service."""
    lines = order.can_go
    return Traits(
        service_id=cut_off.service_id,
        service=cut_off.service,
        region=order.region,
        zones=frozenset(line.zone for line in lines),
        temperatures=frozenset(line.temperature for line in lines),
        hazards=order.hazards,
        label_needs=order.label_needs,
        order_type=order.order_type,
        channel=order.channel,
        tier=order.tier,
        lines=len(lines),
        units=sum(line.units for line in lines),
        weekday=cut_off.weekday,
    )


def slot_of(site: Site, order: PoolOrder) -> Slot | None:
    """The cut-off by which an order leaves, of the first day with one that can still be met.

    The truck that it is planned on says it first, as long as that can be met.
    That of the service that was chosen for it, else the latest of those that bring it in time, else that of the service
    that arrives first. None when nothing leaves for its region in two weeks. What can not be met any more of what it
    was to leave with (its truck, today the chosen service, or all that goes today) stands with it.
    """
    taken = by_truck(site, order)
    if isinstance(taken, Slot):
        return taken
    missed, today = taken, None
    for n in range(MOST_DAYS):
        day = site.now.date() + n * DAY
        if not hours_on(site.house, day):
            continue
        services = services_on(site.house, day, order.region)
        for cut_off in sorted(services, key=lambda c: _preferred(site.house, c, day, order)):
            template, looked = first_match(site.templates, traits_of(order, cut_off))
            at = datetime.combine(day, cut_off.at)
            pick_until = at - timedelta(minutes=template.dock_minutes)
            if pick_until > site.now:
                next_on = _next_day(site.house, order.region, day)
                missed = missed or (today if n else None)
                looked_at = tuple(looked)
                return Slot(template, cut_off.service_id, cut_off.service, at, pick_until, next_on, looked_at, missed)
            if n == 0 and order.due_on is not None and order.due_on <= day:
                gone = Missed("", cut_off.service, at, pick_until)
                today = today or gone
                missed = missed or (gone if order.service_id == cut_off.service_id != 0 else None)
    return None


def by_truck(site: Site, order: PoolOrder) -> Slot | Missed | None:
    """The time at which the truck of an order leaves, or that it cannot be met any more; None without one."""
    if order.leaves_at is None:
        return None
    day, at = order.leaves_at.date(), order.leaves_at
    services = services_on(site.house, day, order.region)
    service = min(services, key=lambda c: _preferred(site.house, c, day, order)) if services else None
    cut_off = CutOff(
        service.service_id if service else order.service_id,
        service.service if service else "",
        order.region,
        day.isoweekday(),
        at.time(),
        service.transit_days if service else 0,
    )
    template, looked = first_match(site.templates, traits_of(order, cut_off))
    pick_until = at - timedelta(minutes=template.dock_minutes)
    if pick_until <= site.now:
        return Missed(order.truck, "", at, pick_until)
    next_on = _next_day(site.house, order.region, day)
    return Slot(template, cut_off.service_id, cut_off.service, at, pick_until, next_on, tuple(looked))


def _preferred(house: House, cut_off: CutOff, day: date, order: PoolOrder) -> tuple[bool, bool, int, int, int]:
    there = there_on(house, cut_off, day)
    is_late = there > order.wanted_on
    is_other = order.service_id not in (0, cut_off.service_id)
    at = cut_off.at.hour * 60 + cut_off.at.minute
    return (is_other, is_late, (there - day).days if is_late else 0, -at, cut_off.service_id)


def _next_day(house: House, region: str, day: date) -> date:
    for n in range(1, MOST_DAYS + 1):
        later = day + n * DAY
        if hours_on(house, later) and services_on(house, later, region):
            return later
    return day + DAY


def make_plan(site: Site, orders: Sequence[PoolOrder], improve: Improve | None = None) -> Plan:
    """The plan: greedy at once, and better where `improve` finds it."""
    slots = _slots(site, orders)
    ends = sorted({slot.pick_until for slot in slots.values() if slot})
    hands = _free_hands(site, ends)
    points = {
        line.line_id: points_of(site, order, line, slot)
        for order in orders
        if (slot := slots[order.order_id])
        for line in order.can_go
    }
    units, members = _units(site, orders, slots, points, ends)
    if site.crew.is_known:
        fit = greedy(units, hands)
        fit = improve(units, hands, fit) if improve else fit
    else:
        held = frozenset(unit.key for unit in units if unit.fixed < 0)
        paid = sum(unit.points for unit in units if unit.fixed < 0)
        fit = Fit(held, paid, "greedy", paid)
    waits = {line_id for key in fit.waiting for line_id in members[key]}
    waves, wave_of = waves_of(orders, slots, points, waits)
    total_hands = seconds_until(site.crew, site.now, ends)
    lines = tuple(_lines(site, orders, slots, points, waits, wave_of))
    return Plan(_windows(site, ends, total_hands, lines), tuple(waves), lines, fit, site.crew.is_known)


def _slots(site: Site, orders: Sequence[PoolOrder]) -> dict[int, Slot | None]:
    known: dict[tuple[object, ...], Slot | None] = {}
    found: dict[int, Slot | None] = {}
    for order in orders:
        if not order.can_go:
            found[order.order_id] = None
            continue
        traits = traits_of(order, CutOff(0, "", "", 1, datetime.min.time(), 0))
        key = (*traits, order.wanted_on, order.service_id, order.leaves_at, order.truck, order.due_on)
        if key not in known:
            known[key] = slot_of(site, order)
        found[order.order_id] = known[key]
    return found


def _free_hands(site: Site, ends: Sequence[datetime]) -> list[dict[int, int]]:
    """Seconds up to each window's end that are not needed for what is on the floor."""
    found = []
    for end, hands in zip(ends, seconds_until(site.crew, site.now, ends), strict=True):
        left = dict(hands)
        for (until, zone), seconds in site.floor.items():
            if until <= end:
                own = min(left.get(zone, 0), seconds) if zone else 0
                left[zone] = left.get(zone, 0) - own
                left[ANYWHERE] = left.get(ANYWHERE, 0) - (seconds - own)
        found.append(left)
    return found


def points_of(site: Site, order: PoolOrder, line: PoolLine, slot: Slot) -> Penalty:
    return penalty(
        site.policy,
        tier=order.tier,
        due_on=line.due_on,
        next_on=slot.next_on,
        value_cents=line.value_cents,
        age_days=order.age_days,
    )


def _units(
    site: Site,
    orders: Sequence[PoolOrder],
    slots: Mapping[int, Slot | None],
    points: Mapping[int, Penalty],
    ends: Sequence[datetime],
) -> tuple[list[Unit], dict[int, list[int]]]:
    """What goes or waits as one, and its lines. The key of a unit is that of its first line."""
    place = {end: n for n, end in enumerate(ends)}
    units, members = [], {}
    for order in orders:
        slot = slots[order.order_id]
        if slot is None:
            continue
        lines = order.can_go
        is_one = order.goes_whole or site.policy.waits_by == WaitsBy.ORDER
        for group in [lines] if is_one else [(line,) for line in lines]:
            seconds: defaultdict[int, int] = defaultdict(int)
            for line in group:
                seconds[line.zone_id] += line.seconds
            fixed = [site.fixed[line.line_id][0] for line in group if line.line_id in site.fixed]
            key = group[0].line_id
            members[key] = [line.line_id for line in group]
            worth = sum(points[line.line_id].points for line in group)
            units.append(
                Unit(key, place[slot.pick_until], tuple(sorted(seconds.items())), worth, fixed[-1] if fixed else 0)
            )
    return units, members


NO_PENALTY = Penalty(0, "")


def _lines(
    site: Site,
    orders: Sequence[PoolOrder],
    slots: Mapping[int, Slot | None],
    points: Mapping[int, Penalty],
    waits: set[int],
    wave_of: Mapping[int, int],
) -> list[LinePlan]:
    found = []
    for order in orders:
        slot = slots[order.order_id]
        for line in order.lines:
            why_out = order.out or line.out
            if why_out or slot is None:
                why = why_out or "nothing leaves for its region in the next two weeks"
                found.append(LinePlan(order, line, None, NO_PENALTY, -1, why))
                continue
            because = site.fixed.get(line.line_id, (0, ""))[1]
            cost = points[line.line_id]
            why = why_of(site, order, slot, cost, line.line_id in waits, because)
            found.append(LinePlan(order, line, slot, cost, wave_of.get(line.line_id, -1), why, because))
    return found


def why_of(site: Site, order: PoolOrder, slot: Slot, cost: Penalty, is_waiting: bool, because: str) -> str:
    """Why lines of an order go or wait, with what it costs to wait and the truck, or what it can not reach any more."""
    said = _why(site, slot, cost, is_waiting, because)
    if slot.missed is not None:
        said += f"; {slot.missed.name} at {_at(slot.missed.cut_off_at, site.now)} can not be met any more"
    elif order.leaves_at == slot.cut_off_at:
        said += f"; its truck is {order.truck}"
    return said


def _at(at: datetime, now: datetime) -> str:
    """A time of today as 14:00, of another day with it."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%H:%M} on {at:%a} {at.day} {at:%b}"


def _why(site: Site, slot: Slot, cost: Penalty, is_waiting: bool, because: str) -> str:
    until = f"{slot.pick_until:%H:%M} for the cut-off at {slot.cut_off_at:%H:%M}"
    if because:
        word = "waits" if is_waiting else "goes"
        return f"the planner decided that it {word}: {because}; to wait costs {cost.points:,} ({cost.words})"
    if is_waiting:
        return (
            f"the hands do not reach until {until}; it leaves on {slot.next_on:%a} {slot.next_on.day} "
            f"{slot.next_on:%b} at the least penalty: {cost.points:,} ({cost.words})"
        )
    limit = "the hands reach" if site.crew.is_known else "nobody has said how many people work"
    return f"{limit} until {until}; to wait would cost {cost.points:,} ({cost.words})"


def _windows(
    site: Site, ends: Sequence[datetime], hands: Sequence[Mapping[int, int]], lines: Sequence[LinePlan]
) -> tuple[Window, ...]:
    """How full each window is. Work counts in the window by which it must be done, hands and floor from now on."""
    found = []
    for end, of in zip(ends, hands, strict=True):
        here = [x for x in lines if x.slot and x.slot.pick_until == end]
        floor = sum(seconds for (until, _), seconds in site.floor.items() if until <= end)
        cut_off_at = min(x.slot.cut_off_at for x in here if x.slot)
        window = Window(cut_off_at, end, sum(of.values()), floor)
        going = [x for x in here if x.wave >= 0]
        waiting = [x for x in here if x.wave < 0]
        found.append(
            replace(
                window,
                planned=sum(x.line.seconds for x in going),
                waiting=sum(x.line.seconds for x in waiting),
                lines=len(going),
                lines_waiting=len(waiting),
            )
        )
    return tuple(found)
