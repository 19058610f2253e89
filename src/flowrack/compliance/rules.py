"""Arithmetic of traceability: the mass balance of a lot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MassBalance:
    """Where every unit of a lot is. `unexplained` is what no place accounts for: 0 unless the ledger is broken."""

    opening: int
    received: int
    returned: int
    found: int
    on_hand: int
    in_transit: int
    shipped: int
    sent_back: int
    scrapped: int
    lost: int

    @property
    def entered(self) -> int:
        """Units that came in, by whatever door."""
        return self.opening + self.received + self.returned + self.found

    @property
    def accounted(self) -> int:
        """Units that are somewhere or left by a known door."""
        return self.on_hand + self.in_transit + self.shipped + self.sent_back + self.scrapped + self.lost

    @property
    def unexplained(self) -> int:
        """What is missing from the account."""
        return self.entered - self.accounted


# (account of the virtual place, came in from it?) -> part of the balance
DOORS: dict[tuple[str, bool], str] = {
    ("grni", True): "received",
    ("grni", False): "sent_back",
    ("cogs", True): "returned",
    ("cogs", False): "shipped",
    ("scrap", True): "found",
    ("scrap", False): "scrapped",
    ("adjustment", True): "found",
    ("adjustment", False): "lost",
    ("opening", True): "opening",
    ("opening", False): "lost",
    ("variance", True): "found",
    ("variance", False): "lost",
    ("clearing", True): "found",
    ("clearing", False): "lost",
}


def mass_balance(crossings: list[tuple[str, bool, int]], *, on_hand: int, in_transit: int) -> MassBalance:
    """The balance of a lot from its crossings of the house's doors: (account, came in?, units)."""
    parts = dict.fromkeys({*DOORS.values()}, 0)
    for account, came_in, units in crossings:
        parts[DOORS[account, came_in]] += units
    return MassBalance(on_hand=on_hand, in_transit=in_transit, **parts)
