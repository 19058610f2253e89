"""The carton that is packed now: which one to take, what lies where in it, and which one was taken instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.fulfilment import drawing, queries_cartons, queries_freight, queries_packing, rules_packing
from flowrack.fulfilment.queries import StagedRow
from flowrack.fulfilment.rules_cartons import AS_IT_IS, Carton, CartonKind, Plan
from flowrack.platform.http import now as clock
from flowrack.platform.web.scan import MORE, OK, ScanAction, ScanStep, Visit, WrongScan


@dataclass(frozen=True, slots=True)
class Box:
    """The first carton of what is not packed yet. `code`: the carton that was taken, else the `planned` one."""

    code: str
    planned: str
    words: str
    note: str
    picture: str
    units: Mapping[int, int]  # item -> units that go into it
    is_last: bool

    def is_full(self, rows: Sequence[StagedRow], seen: Mapping[str, int]) -> bool:
        """Whether all that was planned for this carton was checked; never where nothing could be planned."""
        checked: dict[int, int] = {}
        for row in rows:
            units = seen.get(f"{row.line_id}:{row.lot_id}:{row.lpn_id}", 0)
            checked[row.item_id] = checked.get(row.item_id, 0) + min(units, row.units)
        return bool(self.units) and all(checked.get(item_id, 0) >= units for item_id, units in self.units.items())


def now(state: Mapping[str, Any], rows: Sequence[StagedRow]) -> Box | None:
    """The carton to pack now; None when the house has no carton types. Two queries, nine more with rate cards."""
    orders: dict[int, int] = {}
    for row in rows:
        orders[row.item_id] = orders.get(row.item_id, 0) + row.units
    if not orders:
        return None
    known = queries_cartons.kinds()
    order_id = int(state.get("order", 0))
    freights = queries_freight.freights([order_id], known, clock().date())
    plan = queries_cartons.plans({order_id: orders}, known, freights).get(order_id)
    if plan is None:
        return None
    kinds = {kind.type_id: kind for kind in known}
    names = {row.item_id: row.sku for row in rows}
    taken = str(state.get("box", ""))
    if not plan.cartons:
        large = "The order is too large to be planned." if plan.is_too_large else ""
        notes = [large, _unmeasured(plan, names)]
        return Box(taken, "", "Choose a carton", " ".join(note for note in notes if note), "", {}, is_last=True)
    first = plan.cartons[0]
    kind = planned = kinds.get(first.type_id)
    code = taken or (kind.code if kind else "")
    which = f"Carton {code}" if code else "In its own box"
    more = len(plan.cartons) - 1
    notes = [_instead(taken, planned), _unmeasured(plan, names)]
    own = next((one for one in known if one.code == taken), None)
    if own is not None and planned is not None and own.volume < planned.volume:
        part = queries_cartons.plans({order_id: orders}, [own]).get(order_id)
        if (
            part is not None and part.cartons and part.cartons[0].type_id == own.type_id
        ):  # what of it goes into that one
            first, kind, more = part.cartons[0], own, len(part.cartons) - 1
    words = which + (f", then {more} more" if more else "")
    notes = [_holds(first, kind, names), *notes]
    picture = ""
    if kind is not None:
        picture = drawing.carton(kind.inside, first.blocks, names) + drawing.legend(first.blocks, names)
    return Box(
        code,
        planned.code if planned else "",
        words,
        " ".join(note for note in notes if note),
        picture,
        dict(first.units),
        is_last=not more,
    )


def named(code: str) -> str:
    """The code of a carton in use that was scanned; empty when it is none."""
    said = code.strip().upper()
    return said if queries_cartons.type_ids_of([said]) else ""


def put(visit: Visit, code: str, rows: Sequence[StagedRow], checked: Mapping[int, int]) -> str:
    """A carton is taken for this pack; one that holds only a part of what is planned for one is asked about first."""
    refuse_small(code, checked)
    asked = visit.state.pop("tight", None)
    words = _too_tight(visit.state, code, rows)
    if words and code != visit.state.get("box") and not (asked and asked[0] == code):
        visit.state["tight"] = [code, words]
        return MORE
    visit.state["box"] = code
    return OK


def _too_tight(state: Mapping[str, Any], code: str, rows: Sequence[StagedRow]) -> str:
    """Why a carton cannot take all that is planned for one, as a sentence; empty when it may, or nobody knows."""
    box = now({name: said for name, said in state.items() if name != "box"}, rows)
    kind = next((one for one in queries_cartons.kinds() if one.code == code), None)
    if box is None or kind is None or not box.units:
        return ""
    return rules_packing.too_small(code, queries_packing.inside_of([box.units])[0], kind.volume)


def draw_tight(state: Mapping[str, Any], number: str) -> ScanStep:
    """Whether a carton that is too small for what was planned is filled with a part of it."""
    code, words = state["tight"]
    return ScanStep(
        task=number, prompt=f"Only a part into {code}?", sub=words,
        note="What does not fit stays for another carton.", accepts=f"{code} once more, or a larger carton",
        actions=[ScanAction("back", "Another carton", primary=True), ScanAction("tight", "Only a part")],
    )  # fmt: skip


def refuse_small(code: str, units: Mapping[int, int]) -> None:
    """Refuses a carton with less room than what was checked takes; what nobody measured counts for nothing."""
    kind = next((one for one in queries_cartons.kinds() if one.code == code), None)
    if kind is None:
        return
    wrong = rules_packing.too_small(code, queries_packing.inside_of([units])[0], kind.volume)
    if wrong:
        raise WrongScan(wrong, "Take a larger carton, or take out what does not fit and scan only the rest.")


MOST_OFFERED = 4


def offered(state: Mapping[str, Any]) -> list[queries_cartons.CartonTypeRow]:
    """The cartons that the keys 1 to 4 take: the smallest first."""
    return queries_cartons.types_in_use()[:MOST_OFFERED]


def choose(state: Mapping[str, Any], number: str) -> ScanStep:
    """Which carton was taken instead."""
    kinds = offered(state)
    buttons = [
        ScanAction(f"box:{n}", one.code, f"{one.length_mm} × {one.width_mm} × {one.height_mm}")
        for n, one in enumerate(kinds, 1)
    ]
    return ScanStep(
        task=number, prompt="Which carton?", accepts="The code on its rack",
        virtual=[("Carton", one.code) for one in kinds[:1]],
        actions=[*buttons, ScanAction("small", "Too small", "take the next larger"), ScanAction("back", "Back")],
    )  # fmt: skip


def of_key(visit: Visit, action: str, rows: Sequence[StagedRow]) -> str:
    """The carton of a key, or the next larger one than that which is too small."""
    kinds = queries_cartons.types_in_use()
    if action != "small":
        at = int(action[4:]) - 1 if action[4:].isdecimal() else -1
        if not 0 <= at < min(len(kinds), MOST_OFFERED):
            raise WrongScan("There is no such carton.", "Scan the code on its rack.")
        return kinds[at].code
    box = now(visit.state, rows)
    codes = [one.code for one in kinds]
    at = codes.index(box.code) if box and box.code in codes else -1
    if at + 1 >= len(codes):
        raise WrongScan(
            f"There is no larger carton than {codes[at]}." if codes else "The house has no cartons.",
            "Close it with what fits: scan only that. The next carton takes the rest.",
        )
    return codes[at + 1]


def _holds(carton: Carton, kind: CartonKind | None, names: Mapping[int, str]) -> str:
    if kind is None or carton.type_id == AS_IT_IS:
        return ", ".join(f"{units} × {names.get(item, item)}" for item, units in carton.units)
    long, wide, high = kind.inside
    kilos = f"{carton.weight_g // 1000}.{carton.weight_g % 1000 // 100} kg"
    return f"{kind.code} is {long} × {wide} × {high} mm inside; {carton.filled // 10} % filled, {kilos}."


def _instead(taken: str, kind: CartonKind | None) -> str:
    if not taken or kind is None or taken == kind.code:
        return ""
    return f"You took {taken}; {kind.code} was planned."


def _unmeasured(plan: Plan, names: Mapping[int, str]) -> str:
    if not plan.unmeasured:
        return ""
    skus = [str(names.get(item, item)) for item in plan.unmeasured]
    more = f" and {len(skus) - 3} more" if len(skus) > 3 else ""
    return f"Nobody measured {', '.join(skus[:3])}{more}: find room for it yourself."
