"""A carrier that can be asked: what it costs, book, call off, where it is. Rate cards are one (`adapter_cards`), a
carrier's own system another (`adapter_http`); whoever calls does not know which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from flowrack.carriers.rules_live import Outcome
from flowrack.carriers.rules_rates import Destination, Parcel


@dataclass(frozen=True, slots=True)
class RatesAsked:
    """Goods for one place: what would each of these services (by code) cost on a day?"""

    site: str
    origin_country: str
    to: Destination
    parcels: tuple[Parcel, ...]
    leaves_on: date
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateGiven:
    """What a service costs, and its days of delivery on the way (None: as its rate card says)."""

    service: str
    total: Decimal
    days: int | None = None


@dataclass(frozen=True, slots=True)
class BookingAsked:
    """Goods that a service shall fetch. The reference is ours: asked twice with one it is booked once."""

    reference: str
    service: str
    site: str
    origin_country: str
    to: Destination
    name: str
    address: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    leaves_on: date


@dataclass(frozen=True, slots=True)
class BookingGiven:
    """The carrier's own number of the booking, its tracking reference, its price and its label."""

    booking: str
    tracking: str
    total: Decimal | None
    label: bytes
    label_kind: str


@dataclass(frozen=True, slots=True)
class TrackingGiven:
    """Where goods are: booked, on_the_way, delivered, returned or lost."""

    state: str
    at: datetime | None
    place: str
    signed_by: str


class NoAnswer(Exception):
    """A carrier's system gave no answer that counts: how the call ended, in words without any secret."""

    def __init__(self, outcome: Outcome, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.outcome, self.words, self.status = outcome, words, status


class Adapter(Protocol):
    """A carrier that can be asked. Each call may take its time: never within a transaction. Raises NoAnswer."""

    def rates(self, asked: RatesAsked) -> list[RateGiven]:
        """What services would cost."""
        ...

    def book(self, asked: BookingAsked) -> BookingGiven:
        """Book goods and get their label."""
        ...

    def cancel(self, booking: str) -> None:
        """Call a booking off."""
        ...

    def track(self, tracking: str) -> TrackingGiven:
        """Where goods are."""
        ...
