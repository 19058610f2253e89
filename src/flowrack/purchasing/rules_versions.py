"""What a change makes of an approved PO, what it may not do, and how two versions differ. Free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.purchasing import rules
from flowrack.purchasing.types_versions import Content, ContentLine, Difference, LineChange, PoChange
from flowrack.shared.documents import too_many_lines
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_unit_cost
from flowrack.shared.quantity import Units, beyond_any_order


@dataclass(frozen=True, slots=True)
class Priced:
    """What a new line, or one with another number of units, is: its item, its cost unless given, its tolerance."""

    sku: str
    name: str
    unit_cost: Decimal
    over_units: int


def faults(content: Content, change: PoChange, *, came: Mapping[int, int], today: date, first: int) -> list[BadLine]:
    """Why a change cannot be: lines are numbered through the batch, from `first` on. `came` are units received or
    given up by line number."""
    known = {line.line_no: line for line in content.lines}
    bad = []
    seen: set[int] = set()
    if change.due_on is not None and change.due_on != content.due_on and change.due_on < today:
        bad.append(BadLine(first, "due_on", f"{change.due_on} is past.", "Choose today or later."))
    if not change.reason.strip():
        bad.append(BadLine(first, "reason", "A change needs a reason.", "Say in a few words why."))
    bad += too_many_lines(max(len(change.lines), _lines_after(content, change)), "The order", at=first)
    for number, asked in enumerate(change.lines, start=first):
        if asked.line_no in seen:
            bad.append(BadLine(number, "line_no", f"Line {asked.line_no} is named twice.", "Name each line once."))
            continue
        if asked.line_no:
            seen.add(asked.line_no)
        if asked.line_no and asked.line_no not in known:
            bad.append(BadLine(number, "line_no", f"There is no line {asked.line_no}.", "Use 0 for a new line."))
            continue
        bad += _line_faults(number, asked, known.get(asked.line_no), came.get(asked.line_no, 0), today)
    dropped = {asked.line_no for asked in change.lines if asked.is_dropped}
    adds = any(not asked.line_no for asked in change.lines)
    if dropped and not adds and all(line.line_no in dropped for line in content.lines if line.units):
        way_out = "Close the order instead." if any(came.values()) else "Cancel the order instead."
        bad.append(BadLine(first, "lines", "Nothing would be left of the order.", way_out))
    return bad


def _lines_after(content: Content, change: PoChange) -> int:
    return len(content.lines) + sum(1 for asked in change.lines if not asked.line_no)


def _line_faults(number: int, asked: LineChange, line: ContentLine | None, came: int, today: date) -> list[BadLine]:
    bad = []
    if line is None and not asked.item_id:
        bad.append(BadLine(number, "item", "A new line needs an item.", "Choose an item of the catalogue."))
    if line is None and (asked.units is None or asked.is_dropped):
        bad.append(BadLine(number, "units", "A new line needs units.", "Type how many."))
    if line is not None and asked.is_dropped and came:
        bad.append(
            BadLine(number, "units", f"{came:,} have come of line {line.line_no}, so it stays.", f"Cut it to {came}.")
        )
    if not asked.is_dropped and asked.units is not None and (line is None or asked.units != line.units):
        if asked.units <= 0:
            bad.append(BadLine(number, "units", f"{asked.units} cannot be ordered.", "Drop the line instead."))
        elif asked.units < came:
            what = f"{came:,} have come or were given up of line {asked.line_no}: it cannot go below."
            bad.append(BadLine(number, "units", what, f"Order at least {came}."))
        bad += beyond_any_order(number, asked.units)
    if asked.unit_cost is not None and asked.unit_cost < 0:
        bad.append(BadLine(number, "unit_cost", "A price cannot be negative.", "Type 0 or more."))
    if asked.due_on is not None and asked.due_on < today and (line is None or asked.due_on != line.due_on):
        bad.append(BadLine(number, "due_on", f"{asked.due_on} is past.", "Choose today or later."))
    return bad


def revised(content: Content, change: PoChange, priced: Mapping[int, Priced]) -> Content:
    """The order as the change wants it. `priced` says by place in the change what new lines and new units come to."""
    due_on = change.due_on or content.due_on
    moved = {asked.line_no: (place, asked) for place, asked in enumerate(change.lines) if asked.line_no}
    lines = []
    for was in content.lines:
        follows = was.units and was.due_on == content.due_on != due_on
        line = replace(was, due_on=due_on, expected_on=due_on) if follows else was
        place, asked = moved.get(line.line_no, (-1, None))
        lines.append(line if asked is None else _revised_line(line, asked, priced.get(place)))
    next_no = max((line.line_no for line in content.lines), default=0) + 1
    for place, asked in enumerate(change.lines):
        if not asked.line_no:
            lines.append(_new_line(next_no, asked, priced[place], asked.due_on or due_on))
            next_no += 1
    return Content(
        due_on=due_on,
        supplier_reference=_kept(change.supplier_reference, content.supplier_reference),
        note=_kept(change.note, content.note),
        lines=tuple(lines),
    )


def due_on(content: Content, change: PoChange, asked: LineChange) -> date:
    """When a changed or new line is due after the change: on its own new day, else it follows the order or stays."""
    was = next((x.due_on for x in content.lines if x.line_no == asked.line_no), content.due_on)
    return asked.due_on or (change.due_on if change.due_on and was == content.due_on else was)


def units_touched(content: Content, change: PoChange) -> dict[int, int]:
    """The units by item of the lines that a change gives other units to, or drops: what it wants anew is no more."""
    known = {x.line_no: x for x in content.lines}
    had: dict[int, int] = {}
    for asked in change.lines:
        line = known.get(asked.line_no)
        if line is not None and (asked.is_dropped or asked.units is not None):
            had[line.item_id] = had.get(line.item_id, 0) + line.units
    return had


def _kept(new: str | None, old: str) -> str:
    return old if new is None else new.strip()


def _revised_line(line: ContentLine, asked: LineChange, priced: Priced | None) -> ContentLine:
    if asked.is_dropped:
        return replace(line, units=0, over_units=0, under_units=0)
    if asked.units is not None and asked.units != line.units and priced is not None:
        line = replace(line, units=asked.units, over_units=priced.over_units, under_units=_under(line, asked.units))
    if asked.unit_cost is not None:
        line = replace(line, unit_cost=to_unit_cost(asked.unit_cost))
    if asked.due_on is not None and asked.due_on != line.due_on:
        line = replace(line, due_on=asked.due_on, expected_on=asked.due_on)
    return line


def _under(line: ContentLine, units: Units) -> int:
    """The units that may be missing, in the proportion that was agreed."""
    return line.under_units * units // line.units if line.units else 0


def _new_line(line_no: int, asked: LineChange, priced: Priced, due_on: date) -> ContentLine:
    assert asked.units is not None, "faults refuses a new line without units"
    return ContentLine(
        line_no=line_no,
        item_id=asked.item_id,
        sku=priced.sku,
        name=priced.name,
        units=asked.units,
        unit_cost=priced.unit_cost if asked.unit_cost is None else to_unit_cost(asked.unit_cost),
        over_units=priced.over_units,
        under_units=0,
        due_on=due_on,
        expected_on=due_on,
    )


def content_of(*, supplier_id: int, site_id: int, content: Content) -> dict[str, Any]:
    """What approvers allow: as for a first order, with the dates of lines that have another than the order."""
    body = rules.content(
        supplier_id=supplier_id,
        site_id=site_id,
        due_on=content.due_on.isoformat(),
        lines=[(x.line_no, x.item_id, x.units, x.unit_cost, x.over_units) for x in content.lines],
    )
    dates = [
        [x.line_no, x.due_on.isoformat(), x.expected_on.isoformat()]
        for x in content.lines
        if x.units and (x.due_on != content.due_on or x.expected_on != content.due_on)
    ]
    return {**body, "dates": dates} if dates else body


def total(content: Content) -> Decimal:
    """What the order costs, each line to the cent."""
    return sum((rules.line_total(units=x.units, unit_cost=x.unit_cost) for x in content.lines), Decimal(0))


def differences(before: Content, after: Content) -> list[Difference]:
    """What two versions have differently, the head first, then line by line. Worse for us is marked."""
    found = [
        Difference(0, "Order", field, was, now, field == "Due" and after.due_on > before.due_on)
        for field, was, now in (
            ("Due", day(before.due_on), day(after.due_on)),
            ("Supplier's reference", before.supplier_reference, after.supplier_reference),
            ("Note", before.note, after.note),
        )
        if was != now
    ]
    old, new = ({line.line_no: line for line in content.lines} for content in (before, after))
    for line_no in sorted({**old, **new}):
        found += _line_differences(old.get(line_no), new.get(line_no))
    return found


def _line_differences(before: ContentLine | None, after: ContentLine | None) -> list[Difference]:
    line = after or before
    assert line is not None, "a line number comes from one of the two"
    no, label = line.line_no, f"{line.sku} {line.name}"
    was, now = (None if x is None or not x.units else x for x in (before, after))
    if was is None and now is None:
        return []
    if was is None or now is None:
        kept = was or now
        assert kept is not None, "one of the two has units"
        said = (("Units", f"{kept.units:,}"), ("Unit cost", rules.price(kept.unit_cost)), ("Due", day(kept.due_on)))
        if now is None:
            return [Difference(no, label, "Units", f"{kept.units:,}", "dropped", True)]
        return [Difference(no, label, field, "", text) for field, text in said]
    pairs = (
        ("Units", f"{was.units:,}", f"{now.units:,}", now.units < was.units),
        ("Unit cost", rules.price(was.unit_cost), rules.price(now.unit_cost), now.unit_cost > was.unit_cost),
        ("Due", day(was.due_on), day(now.due_on), now.due_on > was.due_on),
        ("Expected", day(was.expected_on), day(now.expected_on), now.expected_on > was.expected_on),
    )
    moved_along = was.due_on != now.due_on and now.expected_on == now.due_on
    return [
        Difference(no, label, field, a, b, bad)
        for field, a, b, bad in pairs
        if a != b and not (field == "Expected" and moved_along)
    ]


def change_facts(before: Content, after: Content) -> dict[str, Any]:
    """What policies look at, against what a person approved last: the largest rise of a price, money on top, added
    lines, and by how many days the latest line is expected later (never below none)."""
    old = {line.line_no: line for line in before.lines if line.units}
    both = [(old[x.line_no], x) for x in after.lines if x.units and x.line_no in old]
    rises = [r for was, x in both if (r := rules.price_up_pct(before=was.unit_cost, after=x.unit_cost)) is not None]
    return {
        "price_up_pct": max(rises, default=None),
        "value_up": max(total(after) - total(before), Decimal(0)),
        "days_later": max([0, *((x.expected_on - was.expected_on).days for was, x in both)]),
        "added_lines": sum(1 for x in after.lines if x.units and x.line_no not in old),
    }


def told(number: str, version_no: int, found: Sequence[Difference], *, by_supplier: bool) -> str:
    """A change in a sentence or two, what is worse for us first."""
    ranked = sorted(found, key=lambda d: (not d.is_exception, d.line_no))[:3]
    parts = [_said(d) for d in ranked]
    more = f" and {len(found) - len(ranked)} more" if len(found) > len(ranked) else ""
    whose = "as the supplier confirmed" if by_supplier else "changed by the buyer"
    return f"Version {version_no} of {number}, {whose}: {'; '.join(parts)}{more}."


def _said(one: Difference) -> str:
    where = f"line {one.line_no} " if one.line_no else ""
    if not one.before:
        return f"{where}added, {one.field.lower()} {one.after}" if one.line_no else f"{one.field.lower()} {one.after}"
    return f"{where}{one.field.lower()} {one.before} → {one.after or 'none'}"


def receivers_words(before: int, after: int, version_no: int, approved_on: date | None, reason: str) -> str:
    """What a receiver is told of changed units: a cut that was approved, or more that nobody has approved yet."""
    if approved_on is None:
        return f"version {version_no}, which waits for approval, asks for {after:,}" if after > before else ""
    if after >= before:
        return ""
    done = f"cut from {before:,} to {after:,}" if after else "taken off the order"
    return f"{done} by version {version_no} on {day(approved_on)} ({reason})"


def day(on: date) -> str:
    """A date as people read it."""
    return f"{on.day} {on:%b %Y}"
