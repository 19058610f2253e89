"""A shipment's booking with its carrier's own system, from the shipment's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import queries_live
from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.http import caller_of
from flowrack.platform.importing import stored_file
from flowrack.platform.web.access import page
from flowrack.platform.web.record import Do, Document, Fact
from flowrack.platform.web.render import context_of, perform
from flowrack.shipping import booking, commands, queries
from flowrack.shipping.queries import ShipmentRow
from flowrack.shipping.types_bookings import NotBookable

MAY = "shipping.ship"
STATES = {"booked": "booked", "on_the_way": "on the way", "delivered": "delivered", "returned": "comes back",
          "lost": "lost"}  # fmt: skip


def _seen(request: HttpRequest, shipment_id: int) -> ShipmentRow:
    caller = caller_of(request)
    return queries.access_shipment(shipment_id, caller.sites("shipping.view") if caller else frozenset())


def parts(shipment: ShipmentRow) -> tuple[list[Do], list[Fact], list[Document]]:
    """What the page of a shipment shows of its booking: buttons, a fact, the label."""

    def to(step: str) -> str:
        return reverse(f"shipping_booking_{step}", args=[shipment.id])

    booked = queries_live.booking_of(shipment.number)
    if booked is None:
        can = shipment.state in ("open", "shipped") and booking.account_for(shipment) is not None
        return ([Do("Book with carrier", to("make"), MAY)] if can else []), [], []
    place = " · ".join(part for part in (booked.place, booked.signed_by) if part)
    fact = Fact("Booked", STATES[booked.state], note=place or f"{booked.service}, {booked.booking}",
                tone="bad" if booked.state in ("returned", "lost") else "")  # fmt: skip
    actions = [Do("Where is it?", to("track"), MAY)]
    if booked.state == "booked":
        actions.append(Do("Call booking off", to("end"), MAY, confirm=f"Call booking {booked.booking} off?"))
    label = [Document("Carrier's label", to("label"), booked.label_kind)] if booked.label else []
    return actions, [fact], label


@page(MAY, methods=("POST",))
def make(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Book the shipment."""
    req = booking.book(context_of(request), _seen(request, shipment_id), keep_carrier_answers)
    return perform(
        request, commands.keep_booking, req, to=reverse("shipment", args=[shipment_id]),
        toast=lambda done: f"Booked: {done.tracking}",
    )  # fmt: skip


@page(MAY, methods=("POST",))
def end(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Call the booking off."""
    req = booking.cancel(context_of(request), _seen(request, shipment_id), keep_carrier_answers)
    return perform(
        request, commands.end_booking, req, to=reverse("shipment", args=[shipment_id]), toast="Booking called off"
    )


@page(MAY, methods=("POST",))
def track(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Ask the carrier where it is."""
    req = booking.track(context_of(request), _seen(request, shipment_id), keep_carrier_answers)
    return perform(
        request, commands.keep_tracking, req, to=reverse("shipment", args=[shipment_id]),
        toast=lambda done: f"The carrier says: {STATES[done.state]}",
    )  # fmt: skip


@page("shipping.view", methods=("GET", "HEAD"))
def label(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The carrier's label as it came."""
    found = queries_live.booking_of(_seen(request, shipment_id).number)
    if found is None or not found.label:
        raise NotBookable("There is no label of the carrier.", fix="Book the shipment first.")
    return HttpResponse(
        stored_file(found.label), content_type=found.label_kind,
        headers={"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


urlpatterns = [
    path("shipments/<int:shipment_id>/booking", make, name="shipping_booking_make"),
    path("shipments/<int:shipment_id>/booking/end", end, name="shipping_booking_end"),
    path("shipments/<int:shipment_id>/booking/track", track, name="shipping_booking_track"),
    path("shipments/<int:shipment_id>/booking/label", label, name="shipping_booking_label"),
]
