"""Which supply covers which waiting line, and which promises slip when supply moves. Pure and deterministic.

Promises are foreseen as runs of the allocation will keep them (`outlook`): day by day, what is there by then goes to
lines in rank order as far as promises that can be kept still can. The plain cover (in rank order, stock at hand first,
then what suppliers owe by the day on which it is expected) is what urgent orders were judged by before that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_foresight import Coming, Foresight, Want
from flowrack.allocation.rules_pegs import Demand, Pegs


class Cover(NamedTuple):
    """By when all units of a line are covered (None: not all), by which supply last, and how many come too late."""

    on: date | None
    po_line_id: int
    late: int


class Slip(NamedTuple):
    """A line whose cover moved beyond its promise; the PO line is that of its last units, where it is known."""

    line_id: int
    promised_on: date
    before: date | None
    after: date | None
    units: int
    po_line_id: int = 0


def cover(wants: Sequence[Want], coming: Sequence[Coming]) -> dict[int, Cover]:
    """The cover of each waiting line."""
    supply = sorted((c for c in coming if c.units > 0), key=lambda c: (c.expected_on, c.po_line_id))
    left = [c.units for c in supply]
    at = 0
    found = {}
    for want in wants:
        missing, on, last, late = want.units, None, 0, 0
        while missing and at < len(supply):
            units = min(missing, left[at])
            missing -= units
            left[at] -= units
            on, last = supply[at].expected_on, supply[at].po_line_id
            late += units if on > want.promised_on else 0
            if not left[at]:
                at += 1
        found[want.line_id] = Cover(None if missing else on, last, late + missing)
    return found


def outlook(wants: Sequence[Want], coming: Sequence[Coming], today: date = date.min) -> dict[int, Cover]:
    """The cover of each waiting line as runs will give it: late are the units for which a promise cannot be kept."""
    ahead = Foresight(wants, coming, today)
    found = ahead.served([want.units for want in wants])
    return {
        want.line_id: _with_pegged(
            Cover(
                ahead.days[found.on[at] - 1] if found.on[at] and not found.left[at] else None,
                ahead.last[found.on[at] - 1] if found.on[at] else 0,
                found.late[at],
            ),
            want,
            today,
        )
        for at, want in enumerate(wants)
    }


def _with_pegged(cover: Cover, want: Want, today: date) -> Cover:
    """The same with what comes for the line alone."""
    if not want.pegged:
        return cover
    late = cover.late + (want.pegged if want.pegged_on > max(want.promised_on, today) else 0)
    if not want.units:
        return Cover(want.pegged_on, 0, late)
    if cover.on is None or cover.on >= want.pegged_on:
        return cover._replace(late=late)
    return Cover(want.pegged_on, 0, late)


def pegs_of(wants: Sequence[Want], coming: Sequence[Coming], today: date) -> Pegs:
    """Which promises can be kept together from now on, and what of the stock may be given to whom."""
    stock = sum(one.units for one in coming if one.expected_on == date.min and one.units > 0)
    to_come = [(one.expected_on, one.units) for one in coming if one.expected_on > date.min and one.units > 0]
    demands = [_demand(want, want.units, today) for want in wants if want.is_promised and want.units > 0]
    return Pegs({STOCK: stock}, to_come, demands)


STOCK = 1  # all that is there, as one pool: lots are looked at only when a run decides


def _demand(want: Want, units: int, today: date) -> Demand:
    claim = Claim(want.line_id, 0, want.number, 0, units, "", want.promised_on, "partial", 0)
    return Demand(claim, units, max(want.promised_on, today), frozenset((STOCK,)))


def slips(
    wants: Sequence[Want], before: Sequence[Coming], after: Sequence[Coming], today: date = date.min
) -> tuple[list[Slip], list[int]]:
    """Promised lines whose cover got worse and is beyond their promise, and lines that are covered in time now."""
    was, now = outlook(wants, before, today), outlook(wants, after, today)
    found, in_time = [], []
    for want in wants:
        old, new = was[want.line_id], now[want.line_id]
        if not new.late:
            in_time.append(want.line_id)
        elif want.is_promised and want.line_id > 0 and (new.late > old.late or _later(old.on, new.on)):
            found.append(Slip(want.line_id, want.promised_on, old.on, new.on, new.late))
    return found, in_time


def _later(before: date | None, after: date | None) -> bool:
    return before is not None and (after is None or after > before)


def broken(wants: Sequence[Want], supply: Sequence[Coming], today: date = date.min) -> tuple[list[Slip], list[int]]:
    """Promised lines that are not covered by their day as things stand, and all lines that are."""
    now = outlook(wants, supply, today)
    found = [
        Slip(want.line_id, want.promised_on, None, now[want.line_id].on, now[want.line_id].late, _po_of(now, want))
        for want in wants
        if now[want.line_id].late and want.is_promised and want.line_id > 0
    ]
    return found, [want.line_id for want in wants if not now[want.line_id].late]


def _po_of(now: Mapping[int, Cover], want: Want) -> int:
    return max(0, now[want.line_id].po_line_id)


def told(slip: Slip, cause: str) -> str:
    """ "PO-1001 moved: 40 units are covered on 20 Mar instead of 9 Mar, 6 days after the promise of 14 Mar." """
    units = f"{slip.units:,} unit{'' if slip.units == 1 else 's'}"
    promise = f"the promise of {_day(slip.promised_on)}"
    if slip.after is None:
        was = f", before on {_day(slip.before)}" if slip.before else ""
        have = "has" if slip.units == 1 else "have"
        return f"{cause}: {units} {have} no cover in time{was}; {promise} cannot hold."
    days = (slip.after - slip.promised_on).days
    was = f" instead of {_day(slip.before)}" if slip.before else ""
    late = f"{days} day{'' if days == 1 else 's'}"
    are = "is" if slip.units == 1 else "are"
    return f"{cause}: {units} {are} covered on {_day(slip.after)}{was}, {late} after {promise}."


def _day(on: date) -> str:
    return "now" if on == date.min else f"{on.day} {on:%b}"
