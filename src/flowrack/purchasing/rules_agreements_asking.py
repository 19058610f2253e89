"""What a draft agreement changes, in plain values: prices against those before, and what a year of them costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.purchasing.rules import line_total, price, price_up_pct

Line = tuple[int, int]  # item, family; one of them is 0


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """A price of a version: from so many units on, from a day on; what the supplier's list says of the item."""

    line: Line
    label: str
    from_units: int
    starts_on: date
    unit_cost: Decimal
    list_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price before and after; no `before` where nothing counted, no `after` where nothing does any more."""

    label: str
    field: str
    before: Decimal | None
    after: Decimal | None

    @property
    def up_pct(self) -> Decimal | None:
        """By how many percent it rises; None where it does not."""
        return None if self.before is None or self.after is None else price_up_pct(before=self.before, after=self.after)

    def words(self) -> tuple[str, str]:
        """Before and after as they are shown."""
        return ("" if self.before is None else price(self.before)), (
            "dropped" if self.after is None else price(self.after)
        )


def price_changes(before: Sequence[AskedPrice], after: Sequence[AskedPrice]) -> list[PriceChange]:
    """Each price against the one of the version before for as many units, else against the list; the largest rise
    first, and what is dropped last."""
    known: dict[tuple[Line, int], Decimal] = {}
    for x in sorted(before, key=lambda x: x.starts_on):
        known[x.line, x.from_units] = x.unit_cost
    found = [
        PriceChange(x.label, f"Unit cost from {x.from_units:,} on, {x.starts_on.isoformat()}",
                    known.get((x.line, x.from_units), x.list_cost), x.unit_cost)
        for x in after
    ]  # fmt: skip
    found.sort(key=lambda c: (-(c.up_pct or Decimal(0)), c.label, c.field))
    kept = {(x.line, x.from_units) for x in after}
    gone = {(x.line, x.from_units): x.label for x in before if (x.line, x.from_units) not in kept}
    return found + [
        PriceChange(label, f"Unit cost from {key[1]:,} on", known[key], None) for key, label in sorted(gone.items())
    ]


def year_value(ordered: Sequence[tuple[int, int, int]], prices: Sequence[AskedPrice]) -> Decimal:
    """What a year's units (item, family, units) cost at the prices for the fewest units that begin last; an item's own
    line counts before that of its family, and what the agreement does not name counts nothing."""
    first: dict[Line, AskedPrice] = {}
    for x in prices:
        best = first.get(x.line)
        if best is None or (-x.from_units, x.starts_on) > (-best.from_units, best.starts_on):
            first[x.line] = x
    total = Decimal(0)
    for item_id, family_id, units in ordered:
        found = first.get((item_id, 0)) or first.get((0, family_id))
        if found is not None:
            total += line_total(units=units, unit_cost=found.unit_cost)
    return total


def head_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What the head says otherwise than before: (field, before, after)."""
    return [(name, before.get(name, ""), value) for name, value in after.items() if value != before.get(name, "")]
