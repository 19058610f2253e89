"""The words of places: zone roles, kinds of location, virtual locations, requests and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a zone is for; stock that is fit for sale is in the state of its zone's role."""

    RECEIVING = "receiving"
    INSPECTION = "inspection"
    QUARANTINE = "quarantine"
    RESERVE = "reserve"
    FORWARD_PICK = "forward_pick"
    STAGED = "staged"
    IN_TRANSIT = "in_transit"
    RETURN_REVIEW = "return_review"
    DAMAGED = "damaged"
    HOLD = "hold"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What a location is: a bin, a dock door, a staging place, or a virtual place made with its site."""

    BIN = "bin"
    DOOR = "door"
    STAGING = "staging"
    VIRTUAL = "virtual"


class LpnKind(StrEnum):
    """What carries a license plate."""

    PALLET = "pallet"
    CARTON = "carton"
    TOTE = "tote"


@dataclass(frozen=True, slots=True)
class VirtualPlace:
    """A location that every site has from the start: its code, its account and, if stock lies there, its role."""

    code: str
    account: str
    is_virtual: bool = True
    role: str = ""


VIRTUAL_PLACES: tuple[VirtualPlace, ...] = (
    VirtualPlace("SUPPLIER", "grni"),
    VirtualPlace("CUSTOMER", "cogs"),
    VirtualPlace("ADJUSTMENT", "adjustment"),
    VirtualPlace("SCRAP", "scrap"),
    VirtualPlace("OPENING", "opening"),
    VirtualPlace("VARIANCE", "variance"),
    VirtualPlace("CLEARING", "clearing"),
    VirtualPlace("STOCK-VALUE", "inventory"),
    VirtualPlace("TRANSIT", "in_transit", is_virtual=False, role=Role.IN_TRANSIT),
)
ACCOUNTS = tuple(dict.fromkeys(place.account for place in VIRTUAL_PLACES))
CLIMATES = ("ambient", "chilled", "frozen")
HAZARD_CLASSES = tuple("123456789")
