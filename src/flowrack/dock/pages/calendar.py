"""The door calendar: doors by hours as a picture and as a list."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.dock import commands_appointments, drawing, queries_pages
from flowrack.dock.drawing import minutes_words
from flowrack.dock.forms import read_slot
from flowrack.dock.pages.common import held
from flowrack.dock.queries_calendar import AppointmentRow
from flowrack.dock.rules_slots import MINUTE
from flowrack.dock.states import AppointmentState
from flowrack.dock.types_appointments import (
    BadAppointment,
    Reschedule,
)
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import currency_symbol
from flowrack.platform.web.render import context_of, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import BadLine, FlowrackError


def _day(text: str, timezone: str) -> date:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = date.min
    return asked if 2000 <= asked.year < 2100 else now().astimezone(ZoneInfo(timezone)).date()


def _state_words(row: AppointmentRow, at: datetime) -> tuple[str, str]:
    """(glyph, words) for where a truck is."""
    late = (at - row.starts_at) // MINUTE
    if row.state == AppointmentState.SCHEDULED:
        return ("bad", f"{minutes_words(late)} late") if late > 0 else ("wait", "booked")
    if row.state == AppointmentState.CHECKED_IN and row.checked_in_at:
        return "warn", f"waits {minutes_words((at - row.checked_in_at) // MINUTE)}"
    if row.state == AppointmentState.AT_DOOR:
        return ("warn", "over time") if at > row.ends_at else ("run", "unloading")
    if row.state == AppointmentState.DONE and row.out_at and row.checked_in_at:
        return "ok", f"left after {minutes_words((row.out_at - row.checked_in_at) // MINUTE)}"
    return ("bad", "did not come") if row.state == AppointmentState.NO_SHOW else ("info", "cancelled")


NEXT = {
    AppointmentState.SCHEDULED: ("check-in", "Check in", "dock.checkin"),
    AppointmentState.CHECKED_IN: ("dock", "At the door", "dock.checkin"),
    AppointmentState.AT_DOOR: ("check-out", "Check out", "dock.checkin"),
    AppointmentState.NO_SHOW: ("check-in", "Check in", "dock.checkin"),
}


def _calendar_context(
    request: HttpRequest, day_text: str, refusal: FlowrackError | None = None, *, is_strip: bool = False
) -> dict[str, Any]:
    viewer = viewer_of(request)
    site = queries_pages.site_for(held(request), viewer.site_id)
    if site is None:
        return {"site": None}
    at, zone = now(), ZoneInfo(site.timezone)
    found = queries_pages.day_of_doors(site, _day(day_text, site.timezone), at)
    axis = drawing.axis_of(found.rows, found.day_start, site.timezone, at)
    rows = []
    for row in found.rows:
        code, label, permission = NEXT.get(AppointmentState(row.state), ("", "", ""))
        may = bool(code) and viewer.may(permission, site.site_id) and (code != "dock" or row.door_id > 0)
        clock = row.clock(at)
        rows.append(
            {
                "row": row,
                "at": f"{row.starts_at.astimezone(zone):%H:%M}",
                "until": f"{row.ends_at.astimezone(zone):%H:%M}",
                "glyph": _state_words(row, at)[0],
                "words": _state_words(row, at)[1],
                "clock": clock if clock.minutes else None,
                "action": (reverse(f"dock_{code.replace('-', '_')}", args=[row.id]), label) if may else None,
            }
        )
    here = [row for row in found.rows if row.state in ("checked_in", "at_door")]
    return {
        "site": site,
        "day": found.day,
        "is_today": found.day == at.astimezone(zone).date(),
        "before": (found.day - timedelta(days=1)).isoformat(),
        "after": (found.day + timedelta(days=1)).isoformat(),
        "doors": found.doors,
        "rows": rows,
        "done": sum(1 for row in found.rows if row.state == "done"),
        "unloading": sum(1 for row in here if row.state == "at_door"),
        "waiting": sum(1 for row in here if row.state == "checked_in"),
        "currency": currency_symbol(),
        "away": sum(1 for row in found.rows if row.state not in drawing.DRAWN),
        "late": sum(1 for row in found.rows if row.state == "scheduled" and row.starts_at < at),
        "may_move": viewer.may("dock.schedule", site.site_id),
        "picture": drawing.calendar(
            found.doors,
            found.rows,
            axis,
            now=at,
            grid=found.policy.slot_minutes,
            may_move=viewer.may("dock.schedule", site.site_id) and not is_strip,
            site=site.name,
        ),
        "refusal": refusal,
    }


@page("dock.view", methods=("GET", "HEAD"))
def board(request: HttpRequest) -> HttpResponse:
    """Doors by hours with today's trucks, or another day's; below them the same as a list."""
    return render_page(request, "dock/board.html", _calendar_context(request, request.GET.get("day", "")))


@page("dock.view", methods=("GET", "HEAD"))
def calendar(request: HttpRequest) -> HttpResponse:
    """The part of the calendar that is drawn anew every now and then."""
    return render_page(request, "dock/_calendar.html", _calendar_context(request, request.GET.get("day", "")))


@page("dock.view", methods=("GET", "HEAD"))
def strip(request: HttpRequest) -> HttpResponse:
    """Today's doors for the receiving board."""
    return render_page(request, "dock/_strip.html", _calendar_context(request, "", is_strip=True))


@page("dock.schedule", methods=("POST",))
def move(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """A truck was moved on the calendar; the answer is the calendar as it now is, with the refusal if there was one."""
    refusal: FlowrackError | None = None
    slot = read_slot(f"{request.POST.get('door', '')}@{request.POST.get('starts_at', '').replace('Z', '+00:00')}")
    version = request.POST.get("version", "")
    try:
        if slot is None:
            raise BadAppointment("This is no slot.", lines=[BadLine(0, "starts_at", "This is no slot.", "Try again.")])
        req = Reschedule(appointment_id, *slot, read_id(version))
        commands_appointments.reschedule(context_of(request), req)
    except FlowrackError as refused:
        refusal = refused
    context = _calendar_context(request, request.POST.get("day", ""), refusal)
    return render_page(request, "dock/_calendar.html", context, status=refusal.status if refusal else 200)
