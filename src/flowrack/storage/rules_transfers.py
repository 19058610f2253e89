"""Decisions about transfers: which stock is kept for one, what may be staged, which one brought what arrived. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flowrack.ledger.types import NotFree
from flowrack.shared.errors import BadLine, Invalid
from flowrack.storage.types_transfer_plans import LeftToStage, NotOfTransfer, PlanLine, PromisedThere
from flowrack.storage.types_transfers import ArrivedLine, NotOnTheWay, OpenLine


class FreePool(NamedTuple):
    """Free units of an item and lot at a site."""

    item_id: int
    lot_id: int
    units: int
    expires_on: date | None


class Wanted(NamedTuple):
    """Units of an item and lot, by the place of the line that asks for them."""

    line: int
    item_id: int
    lot_id: int
    units: int


class Claimed(NamedTuple):
    """Units of an item that an order at the site waits for; `on` is the day that it was promised, if any."""

    number: str
    units: int
    on: date | None


class Spare(NamedTuple):
    """Units of an item that nobody at a site counts on, and who counts on the others, the soonest first."""

    units: int
    claims: Sequence[Claimed]


class GivesWay(NamedTuple):
    """Units of a pool (item, lot, site, owner) that a transfer loses."""

    transfer_id: int
    key: tuple[int, int, int, int]
    units: int


def gives_way(key: tuple[int, int, int, int], kept: Sequence[tuple[int, int]], missing: int) -> list[GivesWay]:
    """Which of the transfers (id, units kept) lose how much of what is missing: what was planned last, first."""
    lost = []
    for transfer_id, units in sorted(kept, reverse=True):
        taken = min(units, missing)
        if taken > 0:
            lost.append(GivesWay(transfer_id, key, taken))
            missing -= taken
    return lost


def refuse_no_plan(lines: Sequence[PlanLine], skus: Mapping[int, str]) -> None:
    """Refuse with Invalid lines that name nothing, an item that does not exist, or one item (and lot) twice."""
    bad: list[BadLine] = []
    seen: set[tuple[int, int]] = set()
    for n, line in enumerate(lines, 1):
        if line.item_id not in skus:
            bad.append(BadLine(n, "item", "There is no such item.", "Choose an item."))
        elif line.units <= 0:
            bad.append(BadLine(n, "units", f"{line.units} units cannot be sent.", "Send at least 1."))
        elif (line.item_id, line.lot_id) in seen:
            said = f"{skus[line.item_id]} stands on a line before."
            bad.append(BadLine(n, "item", said, "Put its units on one line."))
        seen.add((line.item_id, line.lot_id))
    if not lines:
        bad.append(BadLine(1, "item", "Nothing is named that should go.", "Name an item and its units."))
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)


def from_pools(
    lines: Sequence[PlanLine], free: Sequence[FreePool], skus: Mapping[int, str], good_on: date
) -> list[Wanted]:
    """Which lots are kept for the lines: the named one, else what expires first of what is still good on the day on
    which it is there. Refuses with NotFree.

    Lines that name their lot choose first.
    """
    left = {(pool.item_id, pool.lot_id): pool.units for pool in free}
    lots = sorted(free, key=lambda pool: (pool.expires_on or date.max, pool.lot_id))
    taken: list[Wanted] = []
    bad: list[BadLine] = []
    for n, line in sorted(enumerate(lines, 1), key=lambda x: (not x[1].lot_id, x[0])):
        missing, spoilt = line.units, 0
        for pool in lots:
            if pool.item_id != line.item_id or (line.lot_id and pool.lot_id != line.lot_id):
                continue
            if not line.lot_id and pool.expires_on is not None and pool.expires_on < good_on:
                spoilt += left[pool.item_id, pool.lot_id]
                continue
            units = min(missing, left[pool.item_id, pool.lot_id])
            if units > 0:
                left[pool.item_id, pool.lot_id] -= units
                missing -= units
                taken.append(Wanted(n, line.item_id, pool.lot_id, units))
        if missing:
            there = line.units - missing
            which = f"{skus[line.item_id]}{' of this lot' if line.lot_id else ''}"
            said = f"{line.units:,} of {which} wanted, {there:,} free at the site."
            if spoilt:
                said = f"{said[:-1]}, and {spoilt:,} of lots that expire before {good_on:%-d %b %Y}."
            bad.append(BadLine(n, "units", said, f"Plan {there:,}." if there else "Choose another item or site."))
    if bad:
        bad.sort(key=lambda one: one.line)
        raise NotFree(bad[0].message, lines=bad, fix=bad[0].fix)
    return taken


def refuse_promised(
    lines: Sequence[PlanLine], spare: Mapping[int, Spare], skus: Mapping[int, str], *, asked: Sequence[PlanLine]
) -> None:
    """Refuse with PromisedThere items of which more should go than nobody at the sender counts on, naming who does, at
    the first line of each in what was asked."""
    at: dict[int, int] = {}
    for n, line in enumerate(asked, 1):
        at.setdefault(line.item_id, n)
    bad = []
    for item_id, units in _by_item(lines).items():
        there = spare[item_id]
        if units <= there.units:
            continue
        named = ", ".join(_claimed(one) for one in there.claims)
        said = f"{units:,} of {skus[item_id]} wanted, {there.units:,} can go: others at the site count on the rest"
        said = f"{said}{f', such as {named}' if named else ''}."
        less = f"Plan {there.units:,}" if there.units else "Choose another site"
        bad.append(BadLine(at[item_id], "units", said, f"{less}, or say that it goes though they wait then."))
    if bad:
        raise PromisedThere(bad[0].message, lines=bad, fix=bad[0].fix)


def more_than(lines: Sequence[PlanLine], before: Sequence[LeftToStage]) -> list[PlanLine]:
    """The lines of items of which more should go than before."""
    was, wanted = _by_item(before), _by_item(lines)
    return [line for line in lines if wanted[line.item_id] > was.get(line.item_id, 0)]


def _by_item(lines: Sequence[PlanLine | LeftToStage]) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in lines:
        found[line.item_id] = found.get(line.item_id, 0) + line.units
    return found


def _claimed(one: Claimed) -> str:
    return f"{one.number} with {one.units:,}{f' for {one.on.day} {one.on:%b}' if one.on else ''}"


def after_staged(lines: Sequence[PlanLine], staged: Sequence[LeftToStage], skus: Mapping[int, str]) -> list[PlanLine]:
    """What of changed lines is still to be kept, beside what stands staged already. Refuses with Invalid where fewer
    are wanted than were staged."""
    there = {(one.item_id, one.lot_id): one.units for one in staged}
    rest: list[PlanLine] = []
    bad: list[BadLine] = []
    for line in sorted(lines, key=lambda x: not x.lot_id):
        units = line.units
        for key in sorted(there):
            if key[0] == line.item_id and (not line.lot_id or key[1] == line.lot_id):
                units, there[key] = max(units - there[key], 0), max(there[key] - units, 0)
        if units:
            rest.append(PlanLine(line.item_id, units, line.lot_id))
    for (item_id, _), units in sorted(there.items()):
        if units:
            said = f"{units:,} more of {skus.get(item_id, 'an item')} are staged already."
            bad.append(BadLine(0, "units", said, "Leave them on the transfer, or call it off and plan it anew."))
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    return rest


def refuse_other_goods(
    asked: Sequence[tuple[int, int, int]], left: Sequence[LeftToStage], names: Mapping[tuple[int, int], str]
) -> None:
    """Refuse with NotOfTransfer goods (item, lot, units) that were not planned, or more than are left to stage."""
    open_units = {(one.item_id, one.lot_id): one.units for one in left}
    bad: list[BadLine] = []
    for n, (item_id, lot_id, units) in enumerate(asked, 1):
        there = open_units.get((item_id, lot_id), 0)
        name = names.get((item_id, lot_id), "this item")
        if units > there:
            said = f"{there:,} of {name} are left to stage, not {units:,}." if there else f"No {name} is left to stage."
            others = [names.get(key, "") for key, count in open_units.items() if key[0] == item_id and count]
            fix = f"Stage {there:,}." if there else f"Stage {', '.join(others)}." if others else "Leave it aside."
            bad.append(BadLine(n, "units", said, fix))
        open_units[item_id, lot_id] = there - units
    if bad:
        raise NotOfTransfer(bad[0].message, lines=bad, fix=bad[0].fix)


def bad_credit(credited: Decimal | None, value: Decimal) -> BadLine | None:
    """What is wrong with the amount of a credit: it is more than nothing, and no more than what was lost."""
    if credited is None or not credited.is_finite() or credited <= 0:
        return BadLine(0, "credited", "Say how much was credited.", "The amount of the carrier's note.")
    if credited > value:
        said = f"No more than the loss of {value:,.2f} is credited."
        return BadLine(0, "credited", said, "What the carrier pays besides is no credit of this claim.")
    return None


def settle(arrived: Sequence[ArrivedLine], open_lines: Sequence[OpenLine]) -> list[tuple[int, OpenLine, int]]:
    """(place of the arrived line, line of a transfer, units): the oldest transfer first. Refuses with NotOnTheWay."""
    left = {line.line_id: line.left for line in open_lines}
    taken: list[tuple[int, OpenLine, int]] = []
    bad: list[BadLine] = []
    for place, line in enumerate(arrived):
        missing = int(line.units)
        for of in open_lines:
            if (of.item_id, of.lot_id, of.quality) != (line.item_id, line.lot_id, line.quality):
                continue
            units = min(missing, left[of.line_id])
            if units > 0:
                left[of.line_id] -= units
                missing -= units
                taken.append((place, of, units))
        if missing:
            came = int(line.units) - missing
            said = f"{came} are on the way to this site, {line.units} were named." if came else "None is on the way."
            bad.append(BadLine(place + 1, "units", said, f"Receive {came}." if came else "Look at the transfers."))
    if bad:
        raise NotOnTheWay(bad[0].message, lines=bad, fix=bad[0].fix)
    return taken
