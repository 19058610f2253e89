"""Which supply covers which waiting line, and which promises slip when supply moves. Pure and deterministic.

Waiting lines are covered in rank order (tier, requested date, age of the order), stock at hand first, then what
suppliers owe by the day on which it is expected: the same order in which allocation will promise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Want(NamedTuple):
    """Units that wait on one order line; they come in rank order."""

    line_id: int
    units: int
    promised_on: date


class Coming(NamedTuple):
    """Units that are expected on a day; PO line 0 and the first of all days is stock at hand."""

    po_line_id: int
    number: str
    expected_on: date
    units: int


class Cover(NamedTuple):
    """By when all units of a line are covered (None: not all), by which supply last, and how many come too late."""

    on: date | None
    po_line_id: int
    late: int


class Slip(NamedTuple):
    """A line whose cover moved beyond its promise."""

    line_id: int
    promised_on: date
    before: date | None
    after: date | None
    units: int


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


def slips(wants: Sequence[Want], before: Sequence[Coming], after: Sequence[Coming]) -> tuple[list[Slip], list[int]]:
    """Lines whose cover got worse and is beyond their promise, and lines that are covered in time now."""
    was, now = cover(wants, before), cover(wants, after)
    found, in_time = [], []
    for want in wants:
        old, new = was[want.line_id], now[want.line_id]
        if not new.late:
            in_time.append(want.line_id)
        elif new.late > old.late or _later(old.on, new.on):
            found.append(Slip(want.line_id, want.promised_on, old.on, new.on, new.late))
    return found, in_time


def _later(before: date | None, after: date | None) -> bool:
    return before is not None and (after is None or after > before)


def broken(wants: Sequence[Want], supply: Sequence[Coming]) -> tuple[list[Slip], list[int]]:
    """Lines that are not covered by their promise as things stand, and those that are."""
    now = cover(wants, supply)
    found = [
        Slip(want.line_id, want.promised_on, None, now[want.line_id].on, now[want.line_id].late)
        for want in wants
        if now[want.line_id].late
    ]
    return found, [want.line_id for want in wants if not now[want.line_id].late]


def told(slip: Slip, cause: str) -> str:
    """ "PO-1001 moved: 40 units are covered on 20 Mar instead of 9 Mar, 6 days after the promise of 14 Mar." """
    units = f"{slip.units:,} unit{'' if slip.units == 1 else 's'}"
    promise = f"the promise of {_day(slip.promised_on)}"
    if slip.after is None:
        was = f", before on {_day(slip.before)}" if slip.before else ""
        return f"{cause}: {units} have no cover in time{was}; {promise} cannot hold."
    days = (slip.after - slip.promised_on).days
    was = f" instead of {_day(slip.before)}" if slip.before else ""
    late = f"{days} day{'' if days == 1 else 's'}"
    return f"{cause}: {units} are covered on {_day(slip.after)}{was}, {late} after {promise}."


def _day(on: date) -> str:
    return "now" if on == date.min else f"{on.day} {on:%b}"
