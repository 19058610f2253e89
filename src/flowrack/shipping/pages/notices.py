"""Pages of carriers' days and of what customers are told of departures: manifests, notices, answers."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as places
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, DateRange, Empty, ListPage, ListQuery, Page, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, perform
from flowrack.platform.web.viewer import Viewer
from flowrack.shared.refs import ref
from flowrack.shipping import (
    commands,
    queries,
    queries_messages,
    queries_notices,
    queries_papers,
    queries_proofs,
    queries_sending,
)
from flowrack.shipping.forms_proofs import AnswerForm, NoticeTermsForm
from flowrack.shipping.pages.proofs import sites_seen
from flowrack.shipping.queries_papers import ManifestRow
from flowrack.shipping.queries_sending import SendingRow
from flowrack.shipping.types_messages import SendMessageAgain
from flowrack.shipping.types_proofs import (
    AnswerNotice,
    NoNotice,
    PaperNotFound,
    PrintManifest,
    SetNoticeTerms,
    WriteNoticeMessage,
)

MANIFEST_DAYS = 31


def _manifest_rows(query: ListQuery) -> Page[ManifestRow]:
    return queries_papers.manifest_list(query, now() - timedelta(days=MANIFEST_DAYS))


def _manifest_link(row: ManifestRow) -> str:
    asked = urlencode({"site": row.site_id, "carrier": row.carrier, "day": row.day.isoformat()})
    return f"{reverse('shipping_manifest')}?{asked}"


MANIFESTS = ListPage(
    name="shipping.manifests",
    title="Manifests",
    noun=("day of a carrier", "days of carriers"),
    permission="shipping.view",
    rows=_manifest_rows,
    columns=[
        Column("day", "Day", kind="date", sort=True, link=_manifest_link),
        Column("carrier", "Carrier", sort=True, wide=True, value=lambda r: r.carrier or "no carrier named"),
        Column("shipments", "Shipments", kind="number", sort=True, total=True),
        Column("orders", "Orders", kind="number", sort=True),
        Column("cartons", "Plates", kind="number", sort=True, total=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("proved", "Handed over", kind="number", sort=True),
        Column("printed", "Printed", kind="number", value=lambda r: r.printed or None),
        Column("site", "From"),
    ],
    sort="-day",
    search="Carrier",
    empty=Empty("Nothing left in the last month", "Each carrier's day with all that left with it."),
)

ANSWERS = {"waiting": "wait", "late": "bad", "accepted": "ok", "accepted late": "warn", "rejected": "bad"}
SENDINGS = {"": "none", "waiting": "waits", "sent": "in its folder", "fetched": "fetched"}
NOTICES = ListPage(
    name="shipping.notices",
    title="Notices of departure",
    noun=("notice", "notices"),
    permission="shipping.view",
    rows=queries_notices.notice_list,
    columns=[
        Column("shipment", "Shipment", kind="code", sort="id",
               link=lambda r: reverse("shipping_notice", args=[r.shipment_id])),
        Column("customer", "Customer", sort=True, wide=True),
        Column("orders", "Orders", kind="code"),
        Column("answer", "Answer", kind="state", marks=ANSWERS, value=lambda r: r.standing(now())),
        Column("edi", "EDI 856", value=lambda r: SENDINGS[r.edi], tone=lambda r: "bad" if r.edi_said else ""),
        Column("edi_said", "Not sent because", wide=True),
        Column("made_at", "Made", kind="datetime", sort=True),
        Column("due_at", "Answer due", kind="datetime", sort=True),
        Column("answered_at", "Answered", kind="datetime", sort=True),
        Column("reference", "Reference", kind="code"),
        Column("note", "Note", wide=True),
    ],
    filters=[
        Choice("answer", "Answer", [(word, word) for word in ("waiting", "accepted", "rejected")], promoted=True),
        Choice("edi", "EDI 856", [(code, words) for code, words in SENDINGS.items() if code]),
        DateRange("due_at", "Answer due", promoted=True),
    ],
    tabs=[
        Tab("Not accepted", "answer=waiting,rejected"), Tab("EDI 856 to send", "edi=waiting"), Tab("All", "view=all"),
    ],
    sort="-id",
    search="Shipment, customer, order or reference",
    actions=[Button("Who is told", "shipping_notice_terms", permission="shipping.notices")],
    row_id=lambda r: int(r.id),
    empty=Empty("No notices", "Customers who asked for it are told what left; their systems confirm it in time."),
)  # fmt: skip

NOTICE_COLUMNS = [
    Column("pallet_sscc", "Pallet", kind="code"),
    Column("carton_sscc", "Carton", kind="code"),
    Column("order", "Order", kind="code"),
    Column("line_no", "#", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("customer_item", "Customer's item", kind="code"),
    Column("gtin", "GTIN", kind="code"),
    Column("lot", "Lot", kind="code"),
    Column("expires_on", "Expires", kind="date"),
    Column("units", "Units", kind="number"),
]


def _day(request: HttpRequest) -> tuple[int, str, date]:
    """(site, carrier, day) of a manifest from the address; NotFound for what is none."""
    try:
        site_id, day = int(request.GET.get("site", "")[:18]), date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        raise PaperNotFound("There is no such manifest.", fix="Open the list of manifests.") from None
    held = sites_seen(request)
    if not (0 in held or site_id in held):
        raise PaperNotFound("There is no such manifest.", fix="Open the list of manifests.")
    return site_id, request.GET.get("carrier", "")[:80], day


@page("shipping.view")
def manifest(request: HttpRequest) -> HttpResponse:
    """A carrier's day: its shipments; printing keeps the paper."""
    site_id, carrier, day = _day(request)
    if request.method == "POST":
        return perform(
            request, commands.print_manifest, PrintManifest(site_id, carrier, day),
            to=lambda done: reverse("shipping_paper", args=[done.paper_id]),
        )  # fmt: skip
    lines = queries_papers.manifest_lines(site_id, carrier, day)
    record = Record(
        title="Manifest",
        subtitle=f"{carrier or 'no carrier named'}, {day:%d %B %Y}",
        subject=f"shipping.manifest:{site_id}.{day}.{carrier}",
        site_id=site_id,
        back=("Manifests", reverse("shipping_manifests")),
        facts=[
            Fact("From", places.site(site_id).name),
            Fact("Shipments", len(lines), "number"),
            Fact("Plates", sum(line.plates for line in lines), "number"),
            Fact("Units", sum(line.units for line in lines), "number"),
        ],
        actions=[Do("Print manifest", request.get_full_path(), "shipping.load", primary=True, key="p")],
        tables=[
            Table(
                "Shipments",
                [
                    Column("number", "Shipment", kind="code", link=lambda r: reverse("shipment", args=[r.id])),
                    Column("customer", "Customer", wide=True),
                    Column("orders", "Orders", kind="code"),
                    Column("load", "Load", kind="code"),
                    Column("tracking", "Tracking", kind="code"),
                    Column("plates", "Plates", kind="number"),
                    Column("units", "Units", kind="number"),
                ],
                lines,
                empty="Nothing left with this carrier on this day.",
            )
        ],
        documents=[
            Document("Manifest", reverse("shipping_paper", args=[one.id]), f"{one.printed_by}, {one.sha256[:12]}",
                     one.printed_at)
            for one in queries_proofs.manifests_of(site_id, carrier, day)
        ],
    )  # fmt: skip
    return render_record(request, record)


