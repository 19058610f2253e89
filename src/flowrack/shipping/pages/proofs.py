"""Pages of proofs of delivery and of kept papers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform import photos
from flowrack.platform.http import caller_of, now
from flowrack.platform.photos import PhotoRefused
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.shipping import commands, queries, queries_proofs
from flowrack.shipping.forms_proofs import ProofForm
from flowrack.shipping.pages.signing import signature_of
from flowrack.shipping.types_proofs import (
    KEPT_WORDS,
    Kept,
    ProveDelivery,
)

SHIPMENT = "shipping.shipment"
OUTCOMES = {"delivered": "ok", "partial": "warn", "refused": "bad"}
E7 = 10_000_000
PLACE_ALLOWED = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"  # only here, and after a tap

PROOFS = ListPage(
    name="shipping.proofs",
    title="Proofs of delivery",
    noun=("proof", "proofs"),
    permission="shipping.view",
    rows=queries_proofs.proof_list,
    columns=[
        Column("number", "Proof", kind="code", sort="id", link=lambda r: reverse("shipping_proof", args=[r.id])),
        Column("outcome", "Outcome", kind="state", marks=OUTCOMES),
        Column("customers", "Customer", wide=True, sort=True),
        Column("shipment", "Shipment", kind="code", link=lambda r: reverse("shipment", args=[r.shipment_id])),
        Column("orders", "Orders", kind="code"),
        Column("happened_at", "Handed over", kind="datetime", sort=True),
        Column("promised_on", "Wanted on", kind="date", sort=True),
        Column("is_in_time", "In time", value=lambda r: "yes" if r.is_in_time else "no"),
        Column("received_by", "Taken by", sort=True),
        Column("not_taken", "Not taken", kind="number", sort=True, total=True, value=lambda r: r.not_taken or None),
        Column("damaged", "Damaged", kind="number", sort=True, total=True, value=lambda r: r.damaged or None),
        Column("carrier", "Carrier", sort=True),
        Column("keep_until", "Kept until", kind="date", hidden=True),
        Column("site", "From", hidden=True),
    ],
    filters=[
        Choice("outcome", "Outcome", [(word, word) for word in OUTCOMES], promoted=True),
        DateRange("happened_at", "Handed over", promoted=True),
    ],
    sort="-id",
    search="Proof, shipment, order, customer, carrier or who took it",
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No proofs yet",
        "A shipment's page has Prove delivery: name, signature, photos, time and place, kept for years.",
    ),
)


NOT_TAKEN_COLUMNS = [
    Column("order", "Order", kind="code"),
    Column("line_no", "#", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("units", "Units", kind="number"),
    Column("reason", "Because", value=lambda r: KEPT_WORDS[Kept(r.reason)]),
]


def sites_seen(request: HttpRequest) -> frozenset[int]:
    """The sites whose shipments the person may see (0 = all)."""
    caller = caller_of(request)
    return caller.sites("shipping.view") if caller else frozenset()


@page("shipping.view", methods=("GET", "HEAD"))
def proof(request: HttpRequest, proof_id: int) -> HttpResponse:
    """A proof of delivery: who, when, where, signature, photos, what was not taken, and whether it is whole."""
    row = queries_proofs.access_proof(proof_id, sites_seen(request))
    pictures = [("Signature", row.signature)] if row.signature else []
    pictures += [(f"Photo {n}", digest) for n, digest in enumerate(queries_proofs.photos_of(proof_id), 1)]
    whole = queries_proofs.is_whole(row)
    place = row.place
    if row.latitude_e7 is not None and row.longitude_e7 is not None:
        place = f"{place} {row.latitude_e7 / E7:.5f}, {row.longitude_e7 / E7:.5f}".strip()
    record = Record(
        title=row.number,
        subtitle=row.customers,
        subject=ref(SHIPMENT, row.shipment_id),
        site_id=row.site_id,
        state=row.outcome,
        marks=OUTCOMES,
        back=("Proofs of delivery", reverse("shipping_proofs")),
        facts=[
            Fact("Taken by", row.received_by),
            Fact("Handed over", row.happened_at, "datetime", note="" if row.is_in_time else "later than wanted"),
            Fact("Wanted on", row.promised_on, "date"),
            Fact("Place", place or "not told"),
            Fact("Shipment", row.shipment, "code", url=reverse("shipment", args=[row.shipment_id])),
            Fact("Carrier", row.carrier or "not named"),
            *([Fact("Note", row.note)] if row.note else []),
            Fact("Kept until", row.keep_until, "date", note=row.retention),
            Fact("Recorded", row.recorded_at, "datetime", note=row.recorded_by),
            Fact("Seal of the record", row.sha256[:12], "code",
                 note=f"proof {row.chain_no} of the site, unchanged" if whole else "the record was changed",
                 tone="" if whole else "bad"),
        ],
        tables=[
            Table("Not taken", NOT_TAKEN_COLUMNS, queries_proofs.not_taken(proof_id), empty="All of it was taken.")
        ],
        documents=[Document(words, reverse("photo", args=[digest])) for words, digest in pictures],
    )  # fmt: skip
    return render_record(request, record, template="shipping/proof.html", pictures=pictures)


@page("shipping.prove")
def prove(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Prove how a shipment was handed over: on a phone at the customer's door, or later from the driver's papers."""
    found = queries.access_shipment(shipment_id, sites_seen(request))
    clock.at_own_site(found.site_id)
    lines = queries_proofs.sent_lines(shipment_id)
    form = ProofForm(request.POST or None, request.FILES or None, lines=lines, at=now())
    home = reverse("shipment", args=[shipment_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        shown = render_form(
            request, form, title=f"Prove delivery of {found.number}", verb="Keep proof", refusal=refusal,
            template="shipping/prove.html", back=(found.number, home),
            sub=f"{found.customers}, {found.units:,} units. What is kept cannot be changed.",
            sign_label="Signature of who takes it",
        )  # fmt: skip
        shown["Permissions-Policy"] = PLACE_ALLOWED
        return shown

    if request.method != "POST" or not form.is_valid():
        return drawn()
    try:
        signature = signature_of(request)
        sent = [photos.save_upload(one).digest for one in request.FILES.getlist("photos")]
    except PhotoRefused as refusal:
        return drawn(refusal)
    data: dict[str, Any] = form.cleaned_data
    req = ProveDelivery(
        shipment_id, data["outcome"], data["received_by"], data["happened_at"], signature, sorted(set(sent)),
        data["place"], data["latitude"], data["longitude"], data["note"], form.not_taken(),
    )  # fmt: skip
    return perform(
        request, commands.prove_delivery, req, to=lambda done: reverse("shipping_proof", args=[done.proof_id]),
        toast=lambda done: f"{done.number} kept", again=drawn,
    )  # fmt: skip


@page("shipping.view", methods=("GET", "HEAD"))
def paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """A kept paper, byte by byte as it was printed."""
    row, content = queries_proofs.access_paper(paper_id, sites_seen(request))
    name = f"{row.kind}-{row.id}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


NAV = [
    NavItem("Outbound", "Proofs of delivery", "shipping_proofs", permission="shipping.view", order=44,
            section="Shipping"),
]  # fmt: skip

palette_records("Proof of delivery", "shipping_proof", "shipping.view", queries_proofs.look_up_proofs)

urlpatterns = [
    path("proofs", PROOFS.view, name="shipping_proofs"),
    path("proofs/<int:proof_id>", proof, name="shipping_proof"),
    path("shipments/<int:shipment_id>/prove", prove, name="shipping_prove"),
    path("papers/<int:paper_id>.pdf", paper, name="shipping_paper"),
]
