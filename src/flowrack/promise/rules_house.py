"""When a site can send an order: hours, closed days, cut-offs, hands and work. Pure; times are the site's own clock.

Work is measured in seconds of one person. Hands of an hour do the work that is before ours first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

DAY = timedelta(days=1)
WEEKDAYS = 5
MOST_DAYS = 400
NONE = "-"


class Why(StrEnum):
    """What keeps an order from leaving on a day."""

    CLOSED = "closed"
    CUT_OFF = "cut_off"
    WORK = "work"
    REFILL = "refill"
    NO_SERVICE = "no_service"
    HOLIDAY = "holiday"


class Hours(NamedTuple):
    """A site works on a weekday (1 = Monday) from one time to another."""

    weekday: int
    opens_at: time
    closes_at: time


class CutOff(NamedTuple):
    """The last minute at which goods may be ready for a service on a weekday; region "" = every region. Its carrier
    keeps the public holidays of the country `keeps`; "" = whichever carrier goes, NONE = those of no country."""

    service_id: int
    service: str
    region: str
    weekday: int
    at: time
    transit_days: int
    keeps: str = ""


class Hands(NamedTuple):
    """People at work on a weekday (1 = Monday) from one time to another."""

    weekday: int
    starts_at: time
    ends_at: time
    people: int


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site promises. Seconds are of one person, minutes of the clock."""

    counts_at_percent: int = 80
    unknown_days: int = 5
    shelf_days: int = 1
    inspection_days: int = 2
    line_seconds: int = 90
    hundred_seconds: int = 60
    prepare_minutes: int = 15
    refill_minutes: int = 25
    transit_days: int = 1
    kinds: tuple[str, ...] = ("pick", "pack")

    def seconds_for(self, units: int) -> int:
        """The work of a line of so many units."""
        return self.line_seconds + units * self.hundred_seconds // 100


@dataclass(frozen=True, slots=True)
class House:
    """What a site can do, and what it has promised already: `load` by day, `queue` seconds of tasks open now.
    `holidays` are the public ones by country, of the countries that its carriers keep; "" = those that all carriers
    keep, on which nothing goes by a service that is not named."""

    policy: Policy = field(default_factory=Policy)
    hours: tuple[Hours, ...] = ()
    closed: Mapping[date, str] = field(default_factory=dict)
    cut_offs: tuple[CutOff, ...] = ()
    hands: tuple[Hands, ...] = ()
    load: Mapping[date, int] = field(default_factory=dict)
    queue: int = 0
    holidays: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


DEFAULT_HOURS = tuple(Hours(day, time(8), time(17)) for day in range(1, WEEKDAYS + 1))


class Reason(NamedTuple):
    """Why nothing leaves on a day, and the time or name that goes with it."""

    on: date
    why: Why
    at: time | None = None
    name: str = ""


class Trip(NamedTuple):
    """When an order leaves, until when it must be ready, by which service, and when it arrives; what held it up."""

    ships_on: date
    cut_off: time
    service_id: int
    service: str
    arrives_on: date
    ready_at: datetime
    reasons: tuple[Reason, ...]


class Work(NamedTuple):
    """What an order asks of the house: seconds of work, and whether its pick face must be filled first."""

    seconds: int
    needs_refill: bool = False


def hours_on(house: House, day: date) -> list[Hours]:
    """When the site works on a day; nothing when it is closed."""
    if day in house.closed:
        return []
    hours = house.hours or DEFAULT_HOURS
    return sorted(h for h in hours if h.weekday == day.isoweekday())


def is_working_day(house: House, day: date) -> bool:
    """Whether the site works on the weekday of a day, by its hours."""
    return any(h.weekday == day.isoweekday() for h in house.hours or DEFAULT_HOURS)


def after_weekdays(day: date, weekdays: int, off: Collection[date] = ()) -> date:
    """The day so many weekdays (Monday to Friday) later; what is off counts as no weekday."""
    while weekdays > 0:
        day += DAY
        weekdays -= day.isoweekday() <= WEEKDAYS and day not in off
    return day