@page("shipping.view", methods=("GET", "HEAD"))
def notice(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """What a customer is told of a departure, and his answer."""
    found = queries.access_shipment(shipment_id, sites_seen(request))
    row, head = queries_notices.notice_of(shipment_id), queries_notices.departure(shipment_id)
    if head is None:
        raise NoNotice(f"{found.number} has not left.", fix="A notice tells what has left.")
    lines = queries_notices.departure_lines(shipment_id)
    message, way = queries_messages.message_of(shipment_id), queries_sending.sending_of(shipment_id)
    record = Record(
        title=found.number,
        subtitle=f"Notice of departure, {found.customers}",
        subject=ref("shipping.shipment", shipment_id),
        site_id=found.site_id,
        state=row.standing(now()) if row else "",
        marks=ANSWERS,
        back=("Notices of departure", reverse("shipping_notices")),
        facts=[
            Fact("Left", head.shipped_at, "datetime"),
            Fact("Carrier", head.carrier or "not named", note=head.tracking),
            Fact("Load", head.load or "none", "code", note=f"seal {head.seal}" if head.seal else ""),
            *([Fact("Answer due", row.due_at, "datetime"), Fact("Answered", row.answered_at, "datetime",
               note=row.reference)] if row else [Fact("Answer due", "the customer asked for no notice")]),
            *([Fact("Note", row.note)] if row and row.note else []),
            *_way(way),
        ],
        actions=[
            Do("Note the answer", reverse("shipping_notice_answer", args=[shipment_id]), "shipping.notices", post=False,
               primary=True)
        ] * bool(row and row.answer != "accepted") + [
            Do("Write EDI 856", reverse("shipping_notice_856", args=[shipment_id]), "shipping.notices")
        ] * bool(row and not message and queries_messages.may_be_written(shipment_id)) + [
            Do("Send EDI 856 again", reverse("shipping_notice_856_again", args=[shipment_id]), "shipping.notices",
               confirm="Send it once more, with the same control number?")
        ] * bool(way and way.state != "waiting"),
        tables=[Table("What left", NOTICE_COLUMNS, lines)],
        documents=[
            Document("Notice as CSV", reverse("shipping_notice_csv", args=[shipment_id]), "for spreadsheets"),
            *([Document("EDI 856", reverse("shipping_notice_856", args=[shipment_id]),
                        f"X12, control number {message.control}, {message.sha256[:12]}", message.made_at)]
              if message else []),
        ],
    )  # fmt: skip
    return render_record(request, record)


def _way(way: SendingRow | None) -> list[Fact]:
    """How far the EDI 856 of a notice is."""
    if way is None:
        return []
    to = f"folder {way.folder}" if way.folder else "fetched through the API"
    if way.said:
        return [Fact("EDI 856", SENDINGS[way.state], note=f"{way.said} Tried {way.tries} times.", tone="bad")]
    if way.sent_at is None:
        return [Fact("EDI 856", SENDINGS[way.state], note=f"to be {to}" if not way.folder else f"for {to}")]
    return [Fact("EDI 856", SENDINGS[way.state], note=to), Fact("On its way since", way.sent_at, "datetime")]


@page("shipping.notices", methods=("POST",))
def send_again(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The EDI 856 goes once more."""
    return perform(
        request, commands.send_notice_again, SendMessageAgain(shipment_id),
        to=reverse("shipping_notice", args=[shipment_id]), toast="It goes once more",
    )  # fmt: skip


@page("shipping.view", methods=("GET", "HEAD"))
def notice_csv(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The lines of a notice as a file."""
    found = queries.access_shipment(shipment_id, sites_seen(request))
    head = queries_notices.departure(shipment_id)
    if head is None:
        raise NoNotice(f"{found.number} has not left.", fix="A notice tells what has left.")
    names = [column.key for column in NOTICE_COLUMNS]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["shipment", "carrier", "tracking", "reference", *names])
    for line in queries_notices.departure_lines(shipment_id):
        cells = [getattr(line, name) for name in names]
        writer.writerow([head.shipment, head.carrier, head.tracking, line.reference, *cells])
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{head.shipment}.csv"'},
    )


