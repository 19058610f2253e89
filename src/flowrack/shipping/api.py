"""Shipments for carriers' and customers' systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.sales import queries as sales
from flowrack.shipping import (
    api_behind,
    api_bookings,
    api_carriers,
    api_loads,
    api_messages,
    api_pallet_labels,
    api_proofs,
    commands,
    queries,
    queries_waits,
)
from flowrack.shipping import types as words

router = Router(tags=["shipping"])
router.add_router("", api_loads.router)
router.add_router("", api_pallet_labels.router)
router.add_router("", api_proofs.router)
router.add_router("", api_messages.router)
router.add_router("", api_carriers.router)
router.add_router("", api_bookings.router)
router.add_router("", api_behind.router)


class PrepareIn(Schema):
    """Orders that go on one shipment."""

    site_id: BigId
    order_ids: list[BigId] = Field(max_length=1000)
    carrier: str = Field("", max_length=80)
    tracking: str = Field("", max_length=80)


class PreparedOut(Schema):
    """The shipment that waits."""

    shipment_id: int
    number: str


class DepartureIn(Schema):
    """A prepared shipment, or the orders of one that needs none prepared."""

    shipment_id: int = Field(0, ge=0, le=2**62)
    order_ids: list[BigId] = Field([], max_length=1000)
    carrier: str = Field("", max_length=80)
    tracking: str = Field("", max_length=80)


class ConfirmIn(Schema):
    """Shipments that leave now."""

    site_id: BigId
    departures: list[DepartureIn] = Field(max_length=1000)


class FromStockIn(Schema):
    """Orders that leave straight from their bins, one shipment each."""

    site_id: BigId
    order_ids: list[BigId] = Field(max_length=1000)
    carrier: str = Field("", max_length=80)
    tracking: str = Field("", max_length=80)


class ShippedOneOut(Schema):
    """A shipment that left."""

    shipment_id: int
    number: str
    order_ids: list[int]
    units: int


class ShippedOut(Schema):
    """The shipments that left."""

    shipments: list[ShippedOneOut]
    posting_id: int


class TrackingIn(Schema):
    """Carrier and reference."""

    carrier: str = Field(max_length=80)
    tracking: str = Field(max_length=80)


class TrackingOut(Schema):
    """The shipment whose reference was noted."""

    shipment_id: int


class CancelIn(Schema):
    """Why."""

    reason: str = Field(max_length=200)


class CancelledOut(Schema):
    """The orders are free again."""

    shipment_id: int
    order_ids: list[int]


class ShipmentOut(Schema):
    """A shipment in a list."""

    id: int
    number: str
    state: str
    customers: str
    orders: str
    carrier: str
    tracking: str
    site_id: int
    prepared_at: datetime
    shipped_at: datetime | None
    units: int
    cartons: int


class LeftOut(Schema):
    """What left, line by line."""

    order: str
    line_no: int
    sku: str
    lot: str
    expires_on: date | None
    lpn: str
    units: int
    move_id: int


class ShipmentWithLinesOut(ShipmentOut):
    """A shipment with what left."""

    lines: list[LeftOut]


WaitKind = Literal["", "hold", "reservation", "stock", "wave", "picker", "packer", "carrier"]


class WaitOut(Schema):
    """One thing that an order waits for; `at` and `id` name where it can be solved."""

    kind: str
    words: str
    at: str
    id: int


class WaitingOrderOut(Schema):
    """An open order and all that keeps it from leaving, the earliest stage first."""

    id: int
    number: str
    tier: str
    customer: str
    standing: str
    requested_on: date
    site_id: int
    waits: list[WaitOut]


class WaitsOut(Schema):
    """What one order waits for; nothing when it has left or was cancelled."""

    waits: list[WaitOut]


@router.get("/orders/waiting", response=PageOut[WaitingOrderOut])
@requires("sales.view")
def list_waiting(
    request: HttpRequest, response: HttpResponse, waits_for: WaitKind = "", cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Open orders with what they wait for, all or those that wait for one kind of thing."""
    sites = _sites(request, "sales.view")
    rows = queries_waits.waiting_orders(sites, waits_for, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/orders/{int:order_id}/waits", response=WaitsOut)
@requires("sales.view")
def get_waits(request: HttpRequest, order_id: BigId) -> dict[str, Any]:
    """Why an order is not shipped."""
    sales.access_order(order_id, _sites(request, "sales.view"))
    return {"waits": queries_waits.of_order(order_id, now())[0]}


@router.get("/shipments", response=PageOut[ShipmentOut])
@requires("shipping.view")
def list_shipments(
    request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Shipments of the sites that the caller may see."""
    rows = queries.shipments(_sites(request), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/shipments/{int:shipment_id}", response=ShipmentWithLinesOut)
@requires("shipping.view")
def get_shipment(request: HttpRequest, shipment_id: BigId) -> dict[str, Any]:
    """One shipment with what left."""
    found = queries.access_shipment(shipment_id, _sites(request))
    fields = {name: getattr(found, name) for name in ShipmentOut.model_fields}
    return {**fields, "lines": queries.lines_of(shipment_id)}


@router.post("/shipments", response={201: PreparedOut})
def prepare(request: HttpRequest, body: PrepareIn) -> Status[words.Prepared]:
    """Put orders on a shipment that waits for its truck."""
    req = words.PrepareShipment(body.site_id, list(body.order_ids), body.carrier, body.tracking)
    return Status(201, commands.prepare_shipment(context_from(request), req))


@router.post("/shipments/confirm", response=ShippedOut)
def confirm(request: HttpRequest, body: ConfirmIn) -> words.Shipped:
    """Shipments leave. This cannot be undone."""
    departures = [words.Departure(d.shipment_id, tuple(d.order_ids), d.carrier, d.tracking) for d in body.departures]
    return commands.ship_confirm(context_from(request), words.ShipConfirm(body.site_id, departures))


@router.post("/shipments/from-stock", response=ShippedOut)
def from_stock(request: HttpRequest, body: FromStockIn) -> words.Shipped:
    """Ship what is promised to orders straight from its bins, without picks. This cannot be undone."""
    req = words.ShipFromStock(body.site_id, list(body.order_ids), body.carrier, body.tracking)
    return commands.ship_from_stock(context_from(request), req)


@router.put("/shipments/{int:shipment_id}/tracking", response=TrackingOut)
def tracking(request: HttpRequest, shipment_id: BigId, body: TrackingIn) -> words.TrackingSet:
    """Note the carrier's reference."""
    return commands.set_tracking(context_from(request), words.SetTracking(shipment_id, body.carrier, body.tracking))


@router.post("/shipments/{int:shipment_id}/cancel", response=CancelledOut)
def cancel(request: HttpRequest, shipment_id: BigId, body: CancelIn) -> words.ShipmentCancelled:
    """Call a shipment off before it leaves."""
    return commands.cancel_shipment(context_from(request), words.CancelShipment(shipment_id, body.reason))


def _sites(request: HttpRequest, permission: str = "shipping.view") -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites(permission) if caller else frozenset()
