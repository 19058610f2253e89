"""The words of filling an order up to a supplier's minimum."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flowrack.purchasing.types_agreements import ItemTerms


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that the supplier sells, as it stands at the site.

    `position` is what is free there, on order and on drafts; `sold_units` what customers took in `days` days. Weight
    and volume are those of a pack of `weight_of` or `volume_of` base units; 0 = not known.
    """

    item_id: int
    sku: str
    name: str
    position: int
    sold_units: int
    days: int
    terms: ItemTerms
    standard_cost: Decimal | None = None
    weight_g: int = 0
    weight_of: int = 1
    volume_ml: int = 0
    volume_of: int = 1

    @property
    def daily(self) -> Fraction:
        """Units a day."""
        return Fraction(self.sold_units, self.days)


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least that an order must come to; 0 = no minimum of that kind."""

    value: Decimal = Decimal(0)
    weight_g: int = 0
    volume_ml: int = 0


@dataclass(frozen=True, slots=True)
class BuiltLine:
    """A line of the order: what was needed, what was added on top, and what that buys.

    `cover_days` is how long position and line last together at the sales of three months; None without sales.
    """

    item_id: int
    sku: str
    name: str
    units: int
    needed: int
    filled: int
    unit_cost: Decimal
    value: Decimal
    position: int
    cover_days: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Built:
    """An order that was put together: its lines (needed ones first), its totals and how far they are of the minimum.

    `share_pct` is that of the minimum that binds, rounded down; 100 where there is none. `passed_over` says of items
    that were not added why not.
    """

    lines: tuple[BuiltLine, ...]
    value: Decimal
    weight_g: int
    volume_ml: int
    share_pct: int
    is_reached: bool
    sentence: str
    passed_over: tuple[tuple[str, str], ...] = ()
