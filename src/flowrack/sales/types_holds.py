"""What order holds are asked, answer and tell: kinds, requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flowrack.shared.errors import FlowrackError, Invalid

HOLD = "sales.hold"


class HoldKind(StrEnum):
    """Why an order or line waits for a person."""

    QUANTITY = "quantity"
    CREDIT = "credit"
    ADDRESS = "address"
    MANUAL = "manual"


class Ending(StrEnum):
    """How a hold ended."""

    RELEASED = "released"
    CHANGED = "changed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold to place: of an order, or (`line_id` other than 0) of one of its lines."""

    order_id: int
    line_id: int
    kind: HoldKind
    sentence: str
    rule: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlaceHolds:
    """Orders and lines to hold by hand, all for one reason."""

    reason: str
    order_ids: list[int]
    line_ids: list[int]


@dataclass(frozen=True, slots=True)
class HoldsPlaced:
    """The holds that now stand, and how many promised units they keep from the floor."""

    hold_ids: list[int]
    promised_units: int


@dataclass(frozen=True, slots=True)
class ReleaseHolds:
    """Holds to release, all for one reason."""

    hold_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class HoldsReleased:
    """The holds that ended, and the lines that nothing holds any more."""

    hold_ids: list[int]
    free_line_ids: list[int]


@dataclass(frozen=True, slots=True)
class SetHoldRules:
    """The rules of a site (0 = the company) from now on, and why."""

    site_id: int
    reason: str
    holds_quantity: bool = True
    least_lines: int = 20
    factor: Decimal = Decimal(5)
    least_spread: Decimal = Decimal("0.7")
    floor_units: int = 500
    holds_credit: bool = True
    holds_address: bool = True
    needs_address: bool = False
    most_times: int = 5
    short_units: int = 10_000


@dataclass(frozen=True, slots=True)
class HoldRulesSet:
    """The version that is in force."""

    rules_id: int
    version: int


@dataclass(frozen=True, slots=True)
class CustomerCredit:
    """One customer's credit from now on: limit (None = none), what he owes, and whether he is on stop."""

    customer: str
    credit_limit: Decimal | None = None
    owed: Decimal = Decimal(0)
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class SetCredits:
    """Credits to set, all for one reason."""

    credits: list[CustomerCredit]
    reason: str


@dataclass(frozen=True, slots=True)
class CreditsSet:
    """The holds that came of it, and those that ended."""

    placed_hold_ids: list[int]
    ended_hold_ids: list[int]


@dataclass(frozen=True, slots=True)
class CheckAddresses:
    """A customer whose addresses may have changed."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class RefreshItemHistory:
    """A site whose history is to be told up to now."""

    site_id: int


@dataclass(frozen=True, slots=True)
class ItemHistoryRefreshed:
    """How many lines were new, of how many items."""

    lines: int
    items: int


@dataclass(frozen=True, slots=True)
class HoldsPlacedEvent:
    """Event: orders or lines wait for a person."""

    hold_ids: list[int]
    kinds: list[str]
    order_ids: list[int]
    line_ids: list[int]
    kind: str = "sales.holds_placed"


@dataclass(frozen=True, slots=True)
class HoldsEndedEvent:
    """Event: holds ended; `free_line_ids` are held by nothing any more."""

    hold_ids: list[int]
    ending: str
    order_ids: list[int]
    free_line_ids: list[int]
    kind: str = "sales.holds_ended"


class BadHold(Invalid):
    """What cannot be held or released as asked; every bad line is named."""

    code = "bad_hold"


class BadHoldRules(Invalid):
    """Rules that make no sense; names every bad field."""

    code = "bad_hold_rules"


class BadCredit(Invalid):
    """A credit that makes no sense, or of no customer; names every bad line."""

    code = "bad_credit"


class OnHold(FlowrackError):
    """The order or line waits for a person; the hold is named."""

    code = "on_hold"
