"""The words of goods on their way between sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import FlowrackError
from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt

TRANSFER = "storage.transfer"


@dataclass(frozen=True, slots=True)
class SendStock:
    """Stock that leaves a site for another one of ours; `due_on` when it should be there, if somebody knows."""

    site_id: int
    to_site_id: int
    lines: list[StockAt]
    note: str = ""
    due_on: date | None = None


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
    sent_at: datetime
    sent_by: str
    received_at: datetime | None
    note: str
    due_on: date | None

    @property
    def left(self) -> int:
        """Units that are still on the way."""
        return self.units - self.received


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


class NotOnTheWay(FlowrackError):
    """More arrived than the transfers to this site bring."""

    code = "not_on_the_way"
    status = 409
