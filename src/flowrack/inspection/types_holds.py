"""The words of holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RELEASE = "inspection.release"


class Cause(StrEnum):
    """Whose matter a hold is: the goods themselves, who sent, brought or wants them, a paper, or our own records."""

    QUALITY = "quality"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    PAPER = "paper"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Units of a hold that are fit for sale again; 0 = all of it."""

    hold_id: int
    reason: str
    units: int = 0


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """What was released, and what stays held."""

    hold_id: int
    number: str
    posting_id: int
    released_units: int
    left_units: int


@dataclass(frozen=True, slots=True)
class ChangeHold:
    """Give a hold another owner, due time or cause; None leaves it as it is."""

    hold_id: int
    owner_id: int | None = None
    due_at: datetime | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The hold as it is now."""

    hold_id: int
    owner_id: int
    due_at: datetime | None
    cause: str = Cause.QUALITY


@dataclass(frozen=True, slots=True)
class NewHold:
    """Units that are held from now on."""

    site_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    location_id: int
    quality: str
    units: int
    reason: str
    owner_id: int
    due_at: datetime | None = None
    inspection_id: int = 0
    cause: Cause = Cause.QUALITY


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Units of one kind of held stock at one place."""

    location_id: int
    lpn_id: int
    item_id: int
    lot_id: int
    owner_id: int
    quality: str
    units: int


@dataclass(frozen=True, slots=True)
class AskedRelease:
    """A release as its policies see it; `hold_id` 0 when stock is released by its places."""

    site_id: int
    lines: tuple[HeldLine, ...]
    reason: str
    hold_id: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseAsked:
    """Under which number it was asked, and whether it is released already or waits for the inbox."""

    release_id: int
    number: str
    state: str
    approval: str
    units: int


@dataclass(frozen=True, slots=True)
class ApplyRelease:
    """A release on which people decided: approved or rejected, and which content."""

    release_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class ReleaseApplied:
    """What became of it: released, rejected, or voided because what is held is not what was approved."""

    release_id: int
    state: str
    units: int
