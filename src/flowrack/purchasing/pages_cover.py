"""How pages show cover: what is coming besides a document, and what was bought in spite of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.urls import reverse

from flowrack.approvals.queries import Standing
from flowrack.approvals.steps import role_names
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import day
from flowrack.platform.web.record import Fact, Table
from flowrack.purchasing.queries import PoLineRow, PoRecord
from flowrack.purchasing.queries_approvals import use_of
from flowrack.purchasing.queries_cover import covers, overrides
from flowrack.purchasing.queries_requisitions import orders_of
from flowrack.purchasing.rules import LONG_DAYS, cover_days, lasts
from flowrack.purchasing.rules_cover import draft_ends_on
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_cover import SOURCES, Key


@dataclass(frozen=True, slots=True)
class CoverRow:
    """Units that are coming, as a page shows them."""

    sku: str
    kind: str
    number: str
    url: str
    party: str
    due_on: date | None
    units: int
    ends_on: date | None


COVER_COLUMNS = [
    Column("sku", "Item", kind="code"),
    Column("kind", "By"),
    Column("number", "Document", kind="code", link=lambda r: r.url),
    Column("party", "From", wide=True),
    Column("due_on", "Due", kind="date"),
    Column("units", "Coming", kind="number"),
    Column("ends_on", "Draft, counts until", kind="date"),
]

OVERRIDE_COLUMNS = [
    Column("sku", "Item", kind="code"),
    Column("need_units", "Asked", kind="number"),
    Column("covered_units", "Coming already", kind="number"),
    Column("documents", "By", wide=True),
    Column("reason", "Bought on top because", wide=True),
    Column("by", "By whom"),
    Column("at", "When", kind="datetime"),
]


def cover_rows(items: Mapping[Key, str], *, today: date, without: Sequence[tuple[str, int]] = ()) -> list[CoverRow]:
    """What is coming of items at sites, besides some documents (kind, id): by item, the soonest first."""
    coming = covers(list(items), today=today, without=without)
    found = sorted(coming, key=lambda c: (c.item_id, c.due_on or date.min, c.number))
    return [
        CoverRow(
            items[c.site_id, c.item_id],
            SOURCES[c.kind].label,
            c.number,
            reverse(SOURCES[c.kind].url_name, args=[c.document_id]),
            c.party,
            c.due_on,
            c.units,
            c.ends_on,
        )
        for c in found
    ]


def override_table(kind: str, document_id: int) -> list[Table]:
    """What the document buys in spite of cover; no table when nothing."""
    rows = overrides(kind, [document_id])
    return [Table("Bought on top", OVERRIDE_COLUMNS, rows)] if rows else []


def approval_fact(asked: Standing) -> Fact:
    """Where the approval of a document stands."""
    url = f"{reverse('approvals_inbox')}?tab=mine&request={asked.request_id}"
    if asked.state == "waiting":
        return Fact("Approval", "waits", note=role_names(asked.waits_for), url=url)
    note = f"{asked.last_by}: {asked.last_reason}" if asked.last_reason else ""
    return Fact("Approval", asked.state, note=note, url=url, tone="bad" if asked.state == "rejected" else "")


FOR_COLUMNS = [
    Column("po_line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code"),
    Column(
        "requisition",
        "Requisition",
        kind="code",
        link=lambda r: reverse("purchasing_requisition", args=[r.requisition_id]),
    ),
    Column("requested_by", "Asked by", wide=True),
    Column("units", "Ordered", kind="number"),
]


def draft_columns(found: PoRecord, today: date) -> list[Column]:
    """For the lines of a draft: how long each would last at the sales of three months."""
    if found.head.state != "draft":
        return []
    use = use_of([(x.item_id, found.head.site_id) for x in found.lines], today)

    def days(row: PoLineRow) -> int:
        return cover_days(units=row.units, daily=use.get((row.item_id, found.head.site_id), Decimal(0)))

    def told(row: PoLineRow) -> str:
        return "no sales in 3 months" if not use.get((row.item_id, found.head.site_id)) else lasts(days(row))

    return [Column("lasts", "Lasts", kind="chip", value=told, tone=lambda row: "warn" if days(row) > LONG_DAYS else "")]


def draft_facts(found: PoRecord, asked: Standing | None, today: date) -> list[Fact]:
    """Of a draft that nobody has sent for approval: until when it counts as coming."""
    if found.head.state != "draft" or (asked is not None and asked.state in ("waiting", "approved")):
        return []
    until = draft_ends_on(found.head.ordered_on)
    if today > until:
        return [Fact("Counts as coming", "no longer", note=f"not sent for approval by {day(until)}", tone="warn")]
    return [Fact("Counts as coming", until, "date", note="until then, unless it is sent for approval")]


def order_tables(found: PoRecord, today: date) -> list[Table]:
    """What a PO's record shows besides its lines: for which requisitions they are, what else is coming while it is a
    draft, and what it buys on top."""
    head = found.head
    asked = orders_of(po_id=head.id)
    items = {(head.site_id, x.item_id): x.sku for x in found.lines}
    besides = cover_rows(items, today=today, without=[(PO_KIND, head.id)]) if head.state == "draft" else []
    return [
        *([Table("Ordered for", FOR_COLUMNS, asked)] if asked else []),
        *([Table("Coming besides", COVER_COLUMNS, besides)] if besides else []),
        *override_table(PO_KIND, head.id),
    ]
