"""Decisions of inbound, free of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flowrack.inbound.types import QUALITIES, Available, CountedLine, Discrepancy
from flowrack.inbound.types_discrepancies import Responsible
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine


@dataclass(frozen=True, slots=True)
class Share:
    """Units of one count that belong to one PO line; `before` of that line had come when these are added."""

    count: int  # place of the count in the request, from 0
    line: LineForReceipt
    units: int
    before: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How counts fall on PO lines, and what does not fit, by kind."""

    shares: list[Share]
    strangers: list[BadLine]
    too_many: list[BadLine]


def spread(counts: Sequence[CountedLine], lines: Sequence[LineForReceipt]) -> Spread:
    """Give each count to the lines of its item, in line order: first what is owed, then what tolerance takes.

    The tolerance is cumulative: what earlier receipts and earlier counts of this batch brought has used it up.
    """
    by_id = {line.po_line_id: line for line in lines}
    by_item: dict[int, list[LineForReceipt]] = defaultdict(list)
    for line in lines:
        by_item[line.item_id].append(line)
    came: dict[int, int] = {line.po_line_id: line.received for line in lines}
    found = Spread([], [], [])
    for i, count in enumerate(counts):
        if count.po_line_id:
            own = by_id.get(count.po_line_id)
            candidates = [own] if own is not None and count.item_id in (0, own.item_id) else []
        else:
            candidates = by_item.get(count.item_id, [])
        if not candidates:
            number = lines[0].po_number if lines else "This PO"
            found.strangers.append(
                BadLine(i + 1, "item", f"{number} has no line for this.", "Scan an item of this PO, or choose another.")
            )
            continue
        left = _fill(found.shares, i, count.units, candidates, came, over=False)
        left = _fill(found.shares, i, left, candidates, came, over=True)
        if left > 0:
            found.too_many.append(_too_many(i, count.units, left, candidates, came))
    return found


def _fill(
    shares: list[Share], count: int, units: int, candidates: list[LineForReceipt], came: dict[int, int], *, over: bool
) -> int:
    for line in candidates:
        if units <= 0:
            break
        limit = line.ordered - line.short + (line.over_most if over else 0)
        take = min(units, limit - came[line.po_line_id])
        if take > 0:
            shares.append(Share(count, line, take, came[line.po_line_id], over))
            came[line.po_line_id] += take
            units -= take
    return units


def _too_many(i: int, counted: int, left: int, candidates: list[LineForReceipt], came: dict[int, int]) -> BadLine:
    line = candidates[-1]
    ordered = sum(c.ordered for c in candidates)
    over = sum(c.over_most for c in candidates)
    fits = counted - left
    before = sum(came[c.po_line_id] for c in candidates) - fits
    short = sum(c.short for c in candidates)
    given_up = f", {short} were given up" if short else ""
    return BadLine(
        i + 1,
        "units",
        f"{line.sku}: {ordered} ordered{given_up}, {before} received, tolerance {over}. {counted} more are {left} too"
        " many.",
        f"Count {fits} and set {left} aside." if fits else "Set it aside and ask the buyer.",
    )


def with_changes(
    bad: Sequence[BadLine], counts: Sequence[CountedLine], lines: Sequence[LineForReceipt], told: Mapping[int, str]
) -> list[BadLine]:
    """The same faults, saying where a change of the order is behind them. `told` are the changes in words, by item."""
    by_id = {line.po_line_id: line for line in lines}
    found = []
    for fault in bad:
        count = counts[fault.line - 1]
        line = by_id.get(count.po_line_id)
        words = told.get(line.item_id if line else count.item_id, "")
        name, colon, rest = fault.message.partition(": ")
        message = (f"{name}: {words}. {rest}" if colon else f"{fault.message} But {words}.") if words else fault.message
        found.append(replace(fault, message=message))
    return found


def faults(counts: Sequence[CountedLine]) -> list[BadLine]:
    """What is wrong with counts in themselves."""
    bad = []
    for i, count in enumerate(counts, start=1):
        if count.units <= 0:
            bad.append(BadLine(i, "units", f"{count.units} units cannot be received.", "Count at least 1."))
        if count.quality not in QUALITIES:
            bad.append(
                BadLine(i, "quality", f"“{count.quality}” is no quality.", f"Use one of: {', '.join(QUALITIES)}.")
            )
        if count.quality not in ("available", "expired") and not count.reason.strip():
            bad.append(BadLine(i, "reason", f"Say why it is {count.quality}.", "Choose a reason."))
        if count.produced_on and count.expires_on and count.expires_on < count.produced_on:
            bad.append(
                BadLine(
                    i,
                    "expires_on",
                    f"It cannot expire on {count.expires_on}, before it was made on {count.produced_on}.",
                    "Read the dates on the label again.",
                )
            )
        if count.responsible not in list(Responsible):
            bad.append(BadLine(i, "responsible", "Nobody answers for that.", f"Use one of: {', '.join(Responsible)}."))
    return bad