def off_days(house: House, service: CutOff) -> tuple[date, ...]:
    """The public holidays on which a service neither goes nor delivers."""
    return house.holidays.get(service.keeps, ())


def is_holiday(house: House, day: date) -> bool:
    """Whether a carrier of the site keeps a public holiday on the day."""
    return any(day in days for days in house.holidays.values())


def there_on(house: House, service: CutOff, leaves: date, way: int | None = None) -> date:
    """When what a service takes on a day is at the door. `way` are the weekdays on the way that the customer's address
    names in place of the service's."""
    return after_weekdays(leaves, service.transit_days if way is None else way, off_days(house, service))


def services_on(house: House, day: date, region: str) -> list[CutOff]:
    """The services that go on a day to a region, those that arrive first and wait longest before others.

    Of rows for one service that of the region itself counts. Without any row the close of the day is the cut-off.
    """
    best: dict[int, CutOff] = {}
    for row in house.cut_offs:
        fits = row.weekday == day.isoweekday() and row.region in ("", region)
        if fits and day not in off_days(house, row) and (row.service_id not in best or row.region):
            best[row.service_id] = row
    if not house.cut_offs and day not in house.holidays.get("", ()):
        closing = max((h.closes_at for h in hours_on(house, day)), default=None)
        if closing is not None:
            best[0] = CutOff(0, "", "", day.isoweekday(), closing, house.policy.transit_days)
    return sorted(best.values(), key=lambda c: (there_on(house, c, day), c.transit_days, -_minutes(c.at), c.service_id))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def done_at(house: House, day: date, seconds: int, *, begins: datetime) -> datetime | None:
    """When so much work is done on a day that begins at an instant; None when the day's hands do not do it.

    Without hands on record for the house it takes no time.
    """
    if not house.hands:
        return begins
    spans = _spans(house, day, begins)
    left = seconds
    at = begins
    for start, end, people in spans:
        can = (end - start) // timedelta(seconds=1) * people
        if can >= left:
            return start + timedelta(seconds=-(-left // people))
        left -= can
        at = end
    return at if left <= 0 else None


def _spans(house: House, day: date, begins: datetime) -> list[tuple[datetime, datetime, int]]:
    """Stretches of a day with the same number of people, within the hours of the site, from `begins` on."""
    open_hours = hours_on(house, day)
    hands = [h for h in house.hands if h.weekday == day.isoweekday()]
    edges = {at for h in open_hours for at in (h.opens_at, h.closes_at)}
    edges |= {at for h in hands for at in (h.starts_at, h.ends_at)}
    spans = []
    for start, end in pairwise(sorted(edges)):
        is_open = any(h.opens_at <= start and end <= h.closes_at for h in open_hours)
        people = sum(h.people for h in hands if h.starts_at <= start and end <= h.ends_at)
        first = max(datetime.combine(day, start), begins)
        last = datetime.combine(day, end)
        if is_open and people and first < last:
            spans.append((first, last, people))
    return spans


def capacity_seconds(house: House, day: date) -> int:
    """What the hands of a day can do; 0 without any."""
    opening = datetime.combine(day, time.min)
    return sum((end - start) // timedelta(seconds=1) * people for start, end, people in _spans(house, day, opening))


def send_days(house: House, region: str, first: date, last: date) -> list[tuple[date, CutOff]]:
    """The days on which goods leave for a region, with the fastest service of each."""
    found = []
    for n in range((last - first).days + 1):
        day = first + n * DAY
        services = services_on(house, day, region) if hours_on(house, day) else []
        if services:
            found.append((day, services[0]))
    return found


def usual_arrival(house: House, region: str, leaves: date, last: date, way: int | None) -> date:
    """When what leaves on a day is there: by the fastest service of the day, else of the next day, up to the last, on
    which one goes."""
    days = send_days(house, region, leaves, last)
    if days:
        return there_on(house, days[0][1], leaves, way)
    return after_weekdays(leaves, house.policy.transit_days if way is None else way)


def first_trip(
    house: House, work: Work, *, now: datetime, not_before: date, region: str = "", way: int | None = None
) -> Trip | None:
    """The first way in which an order can leave from a day on; None within a year or so. `way` are the weekdays on the
    way that the customer's address names in place of the service's."""
    reasons: list[Reason] = []
    day = max(not_before, now.date())
    for _ in range(MOST_DAYS):
        trip = _trip_on(house, work, day, now=now, region=region, way=way, reasons=reasons)
        if trip is not None:
            return trip
        day += DAY
    return None


def last_trip(
    house: House, work: Work, *, now: datetime, not_before: date, arrives_by: date, region: str = "",
    way: int | None = None,
) -> Trip | None:  # fmt: skip
    """The last way in which an order leaves and still arrives by a day: far orders leave today's stock to others."""
    day = arrives_by
    while day >= max(not_before, now.date()):
        trip = _trip_on(house, work, day, now=now, region=region, way=way, reasons=[])
        if trip is not None and trip.arrives_on <= arrives_by:
            return trip
        day -= DAY
    return None


def _trip_on(
    house: House, work: Work, day: date, *, now: datetime, region: str, way: int | None, reasons: list[Reason]
) -> Trip | None:
    """How an order leaves on a day; when it cannot, the reason is added."""
    hours = hours_on(house, day)
    if not hours:
        reasons.append(Reason(day, Why.CLOSED, name=house.closed.get(day, "")))
        return None
    services = services_on(house, day, region)
    if not services:
        reasons.append(Reason(day, Why.HOLIDAY if is_holiday(house, day) else Why.NO_SERVICE))
        return None
    opening = datetime.combine(day, hours[0].opens_at)
    begins = max(now, opening)
    before = house.load.get(day, 0) + (house.queue if day == now.date() else 0)
    ready = _ready(house, work, day, begins, before)
    for one in services:
        if ready is not None and ready <= datetime.combine(day, one.at):
            arrives_on = there_on(house, one, day, way)
            return Trip(day, one.at, one.service_id, one.service, arrives_on, ready, tuple(reasons))
    reasons.append(_what_held(house, work, day, begins, services))
    return None


def _ready(house: House, work: Work, day: date, begins: datetime, before: int) -> datetime | None:
    """When the order stands at the door: its own minutes after the work before it."""
    wait = timedelta(minutes=house.policy.prepare_minutes)
    if work.needs_refill:
        wait += timedelta(minutes=house.policy.refill_minutes)
    done = done_at(house, day, before + work.seconds, begins=begins)
    return None if done is None else max(done, begins + wait)


def _what_held(house: House, work: Work, day: date, begins: datetime, services: Sequence[CutOff]) -> Reason:
    """The first thing that would have to be otherwise for the order to leave on the day."""
    last = max(services, key=lambda one: one.at)
    at = last.at
    alone = _ready(house, work, day, begins, 0)
    if alone is not None and alone <= datetime.combine(day, at):
        return Reason(day, Why.WORK, at, last.service)
    without_refill = _ready(house, Work(work.seconds), day, begins, 0)
    if work.needs_refill and without_refill is not None and without_refill <= datetime.combine(day, at):
        return Reason(day, Why.REFILL, at, last.service)
    is_late = begins + timedelta(minutes=house.policy.prepare_minutes) > datetime.combine(day, at)
    return Reason(day, Why.CUT_OFF if is_late else Why.WORK, at, last.service)


class Overload(NamedTuple):
    """A day on which work exceeds hands: seconds of both, with the wish included."""

    on: date
    work: int
    hands: int


def overload(house: House, day: date, seconds: int, *, today: date) -> Overload | None:
    """Whether more work on a day would exceed its hands; None without hands on record."""
    if not house.hands:
        return None
    work = house.load.get(day, 0) + (house.queue if day == today else 0) + seconds
    hands = capacity_seconds(house, day)
    return Overload(day, work, hands) if work > hands else None
