"""Scanning a truck full: door, then a scan a plate, then the seal."""

from __future__ import annotations

from django.urls import reverse

from flowrack.locations import queries as places
from flowrack.locations.types import Kind
from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import DONE, HELD, MORE, OK, Go, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.shared import gs1, hazmat
from flowrack.shipping import commands, queries_board, queries_loads, rules_loads
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.scan_loads_draw import APART, LEAD_CLOSES, TURN, truck_of
from flowrack.shipping.types_loads import (
    AlreadyLoaded,
    Behind,
    CloseLoad,
    LoadPlate,
    NotTogether,
    OutOfTurn,
    StartLoad,
    StopOrder,
    TakeOff,
)

SSCC_DIGITS, LONGEST_SEAL = 18, 40


def door_of(visit: Visit, code: str) -> int:
    """The dock door that a label names at the person's site; 0 when it is none."""
    place = places.find_by_code(visit.site_id, [code]).get(code)
    return place.location_id if place is not None and place.kind == Kind.DOOR else 0


def open_at(visit: Visit, door_id: int, door: str) -> str:
    """The truck at a door: one that is planned begins to be loaded."""
    row = queries_board.at_door(visit.site_id, door_id)
    if row is None:
        others = [one.number for one in queries_board.live_loads(frozenset({visit.site_id})) if one.state == "open"]
        fix = f"Planned for other doors, or for none: {rules_loads.listed(others)}." if others else "Let it be planned."
        raise Wrong(f"No truck is planned for door {door}.", fix)
    if row.state == "open":
        commands.start_load(visit.ctx("start"), StartLoad(row.id, door_id))
    return begin(visit, row)


def begin(visit: Visit, row: LoadRow) -> str:
    """Go on with a truck."""
    visit.state = {"load": row.id}
    return OK


def open_load(visit: Visit, number: str) -> bool:
    """The truck of a load's number, where that is one to load here: at its door, or asking for the door."""
    row = next((one for one in queries_board.live_loads(frozenset({visit.site_id})) if one.number == number), None)
    if row is None or row.state == "closed":
        return False
    if row.door_id:
        open_at(visit, row.door_id, row.door) if row.state == "open" else begin(visit, row)
    else:
        visit.state = {"doorless": row.id, "number": row.number}
    return True


def start_at(visit: Visit, door_id: int) -> str:
    """The truck that had no door stands at the one that was scanned."""
    load_id = visit.state["doorless"]
    commands.start_load(visit.ctx("start"), StartLoad(load_id, door_id))
    visit.state = {"load": load_id}
    return OK


def back_to_seal(visit: Visit, behind: str) -> None:
    """The driver has signed: the seal is asked for again, and why something stays is known."""
    truck = truck_of(visit)
    if visit.viewer.may("shipping.ship", truck.row.site_id):
        known = behind in list(Behind)
        is_short = bool(truck.missing or truck.to_come)
        visit.state["closing"] = "missing" if is_short and not known else "seal"
        if is_short and known:
            visit.state["behind"] = behind


def is_begun(visit: Visit) -> bool:
    """Whether the truck that this device was loading still stands at its door."""
    load_id = visit.state.get("load")
    if not isinstance(load_id, int):
        return False
    held = visit.viewer.grants.get("shipping.load", frozenset())
    return any(row.id == load_id and row.state == "loading" for row in queries_board.live_loads(held))


def scanned(visit: Visit, code: str) -> str:
    """A plate goes on, or is asked about; in the end the seal."""
    if visit.state.get("closing") == "seal":
        scan = gs1.parse(code)
        if queries_loads.plate_by_code(scan.sscc or scan.raw.strip().upper()) is None:
            return _sealed(visit, code.strip(), scan)
    for name in ("off", "apart", "turn", "words", "closing", "behind", "note", "seal", "warned"):
        visit.state.pop(name, None)
    return _load(visit, code)


def _sealed(visit: Visit, code: str, scan: gs1.Gs1Scan) -> str:
    """A seal's number is shown before the truck is closed with it: what has left cannot be called back."""
    if scan.sscc or scan.gtin or (code.isdigit() and len(code) >= SSCC_DIGITS):
        raise Wrong(f"{code[:40]} is the label of goods, not of a seal.", "Scan the number on the seal.")
    if len(code) > LONGEST_SEAL:
        raise Wrong(f"{code[:24]}... is too long for a seal.", "Scan the number on the seal.")
    visit.state["seal"] = code
    return MORE