@page("shipping.view")
def message_856(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The notice as EDI 856: read, or written where it was not yet."""
    found = queries.access_shipment(shipment_id, sites_seen(request))
    if request.method == "POST":
        return perform(
            request, commands.write_notice_message, WriteNoticeMessage(shipment_id),
            to=reverse("shipping_notice", args=[shipment_id]), toast="EDI 856 written",
        )  # fmt: skip
    message = queries_messages.message_of(shipment_id)
    if message is None:
        raise NoNotice(f"No EDI 856 was written of {found.number}.", fix="Write it on the page of its notice.")
    name = f"{found.number}-856.edi"
    return HttpResponse(
        message.content,
        content_type="text/plain; charset=us-ascii",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page("shipping.notices")
def answer(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """What the customer's system said, where it does not say it through the API."""
    found = queries.access_shipment(shipment_id, sites_seen(request))
    return ask(
        request, AnswerForm(request.POST or None), commands.answer_notice,
        lambda said: AnswerNotice(shipment_id, said["answer"], said["reference"], said["note"]),
        title=f"Answer to the notice of {found.number}",
        back=(found.number, reverse("shipping_notice", args=[shipment_id])),
        toast=lambda done: "Noted, after its time" if done.is_late else "Noted",
    )  # fmt: skip


@page("shipping.notices")
def terms(request: HttpRequest) -> HttpResponse:
    """Which customers are told of each departure."""
    form = NoticeTermsForm(request.POST or None)
    known = ", ".join(
        f"{row.code} {row.hours} h{', EDI 856' if row.edi_sender else ''}" for row in queries_notices.notice_terms()
    )
    return ask(
        request, form, commands.set_notice_terms,
        lambda said: SetNoticeTerms(
            said["customer"], said["hours"], said["edi_sender"], said["edi_receiver"], said["edi_qualifier"] or "ZZ",
            said["is_edi_test"], said["edi_folder"].strip(),
        ),
        title="Tell a customer of departures", back=("Notices of departure", reverse("shipping_notices")),
        sub=f"Told today: {known}." if known else "Nobody is told today.", toast=lambda done: "Set",
    )  # fmt: skip


def late(viewer: Viewer) -> int:
    """Notices that are rejected, or not answered in time, at the person's sites."""
    held = viewer.grants.get("shipping.notices", frozenset())
    here = frozenset({viewer.site_id}) if viewer.site_id and (0 in held or viewer.site_id in held) else held
    return queries_notices.late_notices(here, now()) if here else 0


NAV = [
    NavItem("Outbound", "Manifests", "shipping_manifests", permission="shipping.view", order=43, section="Shipping"),
    NavItem("Outbound", "Notices of departure", "shipping_notices", permission="shipping.view", order=45,
            section="Shipping", count=late),
]  # fmt: skip

urlpatterns = [
    path("manifests", MANIFESTS.view, name="shipping_manifests"),
    path("manifests/day", manifest, name="shipping_manifest"),
    path("notices", NOTICES.view, name="shipping_notices"),
    path("notices/terms", terms, name="shipping_notice_terms"),
    path("shipments/<int:shipment_id>/notice", notice, name="shipping_notice"),
    path("shipments/<int:shipment_id>/notice.csv", notice_csv, name="shipping_notice_csv"),
    path("shipments/<int:shipment_id>/notice/856", message_856, name="shipping_notice_856"),
    path("shipments/<int:shipment_id>/notice/856/again", send_again, name="shipping_notice_856_again"),
    path("shipments/<int:shipment_id>/notice/answer", answer, name="shipping_notice_answer"),
]
