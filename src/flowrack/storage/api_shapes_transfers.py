"""Shapes of transfers between sites and of what is claimed of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from ninja import Field, Schema

from flowrack.storage.types_transfers import TransferRow


class TransferLineOut(Schema):
    """One line of a transfer; lot_id 0 = no lot."""

    line_id: int
    item_id: int
    sku: str
    lot_id: int
    lot: str
    quality: str
    units: int
    received: int
    left: int


class TransferClaimOut(Schema):
    """A claim for what is missing of a transfer; `value` is null without purchasing.view at the sender."""

    id: int
    number: str
    state: str
    carrier: str
    units: int
    value: Decimal | None
    note: str
    opened_at: datetime
    credited: Decimal | None
    answer: str
    settled_at: datetime | None


class ClaimMissingIn(Schema):
    """What has not arrived does not come: what happened, and the code of the carrier from whom it is claimed."""

    note: str = Field(max_length=400)
    carrier: str = Field("", max_length=40)


class MissingClaimedOut(Schema):
    """The claim, and the posting of the loss; `value` is null without purchasing.view at the sender. State `asked`: the
    loss waits for the approval `request`, and the posting is 0."""

    claim_id: int
    number: str
    transfer_id: int
    units: int
    value: Decimal | None
    posting_id: int
    state: str
    request: str


class SettleTransferClaimIn(Schema):
    """What became of the claim: credited with its amount, rejected, or found (the goods are on the way again)."""

    outcome: Literal["credited", "rejected", "found"]
    credited: Decimal | None = Field(None, ge=0, max_digits=14, decimal_places=2)
    answer: str = Field("", max_length=200)


class TransferClaimSettledOut(Schema):
    """The claim as it stands."""

    claim_id: int
    number: str
    state: str


class TransferRecordOut(Schema):
    """A transfer with its lines and claims."""

    transfer: TransferRow
    lines: list[TransferLineOut]
    claims: list[TransferClaimOut]
