"""EDI 856 on their way, for the systems that send them: the list, fetched, sent again, and a customer's 997."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shipping import commands, queries_sending
from flowrack.shipping.queries_sending import SendingRow
from flowrack.shipping.types_messages import (
    AcknowledgmentTaken,
    MessageStands,
    NoteFetched,
    SendMessageAgain,
    TakeAcknowledgment,
)

router = Router(tags=["shipping"])


class AcknowledgmentIn(Schema):
    """A 997, as the customer's system wrote it."""

    content: str = Field(min_length=20, max_length=200_000)


@router.get("/notice-messages", response=PageOut[SendingRow])
@requires("shipping.view")
def notice_messages(
    request: HttpRequest,
    response: HttpResponse,
    cursor: str = "",
    limit: int = LIMIT,
    state: Literal["", "waiting", "sent", "fetched"] = "",
) -> Any:
    """Messages by id with how far they are; `GET /shipments/ID/notice/856` gives the bytes of one."""
    caller = caller_of(request)
    site_ids = caller.sites("shipping.view") if caller else frozenset()
    rows = queries_sending.messages_after(site_ids, after_id=after_id(cursor), state=state, limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/shipments/{int:shipment_id}/notice/856/fetched", response=MessageStands)
@requires("shipping.notices")
def note_fetched(request: HttpRequest, shipment_id: BigId) -> MessageStands:
    """Note that the message was read here, and is on its way by whoever read it."""
    return commands.note_notice_fetched(context_from(request), NoteFetched(shipment_id))


@router.post("/shipments/{int:shipment_id}/notice/856/again", response=MessageStands)
@requires("shipping.notices")
def send_again(request: HttpRequest, shipment_id: BigId) -> MessageStands:
    """Send the message once more, as it was written."""
    return commands.send_notice_again(context_from(request), SendMessageAgain(shipment_id))


@router.post("/notice-messages/acknowledgments", response=AcknowledgmentTaken)
@requires("shipping.notices")
def take_acknowledgment(request: HttpRequest, body: AcknowledgmentIn) -> AcknowledgmentTaken:
    """A customer's 997: the notices that it names are accepted or rejected."""
    return commands.take_acknowledgment(context_from(request), TakeAcknowledgment(body.content))
