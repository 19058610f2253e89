"""Shipments: the list, one shipment with the proof of what left, and their papers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of, now
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.sales import queries as sales
from flowrack.shared.refs import ref
from flowrack.shipping import commands, documents, queries, queries_proofs
from flowrack.shipping.pages import bookings, choices
from flowrack.shipping.types import CancelShipment, Departure, PrepareShipment, ShipConfirm, ShipFromStock

MARKS = {"open": "wait", "shipped": "run", "delivered": "ok", "refused": "bad", "cancelled": "wait"}

SHIPMENTS = ListPage(
    name="shipping.shipments",
    title="Shipments",
    noun=("shipment", "shipments"),
    permission="shipping.view",
    rows=queries.shipment_list,
    columns=[
        Column("number", "Shipment", kind="code", sort="id", link=lambda r: reverse("shipment", args=[r.id])),
        Column("state", "State", kind="state", marks=MARKS),
        Column("customers", "Customer", wide=True),
        Column("orders", "Orders", kind="code"),
        Column("shipped_at", "Left", kind="datetime", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("cartons", "Cartons", kind="number"),
        Column("carrier", "Carrier", sort=True),
        Column("tracking", "Tracking", kind="code"),
        Column("cost", "Cost", kind="money", total=True, permission="costing.view"),
        Column("site", "From"),
        Column("prepared_at", "Prepared", kind="datetime", hidden=True, sort=True),
    ],
    filters=[
        Choice("state", "State", [(word, word) for word in MARKS], promoted=True),
        DateRange("shipped_at", "Left", promoted=True),
    ],
    tabs=[
        Tab("All", "view=all"),
        Tab("At the door", "state=open"),
        Tab("On the way", "state=shipped"),
        Tab("Handed over", "state=delivered,refused"),
    ],
    sort="-id",
    search="Shipment, order, customer, carrier or tracking",
    row_id=lambda r: int(r.id),
    empty=Empty("No shipments yet", "Picked orders leave from their page or from the loading screen."),
)

LINE_COLUMNS = [
    Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("line_no", "#", kind="number"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("expires_on", "Expires", kind="date"),
    Column("lpn", "Carton", kind="code"),
    Column("units", "Units", kind="number"),
]


@page("shipping.view", methods=("GET", "HEAD"))
def shipment(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """One shipment with what left."""
    found = _seen(request, shipment_id)
    lines = queries.lines_of(shipment_id)
    actions = []
    if found.state == "open":
        sure = f"Ship {found.number} for {found.customers}? Goods that left come back only as a return."
        actions = [
            Do("Ship", reverse("shipping_confirm", args=[shipment_id]), "shipping.ship", primary=True, confirm=sure),
            Do("Call off", reverse("shipping_cancel", args=[shipment_id]), "shipping.ship"),
        ]
    if found.state == "shipped":
        prove = reverse("shipping_prove", args=[shipment_id])
        actions = [Do("Prove delivery", prove, "shipping.prove", primary=True, post=False)]
    does, booked, labels = bookings.parts(found)
    proof = queries_proofs.proof_of(shipment_id)
    papers = [Document("Packing slip", reverse("packing_slip", args=[shipment_id]), "PDF"), *labels]
    if found.shipped_at:
        papers.append(
            Document("Notice of departure", reverse("shipping_notice", args=[shipment_id]), "lines and SSCCs")
        )
    if proof is not None:
        kept = reverse("shipping_proof", args=[proof.id])
        papers.append(Document("Proof of delivery", kept, f"{proof.number}, {proof.received_by}", proof.happened_at))
    record = Record(
        title=found.number,
        subtitle=found.customers,
        subject=ref("shipping.shipment", shipment_id),
        site_id=found.site_id,
        state=found.state,
        marks=MARKS,
        back=("Shipments", reverse("shipments")),
        facts=[
            Fact("Left", found.shipped_at, "datetime"),
            Fact("Orders", found.orders, "code"),
            Fact("Units", found.units, "number"),
            Fact("Cartons", found.cartons, "number"),
            Fact("Carrier", found.carrier or "not named", note=found.tracking),
            *([Fact("Handed over", proof.happened_at, "datetime", note=proof.received_by)] if proof else []),
            *booked,
            Fact("From", found.site),
            *choices.facts(queries.order_ids_of(shipment_id), found.carrier if found.shipped_at else ""),
        ],
        actions=[*does, *actions],
        tables=[Table("What left", LINE_COLUMNS, lines, totals={"units": found.units}, empty="Nothing has left yet.")],
        documents=papers,
    )
    return render_record(request, record)


def _seen(request: HttpRequest, shipment_id: int) -> queries.ShipmentRow:
    caller = caller_of(request)
    return queries.access_shipment(shipment_id, caller.sites("shipping.view") if caller else frozenset())


def _pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'}
    )


@page("shipping.view", methods=("GET", "HEAD"))
def packing_slip(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The packing slip as PDF."""
    found = _seen(request, shipment_id)
    clock.at_own_site(found.site_id)
    pdf = documents.packing_slip(found, queries.orders_on(shipment_id), queries.lines_of(shipment_id), printed_at=now())
    return _pdf(pdf, found.number)


