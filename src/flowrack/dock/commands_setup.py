"""The door of the dock's data: what doors can take, how long things take, what carriers ask for waiting."""

from __future__ import annotations

from dataclasses import fields

from flowrack.dock import steps_setup
from flowrack.dock.types_appointments import (
    CAPABILITIES,
    BadAppointment,
    DetentionTermsSet,
    DockPolicySet,
    DoorSet,
    DoorUnsuitable,
    Policy,
    SetDetentionTerms,
    SetDockPolicy,
    SetDoor,
)
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

GRIDS = (5, 10, 15, 20, 30, 60)


@command(permission="dock.setup", result=DoorSet)
def set_door(ctx: Context, req: SetDoor) -> DoorSet:
    """Say what a dock door can take and when it is open. Appointments that stand are kept.

    Refuses with DoorUnsuitable, naming every bad field.
    """
    place = locations.location(req.location_id)
    ctx.require("dock.setup", place.site_id)
    bad = [
        BadLine(0, "capabilities", f"“{word}” is no capability.", f"Use: {', '.join(CAPABILITIES)}.")
        for word in req.capabilities
        if word not in CAPABILITIES
    ]
    if not {"live", "drop"} & set(req.capabilities):
        bad.append(BadLine(0, "capabilities", "The door takes neither live nor drop.", "Choose one or both."))
    if place.kind != "door" or place.role != "receiving":
        bad.append(
            BadLine(0, "location", f"{place.code} is no dock door.", "Make it a door in a receiving zone first.")
        )
    for number, one in enumerate(req.hours, start=1):
        if not 1 <= one.weekday <= 7 or one.opens_at >= one.closes_at:
            bad.append(BadLine(number, "hours", "The door opens after it closes.", "Name 1 to 7, then from and to."))
    if len({one.weekday for one in req.hours}) < len(req.hours):
        bad.append(BadLine(0, "hours", "A weekday is named twice.", "Name each day once."))
    if bad:
        raise DoorUnsuitable(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_setup.save_door(req)
    ctx.subject = ref("locations.location", req.location_id)
    return DoorSet(req.location_id)


@command(permission="dock.setup", result=DockPolicySet)
def set_dock_policy(ctx: Context, req: SetDockPolicy) -> DockPolicySet:
    """Say how long things take at a site's doors; for appointments made from now on.

    Refuses with BadAppointment, naming every bad field.
    """
    locations.site(req.site_id)
    ctx.require("dock.setup", req.site_id)
    bad = [
        BadLine(0, one.name, f"{getattr(req.policy, one.name)} makes no sense here.", "Use 0 or more.")
        for one in fields(Policy)
        if not 0 <= getattr(req.policy, one.name) <= 86_400
    ]
    if req.policy.slot_minutes not in GRIDS:
        bad.append(
            BadLine(0, "slot_minutes", "Slots must divide the hour.", f"Use one of {', '.join(map(str, GRIDS))}.")
        )
    if req.policy.inspected_pct > 100:
        bad.append(BadLine(0, "inspected_pct", "More than all cannot be inspected.", "Use 0 to 100."))
    for name in ("people_per_door", "no_show_minutes"):
        if getattr(req.policy, name) == 0:
            bad.append(BadLine(0, name, "0 makes no sense here.", "Use 1 or more."))
    if bad:
        raise BadAppointment(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_setup.save_policy(req.site_id, req.policy)
    ctx.subject = ref("locations.site", req.site_id)
    return DockPolicySet(req.site_id)


@command(permission="dock.setup", result=DetentionTermsSet)
def set_detention_terms(ctx: Context, req: SetDetentionTerms) -> DetentionTermsSet:
    """Say what a carrier asks for trucks that wait. Refuses with BadAppointment."""
    carrier = parties.parties([req.carrier_id]).get(req.carrier_id)
    bad = []
    if carrier is None or not carrier.is_carrier:
        bad.append(BadLine(0, "carrier", f"There is no carrier {req.carrier_id}.", "Choose another."))
    if not 0 <= req.terms.free_minutes <= 100_000:
        bad.append(BadLine(0, "free_minutes", "The free time is 0 minutes or more.", "Use 0 or more."))
    if not 1 <= req.terms.interval_minutes <= 100_000:
        bad.append(BadLine(0, "interval_minutes", "An interval is 1 minute or more.", "Use 1 or more."))
    if not 0 <= req.terms.amount < 10**9:
        bad.append(BadLine(0, "amount", "The amount is 0 or more.", "Use 0 or more."))
    if bad:
        raise BadAppointment(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_setup.save_terms(req.carrier_id, req.terms)
    ctx.subject = ref("parties.party", req.carrier_id)
    return DetentionTermsSet(req.carrier_id)
