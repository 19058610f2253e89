"""The dock for partners and other systems: ASNs and appointments.

Appointments follow the shape of the Scheduling Standards Consortium's API: fetch availability, schedule, reschedule,
cancel, details; facilities say what their doors can take.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from flowrack.dock import (
    commands,
    commands_appointments,
    commands_setup,
    imports,
    queries,
    queries_calendar,
    rules_slots,
)
from flowrack.dock.api_shapes import (
    AppointmentOut,
    AppointmentsOut,
    AsnDetailOut,
    AsnEndedOut,
    AsnIn,
    AsnOut,
    AsnsOut,
    CheckedOutOut,
    DoorIn,
    DoorOut,
    FacilityOut,
    FreeSlotsOut,
    PolicyOut,
    TermsOut,
    appointment_out,
    asn_of,
)
from flowrack.dock.rules_slots import Content
from flowrack.dock.types import AsnEnded, AsnsCreated, CancelAsn, CloseAsn, CreateAsns
from flowrack.dock.types_appointments import (
    AppointmentNow,
    CancelAppointment,
    CheckedOut,
    CheckIn,
    CheckOut,
    DockTruck,
    OpenHours,
    Policy,
    Reschedule,
    Schedule,
    SetDetentionTerms,
    SetDockPolicy,
    SetDoor,
    Terms,
)
from flowrack.locations import queries as locations
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.platform.importing.api import add_import
from flowrack.shared.errors import BadLine, Invalid, NotFound, NotPermitted

MOST_OF_A_TIME = 2_000  # appointments answered at once

router = Router(tags=["dock"])
MOST_DAYS = 31
Need = Literal["reefer", "hazmat"]


class AsnsIn(Schema):
    """Deliveries that are announced."""

    asns: list[AsnIn] = Field(max_length=500)


class ReasonIn(Schema):
    """Why."""

    reason: str = Field("", max_length=200)


class ScheduleIn(Schema):
    """A truck for a door; `minutes` only when the content of the ASNs is not to decide."""

    site_id: BigId
    door_id: BigId
    starts_at: datetime
    asn_ids: list[BigId] = Field([], max_length=200)
    carrier_id: BigId | None = None
    reference: str = Field("", max_length=80)
    needs: list[Need] = []
    loading_type: Literal["live", "drop"] = "live"
    minutes: int = Field(0, ge=0, le=1_440)


class RescheduleIn(Schema):
    """Another door or time; `version` is the one that was read."""

    door_id: BigId
    starts_at: datetime
    version: int = Field(0, ge=0)


class WalkInIn(Schema):
    """A truck without an appointment."""

    site_id: BigId
    asn_ids: list[BigId] = Field([], max_length=200)
    carrier_id: BigId | None = None
    reference: str = Field("", max_length=80)
    needs: list[Need] = []
    loading_type: Literal["live", "drop"] = "live"


class DockIn(Schema):
    """The door; empty = the planned one."""

    door_id: BigId | None = None


@router.post("/dock/asns", response={201: AsnsOut})
def create_asns(request: HttpRequest, body: AsnsIn) -> Status[AsnsCreated]:
    """Announce deliveries: all or none. Lines that no PO waits for are kept and flagged."""
    return Status(201, commands.create_asns(context_from(request), CreateAsns([asn_of(one) for one in body.asns])))


@router.get("/dock/asns", response=PageOut[AsnOut])
@requires("dock.view")
def list_asns(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    supplier_id: BigId | None = None,
    state: Literal["", "expected", "arrived", "receiving", "closed", "cancelled"] = "",
    search: str = "",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """ASNs of the sites at which the caller may see them, newest first."""
    rows = queries.asns(
        site_ids=_sites(request, site_id),
        states=[state] if state else [],
        search=search,
        supplier_id=supplier_id or 0,
        before=after_id(cursor) or None,
        limit=limit + 1,
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/dock/asns/{int:asn_id}", response=AsnDetailOut)
@requires("dock.view")
def get_asn(request: HttpRequest, asn_id: BigId) -> dict[str, Any]:
    """One ASN with its lines, packs and matches."""
    head = queries.asn(asn_id)
    _may_see(request, head.site_id, f"There is no ASN with id {asn_id}.")
    return {"asn": head, "lines": queries.lines_of_asn(asn_id)}


@router.post("/dock/asns/{int:asn_id}/cancel", response=AsnEndedOut)
def cancel_asn(request: HttpRequest, asn_id: BigId, body: ReasonIn) -> AsnEnded:
    """The delivery will not come; reference and SSCCs may be sent again."""
    return commands.cancel_asn(context_from(request), CancelAsn(asn_id, body.reason))


@router.post("/dock/asns/{int:asn_id}/close", response=AsnEndedOut)
def close_asn(request: HttpRequest, asn_id: BigId, body: ReasonIn) -> AsnEnded:
    """Nothing more is expected; missing units need a reason."""
    return commands.close_asn(context_from(request), CloseAsn(asn_id, body.reason))


@router.get("/dock/facilities", response=list[FacilityOut])
@requires("dock.view")
def list_facilities(request: HttpRequest) -> list[dict[str, Any]]:
    """The sites with their doors: what they can take and when they are open."""
    held = _sites(request, None)
    return [
        {
            "site": site,
            "doors": queries_calendar.doors(site.site_id),
            "policy": queries_calendar.policy(site.site_id),
        }
        for site in locations.sites()
        if 0 in held or site.site_id in held
    ]


@router.get("/dock/availability", response=FreeSlotsOut)
@requires("dock.view")
def fetch_availability(
    request: HttpRequest,
    site_id: BigId,
    first_on: date,
    last_on: date | None = None,
    reefer: bool = False,
    hazmat: bool = False,
    loading_type: Literal["live", "drop"] = "live",
    asn_id: BigId | None = None,
    pallets: int = 0,
    loose_cases: int = 0,
    minutes: int = 0,
) -> dict[str, Any]:
    """Free slots of suitable doors. The length comes from `minutes`, else the ASN, else pallets and loose cases."""
    _sites(request, site_id)
    last = last_on or first_on
    bad = []
    if not timedelta(0) <= last - first_on < timedelta(days=MOST_DAYS):
        bad.append(BadLine(0, "last_on", f"Ask for 1 to {MOST_DAYS} days.", "Bring the two days nearer."))
    bad += [
        BadLine(0, name, f"{value} is no number of {name.replace('_', ' ')}.", "Use 0 to 10,000.")
        for name, value in (("minutes", minutes), ("pallets", pallets), ("loose_cases", loose_cases))
        if not 0 <= value <= (1_440 if name == "minutes" else 10_000)
    ]
    loads = queries_calendar.loads([asn_id]) if asn_id else []
    if asn_id and (not loads or loads[0].site_id != site_id):
        bad.append(BadLine(0, "asn_id", "There is no such ASN for this site.", "See the list of ASNs."))
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    content = loads[0].content if loads else Content(pallets, loose_cases)
    labour = rules_slots.labour(content, queries_calendar.policy(site_id))
    needs = {name for name, asked in (("reefer", reefer), ("hazmat", hazmat)) if asked}
    length = minutes or labour.slot_minutes
    slots = queries_calendar.availability(
        site_id,
        first_on=first_on,
        last_on=last,
        minutes=length,
        needs=sorted(needs.union(*(one.needs for one in loads))),
        is_drop=loading_type == "drop",
        now=now(),
    )
    return {"minutes": length, "why": labour.sentence, "slots": slots}


@router.post("/dock/appointments", response={201: AppointmentOut})
def schedule(request: HttpRequest, body: ScheduleIn) -> Status[dict[str, Any]]:
    """Book a free slot."""
    req = Schedule(
        body.site_id,
        body.door_id,
        body.starts_at,
        list(body.asn_ids),
        body.carrier_id or 0,
        body.reference,
        list(body.needs),
        body.loading_type == "drop",
        body.minutes,
    )
    return Status(201, _now(commands_appointments.schedule(context_from(request), req)))


@router.post("/dock/appointments/{int:appointment_id}/reschedule", response=AppointmentOut)
def reschedule(request: HttpRequest, appointment_id: BigId, body: RescheduleIn) -> dict[str, Any]:
    """Another door or time."""
    req = Reschedule(appointment_id, body.door_id, body.starts_at, body.version)
    return _now(commands_appointments.reschedule(context_from(request), req))


@router.post("/dock/appointments/{int:appointment_id}/cancel", response=AppointmentOut)
def cancel_appointment(request: HttpRequest, appointment_id: BigId, body: ReasonIn) -> dict[str, Any]:
    """The truck does not come, or goes away unopened."""
    req = CancelAppointment(appointment_id, body.reason)
    return _now(commands_appointments.cancel_appointment(context_from(request), req))


@router.post("/dock/appointments/{int:appointment_id}/check-in", response=AppointmentOut)
def check_in(request: HttpRequest, appointment_id: BigId) -> dict[str, Any]:
    """The truck is at the gate."""
    return _now(commands_appointments.check_in(context_from(request), CheckIn(appointment_id)))


@router.post("/dock/walk-ins", response={201: AppointmentOut})
def check_in_walk_in(request: HttpRequest, body: WalkInIn) -> Status[dict[str, Any]]:
    """A truck without an appointment is at the gate; it waits in the yard for a door."""
    req = CheckIn(
        site_id=body.site_id,
        asn_ids=list(body.asn_ids),
        carrier_id=body.carrier_id or 0,
        reference=body.reference,
        needs=list(body.needs),
        is_drop=body.loading_type == "drop",
    )
    return Status(201, _now(commands_appointments.check_in(context_from(request), req)))


@router.post("/dock/appointments/{int:appointment_id}/dock", response=AppointmentOut)
def dock_truck(request: HttpRequest, appointment_id: BigId, body: DockIn) -> dict[str, Any]:
    """The truck stands at a door."""
    return _now(commands_appointments.dock_truck(context_from(request), DockTruck(appointment_id, body.door_id or 0)))


@router.post("/dock/appointments/{int:appointment_id}/check-out", response=CheckedOutOut)
def check_out(request: HttpRequest, appointment_id: BigId) -> CheckedOut:
    """The truck leaves; what its carrier may ask for the waiting is kept."""
    return commands_appointments.check_out(context_from(request), CheckOut(appointment_id))


@router.get("/dock/appointments", response=AppointmentsOut)
@requires("dock.view")
def list_appointments(
    request: HttpRequest,
    site_id: BigId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Appointments of the sites that the caller may see: all of a time, up to 2,000, or page by page, newest first."""
    sites = _sites(request, site_id)
    if since is not None and until is not None:
        rows = queries_calendar.appointments(site_ids=sites, since=since, until=until, limit=MOST_OF_A_TIME + 1)
        if len(rows) > MOST_OF_A_TIME:
            sentence = f"More than {MOST_OF_A_TIME:,} appointments fall into this time."
            raise Invalid(sentence, fix="Ask for a shorter time, or leave it out and read page by page.")
        return {"items": [appointment_out(row, now()) for row in rows], "next": None}
    rows = queries_calendar.appointments_after(site_ids=sites, before=after_id(cursor) or None, limit=limit + 1)
    page = page_out(request, HttpResponse(), rows, limit=limit)
    return {"items": [appointment_out(row, now()) for row in page["items"]], "next": page["next"]}


