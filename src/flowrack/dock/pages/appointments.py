"""Pages of one truck: its record, booking, moving, the gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.dock import commands_appointments, queries, queries_calendar, queries_pages
from flowrack.dock.forms import BookForm, MoveForm, TruckForm, read_slot
from flowrack.dock.pages.common import CALENDAR, by_clock_of, held, with_reason
from flowrack.dock.queries_calendar import AppointmentRow
from flowrack.dock.rules_slots import MINUTE, Content, labour
from flowrack.dock.states import APPOINTMENT, AppointmentState
from flowrack.dock.types_appointments import (
    CancelAppointment,
    CheckIn,
    CheckOut,
    DockTruck,
    Reschedule,
    Schedule,
)
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

FREE_DAYS = 3
FURTHEST_DAYS = 366
FREE_SLOTS = 60
MARKS = {"checked_in": "warn", "at_door": "run", "no_show": "bad", "cancelled": "info", "scheduled": "wait"}


def _appointment(request: HttpRequest, appointment_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row = queries_pages.access_appointment(appointment_id, held(request))
    clock = row.clock(now())
    record = Record(
        title=row.number,
        subtitle=row.name if row.name != row.number else "",
        state=row.state,
        marks=MARKS,
        subject=ref("dock.appointment", appointment_id),
        site_id=row.site_id,
        back=(CALENDAR, reverse("dock_board")),
        facts=[
            Fact("Door", row.door or "in the yard", "code"),
            Fact("From", row.starts_at, "datetime"),
            Fact("Until", row.ends_at, "datetime", note=f"{row.labour_minutes} min of labour"),
            Fact("Truck", row.reference or row.carrier or "not named", note="drop" if row.is_drop else "live"),
            *([Fact("Needs", ", ".join(row.needs))] if row.needs else []),
            *([Fact("Was due", row.due_at, "datetime")] if row.due_at != row.starts_at else []),
            *([Fact("Checked in", row.checked_in_at, "datetime")] if row.checked_in_at else []),
            *([Fact("Left", row.out_at, "datetime")] if row.out_at else []),
            *(
                [Fact("Detention", clock.amount, "money", note=f"{clock.minutes} min", tone="warn")]
                if clock.minutes
                else []
            ),
            *([Fact("Because", row.end_reason)] if row.end_reason else []),
        ],
        actions=_appointment_actions(row),
        tables=[
            Table(
                "Goods",
                [
                    Column("number", "ASN", kind="code", link=lambda r: reverse("dock_asn", args=[r.id])),
                    Column("supplier", "Supplier", wide=True),
                    Column("reference", "Reference", kind="code"),
                    Column("state", "State", kind="state"),
                    Column("pack_count", "Packs", kind="number"),
                    Column("units", "Units", kind="number"),
                    Column("received_units", "Received", kind="number"),
                    Column("flagged_count", "Flagged", kind="number", value=lambda r: r.flagged_count or None),
                ],
                [queries.asn(asn_id) for asn_id in row.asn_ids],
                empty="No ASN was named for this truck.",
            )
        ],
    )
    with by_clock_of(row.site_id):
        return render_record(request, record, refusal=refusal, status=refusal.status if refusal else 200)


def _appointment_actions(row: AppointmentRow) -> list[Do]:
    state = AppointmentState(row.state)
    may = {action for (start, action) in APPOINTMENT if start == state}

    def to(name: str) -> str:
        return reverse(name, args=[row.id])

    return [
        *([Do("Cancel", to("dock_cancel"), "dock.schedule", post=False)] if "cancel" in may else []),
        *([Do("Move", to("dock_reschedule"), "dock.schedule", post=False, key="m")] if "reschedule" in may else []),
        *([Do("Check in", to("dock_check_in"), "dock.checkin", primary=True, key="c")] if "check_in" in may else []),
        *(
            [Do("At the door", to("dock_dock"), "dock.checkin", primary=True, key="d")]
            if "dock" in may and row.door_id and state != AppointmentState.AT_DOOR
            else []
        ),
        *([Do("Check out", to("dock_check_out"), "dock.checkin", primary=True, key="o")] if "check_out" in may else []),
    ]


@page("dock.view")
def appointment(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """One truck: door, times, goods, the detention clock, and why its slot is so long."""
    return _appointment(request, appointment_id)


def _step(
    request: HttpRequest, appointment_id: int, command: Callable[[Any, Any], Any], req: Any, toast: str
) -> HttpResponse:
    """One click on a truck, from its own page or from the calendar's list."""
    from_board = request.POST.get("from") == "board"
    return perform(
        request,
        command,
        req,
        to=reverse("dock_board") if from_board else reverse("dock_appointment", args=[appointment_id]),
        toast=toast,
        again=lambda refusal: _appointment(request, appointment_id, refusal),
    )


