"""Proofs of delivery, papers and notices of departure for carriers' and customers' systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shipping import commands, queries, queries_messages, queries_notices, queries_proofs
from flowrack.shipping import types_proofs as words

router = Router(tags=["proofs"])
Day: Any = Query(..., description="a day, such as 2026-03-02")  # type: ignore[type-arg]


class NotTakenIn(Schema):
    """Units of a line of the shipment that the customer did not take."""

    shipment_line_id: BigId
    units: int = Field(ge=1, le=2**62)
    reason: Literal["refused", "damaged", "short"]


class ProveDeliveryIn(Schema):
    """How a shipment was handed over; pictures are sent to /photos first. Places in 10^-7 degrees."""

    outcome: Literal["delivered", "partial", "refused"]
    received_by: str = Field(max_length=120)
    happened_at: AwareDatetime
    signature: str = Field("", max_length=64)
    photos: list[str] = Field([], max_length=12)
    place: str = Field("", max_length=160)
    latitude_e7: int | None = Field(None, ge=-900_000_000, le=900_000_000)
    longitude_e7: int | None = Field(None, ge=-1_800_000_000, le=1_800_000_000)
    note: str = Field("", max_length=400)
    not_taken: list[NotTakenIn] = Field([], max_length=1000)


class DeliveryProvedOut(Schema):
    """The proof, its hash, and until when it is kept."""

    proof_id: int
    number: str
    shipment_id: int
    sha256: str
    keep_until: date


class NotTakenOut(Schema):
    """Units that were not taken."""

    shipment_line_id: int
    order: str
    line_no: int
    sku: str
    lot: str
    units: int
    reason: str


class ProofOut(Schema):
    """A proof of delivery; `is_whole` says whether it is as it was kept."""

    id: int
    number: str
    shipment_id: int
    shipment: str
    outcome: str
    received_by: str
    happened_at: datetime
    promised_on: date | None
    is_in_time: bool
    place: str
    latitude_e7: int | None
    longitude_e7: int | None
    note: str
    signature: str
    photo_digests: list[str]
    not_taken_lines: list[NotTakenOut]
    recorded_at: datetime
    recorded_by: str
    retention: str
    keep_until: date
    chain_no: int
    previous_sha256: str
    sha256: str
    is_whole: bool


class PunctualityOut(Schema):
    """Shipments that were handed over in a period; in time = by the day that the customer wanted."""

    delivered: int
    in_time: int
    partial: int
    refused: int
    with_damage: int


class PrintPaperIn(Schema):
    """Which paper of a load."""

    kind: Literal["loading_list", "bill_of_lading"]


class PrintManifestIn(Schema):
    """A carrier's day at a site."""

    site_id: BigId
    carrier: str = Field(max_length=80)
    day: date


class PaperPrintedOut(Schema):
    """The kept paper: GET /papers/{paper_id}/pdf gives it byte by byte."""

    paper_id: int
    sha256: str


class DepartureLineOut(Schema):
    """Units of an order line."""

    order: str
    reference: str
    line_no: int
    sku: str
    name: str
    customer_item: str
    gtin: str
    lot: str
    expires_on: date | None
    units: int
    base_uom: str


class DepartureCartonOut(Schema):
    """A carton with what is in it; sscc "" = not in a carton."""

    sscc: str
    lines: list[DepartureLineOut]


class DeparturePalletOut(Schema):
    """A pallet with its cartons; sscc "" = on no pallet."""

    sscc: str
    cartons: list[DepartureCartonOut]


class NoticeAnswerOut(Schema):
    """The customer's answer and its time."""

    answer: str
    due_at: datetime
    answered_at: datetime | None
    reference: str
    note: str


class DepartureNoticeOut(Schema):
    """What left with a shipment: pallet by pallet, carton by carton, line by line."""

    shipment_id: int
    shipment: str
    site: str
    shipped_at: datetime
    carrier: str
    tracking: str
    load: str
    trailer: str
    seal: str
    pallets: list[DeparturePalletOut]
    answer: NoticeAnswerOut | None


class AnswerNoticeIn(Schema):
    """Accepted or rejected, with the reference of the customer's message."""

    answer: Literal["accepted", "rejected"]
    reference: str = Field("", max_length=80)
    note: str = Field("", max_length=200)


class NoticeAnsweredOut(Schema):
    """Whether the answer came after its time."""

    shipment_id: int
    answer: str
    is_late: bool


class NoticeMessageOut(Schema):
    """The 856 that was written; a 997 names its control number."""

    shipment_id: int
    number: str
    control: int
    sha256: str


class NoticeTermsIn(Schema):
    """Hours in which the customer confirms a notice; 0 = he gets none."""

    hours: int = Field(ge=0, le=720)
    edi_sender: str = Field("", max_length=15, description="who we are to his system; empty = no EDI 856")
    edi_receiver: str = Field("", max_length=15)
    edi_qualifier: str = Field("ZZ", max_length=2, description="what kind of ids they are, as in ISA05 and ISA07")
    is_edi_test: bool = False
    edi_folder: str = Field("", max_length=40, description="into which each 856 is put; empty = it is fetched")


class NoticeTermsSetOut(Schema):
    """The customer whose terms they are."""

    customer_id: int


