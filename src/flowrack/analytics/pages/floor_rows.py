"""Lists of the rows behind the numbers of packing and sending."""

from __future__ import annotations

from django.urls import reverse

from flowrack.analytics.queries import floor_rows as rows
from flowrack.platform.http import now
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, Flag, ListPage
from flowrack.returns.rules import REASONS

PERMISSION = "analytics.view"
WRONG_REASONS = {reason: REASONS[reason] for reason in ("wrong_item", "too_many")}
WEIGHED = [("ok", "Ok"), ("off", "Off"), ("unknown", "Unknown")]

WAVES = ListPage(
    name="analytics.waves",
    title="Waves whose time came",
    noun=("wave", "waves"),
    permission=PERMISSION,
    rows=lambda query: rows.wave_page(query, now()),
    columns=[
        Column("number", "Wave", kind="code", sort="id", link=lambda r: reverse("fulfilment_wave", args=[r.id])),
        Column("standing", "Picked", kind="state", marks={"in time": "ok", "late": "bad", "not picked": "bad"}),
        Column("pick_until", "Pick until", kind="datetime", sort=True),
        Column("done_at", "Last pick", kind="datetime", sort=True),
        Column("minutes_late", "Minutes late", kind="number", sort=True),
        Column("picks", "Picks", kind="number", sort=True),
        Column("open_picks", "Open", kind="number", sort=True, value=lambda r: r.open_picks or None),
        Column("template", "Template", sort=True),
        Column("service", "Service", sort=True),
        Column("site", "Site", kind="code"),
    ],
    filters=[
        DateRange("pick_until", "Pick until", promoted=True),
        Choice("standing", "Picked", [(one, one) for one in ("in time", "late", "not picked")], promoted=True),
    ],
    sort="-pick_until",
    search="Wave, template or service",
    row_id=lambda r: int(r.id),
    empty=Empty("No waves", "Waves stand here when the time has come by which they had to be picked."),
)

WAITS = ListPage(
    name="analytics.waits",
    title="Lines that waited for a refill",
    noun=("line", "lines"),
    permission=PERMISSION,
    rows=lambda query: rows.wait_page(query, now()),
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("sku", "Item", kind="code", sort=True),
        Column("face", "Face", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("since", "Since", kind="datetime", sort=True),
        Column("ended_at", "Until", kind="datetime", sort=True),
        Column("minutes", "Minutes", kind="number", sort=True),
        Column("site", "Site", kind="code"),
    ],
    filters=[DateRange("since", "Since", promoted=True), Flag("is_over", "Over", promoted=True)],
    sort="-since",
    search="Order, item or face",
    row_id=lambda r: int(r.id),
    empty=Empty("No line waited", "Order lines stand here that waited until their pick face was refilled."),
)

CARTONS = ListPage(
    name="analytics.cartons",
    title="Cartons packed",
    noun=("carton", "cartons"),
    permission=PERMISSION,
    rows=rows.carton_page,
    columns=[
        Column("sscc", "SSCC", kind="code", sort="id", link=lambda r: reverse("carton", args=[r.id])),
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("packed_at", "Packed", kind="datetime", sort=True),
        Column("carton_type", "Carton", kind="code", sort=True),
        Column("planned_type", "Planned", kind="code", sort=True),
        Column("filled", "Filled, ‰", kind="number", sort=True),
        Column("first_weighing", "First weighing", kind="state", marks={"ok": "ok", "off": "bad"}),
        Column("is_scanned", "Scanned", value=lambda r: "every unit" if r.is_scanned else ""),
        Column("site", "Site", kind="code"),
    ],
    filters=[
        DateRange("packed_at", "Packed", promoted=True),
        Flag("is_planned", "As planned", promoted=True),
        Choice("first_weighing", "First weighing", WEIGHED, promoted=True),
        Flag("is_scanned", "Every unit scanned"),
    ],
    sort="-packed_at",
    search="SSCC or order",
    row_id=lambda r: int(r.id),
    empty=Empty("No cartons", "Cartons stand here when they are packed."),
)

SHIPMENTS = ListPage(
    name="analytics.shipments",
    title="Shipments that left",
    noun=("shipment", "shipments"),
    permission=PERMISSION,
    rows=rows.shipment_page,
    columns=[
        Column("number", "Shipment", kind="code", sort="id", link=lambda r: reverse("shipment", args=[r.id])),
        Column("orders", "Orders", kind="code"),
        Column("carrier", "Carrier", sort=True),
        Column("shipped_at", "Left", kind="datetime", sort=True),
        Column("ship_by_on", "Had to leave by", kind="date", sort=True),
        Column("days_late", "Days late", kind="number", sort=True, value=lambda r: r.days_late or None),
        Column("site", "Site", kind="code"),
    ],
    filters=[DateRange("shipped_at", "Left", promoted=True), Flag("is_in_time", "In time", promoted=True)],
    sort="-shipped_at",
    search="Shipment, order or carrier",
    row_id=lambda r: int(r.id),
    empty=Empty("Nothing left", "Shipments stand here when they have left."),
)

WRONG = ListPage(
    name="analytics.wrong_picks",
    title="Picks that were wrong",
    noun=("wrong pick", "wrong picks"),
    permission=PERMISSION,
    rows=rows.wrong_page,
    columns=[
        Column("created_at", "Told", kind="datetime", sort=True),
        Column("rma", "Return", kind="code", sort=True, link=lambda r: reverse("returns_rma", args=[r.rma_id])),
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("reason", "Why", value=lambda r: WRONG_REASONS[r.reason]),
        Column("site", "Site", kind="code"),
    ],
    filters=[
        DateRange("created_at", "Told", promoted=True),
        Choice("reason", "Why", list(WRONG_REASONS.items()), promoted=True),
    ],
    sort="-created_at",
    search="Return, order, customer or item",
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No wrong picks",
        "Lines stand here that a customer sends back because we sent the wrong item or too many; every other pick "
        "counts as right.",
    ),
)
