"""The rate cards as a carrier that can be asked: they know prices and days, and cannot book."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.carriers.adapter import (
    Adapter,
    BookingAsked,
    BookingGiven,
    NoAnswer,
    RateGiven,
    RatesAsked,
    TrackingGiven,
)
from flowrack.carriers.rules_live import Outcome
from flowrack.carriers.rules_rates import Tariff, price, zone_of

BY_HAND = "has no system that is asked here: book it with the carrier and note its tracking reference"


class CardAdapter(Adapter):
    """A carrier's card in force. `site_id` is the site from which goods leave."""

    def __init__(self, tariffs: Sequence[Tariff], site_id: int) -> None:
        self.tariffs, self.site_id = tariffs, site_id

    def rates(self, asked: RatesAsked) -> list[RateGiven]:
        """The prices by the card; a service that does not go there or is too weak for the goods is left out."""
        found = []
        for one in self.tariffs:
            zone = zone_of(one.lanes, self.site_id, asked.origin_country, asked.to)
            cost = price(one, zone, asked.parcels, asked.to, asked.leaves_on) if zone else None
            if one.code in asked.services and cost is not None:
                found.append(RateGiven(one.code, cost.total, one.days.get(zone, 1)))
        return found

    def book(self, asked: BookingAsked) -> BookingGiven:
        """A card books nothing."""
        raise NoAnswer(Outcome.REFUSED, BY_HAND)

    def cancel(self, booking: str) -> None:
        """Nothing was booked."""
        raise NoAnswer(Outcome.REFUSED, BY_HAND)

    def track(self, tracking: str) -> TrackingGiven:
        """A card does not know where goods are."""
        raise NoAnswer(Outcome.REFUSED, BY_HAND)
