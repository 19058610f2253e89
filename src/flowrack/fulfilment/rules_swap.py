"""Whether a picker may take another lot of the item than the pick names: pure.

The lot that was promised is changed only where nobody is worse off: the customer wants no lot of his own, the other one
keeps as long as he asks, and no older lot stays behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OtherLot:
    """The other lot in the bin of a pick, and what the order asks of lots. `free_here` lies in the bin for nobody;
    `free_at_site` is promised to nobody."""

    lot: str
    expires_on: date | None
    free_here: int
    free_at_site: int
    own_lot: str
    own_expires_on: date | None
    wanted_lot: str
    ship_by_on: date
    min_life_days: int


def refusal(other: OtherLot, units: int) -> tuple[str, str]:
    """(why it may not be taken, the way out); ("", "") when it may."""
    short = "Tap Short when the bin has none of the right lot."
    if other.wanted_lot:
        return f"The customer takes lot {other.wanted_lot} only.", short
    if other.free_here < units:
        return f"{other.free_here:,} of lot {other.lot} are free in this bin, {units:,} are asked.", short
    if other.free_at_site < units:
        return f"Lot {other.lot} is promised to other orders.", short
    if other.expires_on is not None and (other.expires_on - other.ship_by_on).days < max(other.min_life_days, 0):
        left = max((other.expires_on - other.ship_by_on).days, 0)
        return f"Lot {other.lot} keeps {left:,} days, the customer asks for {other.min_life_days:,}.", short
    if _is_later(other.expires_on, other.own_expires_on):
        return f"Lot {other.own_lot} expires first and has to leave first.", short
    return "", ""


def _is_later(one: date | None, other: date | None) -> bool:
    """Whether a lot without a date, or with a later one, would leave before one with a date."""
    return other is not None and (one is None or one > other)