@page("shipping.ship", methods=("POST",))
def ship_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ship what is picked of one order."""
    head = sales.access_order(order_id, frozenset({0}))
    waiting = [s.id for s in queries.of_order(order_id) if s.state == "open"]
    departure = Departure(shipment_id=waiting[0]) if waiting else Departure(order_ids=(order_id,))
    return perform(
        request,
        commands.ship_confirm,
        ShipConfirm(head.site_id, [departure]),
        to=lambda done: reverse("shipment", args=[done.shipments[0].shipment_id]),
        toast=lambda done: f"{done.shipments[0].number} left",
    )


@page("shipping.ship", methods=("POST",))
def ship_from_stock(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ship what is promised to one order straight from its bins."""
    head = sales.access_order(order_id, frozenset({0}))
    return perform(
        request,
        commands.ship_from_stock,
        ShipFromStock(head.site_id, [order_id]),
        to=lambda done: reverse("shipment", args=[done.shipments[0].shipment_id]),
        toast=lambda done: f"{done.shipments[0].number} left",
    )


@page("shipping.ship", methods=("POST",))
def prepare(request: HttpRequest, order_id: int) -> HttpResponse:
    """Put one order on a shipment that waits for its truck."""
    head = sales.access_order(order_id, frozenset({0}))
    return perform(
        request,
        commands.prepare_shipment,
        PrepareShipment(head.site_id, [order_id]),
        to=lambda done: reverse("shipment", args=[done.shipment_id]),
        toast="Shipment prepared",
    )


@page("shipping.ship", methods=("POST",))
def confirm(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """A prepared shipment leaves."""
    found = _seen(request, shipment_id)
    return perform(
        request,
        commands.ship_confirm,
        ShipConfirm(found.site_id, [Departure(shipment_id=shipment_id)]),
        to=reverse("shipment", args=[shipment_id]),
        toast=f"{found.number} left",
    )


@page("shipping.ship", methods=("POST",))
def cancel(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Call a prepared shipment off."""
    return perform(
        request,
        commands.cancel_shipment,
        CancelShipment(shipment_id, "called off on its page"),
        to=reverse("shipment", args=[shipment_id]),
        toast="Called off",
    )


NAV = [NavItem("Outbound", "Shipments", "shipments", permission="shipping.view", order=42, section="Shipping")]

palette_records("Shipment", "shipment", "shipping.view", queries.look_up)

urlpatterns = [
    path("shipments", SHIPMENTS.view, name="shipments"),
    path("shipments/<int:shipment_id>", shipment, name="shipment"),
    path("shipments/<int:shipment_id>/packing-slip.pdf", packing_slip, name="packing_slip"),
    path("shipments/<int:shipment_id>/confirm", confirm, name="shipping_confirm"),
    path("shipments/<int:shipment_id>/cancel", cancel, name="shipping_cancel"),
    path("orders/<int:order_id>/ship", ship_order, name="shipping_ship_order"),
    path("orders/<int:order_id>/ship-from-stock", ship_from_stock, name="shipping_ship_from_stock"),
    path("orders/<int:order_id>/prepare", prepare, name="shipping_prepare"),
]