@router.get("/dock/appointments/{int:appointment_id}", response=AppointmentOut)
@requires("dock.view")
def get_appointment(request: HttpRequest, appointment_id: BigId) -> dict[str, Any]:
    """One appointment: truck, door, times, and the detention clock as it stands."""
    row = queries_calendar.appointment(appointment_id)
    _may_see(request, row.site_id, f"There is no appointment with id {appointment_id}.")
    return appointment_out(row, now())


@router.put("/dock/doors/{int:door_id}", response=DoorOut)
def set_door(request: HttpRequest, door_id: BigId, body: DoorIn) -> dict[str, Any]:
    """What a door can take and when it is open; no hours = always."""
    hours = [OpenHours(one.weekday, one.opens_at, one.closes_at) for one in body.hours]
    commands_setup.set_door(context_from(request), SetDoor(door_id, list(body.capabilities), hours, body.is_active))
    place = locations.location(door_id)
    return {"location_id": door_id, "code": place.code, "capabilities": sorted(body.capabilities), "hours": hours}


@router.put("/dock/policies/{int:site_id}", response=PolicyOut)
def set_dock_policy(request: HttpRequest, site_id: BigId, body: PolicyOut) -> Policy:
    """How long things take at the doors of a site, for appointments made from now on."""
    commands_setup.set_dock_policy(context_from(request), SetDockPolicy(site_id, Policy(**body.model_dump())))
    return queries_calendar.policy(site_id)


@router.put("/dock/detention/{int:carrier_id}", response=TermsOut)
def set_detention_terms(request: HttpRequest, carrier_id: BigId, body: TermsOut) -> Terms:
    """What a carrier asks for trucks that wait: free minutes, then money for each started interval."""
    terms = Terms(body.free_minutes, body.interval_minutes, body.amount)
    commands_setup.set_detention_terms(context_from(request), SetDetentionTerms(carrier_id, terms))
    return terms


add_import(router, imports.ASNS, commands.import_asns)


def _now(done: AppointmentNow) -> dict[str, Any]:
    return appointment_out(queries_calendar.appointment(done.appointment_id), now())


def _may_see(request: HttpRequest, site_id: int, sentence: str) -> None:
    """What stands at a site that the caller may not see is not there."""
    caller = caller_of(request)
    if caller is None or not caller.may("dock.view", site_id):
        raise NotFound(sentence)


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("dock.view", site_id)):
        raise NotPermitted("You may not see the dock of this site.", permission="dock.view")
    return [site_id] if site_id is not None else sorted(caller.sites("dock.view"))
