"""What sales decides without looking anything up: quantities, prices and how much of a line can still be cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.sales.types import LineCounts
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import NotWholeUnits, beyond_any_order, parse_units

TIERS = ("A", "B", "C")
POLICIES = ("complete", "line", "partial")


def date_faults(
    requested_on: date | None, latest_on: date | None, today: date, *, ship_on: date | None = None
) -> list[BadLine]:
    """What is wrong with the days of an order; `ship_on` stands in place of the day of arrival."""
    if requested_on is not None and ship_on is not None:
        said = "The order names a day of arrival and a day to leave."
        return [BadLine(0, "ship_on", said, "Name one of them: the other follows from the way.")]
    bad = [
        BadLine(0, name, f"{day:%d %b %Y} is past.", "Use today or a later day.")
        for name, day in (("requested_on", requested_on), ("ship_on", ship_on), ("latest_on", latest_on))
        if day is not None and day < today
    ]
    first = requested_on or ship_on
    if not bad and first is not None and latest_on is not None and latest_on < first:
        said = f"The latest day, {latest_on:%d %b %Y}, is before the wanted one, {first:%d %b %Y}."
        bad.append(BadLine(0, "latest_on", said, "Use the wanted day or a later one."))
    return bad


def whole_units(*, line_no: int, quantity: Decimal, factor: int, pack: str) -> int | BadLine:
    """Base units of a quantity of packs, or what is wrong with it."""
    if quantity == quantity.to_integral_value() and factor == 1:
        units = int(quantity)
    else:
        try:
            units = parse_units(quantity, factor=factor, pack=pack or "unit")
        except NotWholeUnits as refusal:
            return BadLine(line_no, "quantity", refusal.message, refusal.fix)
    if units <= 0:
        return BadLine(line_no, "quantity", f"{quantity} is not a quantity to ship.", "Order at least 1.")
    for fault in beyond_any_order(line_no, units, "quantity", told=quantity):
        return fault
    return units


@dataclass(frozen=True, slots=True)
class Cut:
    """How a cancellation of one line falls: units that waited, and units whose promise is taken back."""

    waiting: int
    promised: int

    @property
    def units(self) -> int:
        return self.waiting + self.promised


def cut_line(counts: LineCounts, wanted: int | None) -> Cut | None:
    """Cancel what waits first, then what is promised but not in picking. None when less than `wanted` is left.

    `wanted` None means all that can be cancelled. Units in picking are never cut here: someone walks towards them.
    """
    can = counts.waiting + counts.unreleased
    units = can if wanted is None else wanted
    if units > can:
        return None
    waiting = min(units, counts.waiting)
    return Cut(waiting=waiting, promised=units - waiting)


def order_sentence(
    *, ordered: int, allocated: int, picked: int, shipped: int, cancelled: int, is_looked_at: bool
) -> str:
    """How an order or a line stands, in one sentence: the news first, then what is missing.

    Until somebody looked for stock (`is_looked_at`), nobody can say that there is none.
    """
    wanted = ordered - cancelled
    if wanted == 0:
        return f"All {ordered:,} cancelled."
    if shipped == wanted:
        return f"All {wanted:,} shipped." if not cancelled else f"All {wanted:,} shipped, {cancelled:,} were cancelled."
    waiting = wanted - allocated - picked - shipped
    if waiting == wanted and not is_looked_at:
        return f"All {wanted:,} confirmed, none reserved yet."
    parts = []
    if shipped:
        parts.append(f"{shipped:,} of {wanted:,} shipped")
    if picked:
        parts.append(f"{picked:,} picked" if parts else f"{picked:,} of {wanted:,} picked")
    if allocated:
        parts.append(f"{allocated:,} reserved" if parts else f"{allocated:,} of {wanted:,} reserved")
    if waiting:
        parts.append(
            f"{waiting:,} wait{'s' if waiting == 1 else ''} for stock" if parts else f"All {wanted:,} wait for stock"
        )
    return ", ".join(parts) + "."
