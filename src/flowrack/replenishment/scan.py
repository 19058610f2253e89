"""Refill by scan: the pallet or bin, then the face. What nobody needs any more is brought back by one scan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import path
from django.utils import timezone

from flowrack.catalog import queries as catalog
from flowrack.ledger import queries as stock
from flowrack.locations.types import LocationRow
from flowrack.platform.web.scan import (
    DONE,
    MORE,
    OK,
    Go,
    Keypad,
    ScanAction,
    ScanFlow,
    ScanPage,
    ScanStep,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.replenishment import commands, queries, queries_along
from flowrack.replenishment.queries import RefillSeen
from flowrack.replenishment.queries_along import EARLY
from flowrack.replenishment.scan_journal import OFFLINE_URLS
from flowrack.replenishment.scan_parts import items_of, lpn_of, place_of, tick, ticks
from flowrack.replenishment.types import ConfirmRefill, LiftRefill, PutDownRefill, ReportLeftover
from flowrack.shared.quantity import Units, parse_units
from flowrack.storage.types import Carried


def start(visit: Visit) -> None:
    """Begin with the refill of a task, when the address names one."""
    task = visit.request.GET.get("task", "")
    if task.isdecimal() and len(task) < 19:
        visit.state["first"] = queries.refill_of_task(int(task))


def draw(visit: Visit) -> ScanStep:
    """The refill that the driver carries, else the one that was asked for, else the most urgent that he may begin."""
    state = visit.state
    now = visit.ctx().now
    todo = queries.refills_to_do(visit.site_id, actor_id=visit.viewer.user.pk)
    found = _next(state, todo, now)
    if found is None:
        later = min((one.not_before for one in todo if one.state == "planned"), default=None)
        words = f"The next may begin at {_clock(later - EARLY)}" if later else "Come back later"
        return ScanStep(task="Refill", prompt="Nothing to refill", accepts=words, done=ticks(visit))
    state["refill"] = found.id
    if found.state == "going_back":
        return ScanStep(
            task="Refill", prompt="Bring it back", fact=found.from_code, sub="Nobody needs it any more",
            accepts=f"The label of {found.from_code}",
            qty=f"{found.units:,}", item=f"{found.sku} {found.name[:60]}", item_note=found.lpn, done=ticks(visit),
        )  # fmt: skip
    if found.state == "lifted":
        return _draw_lifted(visit, found)
    at_bin = state.get("at") == found.id
    return ScanStep(
        task="Refill",
        prompt="Scan item" if at_bin else f"Scan {'pallet' if found.lpn_id else 'bin'}",
        fact=found.from_code,
        sub=_urgency(found, now),
        qty=f"{found.units:,}",
        qty_note=_in_cases(found, found.units),
        item=f"{found.sku} {found.name[:60]}",
        item_note=" · ".join(part for part in (found.lpn, f"lot {found.lot}" if found.lot else "") if part),
        done=ticks(visit),
        accepts=f"The label of {found.sku}" if at_bin else f"The label of {found.lpn or found.from_code}",
        actions=[ScanAction("skip", "Skip", "comes back later")],
    )


def _draw_lifted(visit: Visit, found: RefillSeen) -> ScanStep:
    """On the way to the face (or to the hand-over): how many, and what the system thinks of the source."""
    state = visit.state
    units = state.get("units", {}).get(str(found.id), found.units)
    if state.get("ask"):
        pad = Keypad(units, f"of {found.units:,}", (), "Take")
        back = ScanAction("back", "Back", f"take {units:,}", wide=True)
        named = f"{found.sku} {found.name[:60]}"
        return ScanStep(task="Refill", prompt="How many?", item=named, keypad=pad, actions=[back], done=ticks(visit))
    is_empty = found.source_units <= found.units
    actions = [ScanAction("units", "Quantity", f"{units:,}"), ScanAction("put_down", "Put back", found.from_code)]
    if is_empty and str(found.id) not in state.get("said", []):
        actions.append(ScanAction("leftover", "Not empty", f"something is left in {found.from_code}"))
    is_hand_over = found.to_code != found.face_code
    return ScanStep(
        task="Refill",
        prompt="Scan hand-over" if is_hand_over else "Scan face",
        fact=found.to_code,
        sub=f"{found.from_code} is empty now" if is_empty else _urgency(found, visit.ctx().now),
        qty=f"{units:,}",
        qty_note=_in_cases(found, units),
        item=f"{found.sku} {found.name[:60]}",
        item_note=found.lpn,
        done=ticks(visit),
        accepts=f"The label of {found.to_code}, or {found.from_code} to bring it back",
        actions=actions,
    )


def _next(state: dict[str, Any], todo: list[RefillSeen], now: datetime) -> RefillSeen | None:
    for one in todo:
        if one.state != "planned":
            return one
    first = state.get("first", 0)
    skipped = state.get("skip", [])
    ready = [one for one in todo if one.not_before - EARLY <= now or one.id == first]
    for one in ready:
        if one.id == first:
            return one
    for one in ready:
        if one.id not in skipped:
            return one
    state.pop("skip", None)
    return ready[0] if ready else None


def _urgency(found: RefillSeen, now: datetime) -> str:
    if found.waiting_since is not None:
        minutes = max((now - found.waiting_since) // timedelta(minutes=1), 0)
        lines = "1 line waits" if found.waiting_lines == 1 else f"{found.waiting_lines:,} lines wait"
        return f"{lines} for it since {minutes:,} min"
    if found.land_by is None:
        return f"{found.face_code} runs low"
    if found.land_by <= now:
        return f"{found.face_code} is empty by now"
    return f"{found.face_code} is empty at {_clock(found.land_by)}"


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _in_cases(found: RefillSeen, units: int) -> str:
    if found.case_units <= 1 or units % found.case_units:
        return found.base_uom
    cases = units // found.case_units
    return f"{found.base_uom}, {cases:,} case{'s' if cases > 1 else ''} of {found.case_units:,}"


def scanned(visit: Visit, code: str) -> str | Go:
    """The source bin or pallet, then the face; or the bin where it came from."""
    found = queries.refill(visit.state.get("refill", 0))
    if found is None:
        raise WrongScan("This refill is done.", "Go on with the next one.")
    place = place_of(visit, code)
    if found.state == "planned":
        return _source(visit, found, place, code)
    if found.lpn_id and lpn_of(code) == found.lpn_id:
        raise WrongScan("You have it already.", f"Scan {found.to_code}.")
    if found.state == "going_back" or (place and place.location_id == found.from_location_id):
        return _bring_back(visit, found, place, code)
    if place is None or place.location_id != found.to_location_id:
        raise WrongScan(f"That is {place.code if place else code[:40]}.", f"Scan {found.to_code}.")
    units = visit.state.get("units", {}).pop(str(found.id), 0)
    commands.confirm_refill(visit.ctx(), ConfirmRefill([Carried(found.move_id, 0, Units(units))]))
    tick(visit.state, f"{units or found.units:,} × {found.sku} {found.name}", f"to {found.to_code}")
    visit.state.pop("first", None)
    return DONE


def _source(visit: Visit, found: RefillSeen, place: LocationRow | None, code: str) -> str:
    """The right pallet, or its bin; where other items lie in the bin, the item is asked for."""
    state = visit.state
    is_it = bool(found.lpn_id) and lpn_of(code) == found.lpn_id
    if not is_it and place is not None and place.location_id == found.from_location_id:
        if {cell.item_id for cell in stock.cells_at([place.location_id])} - {found.item_id}:
            state["at"] = found.id
            return MORE
        is_it = True
    if not is_it and place is None and state.get("at") == found.id:
        items = items_of(code)
        if found.item_id not in items:
            what = catalog.item(items[0]).sku if items else code[:40]
            raise WrongScan(f"That is {what}.", f"Scan {found.sku} in {found.from_code}.")
        is_it = True
    if not is_it:
        wanted = f"Scan {found.lpn or found.from_code}."
        raise WrongScan(f"That is {place.code if place else code[:40]}.", wanted)
    ctx = visit.ctx()
    if who := queries_along.has_along(found.task_id, ctx.actor_id, ctx.now):
        raise WrongScan(f"{who} has this along on a device.", "Skip it, and take the next one.")
    commands.lift_refill(ctx, LiftRefill(found.id))
    state.pop("at", None)
    return OK


def _bring_back(visit: Visit, found: RefillSeen, place: LocationRow | None, code: str) -> str:
    if place is None or place.location_id != found.from_location_id:
        raise WrongScan(f"That is {place.code if place else code[:40]}.", f"Bring it back to {found.from_code}.")
    commands.put_down_refill(visit.ctx(), PutDownRefill(found.id))
    tick(visit.state, f"{found.units:,} × {found.sku} {found.name}", f"back to {found.from_code}")
    _skip(visit.state, found.id)
    return DONE


def _skip(state: dict[str, Any], refill_id: int) -> None:
    state["skip"] = [*state.get("skip", []), refill_id][-50:]
    state.pop("first", None)
    state.pop("at", None)


def acted(visit: Visit, action: str) -> str | Go:
    """Skip it, put it back, take fewer, or say that the source is not empty."""
    state = visit.state
    found = queries.refill(state.get("refill", 0))
    if found is None:
        raise WrongScan("This refill is done.", "Go on with the next one.")
    if action == "skip" and found.state == "planned":
        _skip(state, found.id)
        return OK
    if action == "units" and found.state == "lifted":
        state["ask"] = True
        return OK
    if action == "back" and state.pop("ask", None):
        return OK
    if action == "put_down" and found.state == "lifted":
        commands.put_down_refill(visit.ctx(), PutDownRefill(found.id))
        _skip(state, found.id)
        return OK
    if action == "leftover" and found.state == "lifted":
        commands.report_leftover(visit.ctx(), ReportLeftover(found.id))
        state["said"] = [*state.get("said", []), str(found.id)][-20:]
        return OK
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """How many of it go into the face; the rest is still to be carried."""
    found = queries.refill(visit.state.get("refill", 0))
    number = parse_units(units)
    if found is None or not 0 < number <= found.units:
        raise WrongScan(f"{number:,} are not on it.", f"Type 1 to {found.units if found else 0:,}.")
    visit.state["units"] = {str(found.id): number}
    visit.state.pop("ask", None)
    return OK


REFILL_PAGE = ScanPage("refill", "replenishment.carry", draw, scanned, acted, counted, start=start)


def _waiting(viewer: Viewer) -> int:
    return queries.waiting(site_of(viewer))


SCAN_FLOWS = [
    ScanFlow("refill", "Refill", "scan_refill", "replenishment.carry", order=50, note="Pick faces before they run out",
             count=_waiting),
]  # fmt: skip
urlpatterns = [path("scan/refill", REFILL_PAGE.view, name="scan_refill"), *OFFLINE_URLS]
