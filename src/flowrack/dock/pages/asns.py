"""Pages of ASNs: the list, one ASN with its pack tree, the import."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.dock import commands, queries, queries_pages
from flowrack.dock.pages.common import by_clock_of, held, with_reason
from flowrack.dock.queries import AsnRow
from flowrack.dock.states import ASN, AsnState
from flowrack.dock.types import CancelAsn, CloseAsn
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Button, Choice, Column, DateRange, Empty, Flag, ListPage, Tab
from flowrack.platform.web.record import MOST_ROWS, Do, Fact, Record, Table, render_record
from flowrack.shared.refs import ref

ASNS = ListPage(
    name="dock.asns",
    title="ASNs",
    noun=("ASN", "ASNs"),
    permission="dock.view",
    rows=queries_pages.asn_page,
    columns=[
        Column("number", "ASN", kind="code", sort="id", link=lambda r: reverse("dock_asn", args=[r.id])),
        Column("supplier", "Supplier", sort=True, wide=True),
        Column("reference", "Reference", kind="code", sort=True),
        Column("state", "State", kind="state", sort=True, marks={"expected": "wait", "arrived": "run"}),
        Column("expected_at", "Expected", kind="datetime", sort=True),
        Column(
            "appointment",
            "Truck",
            kind="code",
            sort=True,
            link=lambda r: reverse("dock_appointment", args=[r.appointment_id]) if r.appointment_id else "",
        ),
        Column("pack_count", "Packs", kind="number", sort=True),
        Column("line_count", "Lines", kind="number", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("received_units", "Received", kind="number", sort=True, total=True),
        Column("flagged_count", "Flagged", kind="number", sort=True, value=lambda r: r.flagged_count or None),
        Column("unmatched_count", "No order", kind="number", sort=True, value=lambda r: r.unmatched_count or None),
        Column("site", "Site", kind="code", sort=True, hidden=True),
        Column("carrier", "Carrier", sort=True, hidden=True),
        Column("created_at", "Came", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value) for s in AsnState], promoted=True),
        DateRange("expected_at", "Expected", promoted=True),
        Flag("flagged_count", "Flagged"),
    ],
    tabs=[Tab("On the way", "state=expected,arrived,receiving"), Tab("Closed", "state=closed"), Tab("All", "")],
    sort="-number",
    search="ASN, reference, supplier or truck",
    actions=[Button("Import", "dock_import", permission="dock.enter", primary=True, key="i")],
    empty=Empty("No ASNs", "What suppliers announce before it comes.", "Import ASNs", "dock_import", "dock.enter"),
)

LINE_COLUMNS = [
    Column("line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name"),
    Column("units", "Units", kind="number"),
    Column("received_units", "Received", kind="number", value=lambda r: r.received_units or None),
    Column("sscc", "Pack", kind="code"),
    Column("lot", "Lot", kind="code"),
    Column("expires_on", "Until", kind="date"),
    Column(
        "po_number", "Order", kind="code",
        value=lambda r: f"{r.po_number} / {r.po_line_no}" if r.po_line_id else r.po_number,
        link=lambda r: reverse("purchasing_po", args=[r.po_id]) if r.po_id else "",
    ),
    Column("match_reason", "Match", wide=True),
    Column(
        "flags", "Look at", kind="chip",
        value=lambda r: ", ".join(f.replace("_", " ") for f in r.flags), tone=lambda r: "warn" if r.flags else "",
    ),
]  # fmt: skip
PACK_COLUMNS = [
    Column("sscc", "SSCC", kind="code", value=lambda r: "\u2003" * r.depth + r.sscc),
    Column("kind", "Kind"),
    Column("skus", "Holds", wide=True, value=lambda r: ", ".join(r.skus)),
    Column("units", "Units", kind="number", value=lambda r: r.units or None),
    Column("received_units", "Received", kind="number", value=lambda r: r.received_units or None),
    Column("is_here", "State", kind="state", value=lambda r: "received" if r.is_here else "expected"),
]


@page("dock.view")
def asn(request: HttpRequest, asn_id: int) -> HttpResponse:
    """One ASN: its lines with their matches, and its packs as a tree."""
    head = queries_pages.access_asn(asn_id, held(request))
    lines = queries.lines_of_asn(asn_id, limit=MOST_ROWS)
    packs = queries_pages.pack_tree(asn_id, limit=MOST_ROWS)
    record = Record(
        title=head.number,
        subtitle=head.supplier,
        state=head.state,
        marks={"expected": "wait", "arrived": "run"},
        subject=ref("dock.asn", asn_id),
        site_id=head.site_id,
        back=("ASNs", reverse("dock_asns")),
        facts=[
            Fact("Reference", head.reference, "code"),
            Fact("Site", head.site, "code"),
            Fact("Expected", head.expected_at, "datetime") if head.expected_at else Fact("Expected", "not said"),
            Fact(
                "Truck", head.appointment or "not booked", "code" if head.appointment else "text",
                url=reverse("dock_appointment", args=[head.appointment_id]) if head.appointment_id else "",
            ),
            Fact("Units", head.units, "number", note=f"{head.received_units:,} received"),
            Fact("Flagged", head.flagged_count, "number", note="lines", tone="warn" if head.flagged_count else ""),
            *([Fact("Ended because", head.end_reason)] if head.end_reason else []),
        ],
        actions=_actions(head),
        tables=[
            Table(
                "Lines", LINE_COLUMNS, lines, of=head.line_count,
                totals={"units": head.units, "received_units": head.received_units},
            ),
            Table("Packs", PACK_COLUMNS, packs, of=head.pack_count, empty="Everything comes loose."),
        ],
        why={ref("dock.asn_line", x.asn_line_id): f"Line {x.line_no}" for x in lines[:200]},
    )  # fmt: skip
    with by_clock_of(head.site_id):
        return render_record(request, record)


def _actions(head: AsnRow) -> list[Do]:
    state = AsnState(head.state)
    may = {action for (start, action) in ASN if start == state}
    cancel, close = (reverse(name, args=[head.id]) for name in ("dock_asn_cancel", "dock_asn_close"))
    book = f"{reverse('dock_book')}?asns={head.number}"
    return [
        *([Do("Cancel", cancel, "dock.enter", post=False)] if "cancel" in may else []),
        *([Do("Close", close, "dock.receive", post=False)] if "close" in may else []),
        *(
            [Do("Book a door", book, "dock.schedule", primary=True, post=False, key="b")]
            if "close" in may and not head.appointment_id
            else []
        ),
    ]


@page("dock.enter")
def cancel_asn(request: HttpRequest, asn_id: int) -> HttpResponse:
    """Withdraw an ASN of which nothing came."""
    head = queries_pages.access_asn(asn_id, held(request))
    return with_reason(
        request,
        f"Cancel {head.number}",
        f"{head.supplier}, {head.reference}. The supplier may send the reference and its SSCCs again.",
        (head.number, reverse("dock_asn", args=[asn_id])),
        commands.cancel_asn,
        lambda reason: CancelAsn(asn_id, reason),
    )


@page("dock.receive")
def close_asn(request: HttpRequest, asn_id: int) -> HttpResponse:
    """Expect nothing more of an ASN."""
    head = queries_pages.access_asn(asn_id, held(request))
    missing = max(head.units - head.received_units, 0)
    return with_reason(
        request,
        f"Close {head.number}",
        f"{missing:,} units did not come: say why." if missing else "Everything came.",
        (head.number, reverse("dock_asn", args=[asn_id])),
        commands.close_asn,
        lambda reason: CloseAsn(asn_id, reason),
    )
