"""The words of overrides: what the rules would have done, and what lines are told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flowrack.allocation.types_overrides import WORDS, OverrideKind

NAMED = 3


class Loser(NamedTuple):
    """An order that would have had units by the rules."""

    number: str
    tier: str
    units: int


class Missed(NamedTuple):
    """Units that leave after the day for which they were promised (None: nothing that is on order covers them).

    A quote has a line below zero.
    """

    number: str
    promised_on: date
    units: int
    leaves_on: date | None
    line_id: int


def would_miss(missed: Sequence[Missed], verb: str = "would miss") -> str:
    """ "SO-1005 would miss 3 Mar: 12 leave on 9 Mar." """
    said = []
    for one in missed[:NAMED]:
        when = f"leave on {_day(one.leaves_on)}" if one.leaves_on else "have no cover"
        said.append(f"{one.number} {verb} {_day(one.promised_on)}: {one.units:,} {when}.")
    more = len(missed) - NAMED
    return " ".join([*said, *([f"So {'does' if more == 1 else 'do'} {more} more."] if more > 0 else [])])


def _day(on: date) -> str:
    return f"{on.day} {on:%b}"


def kept_for_promises(rule: str, missed: Sequence[Missed]) -> str:
    """Free units that the rules keep so that promises can be kept."""
    numbers = ", ".join(dict.fromkeys(one.number for one in missed[:NAMED]))
    return f"By {rule} they stay for {numbers}{' and others' if len(missed) > NAMED else ''}."


def in_words(losers: Sequence[Loser]) -> str:
    """ "20 to SO-1001 (tier A), 5 to SO-1002 (tier B) and 4 more"."""
    said = ", ".join(f"{one.units:,} to {one.number} (tier {one.tier})" for one in losers[:NAMED])
    more = len(losers) - NAMED
    return f"{said} and {more} more" if more > 0 else said


def rank_broken(rule: str, losers: Sequence[Loser], number: str) -> str:
    """Free units went to an order that others rank before."""
    return f"By {rule} they go {in_words(losers)}, before {number}."


def promise_broken(rule: str, losers: Sequence[Loser]) -> str:
    """Promises that the rules leave where they are."""
    kept = ", ".join(f"{one.number} (tier {one.tier}) keeps {one.units:,}" for one in losers[:NAMED])
    more = len(losers) - NAMED
    return f"By {rule} {kept}{f' and {more} more keep theirs' if more > 0 else ''}."


def held_back(rule: str, number: str, units: int, cause: str) -> str:
    """Units that the rules leave free, or give to nobody yet."""
    return f"By {rule} {number} gets {f'only {units:,}' if units else 'nothing'} now: {cause}"


def gained(kind: OverrideKind, number: str, units: int, by: str, reason: str, broken: str, until: str = "") -> str:
    """What a line that got units is told."""
    if kind == OverrideKind.HOLD:
        return f"Hold released by hand ({number}, {by}): {reason.rstrip('.')}. {broken}"
    if kind == OverrideKind.CAPACITY:
        return f"Promised by hand ({number}, {by}) for a day that is full: {reason.rstrip('.')}. {broken}"
    stands = f" It stands until the end of {until}." if until else ""
    return f"{units:,} by hand ({number}, {WORDS[kind]}, {by}): {reason.rstrip('.')}. {broken}{stands}"


def lost(kind: OverrideKind, number: str, units: int, to: str, by: str, reason: str, until: str = "") -> str:
    """What a line that would have had them is told."""
    if kind == OverrideKind.TAKEN_BACK:
        rest = f" It gets none of them before the end of {until}." if until else ""
        return f"{units:,} taken back by hand and wait again ({number}, {by}): {reason.rstrip('.')}.{rest}"
    if kind == OverrideKind.DROPPED:
        return f"{units:,} were suggested for it and not reserved ({number}, {by}): {reason.rstrip('.')}."
    whom = f"to {to}" if to else "elsewhere"
    return f"{units:,} went {whom} by hand, against the rules ({number}, {by}): {reason.rstrip('.')}."


def waits_whole(number: str, until: str) -> str:
    """What a line that leaves only whole is told while units of it, or of its order, are taken back."""
    return f"Nothing more is reserved for it before the end of {until}: it leaves only whole ({number})."
