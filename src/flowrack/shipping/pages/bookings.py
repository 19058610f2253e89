"""Bookings with carriers' own systems: of a shipment from its page, the list, and one that is to be called off."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import queries_live
from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.carriers.rules_bookings import Ends
from flowrack.platform.http import caller_of
from flowrack.platform.importing import stored_file
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.listing import Choice, DateRange, Empty, ListPage, NumberRange, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Document, Fact, Record, render_record
from flowrack.platform.web.render import ask, context_of, perform
from flowrack.shared.refs import ref
from flowrack.shipping import booking, commands, queries, queries_bookings
from flowrack.shipping.queries import ShipmentRow
from flowrack.shipping.queries_bookings import BookedRow
from flowrack.shipping.types_bookings import NotBookable, NoteCallOff

MAY = "shipping.ship"
LIST = "Carrier bookings"
STATES = {"booked": "booked", "on_the_way": "on the way", "delivered": "delivered", "returned": "comes back",
          "lost": "lost"}  # fmt: skip
STANDINGS = {**STATES, "waiting": "to be called off", "refused": "carrier keeps it", "ended": "called off"}
ENDING = ("waiting", "refused")
MARKS = {"booked": "run", "on the way": "run", "delivered": "ok", "comes back": "bad", "lost": "bad",
         "to be called off": "wait", "carrier keeps it": "bad", "called off": "void"}  # fmt: skip


def _seen(request: HttpRequest, shipment_id: int) -> ShipmentRow:
    caller = caller_of(request)
    return queries.access_shipment(shipment_id, caller.sites("shipping.view") if caller else frozenset())


def parts(shipment: ShipmentRow) -> tuple[list[Do], list[Fact], list[Document]]:
    """What the page of a shipment shows of its booking: buttons, facts, the label; and earlier ones that still end."""

    def to(step: str) -> str:
        return reverse(f"shipping_booking_{step}", args=[shipment.id])

    ending = [_ending(one) for one in queries_bookings.booked_of(shipment.number) if one.standing in ENDING]
    booked = queries_live.booking_of(shipment.number)
    if booked is None:
        can = shipment.state in ("open", "shipped") and booking.account_for(shipment) is not None
        return ([Do("Book with carrier", to("make"), MAY)] if can else []), ending, []
    place = " · ".join(part for part in (booked.place, booked.signed_by) if part)
    fact = Fact("Booked", STATES[booked.state], note=place or f"{booked.service}, {booked.booking}",
                tone="bad" if booked.state in ("returned", "lost") else "")  # fmt: skip
    facts = [fact, *_price(booked.total, booked.expected, booked.price_words), *ending]
    actions = [Do("Where is it?", to("track"), MAY)]
    if booked.state == "booked":
        actions.append(Do("Call booking off", to("end"), MAY, confirm=f"Call booking {booked.booking} off?"))
    label = [Document("Carrier's label", to("label"), booked.label_kind)] if booked.label else []
    return actions, facts, label


def _price(booked: Decimal | None, expected: Decimal | None, words: str) -> list[Fact]:
    """The price of a booking beside the freight by which the carrier was chosen."""
    if booked is None:
        return []
    chosen = f"{expected:,.2f} when chosen" if expected is not None else "nothing was chosen"
    return [
        Fact("Booked for", booked, "money", note=": ".join(part for part in (chosen, words) if part),
             tone="warn" if expected is not None and booked > expected else "")
    ]  # fmt: skip


def _ending(row: BookedRow) -> Fact:
    said = f", {row.end_said}" if row.end_said else ""
    note = f"{row.carrier} {row.service}, {row.end_why}{said}"
    return Fact(f"Booking {row.booking}", STANDINGS[row.standing], note=note, tone="bad", url=_url(row.id))


def _url(booking_id: int, step: str = "") -> str:
    return reverse(f"shipping_booked{step}", args=[booking_id])


BOOKINGS = ListPage(
    name="shipping.bookings",
    title=LIST,
    noun=("booking", "bookings"),
    permission="shipping.view",
    rows=queries_bookings.booked_list,
    is_cards=True,
    columns=[
        Column("booking", "Booking", kind="code", sort=True, link=lambda r: _url(r.id)),
        Column("shipment", "Shipment", kind="code", link=lambda r: reverse("shipment", args=[r.shipment_id])),
        Column("standing", "State", kind="state", marks=MARKS, value=lambda r: STANDINGS[r.standing]),
        Column("carrier", "Carrier", sort=True),
        Column("service", "Service", sort=True, wide=True),
        Column("tracking", "Tracking", kind="code", minor=True),
        Column("booked", "Booked for", kind="money", sort=True, total=True),
        Column("expected", "When chosen", kind="money", sort=True, total=True),
        Column("difference", "Difference", kind="money", sort=True, total=True,
               tone=lambda r: "warn" if r.difference and r.difference > 0 else ""),
        Column("price_words", "Why another price", wide=True),
        Column("end_why", "Called off because", wide=True),
        Column("end_said", "The carrier", wide=True),
        Column("booked_at", "Booked", kind="datetime", sort=True),
        Column("booked_by", "By", minor=True),
        Column("site", "From", hidden=True),
    ],
    filters=[
        Choice("standing", "State", list(STANDINGS.items()), promoted=True),
        NumberRange("difference", "Difference"),
        DateRange("booked_at", "Booked", promoted=True),
    ],
    tabs=[
        Tab("Live", "standing=booked,on_the_way"), Tab("To call off", "standing=waiting,refused"),
        Tab("Dearer", "difference=0.01.."), Tab("All", "view=all"),
    ],
    sort="-booked_at",
    search="Shipment, booking, tracking or carrier",
    row_id=lambda r: int(r.id),
    empty=Empty("Nothing booked yet", "A shipment is booked on its page, where its carrier's system is asked."),
)  # fmt: skip


class NoteForm(forms.Form):
    """How the carrier was told."""

    note = forms.CharField(
        label="How he was told", min_length=3, max_length=200, help_text="Whom you told, and how: “by phone, Mr. Hill”."
    )


def _row(request: HttpRequest, booking_id: int) -> BookedRow:
    caller = caller_of(request)
    return queries_bookings.access_booking(booking_id, caller.sites("shipping.view") if caller else frozenset())


@page("shipping.view", methods=("GET", "HEAD"))
def booked(request: HttpRequest, booking_id: int) -> HttpResponse:
    """One booking: its price, and how far its end is."""
    row = _row(request, booking_id)
    actions = []
    if row.standing in ENDING:
        actions = [
            Do("Carrier was told", _url(row.id, "_note"), MAY, post=False),
            Do("Tell the carrier now", _url(row.id, "_call_off"), "shipping.choose", primary=True),
        ]
    ends = [Fact("Called off because", row.end_why)] if row.end_why else []
    if row.end_said:
        ends.append(Fact("The carrier", row.end_said, note=f"told {row.end_tries} times" if row.end_tries > 1 else ""))
    if row.standing == Ends.WAITING:
        ends.append(Fact("Told again", row.end_at, "datetime"))
    record = Record(
        title=row.booking, subtitle=f"{row.carrier} {row.service}", subject=ref("shipping.booking", row.id),
        site_id=row.site_id, state=STANDINGS[row.standing], marks=MARKS, back=(LIST, reverse("shipping_bookings")),
        facts=[
            Fact("Shipment", row.shipment, "code", url=reverse("shipment", args=[row.shipment_id])),
            Fact("Tracking", row.tracking, "code"),
            *_price(row.booked, row.expected, row.price_words),
            *ends,
            Fact("Booked by", row.booked_by, note=row.booked_at),
            Fact("From", row.site),
        ],
        actions=actions,
    )  # fmt: skip
    return render_record(request, record)


@page("shipping.choose", methods=("POST",))
def call_off(request: HttpRequest, booking_id: int) -> HttpResponse:
    """Tell the carrier now that the booking counts no more."""
    req = booking.call_off_one(context_of(request), _row(request, booking_id), keep_carrier_answers)
    return perform(
        request, commands.keep_call_offs, req, to=_url(booking_id),
        toast=lambda done: "Called off" if done.ended else f"Not called off: {req.call_offs[0].words}",
    )  # fmt: skip


@page(MAY)
def note(request: HttpRequest, booking_id: int) -> HttpResponse:
    """The carrier was told in another way."""
    row = _row(request, booking_id)
    return ask(
        request, NoteForm(request.POST or None), commands.note_call_off,
        lambda said: NoteCallOff(booking_id, said["note"]), title="Carrier was told",
        back=(row.booking, _url(booking_id)), sub=f"{row.carrier} does not come for {row.booking} any more.",
        toast="Noted",
    )  # fmt: skip


@page(MAY, methods=("POST",))
def make(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Book the shipment."""
    req = booking.book(context_of(request), _seen(request, shipment_id), keep_carrier_answers)
    return perform(
        request, commands.keep_booking, req, to=reverse("shipment", args=[shipment_id]),
        toast=lambda done: f"Booked: {done.tracking}" if done.tracking else "Another service was chosen meanwhile",
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


NAV = [NavItem("Outbound", LIST, "shipping_bookings", permission="shipping.view", order=47, section="Shipping")]

urlpatterns = [
    path("carrier-bookings", BOOKINGS.view, name="shipping_bookings"),
    path("carrier-bookings/<int:booking_id>", booked, name="shipping_booked"),
    path("carrier-bookings/<int:booking_id>/call-off", call_off, name="shipping_booked_call_off"),
    path("carrier-bookings/<int:booking_id>/told", note, name="shipping_booked_note"),
    path("shipments/<int:shipment_id>/booking", make, name="shipping_booking_make"),
    path("shipments/<int:shipment_id>/booking/end", end, name="shipping_booking_end"),
    path("shipments/<int:shipment_id>/booking/track", track, name="shipping_booking_track"),
    path("shipments/<int:shipment_id>/booking/label", label, name="shipping_booking_label"),
]
