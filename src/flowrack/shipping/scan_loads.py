"""Scanning a truck full: door, then a scan a plate, then the seal."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse

from flowrack.locations import queries as places
from flowrack.locations.types import Kind
from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import DONE, HELD, MORE, OK, Go, ScanAction, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.shared import gs1, hazmat
from flowrack.shipping import commands, queries_along, queries_board, queries_loads, rules_loads
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.rules_loads import Plate
from flowrack.shipping.types_loads import (
    BEHIND_WORDS,
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

MOST_TICKS = 8
SSCC_DIGITS, LONGEST_SEAL = 18, 40
LEAD_CLOSES = "Your lead closes the truck and seals it."
APART = {"barrier": "Barrier between them", "ends": "At opposite ends", "boxes": "In closed boxes"}
TURN = {"side": "Side doors", "weight": "Weight on the axles", "lead": "The lead says so"}


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
    truck = _truck(visit)
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


@dataclass(slots=True)
class _Truck:
    """The truck as it stands: its plates, and which of them are on it."""

    row: LoadRow
    plates: list[Plate]
    on: set[rules_loads.Key]
    stops: list[queries_loads.StopRow] = field(default_factory=list)
    takes_totes: bool = False

    @property
    def missing(self) -> list[Plate]:
        return [plate for plate in self.plates if plate.key not in self.on]

    @property
    def to_load(self) -> list[Plate]:
        """What a scan puts on now: of what is missing, all but totes that are packed first."""
        return [one for one in self.missing if not rules_loads.is_unpacked(one, takes_totes=self.takes_totes)]

    def of_stop(self, stop_no: int) -> tuple[int, int]:
        """(on, all) plates of a stop."""
        of = [plate for plate in self.plates if plate.stop_no == stop_no]
        return sum(1 for plate in of if plate.key in self.on), len(of)

    @property
    def to_come(self) -> int:
        return sum(stop.to_come for stop in self.stops)


def _truck(visit: Visit) -> _Truck:
    held = visit.viewer.grants.get("shipping.load", frozenset())
    row = queries_board.access_load(visit.state["load"], held)
    plates = list(rules_loads.plates(queries_loads.contents(row.id)).values())
    on = {one.key for one in queries_loads.on_truck(row.id)}
    takes_totes = queries_loads.policy(row.site_id).takes_totes
    return _Truck(row, plates, on, queries_loads.stops(row.id), takes_totes)


def draw(visit: Visit) -> ScanStep:
    """What the truck wants next."""
    truck = _truck(visit)
    task = truck.row.number
    if "apart" in visit.state or "turn" in visit.state:
        return _draw_question(visit, task)
    if "off" in visit.state:
        return ScanStep(
            task=task, prompt="Take it off?", item=visit.state["off"], item_note="It is on the truck.",
            accepts="Or scan the next plate",
            actions=[ScanAction("keep", "Leave it on", wide=True), ScanAction("off", "Take off", primary=True)],
        )  # fmt: skip
    if visit.state.get("closing") == "missing":
        return _draw_missing(truck, task)
    if visit.state.get("closing") == "seal":
        return _draw_seal(visit, truck, task)
    return _draw_plates(visit, truck, task)


def _ticks(truck: _Truck) -> list[Tick]:
    """The stops in the order in which they are loaded, with what is on."""
    ticks = []
    for stop in sorted(truck.stops, key=lambda s: -s.stop_no):
        on, of = truck.of_stop(stop.stop_no)
        kind = "warn" if stop.to_come else ("ok" if on == of else "wait")
        late = f", {in_units(stop.to_come)} not staged" if stop.to_come else ""
        ticks.append(Tick(f"Stop {stop.stop_no} {stop.customer}", f"{on} of {of}{late}", kind))
    return ticks


def _draw_plates(visit: Visit, truck: _Truck, task: str) -> ScanStep:
    missing = truck.missing
    to_load = truck.to_load
    first = max(to_load, key=lambda plate: plate.stop_no) if to_load else None
    left = [plate for plate in to_load if first and plate.stop_no == first.stop_no]
    whole = not missing and not truck.to_come
    note = f"{len(missing)} not on the truck" if missing else f"{len(truck.plates)} on the truck"
    close = ScanAction("close", "Close truck", note, primary=whole, ghost=not whole)
    may_close = visit.viewer.may("shipping.ship", truck.row.site_id)
    minutes = truck.row.minutes_left(visit.ctx().now)
    where = f"Door {truck.row.door}" + (f", next: stop {first.stop_no}" if first else "")
    prompt = "Close truck" if may_close else "Fetch your lead"
    if truck.to_come or missing:
        prompt = "More is to come"
    unpacked = len(missing) - len(to_load)
    totes = f"{unpacked} tote{'' if unpacked == 1 else 's'} not packed yet." if unpacked else ""
    return ScanStep(
        task=task,
        prompt="Scan pallet" if to_load else prompt,
        sub=visit.state.get("note", "") or where,
        qty=str(len(left)) if left else "",
        qty_note=f"left for stop {first.stop_no}" if first else "",
        item=left[0].name if left else "",
        item_note=f"in {left[0].location}, {in_units(left[0].units)}" if left else "",
        progress=(len(truck.on), len(truck.plates)),
        done=_ticks(truck)[:MOST_TICKS],
        wraps=True,
        stored=visit.state.get("note", ""),
        held=tuple(visit.state["warned"]) if "warned" in visit.state else None,
        accepts="Pallet, carton or tote; one that is on the truck comes off",
        note=" ".join(words for words in (totes, _late(minutes), "" if may_close else LEAD_CLOSES) if words),
        actions=[ScanAction("leave", "Another truck", "this one waits", wide=True), *([close] if may_close else [])],
        virtual=[("Plate", plate.code) for plate in left[:4] if plate.code],
    )


def _late(minutes: int | None) -> str:
    if minutes is None or minutes > 60:
        return ""
    return (
        f"The carrier leaves in {minutes} min."
        if minutes >= 0
        else f"The cut-off was {rules_loads.so_long(-minutes)} ago."
    )


def _draw_question(visit: Visit, task: str) -> ScanStep:
    asked = APART if "apart" in visit.state else TURN
    code = visit.state.get("apart") or visit.state["turn"]
    return ScanStep(
        task=task,
        prompt="Kept apart how?" if asked is APART else "Why out of turn?",
        item=code,
        item_note=visit.state["words"],
        accepts="Tap one, or scan another plate",
        actions=[
            *(ScanAction(key, words) for key, words in asked.items()),
            ScanAction("keep", "Do not load it", ghost=True),
        ],
    )


def _draw_missing(truck: _Truck, task: str) -> ScanStep:
    lines = [Tick(p.name, f"stop {p.stop_no}, {p.location}", "wait") for p in truck.missing[:MOST_TICKS]]
    lines += [Tick(f"{in_units(s.to_come)} for {s.customer}", "not staged", "warn") for s in truck.stops if s.to_come]
    return ScanStep(
        task=task,
        prompt=f"{len(truck.missing)} missing. Why?" if truck.missing else "Not all is staged",
        done=lines,
        wraps=True,
        accepts="Or scan a missing plate",
        note="What stays here stays promised; customer service is told.",
        actions=[
            *(ScanAction(f"behind:{code}", words) for code, words in BEHIND_WORDS.items()),
            ScanAction("keep", "Go on loading", ghost=True),
        ],
    )


def _draw_seal(visit: Visit, truck: _Truck, task: str) -> ScanStep:
    policy = queries_loads.policy(truck.row.site_id)
    unsigned = policy.needs_signature and not truck.row.signed_by
    stops = ", ".join(f"{stop.stop_no} {stop.customer}" for stop in sorted(truck.stops, key=lambda s: s.stop_no))
    behind = visit.state.get("behind", "")
    facts = [
        Tick(f"Door {truck.row.door}", truck.row.trailer),
        Tick(truck.row.carrier or "No carrier named", truck.row.driver),
        Tick(f"Stops {stops}", ""),
        Tick(f"{len(truck.on)} of {len(truck.plates)} on the truck",
             f"rest: {BEHIND_WORDS[Behind(behind)].lower()}" if behind else "", "warn" if behind else "ok"),
        Tick(f"Signed by {truck.row.signed_by}" if truck.row.signed_by else "Not signed yet", "",
             "ok" if truck.row.signed_by else "wait"),
        *(Tick(f"{one.device} has it along", "its scans may be missing", "warn")
          for one in queries_along.along_on([truck.row.id], visit.ctx().now) if one.device != visit.ctx().device),
    ]  # fmt: skip
    actions = [ScanAction("keep", "Back")]
    signs = ScanAction("sign", "Driver signs", "needed here" if unsigned else "if he wants to")
    actions += [] if truck.row.signed_by else [signs]
    seal = visit.state.get("seal", "")
    if seal or not policy.needs_seal:
        actions.append(
            ScanAction("sealed", "Close truck", f"seal {seal}" if seal else "goods are issued", primary=True)
        )
    return ScanStep(
        task=task,
        prompt=f"Seal {seal}?" if seal else "Scan seal" if policy.needs_seal else "Close truck?",
        done=facts,
        wraps=True,
        accepts="Tap Close truck, or scan the right seal" if seal else "The number on the seal",
        note="Goods that have left come back only as a return.",
        actions=actions,
    )  # fmt: skip


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
    truck = _truck(visit)
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
        truck = _truck(visit)
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
    left = f"{done.number} closed" + (f", {len(done.behind)} left behind" if done.behind else "")
    visit.state = {"left": left, "units": in_units(done.units), "warning": done.warning}
    return DONE