@page("dock.checkin", methods=("POST",))
def check_in(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The truck is at the gate."""
    return _step(request, appointment_id, commands_appointments.check_in, CheckIn(appointment_id), "Checked in")


@page("dock.checkin", methods=("POST",))
def dock(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The truck stands at its door."""
    return _step(request, appointment_id, commands_appointments.dock_truck, DockTruck(appointment_id), "At the door")


@page("dock.checkin", methods=("POST",))
def check_out(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """The truck leaves."""
    return _step(request, appointment_id, commands_appointments.check_out, CheckOut(appointment_id), "Checked out")


def _free(site_id: int, timezone: str, first_on: date, minutes: int, needs: list[str], is_drop: bool) -> list[Any]:
    """Free slots as choices: (value, words)."""
    slots = queries_calendar.availability(
        site_id,
        first_on=first_on,
        last_on=first_on + timedelta(days=FREE_DAYS - 1),
        minutes=minutes,
        needs=needs,
        is_drop=is_drop,
        now=now(),
        limit=FREE_SLOTS,
    )
    zone = ZoneInfo(timezone)
    return [
        (f"{s.door_id}@{s.starts_at.isoformat()}", f"{s.starts_at.astimezone(zone):%a %d %b, %H:%M}, {s.door}")
        for s in slots
    ]


@page("dock.schedule")
def reschedule(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Move a truck by a list of the free slots, for those who do not drag."""
    row = queries_pages.access_appointment(appointment_id, held(request))
    site = queries_pages.site_for(frozenset({row.site_id}), row.site_id)
    assert site is not None, "an appointment has a site"
    form = MoveForm(request.POST or None)
    minutes = (row.ends_at - row.starts_at) // MINUTE
    day = max(row.starts_at, now()).astimezone(ZoneInfo(site.timezone)).date()
    form.offer(_free(site.site_id, site.timezone, day, minutes, row.needs, row.is_drop))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Move {row.number}",
            verb="Move truck",
            refusal=refusal,
            back=(row.number, reverse("dock_appointment", args=[appointment_id])),
            sub=f"{row.name}, {minutes} minutes at the door.",
        )

    slot = read_slot(form.cleaned_data["slot"]) if request.method == "POST" and form.is_valid() else None
    if slot is None:
        return drawn()
    return perform(
        request,
        commands_appointments.reschedule,
        Reschedule(appointment_id, *slot),
        to=reverse("dock_appointment", args=[appointment_id]),
        toast="Truck moved",
        again=drawn,
    )


@page("dock.schedule")
def cancel(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """A truck does not come, or goes away unopened."""
    row = queries_pages.access_appointment(appointment_id, held(request))
    return with_reason(
        request,
        f"Cancel {row.number}",
        f"{row.name}. Its ASNs may be booked again.",
        (row.number, reverse("dock_appointment", args=[appointment_id])),
        commands_appointments.cancel_appointment,
        lambda reason: CancelAppointment(appointment_id, reason),
    )


@page("dock.schedule")
def book(request: HttpRequest) -> HttpResponse:
    """Book a free slot for a truck; how long it takes follows from its ASNs."""
    site = queries_pages.site_for(held(request), viewer_of(request).site_id)
    if site is None:
        return render_page(request, "dock/board.html", {"site": None})
    today = now().astimezone(ZoneInfo(site.timezone)).date()
    start = {"asns": request.GET.get("asns", "")[:400], "loading": "live", "first_on": today.isoformat()}
    form = BookForm(request.POST if request.method == "POST" else start)
    is_good = form.is_valid()
    data: dict[str, Any] = form.cleaned_data
    loads = queries_calendar.loads(data.get("asns") or [])
    needs = sorted({*form.needs, *(need for one in loads for need in one.needs)})
    content = Content(
        sum(one.content.pallets for one in loads),
        sum(one.content.loose_cases for one in loads),
        sum(one.content.lots for one in loads),
    )
    work = labour(content, queries_calendar.policy(site.site_id))
    minutes = data.get("minutes") or 0
    is_drop = data.get("loading") == "drop"
    first_on = min(max(data.get("first_on") or today, today), today + timedelta(days=FURTHEST_DAYS))
    form.offer(_free(site.site_id, site.timezone, first_on, minutes or work.slot_minutes, needs, is_drop))
    if request.method != "POST":
        form.errors.clear()
    elif "find" in request.POST:
        form.errors.pop("slot", None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Book a truck", verb="Book", refusal=refusal,
            back=(CALENDAR, reverse("dock_board")), sub=f"{site.name}. {work.sentence}",
            template="dock/book.html",
        )  # fmt: skip

    slot = read_slot(data.get("slot", "")) if request.method == "POST" and is_good else None
    if slot is None or "find" in request.POST:
        return drawn()
    req = Schedule(site.site_id, *slot, data["asns"], data["carrier"], data["reference"], form.needs, is_drop, minutes)
    return perform(
        request,
        commands_appointments.schedule,
        req,
        to=lambda done: reverse("dock_appointment", args=[done.appointment_id]),
        toast="Truck booked",
        again=drawn,
    )


@page("dock.checkin")
def walk_in(request: HttpRequest) -> HttpResponse:
    """A truck without an appointment is at the gate."""
    site = queries_pages.site_for(held(request), viewer_of(request).site_id)
    if site is None:
        return render_page(request, "dock/board.html", {"site": None})
    form = TruckForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Check in a truck", verb="Check in", refusal=refusal,
            back=(CALENDAR, reverse("dock_board")),
            sub="For a truck without an appointment. One that is booked is checked in from the calendar.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    data = form.cleaned_data
    req = CheckIn(
        0, site.site_id, data["asns"], data["carrier"], data["reference"], form.needs, data["loading"] == "drop"
    )
    return perform(
        request,
        commands_appointments.check_in,
        req,
        to=lambda done: reverse("dock_appointment", args=[done.appointment_id]),
        toast="Checked in",
        again=drawn,
    )
