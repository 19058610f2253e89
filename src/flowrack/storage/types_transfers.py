"""The words of goods on their way between sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt

TRANSFER, TRANSFER_CLAIM = "storage.transfer", "storage.transfer_claim"


@dataclass(frozen=True, slots=True)
class SendStock:
    """Stock that leaves a site for another one of ours; `due_on` when it should be there, if somebody knows."""

    site_id: int
    to_site_id: int
    lines: list[StockAt]
    note: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class StageTransfer:
    """Stock that waits in staging (`location_id`) for the truck that takes it to another site.

    A pallet that is named whole keeps its label; what is loose stands on the pallet with the label `plate`, if named.
    """

    site_id: int
    to_site_id: int
    location_id: int
    lines: list[StockAt]
    plate: str = ""
    note: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class TransferStaged:
    """The transfer that waits for its truck; posting 0 = all of it stood there before."""

    transfer_id: int
    number: str
    line_count: int
    units: int
    posting_id: int


@dataclass(frozen=True, slots=True)
class SendStaged:
    """A staged transfer leaves as it stands, without a load."""

    transfer_id: int


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """A staged transfer does not go; its goods stay in staging and are free."""

    transfer_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class TransferCancelled:
    """The transfer that does not go."""

    transfer_id: int
    number: str


@dataclass(frozen=True, slots=True)
class StagedGoods:
    """Units of a transfer in one cell of staging, reserved for it."""

    transfer_id: int
    cell_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    location_id: int
    quality: str
    owner_id: int
    units: int


@dataclass(frozen=True, slots=True)
class TransferLeft:
    """A transfer that is on its way, and the transfer in which waits what stayed behind (0, "" = nothing)."""

    transfer_id: int
    number: str
    units: int
    rest_id: int = 0
    rest: str = ""


@dataclass(frozen=True, slots=True)
class TransfersLeft:
    """Transfers that left together, in one posting."""

    posting_id: int
    transfers: list[TransferLeft]


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """Units that came from another site; `quality` as they left."""

    item_id: int
    units: Units
    lot_id: int = 0
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class ReceiveSent:
    """Goods of another site of ours reach a place of this one; of one transfer, or of the oldest that brings them."""

    site_id: int
    from_site_id: int
    location_id: int
    lines: list[ArrivedLine]
    transfer_id: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was posted, and the transfer under which it travels."""

    posting_id: int
    line_count: int
    units: int
    transfer_id: int
    number: str


@dataclass(frozen=True, slots=True)
class SentReceived:
    """What was posted, and the transfers of which nothing is on the way any more."""

    posting_id: int
    line_count: int
    units: int
    finished_ids: list[int]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What of a transfer's line has not arrived."""

    line_id: int
    transfer_id: int
    item_id: int
    lot_id: int
    quality: str
    left: int


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer in the list."""

    id: int
    number: str
    state: str
    site_id: int
    site: str
    to_site_id: int
    to_site: str
    line_count: int
    units: int
    received: int
    sent_at: datetime | None
    sent_by: str
    received_at: datetime | None
    note: str
    due_on: date | None
    arrived_at: datetime | None
    staged_at: datetime | None
    carrier_code: str
    carrier: str
    truck: str
    claim: str
    planned_at: datetime | None
    planned_by: str
    released_at: datetime | None
    reason: str
    for_ref: str
    staged: int

    @property
    def left(self) -> int:
        """Units that are still on the way."""
        return self.units - self.received if self.state in ("on_the_way", "received") else 0

    def is_claimable(self, today: date, late_since: datetime) -> bool:
        """Whether anything can be missing by now: some of it came, it was due before today, or, where nobody said when
        it is due, it left before `late_since`."""
        if self.arrived_at is not None or self.due_on is not None:
            return self.arrived_at is not None or (self.due_on is not None and self.due_on < today)
        return self.sent_at is not None and self.sent_at < late_since

    @property
    def missing(self) -> int:
        """Units that did not come though others of it did, or that were given up."""
        return self.units - self.received if self.received or self.state == "short" else 0


@dataclass(frozen=True, slots=True)
class TransferLineRow:
    """One line of a transfer."""

    line_id: int
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot_id: int
    lot: str
    quality: str
    units: int
    received: int

    @property
    def left(self) -> int:
        """Units that are still on the way."""
        return self.units - self.received


@dataclass(frozen=True, slots=True)
class ClaimMissing:
    """What of a transfer has not arrived does not come: it is lost, and claimed from a carrier, if one is named."""

    transfer_id: int
    note: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class MissingClaimed:
    """Result and event: the claim, and what it is about. State `asked`: it waits for the approval `request`, and
    nothing was given up yet; the event is told when it was."""

    claim_id: int
    number: str
    transfer_id: int
    site_id: int
    units: int
    value: Decimal
    posting_id: int
    state: str = "open"
    request: str = ""
    kind: str = "storage.transfer_claimed"


@dataclass(frozen=True, slots=True)
class ApplyLoss:
    """What people decided about the loss that a claim asks for, and of which content."""

    claim_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class LossApplied:
    """The claim as it stands."""

    claim_id: int
    state: str


@dataclass(frozen=True, slots=True)
class SettleTransferClaim:
    """What became of a claim: credited (with the amount), rejected, or found: the goods are on the way."""

    claim_id: int
    outcome: str
    credited: Decimal | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class TransferClaimSettled:
    """The claim as it stands."""

    claim_id: int
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class TransferClaimRow:
    """A claim for what is missing of a transfer."""

    id: int
    number: str
    transfer_id: int
    transfer: str
    site_id: int
    state: str
    carrier: str
    units: int
    value: Decimal | None  # None for who may not see costs
    note: str
    opened_at: datetime
    opened_by: str
    credited: Decimal | None
    answer: str
    settled_at: datetime | None
    posting_id: int
    opened_by_id: int


class NothingMissing(FlowrackError):
    """Nothing of the transfer is missing, or it is too early to say so."""

    code = "nothing_missing"
    status = 409


class TransferClaimNotFound(NotFound):
    """No such claim."""

    code = "transfer_claim_not_found"


class TransferOnLoad(FlowrackError):
    """A load is planned to take the transfer."""

    code = "transfer_on_load"
    status = 409


class TransferNotStaged(FlowrackError):
    """The transfer does not wait in staging: it is not staged yet, left, or was called off."""

    code = "transfer_not_staged"
    status = 409


class NotOnTheWay(FlowrackError):
    """More arrived than the transfers to this site bring."""

    code = "not_on_the_way"
    status = 409
