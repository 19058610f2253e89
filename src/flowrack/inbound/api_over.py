"""Asking for more than an order and its tolerance take, for devices and other systems."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.inbound import commands_over
from flowrack.inbound.types_over import AskOverReceipt, OverReceiptAsked
from flowrack.platform.apipages import BigId
from flowrack.platform.http import context_from
from flowrack.shared.quantity import Units

router = Router(tags=["inbound"])


class AskIn(Schema):
    """Units beyond the tolerance that stand at the dock."""

    po_id: BigId
    item_id: BigId
    units: int = Field(ge=1)
    reason: str = Field("", max_length=200)
    po_line_id: BigId = 0


class AskedOut(Schema):
    """Allowed at once, or waiting under this approval."""

    over_receipt_id: int
    number: str
    state: str
    approval: str
    units: int


@router.post("/over-receipts", response={201: AskedOut})
def ask(request: HttpRequest, body: AskIn) -> Status[OverReceiptAsked]:
    """Ask whether they may come in; the inbox decides, and then the receipt can be done once."""
    req = AskOverReceipt(body.po_id, body.item_id, Units(body.units), body.reason, body.po_line_id)
    return Status(201, commands_over.ask_over_receipt(context_from(request), req))
