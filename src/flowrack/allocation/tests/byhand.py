"""A house for tests of overrides: 60 units, a tier A order and two others that want more than there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests import outbound
from tests.cast import ADA, NOW, Person, ctx

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation.types_overrides import GiveUnits, UnitsGiven
from flowrack.platform import sql
from flowrack.sales.types import EnteredOrder

TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)
NEXT_DAY = NOW + timedelta(days=1)


@dataclass
class Shelf:
    """The house: `big` (A, 50), `mid` (B, 40) and `low` (C, 20) want X, at 10.00 each."""

    at: outbound.House
    item_id: int
    big: EnteredOrder
    mid: EnteredOrder
    low: EnteredOrder

    def line(self, name: str) -> int:
        """The only line of an order."""
        line_id: int = getattr(self, name).line_ids[0]
        return line_id

    def promised(self) -> tuple[int, ...]:
        """Units promised to big, mid, low."""
        return tuple(outbound.counts(self.line(name)).get("allocated", 0) for name in ("big", "mid", "low"))


def shelf(units: int = 60, *, tracking: str = "none") -> Shelf:
    """Nothing is promised yet."""
    at, item_id = outbound.house(), outbound.item("X", tracking=tracking)
    sql.execute("UPDATE catalog_item SET list_price = 10 WHERE id = %s", (item_id,))
    if units:
        outbound.receive(at, item_id, units, "6")
    for code, tier in (("BIG", "A"), ("MID", "B"), ("LOW", "C")):
        outbound.customer(code, tier=tier)
    big = outbound.order(at.site, "BIG", ("X", 50))
    mid = outbound.order(at.site, "MID", ("X", 40))
    low = outbound.order(at.site, "LOW", ("X", 20))
    return Shelf(at, item_id, big, mid, low)


def give(
    line_id: int,
    units: int,
    *,
    by: Person = ADA,
    until: date = TODAY,
    of: int = 0,
    reason: str = "A stand at the fair",
    now: datetime = NOW,
) -> UnitsGiven:
    """Ada gives a line units by hand."""
    return commands.give_units(ctx(by, now=now), GiveUnits(line_id, units, reason, until, of))
