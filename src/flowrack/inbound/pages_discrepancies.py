"""Pages of discrepancies: the list with batches, one record with its pictures, the verdict; and of tolerances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound import pages_claims, queries_claims, queries_discrepancies
from flowrack.inbound.forms import DecideForm, DiscrepancyForm, PhotoForm, PutOnPoForm
from flowrack.inbound.queries_discrepancies import DiscrepancyRow
from flowrack.inbound.states import DiscrepancyState
from flowrack.inbound.types_discrepancies import (
    AddPhotos,
    Decided,
    DecideDiscrepancies,
    Kind,
    PutOnPo,
    Responsible,
    Verdict,
)
from flowrack.platform import photos
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import Viewer
from flowrack.purchasing import queries as purchasing
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

MARKS = {"open": "warn", "accepted": "ok", "settled": "ok", "claimed": "run", "debited": "run", "withdrawn": "void"}


def _words(value: str) -> str:
    return "no PO" if value == Kind.NO_PO else value.replace("_", " ")


def _kind_column() -> Column:
    return Column("kind", "What", kind="chip", sort=True, value=lambda r: _words(r.kind), tone=lambda r: "")


NUMBER = Column(
    "number", "Discrepancy", kind="code", sort="id", link=lambda r: reverse("inbound_discrepancy", args=[r.id])
)
BRIEF = [
    NUMBER,
    _kind_column(),
    Column("sku", "Item", kind="code"),
    Column("units", "Units", kind="number"),
    Column("reason", "Why", wide=True),
    Column("responsible", "Answers for it"),
    Column("state", "State", kind="state", marks=MARKS),
]


def _decide_all(verdict: Verdict, toast: str) -> Callable[[HttpRequest, list[int]], HttpResponse]:
    def run(request: HttpRequest, ids: list[int]) -> HttpResponse:
        return perform(
            request,
            commands.decide_discrepancies,
            DecideDiscrepancies(ids, verdict),
            to=reverse("inbound_discrepancies"),
            toast=lambda done: f"{len(done.decided)} {toast}",
        )

    return run


DISCREPANCIES = ListPage(
    name="inbound.discrepancies",
    title="Discrepancies",
    noun=("discrepancy", "discrepancies"),
    permission="inbound.view",
    rows=queries_discrepancies.discrepancy_page,
    columns=[
        NUMBER,
        _kind_column(),
        Column("supplier", "Supplier", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("value", "At stake", kind="money", sort=True, total=True, permission="purchasing.view"),
        Column("reason", "Why", wide=True),
        Column("responsible", "Answers for it", sort=True),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column(
            "amount",
            "Asked for",
            kind="money",
            sort=True,
            total=True,
            permission="purchasing.view",
            value=lambda r: r.amount or None,
        ),
        Column("document", "Claim or debit note", kind="code", sort=True),
        Column("po_number", "Order", kind="code", hidden=True),
        Column("lpn", "LPN", kind="code", hidden=True),
        Column("place", "Place", kind="code", hidden=True),
        Column("photo_count", "Photos", kind="number", sort=True, value=lambda r: r.photo_count or None),
        Column("recorded_by", "By", hidden=True),
        Column("recorded_at", "Recorded", kind="datetime", sort=True),
        Column("decided_by", "Decided by", hidden=True),
        Column("decided_at", "Decided", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("kind", "What", [(k.value, _words(k)) for k in Kind], promoted=True),
        Choice("state", "State", [(s.value, _words(s)) for s in DiscrepancyState]),
        Choice("responsible", "Answers for it", [(r.value, r.value) for r in Responsible], promoted=True),
        DateRange("recorded_at", "Recorded", promoted=True),
    ],
    tabs=[
        Tab("Open", "state=open"),
        Tab("No order", "state=open&kind=no_po"),
        Tab("Claimed", "state=claimed,debited"),
        Tab("All", ""),
    ],
    sort="-recorded_at",
    search="Number, supplier, item, order or LPN",
    actions=[
        Button("Record a discrepancy", "inbound_discrepancy_new", permission="inbound.record", primary=True, key="n")
    ],
    batch=[
        Batch("accept", "Accept", "inbound.accept", _decide_all(Verdict.ACCEPT, "accepted")),
        Batch("debit", "Draft debit notes", "inbound.accept", _decide_all(Verdict.DEBIT, "debited")),
        Batch("claim", "Claim", "inbound.accept", _decide_all(Verdict.CLAIM, "claimed")),
    ],
    empty=Empty("No discrepancies", "What came short, over, damaged, late or without an order shows here."),
)


def _held(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("inbound.view") if caller else frozenset()


@page("inbound.view")
def discrepancy(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """One discrepancy."""
    return _record(request, discrepancy_id)


def _record(request: HttpRequest, discrepancy_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row = queries_discrepancies.access(discrepancy_id, _held(request))
    record = Record(
        title=row.number,
        subtitle=f"{_words(row.kind).capitalize()}{f', {row.supplier}' if row.supplier else ''}",
        state=row.state,
        marks=MARKS,
        subject=ref("inbound.discrepancy", discrepancy_id),
        site_id=row.site_id,
        why={ref("inbound.discrepancy", discrepancy_id): row.number},
        back=("Discrepancies", reverse("inbound_discrepancies")),
        facts=_facts(row, sees_cost=pages_claims.sees_cost(request, row.site_id)),
        actions=_actions(row),
        documents=[
            Document(f"Photo {n}", reverse("photo", args=[digest])) for n, digest in enumerate(row.photos, start=1)
        ],
    )
    return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _facts(row: DiscrepancyRow, *, sees_cost: bool) -> list[Fact]:
    score = queries_discrepancies.supplier_score(row.supplier_id, now=now()) if row.supplier_id else None
    facts = [
        Fact("Why", row.reason, note=row.note),
        Fact("Item", row.sku, "code", note=row.name) if row.sku else None,
        Fact("Units", row.units, "number"),
        Fact("Went back", row.sent_units, "number") if row.sent_units else None,
        Fact("At stake", row.value, "money") if sees_cost else None,
        Fact("Answers for it", row.responsible),
        Fact("Order", row.po_number, "code", url=reverse("purchasing_po", args=[row.po_id])) if row.po_id else None,
        Fact("Receipt", row.receipt_number, "code", url=reverse("inbound_receipt", args=[row.receipt_id]))
        if row.receipt_id
        else None,
        Fact("ASN", row.asn_number, "code") if row.asn_number else None,
        Fact("Stands at", row.place, "code", note=row.lpn) if row.place else None,
        Fact("Lot", row.lot, "code") if row.lot else None,
        Fact("Recorded", row.recorded_at, "datetime", note=row.recorded_by),
        Fact("Decided", row.decided_at, "datetime", note=row.decided_by) if row.decided_at else None,
        _asked_for(row, sees_cost=sees_cost) if row.document else None,
        Fact("Supplier, 90 days", score.defect_ppm, "number", note=f"defects in a million; {score.short_units:,} short")
        if score
        else None,
    ]
    return [fact for fact in facts if fact is not None]


def _asked_for(row: DiscrepancyRow, *, sees_cost: bool) -> Fact:
    if sees_cost:
        return Fact("Asked for", row.amount, "money", note=row.document, url=_claim_url(row))
    return Fact("Asked for by", row.document, "code", url=_claim_url(row))


def _claim_url(row: DiscrepancyRow) -> str:
    return reverse("inbound_claim", args=[queries_claims.id_of(row.document)])


def _actions(row: DiscrepancyRow) -> list[Do]:
    actions = [
        Do("Add a photo", reverse("inbound_discrepancy_photos", args=[row.id]), "inbound.record", post=False, key="p")
    ]

    def post(label: str, verdict: Verdict, **more: Any) -> Do:
        url = reverse("inbound_discrepancy_verdict", args=[row.id])
        return Do(label, url, "inbound.accept", fields={"verdict": verdict}, **more)

    if row.state in ("claimed", "debited"):
        return [*actions, Do(row.document, _claim_url(row), "inbound.view", primary=True, post=False)]
    if row.state != "open":
        return actions
    if row.kind == Kind.NO_PO and row.posting_id:
        put = reverse("inbound_discrepancy_put", args=[row.id])
        return [
            *actions,
            post("Send back", Verdict.SEND_BACK, confirm="What still stands in quarantine leaves the house at once."),
            Do("Put on order", put, "inbound.receive", primary=True, post=False),
        ]
    decide = reverse("inbound_discrepancy_decide", args=[row.id])
    return [
        *actions,
        post("Accept", Verdict.ACCEPT, key="a"),
        Do("Claim or debit", decide, "inbound.accept", primary=True, post=False, key="d"),
    ]


@page("inbound.accept", methods=("POST",))
def verdict(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """A verdict that asks for no money."""
    queries_discrepancies.access(discrepancy_id, _held(request))
    return perform(
        request,
        commands.decide_discrepancies,
        DecideDiscrepancies([discrepancy_id], request.POST.get("verdict", "")),
        to=reverse("inbound_discrepancy", args=[discrepancy_id]),
        toast=lambda done: _told(done.decided[0]),
        again=lambda refusal: _record(request, discrepancy_id, refusal),
    )


def _told(one: Decided) -> str:
    """The toast after a verdict: of goods without an order it says what has left quarantine."""
    return f"{one.sent_units:,} went back, {one.left_units:,} are not there" if one.left_units else "Decided"


def _form(request: HttpRequest, row: DiscrepancyRow, form: Any, title: str, verb: str, **more: Any) -> HttpResponse:
    back = (row.number, reverse("inbound_discrepancy", args=[row.id]))
    return render_form(request, form, title=f"{title} {row.number}", verb=verb, back=back, sub=row.reason, **more)


@page("inbound.accept")
def decide(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """The verdict with its money."""
    row = queries_discrepancies.access(discrepancy_id, _held(request))
    form = DecideForm(request.POST or None, initial={"verdict": Verdict.DEBIT})

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, row, form, "Decide", "Decide", refusal=refusal)

    if request.method != "POST" or not form.is_valid():
        return draw()
    data = form.cleaned_data
    amount = data["amount"] if data["verdict"] != Verdict.ACCEPT else None
    return perform(
        request,
        commands.decide_discrepancies,
        DecideDiscrepancies([row.id], data["verdict"], data["note"], amount, data["responsible"]),
        to=reverse("inbound_discrepancy", args=[row.id]),
        toast=lambda done: f"{done.decided[0].document or 'Accepted'} saved",
        again=draw,
    )


@page("inbound.receive")
def put_on_po(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """Goods without an order are counted on one."""
    row = queries_discrepancies.access(discrepancy_id, _held(request))
    form = PutOnPoForm(request.POST or None)

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, row, form, "Put on an order:", "Count them on this order", refusal=refusal)

    if request.method != "POST" or not form.is_valid():
        return draw()
    number = form.cleaned_data["po"].strip()
    found = purchasing.find_open(site_id=row.site_id, number=number)
    if not found:
        form.add_error("po", f"No open order of this site has the number “{number}”.")
        return draw()
    return perform(
        request,
        commands.put_on_po,
        PutOnPo(row.id, found[0][0]),
        to=lambda done: reverse("inbound_receipt", args=[done.receipt_id]),
        toast="Counted on the order",
        again=draw,
    )


@page("inbound.record")
def add_photo(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """A picture from the phone's camera or the disk."""
    row = queries_discrepancies.access(discrepancy_id, _held(request))
    form = PhotoForm(request.POST or None, request.FILES or None)

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        return _form(request, row, form, "Photo of", "Keep the photo", refusal=refusal)

    if request.method != "POST" or not form.is_valid():
        return draw()
    try:
        kept = photos.save_upload(form.cleaned_data["file"])
    except photos.PhotoRefused as refusal:
        return draw(refusal)
    return perform(
        request,
        commands.add_photos,
        AddPhotos(row.id, (kept.digest,)),
        to=reverse("inbound_discrepancy", args=[row.id]),
        toast="Photo kept",
        again=draw,
    )