def line_of(counts: Sequence[CountedLine], lines: Sequence[LineForReceipt]) -> dict[int, LineForReceipt]:
    """A PO line of each count's item, by the place of the count from 0; strangers are left out."""
    by_id = {line.po_line_id: line for line in lines}
    by_item = {line.item_id: line for line in reversed(lines)}
    found = {
        i: by_id.get(count.po_line_id) if count.po_line_id else by_item.get(count.item_id)
        for i, count in enumerate(counts)
    }
    return {i: line for i, line in found.items() if line is not None}


def lot_faults(
    counts: Sequence[CountedLine], item_of: dict[int, LineForReceipt]
) -> tuple[list[BadLine], list[BadLine]]:
    """Counts that name no lot though their item has lots (or one though it has none), and serials not one by one.

    `item_of` gives for each count (from 0) a PO line of its item. Returns (lot needed, bad count).
    """
    asked = {
        i: (line.item_id, line.sku, line.tracking, count.lot, int(count.units))
        for i, count in enumerate(counts)
        if (line := item_of.get(i)) is not None
    }
    return _tracking_faults(asked)


def tracking_faults(lines: Sequence[tuple[int, str, str, str, int]]) -> tuple[list[BadLine], list[BadLine]]:
    """The same for lines of (item, SKU, tracking, lot, units). Returns (lot needed, bad count)."""
    return _tracking_faults(dict(enumerate(lines)))


def _tracking_faults(lines: dict[int, tuple[int, str, str, str, int]]) -> tuple[list[BadLine], list[BadLine]]:
    needed: list[BadLine] = []
    bad: list[BadLine] = []
    seen: set[tuple[int, str]] = set()
    for i, (item_id, sku, tracking, lot, units) in lines.items():
        what = "serial number" if tracking == "serial" else "lot"
        if tracking == "none":
            if lot:
                bad.append(BadLine(i + 1, "lot", f"{sku} keeps no lots.", "Leave the lot out."))
        elif not lot.strip():
            needed.append(BadLine(i + 1, "lot", f"{sku} needs its {what}.", f"Scan or type the {what}."))
        elif tracking == "serial":
            if units != 1:
                bad.append(
                    BadLine(i + 1, "units", f"A serial number is one unit, not {units}.", "Count one at a time.")
                )
            if (item_id, lot) in seen:
                bad.append(BadLine(i + 1, "lot", f"Serial number {lot} is counted twice.", "Scan the next one."))
            seen.add((item_id, lot))
    return needed, bad


def quality_on_arrival(*, stated: str, expires_on: date | None, today: date) -> str:
    """The quality stock arrives with: as the person found it, but a lot past its date is expired."""
    if stated == "available" and expires_on is not None and expires_on < today:
        return "expired"
    return stated


def discrepancy(*, quality: str, is_over: bool, reason: str) -> str:
    """Why a line is not as expected, in one word or in the person's words; the worst first."""
    if quality == "expired":
        return Discrepancy.EXPIRED
    if reason.strip():
        return reason.strip()[:40]
    if quality == "damaged":
        return Discrepancy.DAMAGED
    return Discrepancy.OVER if is_over else Discrepancy.NONE


AVAILABILITY_RULE = "availability.most_specific v1"
SENTENCES = {
    Available.ON_RECEIPT: "Available on receipt",
    Available.AFTER_INSPECTION: "Available after inspection",
    Available.AFTER_PUTAWAY: "Available after putaway",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """An availability policy that covers an item on arrival; `words` name its scope, ids of 0 leave it open."""

    policy_id: int
    available: Available
    item_id: int
    family_id: int
    supplier_id: int
    site_id: int
    location_id: int
    location: str
    words: str
    reason: str

    @property
    def sentence(self) -> str:
        """What the policy says and for whom."""
        where = f" in {self.location}" if self.location else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{SENTENCES[self.available]}{where}, by the policy for {self.words}{why}."


def followed(policies: Sequence[Policy]) -> Policy | None:
    """The policy that says most: item before family before supplier before site; the newer on a tie."""

    def weight(p: Policy) -> tuple[int, int]:
        return (8 * bool(p.item_id) + 4 * bool(p.family_id) + 2 * bool(p.supplier_id) + bool(p.site_id), p.policy_id)

    return max(policies, key=weight, default=None)
