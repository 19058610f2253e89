"""How long a truck takes, at which door it may stand, when that door is free, and what its waiting costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flowrack.dock.types_appointments import OpenHours, Policy, Terms

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Content:
    """What a truck brings, as its ASNs say: pallets, cases that are on none, and lots to tell apart."""

    pallets: int = 0
    loose_cases: int = 0
    lots: int = 0


@dataclass(frozen=True, slots=True)
class Labour:
    """The work at the door, part by part (what, how many, seconds), and the slot that it needs."""

    parts: tuple[tuple[str, int, int], ...]
    labour_minutes: int
    slot_minutes: int

    @property
    def sentence(self) -> str:
        """The answer to "Why so long?"."""
        said = [f"{what} {minutes_of(seconds)} min" for what, _, seconds in self.parts if seconds]
        return f"{self.slot_minutes} min at the door for {self.labour_minutes} min of labour: {', '.join(said)}."


def minutes_of(seconds: int) -> int:
    """Whole minutes, begun ones counted."""
    return -(-seconds // 60)


def labour(content: Content, policy: Policy) -> Labour:
    """The labour of a truck and the length of its slot, rounded up to the site's grid; at least one slot."""
    inspected = -(-content.pallets * policy.inspected_pct // 100)
    parts = (
        ("set-up", 1, policy.setup_seconds),
        (f"{content.pallets} pallets", content.pallets, content.pallets * policy.seconds_per_pallet),
        (f"{content.loose_cases} loose cases", content.loose_cases, content.loose_cases * policy.seconds_per_case),
        (f"{content.lots} lots", content.lots, content.lots * policy.seconds_per_lot),
        (f"{inspected} inspections", inspected, inspected * policy.seconds_per_inspection),
    )
    seconds = sum(part[2] for part in parts)
    at_door = -(-seconds // (policy.people_per_door * 60 * policy.slot_minutes)) * policy.slot_minutes
    return Labour(parts, minutes_of(seconds), max(at_door, policy.slot_minutes))


def on_grid(at: datetime, policy: Policy) -> datetime:
    """The start of the slot of the grid in which an instant lies."""
    return at.replace(minute=at.minute // policy.slot_minutes * policy.slot_minutes, second=0, microsecond=0)


def missing_capabilities(capabilities: Sequence[str], needs: Sequence[str], *, is_drop: bool) -> list[str]:
    """What a door lacks for a truck."""
    wanted = [*sorted(set(needs)), "drop" if is_drop else "live"]
    return [need for need in wanted if need not in capabilities]


def open_spans(
    hours: Sequence[OpenHours], first_on: date, last_on: date, timezone: str
) -> list[tuple[datetime, datetime]]:
    """When a door is open from one day to another, both included, by the site's clock. No hours at all = always."""
    zone = ZoneInfo(timezone)
    midnight = datetime.min.time()
    spans = []
    for number in range((last_on - first_on).days + 1):
        day = first_on + timedelta(days=number)
        if not hours:
            spans.append(
                (datetime.combine(day, midnight, zone), datetime.combine(day + timedelta(days=1), midnight, zone))
            )
        spans += [
            (datetime.combine(day, one.opens_at, zone), datetime.combine(day, one.closes_at, zone))
            for one in hours
            if one.weekday == day.isoweekday()
        ]
    joined: list[tuple[datetime, datetime]] = []
    for start, end in ((opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in spans):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def is_open(spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    """Whether a slot lies wholly within one of the spans."""
    return any(opens <= start and end <= closes for opens, closes in spans)


def free_starts(
    spans: Sequence[tuple[datetime, datetime]],
    busy: Sequence[tuple[datetime, datetime]],
    *,
    minutes: int,
    policy: Policy,
    not_before: datetime,
    limit: int = 200,
) -> list[datetime]:
    """The starts on the grid at which a slot of so many minutes is free, earliest first."""
    grid, length = timedelta(minutes=policy.slot_minutes), timedelta(minutes=minutes)
    found: list[datetime] = []
    for opens, closes in spans:
        at = on_grid(max(opens, not_before), policy)
        while at < max(opens, not_before):
            at += grid
        while at + length <= closes and len(found) < limit:
            in_the_way = [end for start, end in busy if start < at + length and at < end]
            if not in_the_way:
                found.append(at)
            at += grid
    return found


@dataclass(frozen=True, slots=True)
class Detention:
    """Minutes beyond the free time, and what the carrier may ask for them."""

    minutes: int = 0
    amount: Decimal = Decimal(0)


def detention(
    *, checked_in_at: datetime, slot_starts_at: datetime, until: datetime, terms: Terms, is_drop: bool
) -> Detention:
    """The clock of a truck that waits for us: from its slot, or from its arrival when that is later.

    A dropped trailer has no driver who waits.
    """
    over = until - max(checked_in_at, slot_starts_at) - timedelta(minutes=terms.free_minutes)
    if is_drop or over <= timedelta(0):
        return Detention()
    return Detention(-(-over // MINUTE), -(-over // timedelta(minutes=terms.interval_minutes)) * terms.amount)