@page("inbound.record")
def new_discrepancy(request: HttpRequest) -> HttpResponse:
    """What no count says: a label nobody can read, another item in the box."""
    form = DiscrepancyForm(request.POST or None)

    def draw(refusal: FlowrackError | None = None) -> HttpResponse:
        back = ("Discrepancies", reverse("inbound_discrepancies"))
        return render_form(request, form, title="Record a discrepancy", verb="Record it", back=back, refusal=refusal)

    if request.method != "POST" or not form.is_valid():
        return draw()
    return perform(
        request,
        commands.record_discrepancy,
        form.to_request(),
        to=lambda done: reverse("inbound_discrepancy", args=[done.discrepancy_id]),
        toast="Discrepancy recorded",
        again=draw,
    )


def _open_count(viewer: Viewer) -> int:
    return pages_claims.menu_counts(viewer).discrepancies


urlpatterns = [
    path("discrepancies", DISCREPANCIES.view, name="inbound_discrepancies"),
    path("discrepancies/new", new_discrepancy, name="inbound_discrepancy_new"),
    path("discrepancies/<int:discrepancy_id>", discrepancy, name="inbound_discrepancy"),
    path("discrepancies/<int:discrepancy_id>/verdict", verdict, name="inbound_discrepancy_verdict"),
    path("discrepancies/<int:discrepancy_id>/decide", decide, name="inbound_discrepancy_decide"),
    path("discrepancies/<int:discrepancy_id>/put-on-order", put_on_po, name="inbound_discrepancy_put"),
    path("discrepancies/<int:discrepancy_id>/photos", add_photo, name="inbound_discrepancy_photos"),
]
NAV = [
    NavItem(
        "Inbound", "Discrepancies", "inbound_discrepancies", permission="inbound.view", order=40, count=_open_count
    ),
]
