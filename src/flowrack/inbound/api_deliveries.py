"""Whole ASNs for devices and other systems: what is particular about their lines, and receiving all of one at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from flowrack.inbound import commands_packs, queries_outlook
from flowrack.inbound.api_discrepancies import PackLineIn, SuggestedOut
from flowrack.inbound.types_deliveries import AsnReceived, ReceiveAsn
from flowrack.inbound.types_discrepancies import PackLine
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shared.errors import NotPermitted

router = Router(tags=["inbound"])


class AsnIn(Schema):
    """All of an ASN that is not counted yet. Lines that are not named came as announced; `leave` are ids of ASN lines
    that are not counted now."""

    asn_id: BigId
    location_id: BigId
    lines: list[PackLineIn] = []
    leave: list[BigId] = []
    is_bin_asked: bool = False


class PoReceiptOut(Schema):
    """The receipt of one PO."""

    receipt_id: int
    number: str
    po_id: int
    posting_id: int
    owed_units: int
    putaways: list[SuggestedOut]


class AsnReceivedOut(Schema):
    """What the ASN brought."""

    asn_id: int
    asn_number: str
    units: int
    held_units: int
    short_units: int
    left_lines: int
    posting_ids: list[int]
    receipts: list[PoReceiptOut]


class MatterOut(Schema):
    """What is particular about a line: `is_blocking` must be answered or left out, else it says what will become of the
    goods."""

    asn_line_id: int
    line_no: int
    sku: str
    sscc: str
    units: int
    field: str
    sentence: str
    fix: str
    is_blocking: bool


class OutlookOut(Schema):
    """What there is to receive, and all lines that need a decision or are set apart."""

    asn_id: int
    asn_number: str
    packs: int
    lines: int
    units: int
    matters: list[MatterOut]


@router.post("/receipts/asns", response={201: AsnReceivedOut})
def receive_asn(request: HttpRequest, body: AsnIn) -> Status[AsnReceived]:
    """Receive all of an ASN at once, as announced; refuses naming every line that needs a decision."""
    lines = [PackLine(**{**line.dict(), "photos": tuple(line.photos)}) for line in body.lines]
    req = ReceiveAsn(body.asn_id, body.location_id, lines, list(body.leave), body.is_bin_asked)
    return Status(201, commands_packs.receive_asn(context_from(request), req))


@router.get("/receipts/asns/{int:asn_id}/outlook", response=OutlookOut)
@requires("inbound.receive")
def asn_outlook(request: HttpRequest, asn_id: BigId, location_id: BigId) -> dict[str, Any]:
    """What would become of an ASN that is received as announced at a dock place; nothing is written."""
    seen = queries_outlook.outlook(asn_id, location_id, now=now())
    caller = caller_of(request)
    if caller is None or not caller.may("inbound.receive", seen.asn.site_id):
        raise NotPermitted("You may not receive at the site of this ASN.", permission="inbound.receive")
    return {
        "asn_id": asn_id,
        "asn_number": seen.asn.number,
        "packs": seen.packs,
        "lines": seen.lines,
        "units": seen.units,
        "matters": seen.matters,
    }