@router.post("/shipments/{int:shipment_id}/proof", response={201: DeliveryProvedOut})
def prove_delivery(request: HttpRequest, shipment_id: BigId, body: ProveDeliveryIn) -> Status[words.DeliveryProved]:
    """Keep the proof of a delivery, once."""
    data = body.dict()
    lines = [words.NotTaken(**line) for line in data.pop("not_taken")]
    req = words.ProveDelivery(shipment_id, not_taken=lines, **data)
    return Status(201, commands.prove_delivery(context_from(request), req))


@router.get("/shipments/{int:shipment_id}/proof", response=ProofOut)
@requires("shipping.view")
def get_proof(request: HttpRequest, shipment_id: BigId) -> dict[str, Any]:
    """The proof of a delivery."""
    found = queries.access_shipment(shipment_id, _sites(request))
    row = queries_proofs.proof_of(shipment_id)
    if row is None:
        raise words.PaperNotFound(f"{found.number} is not proved yet.", fix="Ask again when it is delivered.")
    return {
        **asdict(row),
        "photo_digests": queries_proofs.photos_of(row.id),
        "not_taken_lines": queries_proofs.not_taken(row.id),
        "is_whole": queries_proofs.is_whole(row),
    }


@router.get("/punctuality", response=PunctualityOut)
@requires("shipping.view")
def get_punctuality(request: HttpRequest, since: date = Day, until: date = Day) -> queries_proofs.Punctuality:
    """How many shipments of a period came by the day that was wanted, in part, refused, damaged."""
    return queries_proofs.punctuality(_sites(request), since, until)


@router.post("/loads/{int:load_id}/papers", response={201: PaperPrintedOut})
def print_paper(request: HttpRequest, load_id: BigId, body: PrintPaperIn) -> Status[words.PaperPrinted]:
    """Print a paper of a load and keep it."""
    return Status(201, commands.print_paper(context_from(request), words.PrintPaper(load_id, body.kind)))


@router.post("/manifests", response={201: PaperPrintedOut})
def print_manifest(request: HttpRequest, body: PrintManifestIn) -> Status[words.PaperPrinted]:
    """Print all that left with a carrier on a day and keep it."""
    req = words.PrintManifest(body.site_id, body.carrier, body.day)
    return Status(201, commands.print_manifest(context_from(request), req))


@router.get("/papers/{int:paper_id}/pdf", response={200: None})
@requires("shipping.view")
def get_paper(request: HttpRequest, paper_id: BigId) -> HttpResponse:
    """A kept paper as PDF; the header Repr-Digest-Sha256 is its hash."""
    row, content = queries_proofs.access_paper(paper_id, _sites(request))
    return HttpResponse(content, content_type="application/pdf", headers={"Repr-Digest-Sha256": row.sha256})


@router.get("/shipments/{int:shipment_id}/notice", response=DepartureNoticeOut)
@requires("shipping.view")
def get_notice(request: HttpRequest, shipment_id: BigId) -> dict[str, Any]:
    """What left with a shipment, for the customer's system."""
    found = queries.access_shipment(shipment_id, _sites(request))
    head, row = queries_notices.departure(shipment_id), queries_notices.notice_of(shipment_id)
    if head is None:
        raise words.NoNotice(f"{found.number} has not left.", fix="A notice tells what has left.")
    pallets: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for line in queries_notices.departure_lines(shipment_id):
        pallets.setdefault(line.pallet_sscc, {}).setdefault(line.carton_sscc, []).append(asdict(line))
    return {
        **asdict(head),
        "pallets": [
            {"sscc": pallet, "cartons": [{"sscc": carton, "lines": lines} for carton, lines in cartons.items()]}
            for pallet, cartons in pallets.items()
        ],
        "answer": {**asdict(row), "answer": row.standing(now())} if row else None,
    }


@router.get("/shipments/{int:shipment_id}/notice/856", response={200: None})
@requires("shipping.view")
def get_notice_message(request: HttpRequest, shipment_id: BigId) -> HttpResponse:
    """The notice as EDI 856 (X12 004010), as it was written."""
    found = queries.access_shipment(shipment_id, _sites(request))
    message = queries_messages.message_of(shipment_id)
    if message is None:
        raise words.NoNotice(f"No EDI 856 was written of {found.number}.", fix="Send POST to write it.")
    return HttpResponse(message.content, content_type="application/edi-x12")


@router.post("/shipments/{int:shipment_id}/notice/856", response={201: NoticeMessageOut})
def write_notice_message(request: HttpRequest, shipment_id: BigId) -> Status[words.NoticeMessageWritten]:
    """Write the notice as EDI 856, where that was not done at the departure; the one that is there is the answer."""
    return Status(201, commands.write_notice_message(context_from(request), words.WriteNoticeMessage(shipment_id)))


@router.post("/shipments/{int:shipment_id}/notice/answer", response=NoticeAnsweredOut)
def answer_notice(request: HttpRequest, shipment_id: BigId, body: AnswerNoticeIn) -> words.NoticeAnswered:
    """The customer's system accepted or rejected the notice."""
    req = words.AnswerNotice(shipment_id, body.answer, body.reference, body.note)
    return commands.answer_notice(context_from(request), req)


@router.put("/customers/{int:customer_id}/notice-terms", response=NoticeTermsSetOut)
def set_notice_terms(request: HttpRequest, customer_id: BigId, body: NoticeTermsIn) -> words.NoticeTermsSet:
    """Say whether a customer is told of each departure, and in how many hours he confirms."""
    return commands.set_notice_terms(context_from(request), words.SetNoticeTerms(customer_id, **body.dict()))


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("shipping.view") if caller else frozenset()
