"""The words of stock that nobody may use any more: what is held or thrown away, and who loses a promise by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.inspection.types_holds import Cause
from flowrack.shared.errors import FlowrackError
from flowrack.storage.types import StockAt


@dataclass(frozen=True, slots=True)
class LineLoss:
    """Promised units that an order line loses."""

    line_id: int
    units: int


@dataclass(frozen=True, slots=True)
class TransferLoss:
    """Units that do not go with a planned transfer after all."""

    transfer_id: int
    units: int


@dataclass(frozen=True, slots=True)
class HoldStock:
    """Stock that nobody may promise or pick from now on. `agreed` and `agreed_transfers` say who may lose what; None =
    whoever must.

    `owner_id` (0 = who holds) decides on it until `due_at`; `cause` says whose matter it is.
    """

    site_id: int
    lines: list[StockAt]
    reason: str
    quality: str = "hold"
    agreed: list[LineLoss] | None = None
    owner_id: int = 0
    due_at: datetime | None = None
    cause: Cause = Cause.QUALITY
    agreed_transfers: list[TransferLoss] | None = None


@dataclass(frozen=True, slots=True)
class ScrapStock:
    """Stock that is thrown away, with one of SCRAP_REASONS and a note. `agreed` and `agreed_transfers` as for
    HoldStock."""

    site_id: int
    lines: list[StockAt]
    reason: str
    note: str = ""
    agreed: list[LineLoss] | None = None
    agreed_transfers: list[TransferLoss] | None = None


@dataclass(frozen=True, slots=True)
class DoubtsEnded:
    """Event: what pickers did not find of these items is in doubt no more: it is there, or was written off."""

    site_id: int
    item_ids: list[int]
    kind: str = "fulfilment.doubts_ended"


class ConsequencesChanged(FlowrackError):
    """Other order lines or transfers would lose units than those that were agreed to."""

    code = "consequences_changed"
