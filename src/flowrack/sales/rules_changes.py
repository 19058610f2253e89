"""What differs after a change of an order, what is wrong with one, and what it does, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from flowrack.sales import rules_terms
from flowrack.sales.rules import POLICIES, TIERS
from flowrack.sales.types_changes import Changed, HoldSeen, LineSeen, OrderSeen, OverrideOrder
from flowrack.shared.errors import BadLine

POLICY_WORDS = {"complete": "one delivery", "line": "whole lines", "partial": "parts may ship"}


class HeadLike(Protocol):
    """The fields of an order that can be changed."""

    @property
    def tier(self) -> str: ...
    @property
    def policy(self) -> str: ...
    @property
    def requested_on(self) -> date: ...
    @property
    def latest_on(self) -> date | None: ...
    @property
    def ship_to(self) -> str: ...


class HeadToday(HeadLike, Protocol):
    """The same with the day at its site."""

    @property
    def today(self) -> date: ...


def day(on: date | None) -> str:
    """A day as people read it."""
    return "" if on is None else f"{on:%d %b %Y}"


def changed(before: HeadLike, after: HeadLike) -> list[Changed]:
    """The fields that differ, as people read them."""
    pairs = [
        ("requested_on", day(before.requested_on), day(after.requested_on)),
        ("latest_on", day(before.latest_on), day(after.latest_on)),
        ("ship_to", before.ship_to, after.ship_to),
        ("tier", before.tier, after.tier),
        ("policy", before.policy, after.policy),
    ]
    return [Changed(*pair) for pair in pairs if pair[1] != pair[2]]


def changed_days(before: date, after: date) -> list[Changed]:
    """That an order is wanted on another day, as people read it."""
    return [Changed("requested_on", day(before), day(after))]


class LineWas(NamedTuple):
    """A line before or after a change: its number, what is wanted of it, and the price of a unit."""

    line_no: int
    units: int
    unit_price: Decimal


def lines_changed(before: Mapping[int, LineWas], after: Mapping[int, LineWas]) -> list[Changed]:
    """What differs of lines, as people read it, by the number of the line."""
    found = []
    for line_id, was in sorted(before.items(), key=lambda one: one[1].line_no):
        now = after[line_id]
        if was.units != now.units:
            found.append(Changed(f"line {was.line_no}", f"{was.units:,}", f"{now.units:,} units"))
        if was.unit_price != now.unit_price:
            found.append(Changed(f"line {was.line_no}, price", f"{was.unit_price:,.2f}", f"{now.unit_price:,.2f}"))
    return found


def day_faults(before: HeadToday, requested_on: date, latest_on: date | None) -> list[BadLine]:
    """What is wrong with new days; a day that stays may be past."""
    bad = [
        BadLine(0, name, f"{day(now)} is past.", "Use today or a later day.")
        for name, was, now in (
            ("requested_on", before.requested_on, requested_on),
            ("latest_on", before.latest_on, latest_on),
        )
        if now is not None and now != was and now < before.today
    ]
    if not bad and latest_on is not None and latest_on < requested_on:
        said = f"The latest day, {day(latest_on)}, is before the wanted one, {day(requested_on)}."
        bad.append(BadLine(0, "latest_on", said, "Change both, or take the latest day away."))
    return bad


def override_faults(req: OverrideOrder, *, is_different: bool) -> list[BadLine]:
    """What is wrong with an override."""
    bad = [] if req.reason.strip() else [BadLine(0, "reason", "Say why.", "A few words are enough.")]
    if req.tier and req.tier not in TIERS:
        bad.append(BadLine(0, "tier", f"“{req.tier}” is no tier.", "Use A, B or C."))
    if req.policy and req.policy not in POLICIES:
        bad.append(BadLine(0, "policy", f"“{req.policy}” is not a delivery policy.", "Use complete, line or partial."))
    if not bad and not is_different:
        bad.append(BadLine(0, "tier", "Nothing is different.", "Choose another tier or policy."))
    return bad


SAID = {
    "requested_on": "Wanted on {after} instead of {before}.",
    "latest_on": "Nothing may arrive after {after}.",
    "ship_to": "Goes to address {after} instead of {before}.",
    "tier": "Ranks as tier {after} instead of {before}.",
    "policy": "Leaves as {after} instead of {before}.",
}


def in_words(fields: Sequence[Changed]) -> str:
    """The changed fields in sentences."""
    return " ".join(_said(one) for one in fields)


def _said(one: Changed) -> str:
    if one.field == "latest_on" and not one.after:
        return f"May leave after {one.before}, too."
    if one.field == "ship_to" and not one.before:
        return f"Goes to address {one.after}."
    words = POLICY_WORDS if one.field == "policy" else {}
    return SAID[one.field].format(before=words.get(one.before, one.before), after=words.get(one.after, one.after))


def beside(before: OrderSeen, after: OrderSeen) -> OrderSeen:
    """The order before a change with its new lines in it, of which it had nothing: so that each line has its twin."""
    known = {line.line_id for line in before.lines}
    new = [line for line in after.lines if line.line_id not in known]
    none = [replace(line, units=0, waiting=0, allocated=0, released=0, picked=0, cancelled=0) for line in new]
    return replace(before, lines=[*before.lines, *none])


def consequences(before: OrderSeen, after: OrderSeen) -> list[str]:
    """What a change does to the order itself, the most important first."""
    lines = {line.line_id: line for line in before.lines}
    said = [words for line in after.lines for words in _line_words(lines[line.line_id], line)]
    if after.state != before.state:
        is_gone = after.state == "cancelled"
        said.append(
            "Nothing is left of the order: it is closed." if is_gone else "All the rest has left: it is closed."
        )
    said += [_said(one) for one in changed(before, after)]
    is_held = any(not hold.line_id or before.policy == "complete" for hold in before.holds)
    if is_held and any(not line.units for line in before.lines):
        said.append("What is added is on hold, as the order is.")
    said += rules_terms.consequences(before, after)
    said += _hold_words(before.holds, after.holds)
    if after.keeps_back and after.keeps_back != before.keeps_back:
        said.append(f"What is reserved will not leave yet: {after.keeps_back}.")
    elif before.keeps_back and not after.keeps_back and after.state == before.state:
        said.append("What is reserved may leave.")
    if after.value != before.value:
        said.append(f"The order is worth {after.value} instead of {before.value}.")
    return said


def _units(count: int, one: str, many: str, *, kind: str = "") -> str:
    """ "1 unit is ..." or "5 units are ..."."""
    name = f"{kind} unit" if kind else "unit"
    return f"1 {name} {one}" if count == 1 else f"{count:,} {name}s {many}"


def _line_words(before: LineSeen, after: LineSeen) -> list[str]:
    said: list[str] = []
    name = f"Line {after.line_no}, {after.sku}"
    cancelled = after.cancelled - before.cancelled
    if cancelled:
        said.append(f"{name}: {_units(cancelled, 'is', 'are')} cancelled.")
    if not before.units:
        said.append(f"{name}: {_units(after.units, 'is', 'are')} added at {after.unit_price} each.")
    elif after.units != before.units:
        said.append(f"{name}: {after.units:,} instead of {before.units:,} units.")
    if after.unit_price != before.unit_price:
        said.append(f"{name}: costs {after.unit_price} instead of {before.unit_price}.")
    if after.released < before.released:
        back = _units(before.released - after.released, "is", "are")
        said.append(f"{name}: {back} called back from the pickers.")
    if after.picked < before.picked:
        back = _units(before.picked - after.picked, "goes", "go", kind="picked")
        said.append(
            f"{name}: {back} back into the bins: the floor gets the work, and they are free once they lie there."
        )
    lost = before.allocated - after.allocated
    if lost > 0:
        said.append(f"{name}: {_units(lost, 'is', 'are', kind='reserved')} given back, free for others at once.")
    if after.waiting > before.waiting:
        more = after.waiting - before.waiting
        said.append(f"{name}: {_units(more, 'waits', 'wait', kind='more' if before.waiting else '')} for stock.")
    return said


def _hold_words(before: Sequence[HoldSeen], after: Sequence[HoldSeen]) -> list[str]:
    known, now = {hold.hold_id for hold in before}, {hold.hold_id for hold in after}
    ended = [f"No longer on hold: {hold.sentence}" for hold in before if hold.hold_id not in now]
    return ended + [f"Will wait for a person: {hold.sentence}" for hold in after if hold.hold_id not in known]
