"""The hold board."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localtime

from flowrack.analytics.queries import holds as queries
from flowrack.analytics.queries.holds import HeldRow
from flowrack.inspection.types_holds import Cause
from flowrack.platform.http import now
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Button, Choice, Column, Empty, Flag, ListPage, ListQuery, Page, Tab

QUALITIES = ("hold", "inspection", "quarantine", "damaged")


def _rows(query: ListQuery) -> Page[Any]:
    return queries.held_list(query, localtime(now()))


def _link(row: HeldRow) -> str | None:
    try:
        if row.kind == "hold":
            return reverse("inspection_hold", args=[row.key])
        if row.kind == "discrepancy":
            return reverse("inbound_discrepancy", args=[row.key])
        return reverse("inspection", args=[row.key]) if row.kind == "inspection" else None
    except NoReverseMatch:
        return None


def _timer(row: HeldRow) -> str | None:
    """Days left until the hold should be settled, or by how many it is over."""
    if row.due_at is None:
        return None
    days = abs((row.due_at - now()).days + (1 if row.is_late else 0))
    if row.is_late:
        return f"{days} d over" if days else "over today"
    return f"{days} d left" if days else "today"


HOLDS = ListPage(
    name="analytics.holds",
    title="Hold board",
    noun=("hold", "holds"),
    permission="inspection.view",
    rows=_rows,
    columns=[
        Column("number", "Held by", kind="code", sort=True, link=_link, value=lambda r: r.number or "no record"),
        Column("sku", "Item", kind="code", sort=True, link=lambda r: reverse("analytics_item", args=[r.item_id])),
        Column("name", "Name"),
        Column("lot", "Lot", kind="code"),
        Column("quality", "State", value=lambda r: words(r.quality)),
        Column("age_days", "Age, days", kind="number", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("waiting_units", "Orders wait for", kind="number", sort=True, value=lambda r: r.waiting_units or None),
        Column("waiting_lines", "Lines", kind="number", hidden=True, value=lambda r: r.waiting_lines or None),
        Column("cause", "Cause", sort=True, value=lambda r: words(r.cause) if r.cause else ""),
        Column("reason", "Why", wide=True),
        Column("owner", "Owner", sort=True),
        Column("due_at", "Timer", kind="chip", sort=True, value=_timer, tone=lambda r: "bad" if r.is_late else ""),
        Column("site", "Site", hidden=True),
        Column("since", "Since", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("quality", "State", [(q, words(q)) for q in QUALITIES], promoted=True),
        Choice("cause", "Cause", [(c.value, words(c)) for c in Cause], promoted=True),
        Flag("is_late", "Over time", promoted=True),
    ],
    tabs=[Tab("All", ""), Tab("Holds", "quality=hold"), Tab("In inspection", "quality=inspection"),
          Tab("Quarantine", "quality=quarantine"), Tab("Damaged", "quality=damaged")],
    actions=[Button("Release stock", "fulfilment_release", permission="storage.release", key="r")],
    sort="-age_days",
    search="Number, item, lot, reason or owner",
    empty=Empty("Nothing is held", "Goods in inspection, in quarantine, on hold and damaged, with who waits for them."),
)  # fmt: skip
