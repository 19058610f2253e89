"""The words of storage: requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from flowrack.ledger.types import OWN
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

ALL = Units(0)  # in a request: all there is


class PlanKind(StrEnum):
    """Why something is to be carried."""

    PUTAWAY = "putaway"
    REFILL = "refill"


ADJUST_REASONS = ("found", "lost", "miscounted", "mislabelled", "sample", "data_error")
SCRAP_REASONS = ("damaged", "expired", "contaminated", "recalled", "obsolete")
FACE_TRIGGERS = ("run_out", "min_max", "by_hand")
HOLD_QUALITIES = ("hold", "quarantine", "inspection", "damaged")


@dataclass(frozen=True, slots=True)
class PutawayNeed:
    """Goods that stand at a place and should lie in a bin."""

    origin: str
    location_id: int
    item_id: int
    units: Units
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class PlanPutaways:
    """Choose bins for goods of one site."""

    site_id: int
    needs: list[PutawayNeed]


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned move and its target (0 = no bin fits)."""

    planned_move_id: int
    location_id: int


@dataclass(frozen=True, slots=True)
class PutawaysPlanned:
    """The planned moves, in the order of the needs."""

    moves: list[Planned]


@dataclass(frozen=True, slots=True)
class ReplanPutaways:
    """Choose again for open putaways of a site that have no bin, or for those named."""

    site_id: int
    planned_move_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CancelPutaways:
    """Putaways whose goods are not at the dock any more, named by their origin."""

    origins: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """How many planned moves were cancelled."""

    count: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A planned move that was carried out. No location = the suggested one; no units = all that is left of it."""

    planned_move_id: int
    location_id: int = 0
    units: Units = ALL
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmPutaway:
    """Goods that reached their bins."""

    lines: list[Carried]


@dataclass(frozen=True, slots=True)
class CarryDone:
    """The posting, and what of the planned moves is still open."""

    posting_id: int
    units: int
    open_move_ids: list[int]


@dataclass(frozen=True, slots=True)
class UndoPutaway:
    """A putaway that was confirmed by mistake, named by its posting."""

    posting_id: int


@dataclass(frozen=True, slots=True)
class PutawayUndone:
    """The reversal, and the putaways that wait again."""

    reversal_id: int
    units: int
    planned_move_ids: list[int]


@dataclass(frozen=True, slots=True)
class LpnMove:
    """A whole LPN to another place."""

    lpn_id: int
    location_id: int


@dataclass(frozen=True, slots=True)
class ItemMove:
    """Units of an item from a place (or from an LPN there) to a place (or onto an LPN there)."""

    item_id: int
    units: Units
    from_location_id: int
    to_location_id: int
    lot_id: int = 0
    from_lpn_id: int = 0
    to_lpn_id: int = 0
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class BinMove:
    """Everything in one place to another."""

    from_location_id: int
    to_location_id: int


@dataclass(frozen=True, slots=True)
class MoveStock:
    """Moves inside one site."""

    site_id: int
    lpns: list[LpnMove] = field(default_factory=list)
    items: list[ItemMove] = field(default_factory=list)
    bins: list[BinMove] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was posted."""

    posting_id: int
    line_count: int
    units: int


@dataclass(frozen=True, slots=True)
class UnpackLpns:
    """LPNs whose contents stand loose from now on, where they are."""

    site_id: int
    lpn_ids: list[int]


@dataclass(frozen=True, slots=True)
class StockAt:
    """Units of one kind of stock at one place; `units` 0 = all of it. Ours, unless another owner is named."""

    location_id: int
    item_id: int
    units: Units = ALL
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"
    owner_id: int = OWN


@dataclass(frozen=True, slots=True)
class ReleaseStock:
    """Stock that is fit for sale again."""

    site_id: int
    lines: list[StockAt]
    reason: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Units found (positive) or lost (negative) at a place."""

    location_id: int
    item_id: int
    units: int
    lot: str = ""
    lpn_id: int = 0
    quality: str = "available"
    unit_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AdjustStock:
    """Corrections of stock, with one reason of ADJUST_REASONS and a note."""

    site_id: int
    lines: list[Adjustment]
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The posting and the money it moved into (or, negative, out of) stock."""

    posting_id: int
    units: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class PickFaceSetting:
    """A bin that always holds one item, with its levels; max 0 = no face any more."""

    location_id: int
    item_id: int
    min_units: Units
    max_units: Units
    trigger: str = "run_out"


@dataclass(frozen=True, slots=True)
class SetPickFaces:
    """Pick faces to make or change."""

    site_id: int
    faces: list[PickFaceSetting]


@dataclass(frozen=True, slots=True)
class FacesSet:
    """How many faces there are now among those named."""

    count: int


@dataclass(frozen=True, slots=True)
class CarriedLine:
    """One carry as it was posted."""

    planned_move_id: int
    item_id: int
    units: int
    from_location_id: int
    to_location_id: int
    lpn_id: int
    origin: str


@dataclass(frozen=True, slots=True)
class PutAway:
    """Goods reached their bins."""

    site_id: int
    posting_id: int
    lines: list[CarriedLine]
    kind: str = "storage.put_away"


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Stock was moved by hand."""

    site_id: int
    posting_id: int
    item_ids: list[int]
    kind: str = "storage.moved"


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """Stock was held or released."""

    site_id: int
    posting_id: int
    item_ids: list[int]
    quality: str
    reason: str
    kind: str = "storage.quality_changed"


@dataclass(frozen=True, slots=True)
class StockAdjusted:
    """Stock was found, lost or scrapped."""

    site_id: int
    posting_id: int
    item_ids: list[int]
    reason: str
    value: Decimal
    kind: str = "storage.adjusted"


class OverCapacity(FlowrackError):
    """The bin has no room for it."""

    code = "over_capacity"
    status = 409


class NotAllowedThere(FlowrackError):
    """A rule of the place forbids this stock."""

    code = "not_allowed_there"
    status = 409


class ReasonNeeded(Invalid):
    """This needs a reason."""

    code = "reason_needed"


class NoSuchPlan(FlowrackError):
    """The planned move is done, cancelled or unknown."""

    code = "no_such_plan"
    status = 409


class NothingThere(FlowrackError):
    """There is nothing to move."""

    code = "nothing_there"
    status = 409


class BadAdjustment(Invalid):
    """An adjustment that makes no sense."""

    code = "bad_adjustment"
