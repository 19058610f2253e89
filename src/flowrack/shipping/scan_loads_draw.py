"""What the screens of a truck that is loaded show: the next plate, what is asked of one, what is missing, the seal."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import ScanAction, ScanStep, Tick, Visit
from flowrack.shipping import queries_along, queries_board, queries_loads, rules_loads
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.rules_loads import Plate
from flowrack.shipping.types_loads import BEHIND_WORDS, Behind

MOST_TICKS = 8
LEAD_CLOSES = "Your lead closes the truck and seals it."
APART = {"barrier": "Barrier between them", "ends": "At opposite ends", "boxes": "In closed boxes"}
TURN = {"side": "Side doors", "weight": "Weight on the axles", "lead": "The lead says so"}


@dataclass(slots=True)
class Truck:
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


def truck_of(visit: Visit) -> Truck:
    held = visit.viewer.grants.get("shipping.load", frozenset())
    row = queries_board.access_load(visit.state["load"], held)
    plates = list(rules_loads.plates(queries_loads.contents(row.id)).values())
    on = {one.key for one in queries_loads.on_truck(row.id)}
    takes_totes = queries_loads.policy(row.site_id).takes_totes
    return Truck(row, plates, on, queries_loads.stops(row.id), takes_totes)


def draw(visit: Visit) -> ScanStep:
    """What the truck wants next."""
    truck = truck_of(visit)
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


def _ticks(truck: Truck) -> list[Tick]:
    """The stops in the order in which they are loaded, with what is on."""
    ticks = []
    for stop in sorted(truck.stops, key=lambda s: -s.stop_no):
        on, of = truck.of_stop(stop.stop_no)
        kind = "warn" if stop.to_come else ("ok" if on == of else "wait")
        late = f", {in_units(stop.to_come)} not staged" if stop.to_come else ""
        ticks.append(Tick(f"Stop {stop.stop_no} {stop.customer}", f"{on} of {of}{late}", kind))
    return ticks


def _draw_plates(visit: Visit, truck: Truck, task: str) -> ScanStep:
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
        prompt=_scan_what(left[0]) if left else prompt,
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
        accepts=_takes(left[0] if left else None),
        note=" ".join(words for words in (totes, _late(minutes), "" if may_close else LEAD_CLOSES) if words),
        actions=[ScanAction("leave", "Another truck", "this one waits", wide=True), *([close] if may_close else [])],
        virtual=[("Plate", plate.code or plate.numbers[0]) for plate in left[:4]],
    )


def _scan_what(plate: Plate) -> str:
    return "Scan pallet" if plate.code else f"Load {plate.numbers[0]}"


def _takes(plate: Plate | None) -> str:
    """What a scan may be; loose goods have no label, so the number of their order or transfer stands for them."""
    if plate is not None and not plate.code:
        return f"Loose goods: scan or type {plate.numbers[0]}"
    return "Pallet, carton or tote; one that is on the truck comes off"


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


def _draw_missing(truck: Truck, task: str) -> ScanStep:
    lines = [Tick(p.name, f"stop {p.stop_no}, {p.location}", "wait") for p in truck.missing[:MOST_TICKS]]
    lines += [Tick(f"{in_units(s.to_come)} for {s.customer}", "not staged", "warn") for s in truck.stops if s.to_come]
    return ScanStep(
        task=task,
        prompt=f"{len(truck.missing)} missing. Why?" if truck.missing else "Not all is staged",
        done=lines,
        wraps=True,
        accepts="Or scan a missing plate",
        note="What stays here stays promised; customer service is told.",
        actions=[*_reasons(truck), ScanAction("keep", "Go on loading", ghost=True)],
    )


def _reasons(truck: Truck) -> list[ScanAction]:
    """Why plates stay; what is only not staged has one reason, and takes one tap."""
    if truck.missing:
        return [ScanAction(f"behind:{code}", words) for code, words in BEHIND_WORDS.items()]
    return [ScanAction(f"behind:{Behind.NOT_READY}", "Leave it behind", "not ready", wide=True)]


def _draw_seal(visit: Visit, truck: Truck, task: str) -> ScanStep:
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