def _load(visit: Visit, code: str, *, reason: str = "", separation: str = "") -> str:
    try:
        done = commands.load_plate(visit.ctx(), LoadPlate(visit.state["load"], code, reason, separation))
    except AlreadyLoaded:
        visit.state["off"] = _short(code)
        return MORE
    except NotTogether as refusal:
        if separation or any(f"cell {cell}" in refusal.message for cell in (hazmat.NEVER, hazmat.GROUPS)):
            raise
        visit.state |= {"apart": _short(code), "words": refusal.message, "reason": reason}
        return MORE
    except OutOfTurn as refusal:
        load = queries_board.access_load(visit.state["load"], frozenset({0}))
        if queries_loads.policy(load.site_id).stop_order != StopOrder.REASON:
            raise
        visit.state |= {"turn": _short(code), "words": refusal.message}
        return MORE
    visit.state["note"] = f"Stop {done.stop_no}, {done.customer}: on."
    if done.warning:
        is_turn, head = _warned(visit, done.stop_no)
        visit.state["warned"] = [head, done.warning]
        if is_turn and not reason:
            return HELD
    if done.loaded == done.total:
        return DONE
    return MORE if done.warning else OK


def _warned(visit: Visit, stop_no: int) -> tuple[bool, str]:
    """Whether a later stop should have gone on first, and the head of a warning that nobody overlooks."""
    truck = truck_of(visit)
    first = rules_loads.out_of_turn(stop_no, truck.missing)
    if first and queries_loads.policy(truck.row.site_id).stop_order != StopOrder.FREE:
        return True, f"Wrong order: stop {first[0].stop_no} goes on first"
    return False, "On the truck, but look"


def _short(code: str) -> str:
    scan = gs1.parse(code)
    return (scan.sscc or scan.raw.strip().upper())[:40]


def acted(visit: Visit, action: str) -> str | Go:
    """A button of the truck's screens."""
    load_id, closing = visit.state["load"], visit.state.get("closing")
    if action in ("off", *APART, *TURN):
        return _answered(visit, action)
    if action == "sign":
        behind = f"&behind={visit.state['behind']}" if visit.state.get("behind") else ""
        return Go(f"{reverse('shipping_load_sign', args=[load_id])}?from=scan{behind}")
    if action == "keep":
        visit.state = {"load": load_id}
    elif action == "leave":
        visit.state = {}
    elif action == "close":
        truck = truck_of(visit)
        if not visit.viewer.may("shipping.ship", truck.row.site_id):
            raise Wrong("You may load this truck, not close it.", LEAD_CLOSES)
        visit.state = {"load": load_id, "closing": "missing" if truck.missing or truck.to_come else "seal"}
        return MORE
    elif action.startswith("behind:") and action[7:] in list(Behind):
        visit.state = {"load": load_id, "closing": "seal", "behind": action[7:]}
    elif action == "sealed" and closing == "seal":
        return _close(visit, visit.state.get("seal", ""))
    else:
        raise Wrong("That button does nothing here.", "Scan what the screen asks for.")
    return OK


def _answered(visit: Visit, action: str) -> str:
    """The answer to a question about one plate."""
    state = visit.state
    if action in APART and "apart" in state:
        code, reason = state.pop("apart"), state.pop("reason", "")
        return _load(visit, code, reason=reason, separation=APART[action])
    if action in TURN and "turn" in state:
        return _load(visit, state.pop("turn"), reason=TURN[action])
    if action == "off" and "off" in state:
        commands.take_off(visit.ctx(), TakeOff(state["load"], state["off"]))
        state["note"] = f"{state.pop('off')} came off."
        return OK
    raise Wrong("That button does nothing here.", "Scan what the screen asks for.")


def _close(visit: Visit, seal: str) -> str:
    req = CloseLoad(visit.state["load"], seal, visit.state.get("behind", ""))
    done = commands.close_load(visit.ctx(), req)
    stays = sum(one.units for one in done.behind)
    units = f"{in_units(done.units)} left" + (f", {stays:,} stay here" if stays else "")
    visit.state = {"left": f"{done.number} closed", "units": units, "warning": done.warning}
    return DONE
