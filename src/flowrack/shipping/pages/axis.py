"""The timeline of an order as its page shows it: what happened, where now is, and the days that are before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.timezone import get_current_timezone, localtime, make_aware

from flowrack.promise.queries_lines import PromiseRow
from flowrack.purchasing.queries_pages import Incoming
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.shipping import queries_timeline
from flowrack.shipping.pages.line_axis import LineAxis, Thing, draw, units_told
from flowrack.shipping.pages.promised import is_to_come
from flowrack.shipping.queries_timeline import Moment

LAST = time(23, 59, 59)
FEW = 6  # lines that are named
MOST_COMING = 3  # deliveries that are named


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a moment, a day (then `on`), or now. `tone` is bad for a day that was missed."""

    at: datetime
    what: str
    note: str = ""
    who: str = ""
    on: date | None = None
    tone: str = ""


def of_order(
    head: OrderHead,
    lines: Sequence[LineRow],
    moments: Sequence[Moment],
    promises: Mapping[int, PromiseRow],
    now: datetime,
    today: date,
) -> list[Entry]:
    """What happened and what is to come, by time. A day by which something should have been and is not is missed, and
    stands where it was; of an order that is finished only what happened is told."""
    found = [Entry(one.at, one.what, one.note, one.who) for one in moments]
    if head.state not in ("confirmed", "released"):
        return found
    found.append(Entry(now, "Now", tone="now"))
    days = [(head.ship_by_on, "Ship by", ""), (head.requested_on, "Wanted at the door", "")]
    days += [(head.latest_on, "Nothing after", "")] if head.latest_on else []
    days += _promised(lines, promises)
    entered_on = localtime(head.ordered_at).date()
    found += [_day(on, what, note, today, entered_on) for on, what, note in days]
    return sorted(found, key=lambda one: one.at)


def of_line(
    head: OrderHead, line: LineRow, promise: PromiseRow | None, coming: Sequence[Incoming], today: date
) -> LineAxis | None:
    """One line over the days: what it was given and lost, what left, and what is to come. One query."""
    found: list[Thing] = []
    for one in queries_timeline.of_line(line.line_id):
        told = units_told(one.kind, one.sentence, one.units)
        if one.kind in ("ordered", "picked", "shipped"):
            told = f"{one.units:,} {one.kind}"
        if told and not (found and found[-1].what == told == "none reserved"):
            found.append(Thing(one.on, told))
    if head.state in ("confirmed", "released") and line.waiting + line.allocated + line.picked > 0:
        found.append(Thing(head.ship_by_on, "ship by", head.ship_by_on < today))
        found.append(Thing(head.requested_on, "wanted at the door", head.requested_on < today))
        if promise is not None and promise.ships_on is not None:
            found.append(Thing(promise.ships_on, "promised to leave", promise.ships_on < today))
        if line.waiting:
            found += [
                Thing(max(one.due_on, today), f"{one.number} brings {one.units:,}") for one in coming[:MOST_COMING]
            ]
    return draw(found, today)


def _promised(lines: Sequence[LineRow], promises: Mapping[int, PromiseRow]) -> list[tuple[date, str, str]]:
    """The days on which what is still to leave was promised to leave, with the lines of each."""
    of: dict[date, list[int]] = {}
    for line in lines:
        row = promises.get(line.line_id)
        if row is not None and row.ships_on is not None and is_to_come(row):
            of.setdefault(row.ships_on, []).append(line.line_no)
    return [(on, "Promised to leave", _named(of[on])) for on in sorted(of)]


def _named(numbers: Collection[int]) -> str:
    """ "line 3", "lines 1, 2 and 7 more"."""
    shown = sorted(numbers)[:FEW]
    more = f" and {len(numbers) - FEW} more" if len(numbers) > FEW else ""
    return f"line{'' if len(numbers) == 1 else 's'} {', '.join(map(str, shown))}{more}"


def _day(on: date, what: str, note: str, today: date, entered_on: date) -> Entry:
    late = (today - on).days
    at = make_aware(datetime.combine(on, LAST), get_current_timezone())
    if late <= 0:
        return Entry(at, what, note, on=on)
    if on < entered_on:
        return Entry(at, what, "the order was entered after it", on=on)  # nobody missed it
    missed = f"missed, {late} day{'' if late == 1 else 's'} ago"
    return Entry(at, what, f"{note}: {missed}" if note else missed, on=on, tone="bad")
