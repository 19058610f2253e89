"""Cross-dock by scan: the pallet, or the label of a part, then the staging place at the outbound door."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import path

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import queries_cross_docks
from flowrack.allocation.queries_cross_docks import CrossDockRow
from flowrack.allocation.types_cross_docks import CancelCrossDocks, StageCrossDocks, UndoCrossDock
from flowrack.catalog import queries as catalog
from flowrack.locations import queries as locations
from flowrack.platform.web.scan import (
    DONE,
    MORE,
    OK,
    Go,
    ScanAction,
    ScanFlow,
    ScanPage,
    ScanStep,
    Tick,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.shared import gs1

TICKS = 5


def draw(visit: Visit) -> ScanStep:
    """Pallet or label first; then the place, big, with the door and who gets it."""
    state = visit.state
    done = [Tick(text, end) for text, end in state.get("ticks", [])]
    if "parts" in state:
        return _draw_parts(visit, done)
    if "ids" not in state:
        waiting = queries_cross_docks.open_count(visit.site_id)
        return ScanStep(
            task="Cross-dock",
            prompt="Scan pallet or label",
            sub=f"{waiting} to carry to the door" if waiting else "Nothing waits",
            accepts="Pallet label, the label of a part, or the item when one order waits for it",
            done=done,
            undo=state.get("last_text", ""),
        )
    return ScanStep(
        task="Cross-dock",
        prompt=f"To door {state['door']}" if state["door"] else "To staging",
        fact=state["staging"],
        sub=state["who"],
        item=state["text"],
        qty=f"{state['units']:,}",
        done=done,
        actions=[ScanAction("put_away", "Put away instead"), ScanAction("leave", "Not this one")],
        accepts="Staging place",
    )


def _draw_parts(visit: Visit, done: list[Tick]) -> ScanStep:
    """Several orders share the goods: which part is carried now?"""
    parts = _planned(visit, visit.state["parts"])
    orders = len({row.order_id for row in parts})
    buttons = [
        ScanAction(f"part:{row.id}", f"{row.units:,} × {row.sku}", f"{row.order_number} to {row.door or row.staging}")
        for row in parts
    ]
    return ScanStep(
        task="Cross-dock",
        prompt="Which part?",
        sub=f"{orders} orders share it; take one part at a time",
        done=done,
        actions=[*buttons, ScanAction("leave", "Not this one")],
        accepts="Or scan the label of a part",
    )


def _planned(visit: Visit, ids: Sequence[int]) -> list[CrossDockRow]:
    return queries_cross_docks.cross_docks(frozenset({visit.site_id}), ids=ids, state="planned") if ids else []


def scanned(visit: Visit, code: str) -> str:
    """The goods, then the place."""
    state = visit.state
    if "ids" not in state:
        state.pop("parts", None)
        found = _find(visit, code)
        if len({row.order_id for row in found}) > 1:
            state["parts"] = [row.id for row in found]
            return MORE
        _show(visit, found)
        return OK
    place = locations.find_by_code(visit.site_id, [code]).get(code)
    if place is None:
        raise WrongScan(f"“{code[:40]}” is no place here.", f"Scan {state['staging']}.")
    commands.stage_cross_docks(
        visit.ctx(), StageCrossDocks(state["ids"], 0 if place.location_id == state["to"] else place.location_id)
    )
    state["ticks"] = [[state["text"], place.code], *state.get("ticks", [])][:TICKS]
    state["last"], state["last_text"] = state["ids"], state["text"]
    _forget(state)
    return DONE


def _find(visit: Visit, code: str) -> list[CrossDockRow]:
    """What waits under the code: a pallet's goods for one order, one label, or loose goods of an item for one order."""
    site = frozenset({visit.site_id})
    label = gs1.parse(code)
    plates = locations.lpns_by_code([code, label.sscc or code])
    if known := queries_cross_docks.by_number(code.upper(), visit.site_id):
        found = queries_cross_docks.cross_docks(site, ids=[known], state="planned")
    elif plates:
        lpn_id = next(iter(plates.values())).lpn_id
        found = queries_cross_docks.cross_docks(site, lpn_id=lpn_id, state="planned")
    else:
        items = {hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits}
        if not items:
            raise WrongScan(f"Nobody knows “{code[:40]}”.", "Scan the pallet, or the label of the part.")
        found = [
            row
            for item_id in sorted(items)
            for row in queries_cross_docks.cross_docks(site, item_id=item_id, state="planned")
        ]
        if found and all(row.lpn for row in found):
            raise WrongScan("It stands on a pallet: its barcode does not say which.", "Scan the pallet or the label.")
        found = [row for row in found if not row.lpn]
    if not found:
        raise WrongScan("Nothing of it goes to a door.", "Use Put away.")
    return found


def _show(visit: Visit, found: list[CrossDockRow]) -> None:
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    visit.state.update(
        ids=[row.id for row in found],
        to=first.staging_id,
        staging=first.staging,
        door=first.door,
        who=f"{first.order_number}, tier {first.tier}, {first.customer}",
        text=f"{first.sku} {first.name[:40]}{more}",
        units=sum(row.units for row in found),
    )


def _forget(state: dict[str, object]) -> None:
    for name in ("ids", "to", "staging", "door", "who", "text", "units"):
        state.pop(name, None)


def acted(visit: Visit, action: str) -> str | Go:
    """Leave it, put it away instead, or undo the last one."""
    state = visit.state
    if action.startswith("part:") and action[5:] in map(str, state.get("parts", [])):
        found = _planned(visit, [int(action[5:])])
        if not found:
            raise WrongScan("Somebody has taken this part.", "Choose another one.")
        state.pop("parts")
        _show(visit, found)
        return OK
    if action == "leave" and state.pop("parts", None):
        return OK
    if action == "leave" and "ids" in state:
        _forget(state)
        return OK
    if action == "put_away" and "ids" in state:
        commands.cancel_cross_docks(visit.ctx(), CancelCrossDocks(state["ids"], "put away instead"))
        state["ticks"] = [[state["text"], "put away"], *state.get("ticks", [])][:TICKS]
        _forget(state)
        return OK
    if action == "undo" and state.get("last"):
        back: set[int] = set()  # a whole pallet goes back at once
        for n, cross_dock_id in enumerate(state["last"]):
            if cross_dock_id not in back:
                undone = commands.undo_cross_dock(visit.ctx(f"undo{n}"), UndoCrossDock(cross_dock_id))
                back.update(undone.cross_dock_ids)
        state["ticks"] = state["ticks"][1:]
        state.pop("last")
        state.pop("last_text")
        return OK
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


def _start(visit: Visit) -> None:
    """A task that was offered elsewhere is opened at once."""
    task = visit.request.GET.get("task", "")
    if task.isdigit() and len(task) < 19:
        found = queries_cross_docks.cross_docks(frozenset({visit.site_id}), task_id=int(task), state="planned")
        if found:
            _show(visit, found)


CROSS_DOCK = ScanPage("cross_dock", "allocation.cross_dock", draw, scanned, acted, start=_start)


def _waiting(viewer: Viewer) -> int:
    return queries_cross_docks.open_count(site_of(viewer))


SCAN_FLOWS = [
    ScanFlow(
        "cross_dock",
        "Cross-dock",
        "scan_cross_dock",
        "allocation.cross_dock",
        order=15,
        note="From dock to door",
        count=_waiting,
        opens=lambda code, viewer: "/scan/cross-dock" if code.upper().startswith("XD-") else None,
        starts=("cross-dock label",),
    )
]
urlpatterns = [path("scan/cross-dock", CROSS_DOCK.view, name="scan_cross_dock")]
