"""What returns is asked, answers and tells: announced and blind returns, dispositions, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

RMA = "returns.rma"
LINE = "returns.line"
LOT = "returns.lot"


class Verdict(StrEnum):
    """What becomes of returned units."""

    RESTOCK = "restock"
    DAMAGED = "damaged"
    SCRAP = "scrap"
    SUPPLIER = "supplier"


class Condition(StrEnum):
    """What the returns clerk sees: the grade sheet's four grades."""

    AS_NEW = "A"
    OPENED = "B"
    DAMAGED = "C"
    UNFIT = "D"


@dataclass(frozen=True, slots=True)
class NewRmaLine:
    """Units that will come back: of an order line (0 = unmatched, then the item is named)."""

    units: int
    order_line_id: int = 0
    item_id: int = 0


@dataclass(frozen=True, slots=True)
class CreateRma:
    """Announce a return: of one order's lines, or unmatched goods of a customer with a reason."""

    site_id: int
    reason: str
    lines: list[NewRmaLine]
    order_id: int = 0
    customer_id: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class RmaCreated:
    """The announced return."""

    rma_id: int
    number: str
    line_ids: list[int]
    kind: str = "returns.created"


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units that arrived for one RMA line, as seen."""

    rma_line_id: int
    units: int
    condition: str
    lot_id: int = 0
    lpn_id: int = 0


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """Goods of an announced return arrive at a place for return review."""

    rma_id: int
    location_id: int
    lines: list[ReturnedLine]


@dataclass(frozen=True, slots=True)
class BlindLine:
    """Goods that nobody announced: an item, units and what they look like; an order line if one is known."""

    item_id: int
    units: int
    condition: str
    lot_id: int = 0
    lpn_id: int = 0
    order_line_id: int = 0


@dataclass(frozen=True, slots=True)
class ReceiveBlind:
    """Goods arrive without an announcement: an RMA is made and they go to return review."""

    site_id: int
    customer_id: int
    location_id: int
    reason: str
    lines: list[BlindLine]


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """What arrived: the returned lots, the proposal for each and the posting."""

    rma_id: int
    number: str
    posting_id: int
    returned_lot_ids: list[int]
    proposals: list[str]
    kind: str = "returns.received"


@dataclass(frozen=True, slots=True)
class Split:
    """So many units of a returned lot and their verdict; `location_id` is where restocked goods wait for putaway."""

    returned_lot_id: int
    units: int
    verdict: str
    location_id: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dispose:
    """Decide on returned units; one returned lot may be split by condition."""

    splits: list[Split]


@dataclass(frozen=True, slots=True)
class DisposedSplit:
    """One decided split, as told to later stages."""

    disposition_id: int
    rma_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    location_id: int
    units: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Disposed:
    """What was decided, and which RMAs are finished by it."""

    posting_id: int
    site_id: int
    splits: list[DisposedSplit]
    closed_rma_ids: list[int] = field(default_factory=list)
    kind: str = "returns.disposed"


@dataclass(frozen=True, slots=True)
class CloseRma:
    """Stop waiting for what has not come back; cancels the RMA when nothing came."""

    rma_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class RmaClosed:
    """The RMA as it ended: closed or cancelled, with so many announced units missing."""

    rma_id: int
    state: str
    missing_units: int


class ReturnRefused(Invalid):
    """A return that does not make sense as it stands; every bad line is named."""

    code = "return_refused"


class OverReturn(FlowrackError):
    """More would come back than was sent."""

    code = "over_return"


class NotInReview(FlowrackError):
    """More is decided on than lies in return review."""

    code = "not_in_review"


class RmaNotFound(NotFound):
    """There is no such return."""

    code = "rma_not_found"
