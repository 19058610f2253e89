"""The figures of what left on order lines in a time: fill, backorder days, splits, promises, value. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.allocation.rules_history import History, PastLine, Shipped

ALL_TIERS = ""
WHOLE_PERIOD: date | None = None


@dataclass(slots=True)
class Figures:
    """What came of the lines that were wanted in a time, of one tier or of all.

    A line counts whole with its last unit. `late_days` are the days that lines waited after the day on which they were
    wanted, until they were whole or the time was over. `splits` are the shipments of an order beyond its first.
    """

    lines: int = 0
    lines_on_time: int = 0
    lines_whole: int = 0
    units: int = 0
    units_on_time: int = 0
    units_left: int = 0
    late_days: int = 0
    splits: int = 0
    promised: int = 0
    broken: int = 0
    value: Decimal = Decimal(0)
    margin: Decimal = Decimal(0)

    @property
    def unit_fill(self) -> int:
        """Units that left by the day on which they were wanted, in tenths of a percent."""
        return 1000 * self.units_on_time // self.units if self.units else 1000

    @property
    def line_fill(self) -> int:
        """Lines that were whole by that day, likewise."""
        return 1000 * self.lines_on_time // self.lines if self.lines else 1000


NAMES = (
    "lines", "lines_on_time", "lines_whole", "units", "units_on_time", "units_left", "late_days", "splits", "promised",
    "broken", "value", "margin",
)  # fmt: skip
Key = tuple[str, date | None]  # tier ("" = all) and Monday of the week in which it was wanted (None = the whole time)


def measure(history: History, shipped: Shipped) -> dict[Key, Figures]:
    """The figures of the lines that were wanted in the time, by tier and by week."""
    first, last = history.first_on.toordinal(), history.last_on.toordinal()
    of_week: dict[tuple[str, date], Figures] = defaultdict(Figures)
    days_of: dict[int, set[int]] = defaultdict(set)  # an order's days of shipment
    key_of: dict[int, tuple[str, date]] = {}
    for line in history.lines:
        claim = line.claim
        wanted = claim.ship_on.toordinal()
        if not first <= wanted <= last:
            continue
        left = [(day, units) for day, units in shipped.get(claim.line_id, ()) if day <= last]
        key = key_of.setdefault(claim.order_id, (claim.tier, date.fromordinal(wanted - (wanted - 1) % 7)))
        days_of[claim.order_id].update(day for day, _ in left)
        _count(of_week[key], line, left, wanted, last)
    for order_id, days in days_of.items():
        of_week[key_of[order_id]].splits += max(len(days) - 1, 0)
    found: dict[Key, Figures] = defaultdict(Figures)
    for (tier, monday), one in of_week.items():
        for key_of_all in ((tier, monday), (ALL_TIERS, monday), (tier, WHOLE_PERIOD), (ALL_TIERS, WHOLE_PERIOD)):
            _add(found[key_of_all], one)
    return dict(found)


def _count(to: Figures, line: PastLine, left: Sequence[tuple[int, int]], wanted: int, last: int) -> None:
    """Count a line that left on these days."""
    asked = line.claim.units
    units = in_time = 0
    ended = last
    for day, each in left:
        units += each
        in_time += each if day <= wanted else 0
    is_whole = units >= asked
    if is_whole and left:
        ended = max(day for day, _ in left)
    to.lines += 1
    to.lines_on_time += in_time >= asked
    to.lines_whole += is_whole
    to.units += asked
    to.units_on_time += in_time
    to.units_left += units
    to.late_days += max(ended - wanted, 0)
    if line.promised_on and line.promised_on <= last:
        to.promised += 1
        to.broken += not (is_whole and ended <= line.promised_on)
    to.value += line.unit_price * units
    if line.unit_cost is not None:
        to.margin += (line.unit_price - line.unit_cost) * units


def _add(to: Figures, one: Figures) -> None:
    for name in NAMES:
        setattr(to, name, getattr(to, name) + getattr(one, name))
