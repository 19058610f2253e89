"""The words of goods that belong to others: what they bring, what they take, and what the storage of it is charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import Invalid

IN, OUT = "CUSTODY_IN", "CUSTODY_OUT"


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """Units of an item at a place: on a pallet where its code is given, of a lot where the item has lots."""

    item: str
    units: int
    place: str
    pallet: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Goods of another owner that come into the house. They have no value in our books."""

    site_id: int
    owner: str
    lines: list[CustodyLine]


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Goods of another owner that leave the house with him."""

    site_id: int
    owner: str
    lines: list[CustodyLine]


@dataclass(frozen=True, slots=True)
class CustodyMoved:
    """The posting, and the units that came or left."""

    posting_id: int
    units: int


@dataclass(frozen=True, slots=True)
class SetCustodyRates:
    """What an owner is charged from a day on: for a pallet that stands there at the end of a day, and for each that
    comes or leaves."""

    owner: str
    valid_from: date
    pallet_day: Decimal
    pallet_in: Decimal
    pallet_out: Decimal


@dataclass(frozen=True, slots=True)
class CustodyRatesSet:
    """The rates that were written."""

    rates_id: int


class BadCustody(Invalid):
    """Goods or rates that make no sense; every bad line is named."""

    code = "bad_custody"
