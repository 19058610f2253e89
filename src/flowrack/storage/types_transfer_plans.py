"""The words of transfers that are planned before anybody touches the goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import FlowrackError
from flowrack.storage.types import StockAt


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Units of an item that should go; lot 0 = the lots that expire first."""

    item_id: int
    units: int
    lot_id: int = 0


@dataclass(frozen=True, slots=True)
class PlanTransfer:
    """Goods that should go from a site to another; `due_on` when they should be there (None = as soon as they can).

    `for_ref` is the demand for which they go, such as "sales.line:991", and `reason` says so in words. With
    `takes_promised` they go though others at the sender count on them.
    """

    site_id: int
    to_site_id: int
    lines: list[PlanLine]
    due_on: date | None = None
    reason: str = ""
    for_ref: str = ""
    takes_promised: bool = False


@dataclass(frozen=True, slots=True)
class TransferPlanned:
    """The transfer as it is planned now; `due_on` None = nobody can say when it is there."""

    transfer_id: int
    number: str
    line_count: int
    units: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class ChangeTransfer:
    """Other lines, or another day, of a transfer of which not all is staged; these take the place of those before."""

    transfer_id: int
    lines: list[PlanLine]
    due_on: date | None = None
    reason: str = ""
    takes_promised: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseTransfers:
    """Planned transfers that people on the floor may stage now."""

    transfer_ids: list[int]


@dataclass(frozen=True, slots=True)
class TransfersReleased:
    """How many are on the floor now that were not before."""

    count: int


@dataclass(frozen=True, slots=True)
class TakeTransfer:
    """A person stages a released transfer; nobody else is sent to its bins meanwhile."""

    transfer_id: int


@dataclass(frozen=True, slots=True)
class PutDownTransfer:
    """The person stages something else: what is left of the transfer is for anybody."""

    transfer_id: int


@dataclass(frozen=True, slots=True)
class TransferTaken:
    """Until when nobody else stages the transfer; None = it is for anybody."""

    transfer_id: int
    number: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class StageReleased:
    """Goods of a released transfer reach staging (`location_id`), on the pallet with the label `plate` where one is
    named; a pallet that goes whole keeps its own."""

    transfer_id: int
    location_id: int
    lines: list[StockAt]
    plate: str = ""


@dataclass(frozen=True, slots=True)
class ReleasedStaged:
    """What was staged now, and what of the transfer is still to stage; posting 0 = it stood there before."""

    transfer_id: int
    number: str
    units: int
    left: int
    posting_id: int


@dataclass(frozen=True, slots=True)
class EndStaging:
    """What of a released transfer is not staged does not go, for a reason."""

    transfer_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class StagingEnded:
    """The transfer that waits for its truck with `units`, and how many do not go."""

    transfer_id: int
    number: str
    units: int
    dropped: int


@dataclass(frozen=True, slots=True)
class RenewTransferDays:
    """Transfers that have not left though their day is past get a new day."""


@dataclass(frozen=True, slots=True)
class TransferDaysRenewed:
    """How many have a new day."""

    count: int


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """Event: other goods are to come from a site to another than before, or on another day.

    `freed` says that units are free again at the site from which they do not go.
    """

    transfer_id: int
    number: str
    site_id: int
    to_site_id: int
    item_ids: list[int]
    cause: str
    freed: bool = False
    kind: str = "storage.transfer_changed"


@dataclass(frozen=True, slots=True)
class LeftToStage:
    """Units of an item and lot that are promised to a transfer and not staged."""

    item_id: int
    lot_id: int
    units: int


class TransferNotPlanned(FlowrackError):
    """All of the transfer is staged already, it left, or it was called off."""

    code = "transfer_not_planned"
    status = 409


class PromisedThere(FlowrackError):
    """Orders at the sender count on the goods that should go: nobody said that they may wait."""

    code = "promised_there"
    status = 409


class TransferNotReleased(FlowrackError):
    """Nobody may stage the transfer yet, or nothing of it is left to stage."""

    code = "transfer_not_released"
    status = 409


class WithColleague(FlowrackError):
    """Somebody else stages the transfer now."""

    code = "transfer_with_colleague"
    status = 409


class NotOfTransfer(FlowrackError):
    """Other goods, or more, than were planned."""

    code = "not_of_transfer"
    status = 409


class KeptForTransfer(FlowrackError):
    """The pallet waits for a truck with the goods of a transfer: nothing else is put on it."""

    code = "kept_for_transfer"
    status = 409
