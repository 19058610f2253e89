"""What people do to many orders at once: requests, and what came of each order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MOST_ORDERS = 200  # of one request


@dataclass(frozen=True, slots=True)
class HoldOrders:
    """Orders to hold by hand, all for one reason; those that cannot be are left as they are."""

    order_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseOrderHolds:
    """Orders of which every hold is to end that the person may release, all for one reason."""

    order_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class CancelOrders:
    """Orders of which all that is left is not wanted any more."""

    order_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class SetWantedDays:
    """Orders that are wanted at the door on another day. `is_sure`: also where nothing arrives on that day."""

    order_ids: list[int]
    requested_on: date
    reason: str
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one order, in words; `is_done` is false where it stays as it was. `is_doubtful`: it was done, but a
    person should know before (nothing arrives on the wanted day)."""

    order_id: int
    number: str
    is_done: bool
    said: str
    customer: str = ""
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ManyDone:
    """What came of each order, in the order in which they were named."""

    outcomes: list[Outcome]
