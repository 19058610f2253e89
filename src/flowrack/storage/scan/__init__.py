"""Move by scan: what, then where to. Putaway is in putaway.py."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse

from flowrack.ledger import queries as stock
from flowrack.locations import queries as locations
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
from flowrack.shared.quantity import Units, parse_units
from flowrack.storage import commands, commands_undo, queries, scan_transfers
from flowrack.storage.scan import stage
from flowrack.storage.scan.parts import items_of, lpn_of, named, place_of, tick, ticks
from flowrack.storage.scan.putaway import PUTAWAY
from flowrack.storage.scan_journal import OFFLINE_URLS
from flowrack.storage.scan_words import about_goods
from flowrack.storage.types import BinMove, ItemMove, LpnMove, MoveStock
from flowrack.storage.types_moves import UndoMove

# --- move: what, then where to ---


def draw_move(visit: Visit) -> ScanStep:
    """What should move, then where to."""
    state = visit.state
    what = state.get("what")
    if what is None:
        return ScanStep(
            task="Move", prompt="Scan pallet or bin", accepts="Pallet, bin, or an item that lies in one place",
            done=ticks(visit), undo=(state.get("last") or ["", ""])[1],
        )  # fmt: skip
    if state.get("ask"):
        pad = Keypad(what["units"], f"of {what['units']:,}", (), "Take")
        about = what.get("about", "")
        return ScanStep(
            task="Move", prompt="How many?", item=what["text"], item_note=about, keypad=pad, done=ticks(visit)
        )
    actions = [ScanAction("leave", "Not this one")]
    if what["kind"] == "item":
        actions.insert(0, ScanAction("units", "Quantity", f"{what['units']:,}"))
    return ScanStep(
        task="Move",
        prompt="Scan item or new bin" if what["kind"] == "bin" else "Scan new bin",
        item=what["text"],
        item_note=what.get("about", ""),
        qty=f"{what['units']:,}",
        accepts="The bin takes everything; an item only that" if what["kind"] == "bin" else "",
        held=tuple(state["held"]) if state.get("held") else None,
        done=ticks(visit),
        actions=actions,
    )


def scan_move(visit: Visit, code: str) -> str | Go:
    """What, then where to."""
    state = visit.state
    what = state.get("what")
    state.pop("held", None)
    place = place_of(visit, code)
    if what is None:
        state["what"] = _what(visit, code, place)
        return OK
    if place is not None:
        return _move(visit, what, place)
    if what["kind"] == "bin":
        state["what"] = _item_at(visit, code, what["from"])
        return OK
    raise WrongScan(f"“{code[:40]}” is no place here.", "Scan the bin it goes to.")


def _what(visit: Visit, code: str, place: LocationRow | None) -> dict[str, Any]:
    if place is not None:
        cells = stock.cells_at([place.location_id])
        if not cells:
            raise WrongScan(f"{place.code} is empty.", "Scan a bin with something in it.")
        units = sum(cell.on_hand for cell in cells)
        return {"kind": "bin", "from": place.location_id, "text": f"All in {place.code}", "units": units,
                "about": named(cells)}  # fmt: skip
    lpn_id = lpn_of(code)
    if lpn_id:
        cells = stock.cells_at(lpn_ids=[lpn_id])
        if not cells:
            raise WrongScan("Nothing is on this pallet.", "Scan another one.")
        units = sum(cell.on_hand for cell in cells)
        about = dict.fromkeys(about_goods(cell.lot_code, cell.expires_on, cell.quality) for cell in cells[:2])
        return {"kind": "lpn", "lpn": lpn_id, "text": f"{cells[0].lpn_code}: {named(cells)}, {cells[0].location_code}",
                "units": units, "about": "; ".join(words for words in about if words)}  # fmt: skip
    return _item_at(visit, code, 0)


def _item_at(visit: Visit, code: str, location_id: int) -> dict[str, Any]:
    items = items_of(code)
    if not items:
        raise WrongScan(f"Nobody knows “{code[:40]}”.", "Scan a pallet, a bin or an item.")
    cells = [
        cell
        for cell in stock.cells(items, visit.site_id)
        if (not location_id or cell.location_id == location_id) and cell.free > 0
    ]
    if not cells:
        raise WrongScan("None of it is free there.", "Scan another bin.")
    if len(cells) > 1:
        places = ", ".join(dict.fromkeys(cell.location_code for cell in cells[:5]))
        raise WrongScan(f"It lies in {len(cells)} places: {places}.", "Scan the bin or the pallet first.")
    cell = cells[0]
    return {
        "kind": "item",
        "item": cell.item_id,
        "lot": cell.lot_id,
        "lpn": cell.lpn_id,
        "from": cell.location_id,
        "quality": cell.quality,
        "units": cell.free,
        "text": f"{named(cells)}, {cell.location_code}",
        "about": about_goods(cell.lot_code, cell.expires_on, cell.quality),
    }


def _others_in(what: dict[str, Any], place: LocationRow) -> str:
    """What else lies in a bin to which goods would go, in words; only bins are kept to one item by habit."""
    if place.role not in ("reserve", "forward_pick"):
        return ""
    if what["kind"] == "item":
        mine = {what["item"]}
    else:
        at = [what["from"]] if what["kind"] == "bin" else []
        mine = {cell.item_id for cell in stock.cells_at(at, lpn_ids=[what["lpn"]] if not at else [])}
    others = [cell for cell in stock.cells_at([place.location_id]) if cell.item_id not in mine]
    return named(others) if others else ""


def _move(visit: Visit, what: dict[str, Any], place: LocationRow) -> str:
    target = place.location_id
    others = "" if visit.state.pop("again", 0) == target else _others_in(what, place)
    if others:
        visit.state["again"] = target
        visit.state["held"] = [f"{place.code} holds {others}.", f"Scan {place.code} again to put it with them."]
        return MORE
    if what["kind"] == "bin":
        req = MoveStock(visit.site_id, bins=[BinMove(what["from"], target)])
    elif what["kind"] == "lpn":
        req = MoveStock(visit.site_id, lpns=[LpnMove(what["lpn"], target)])
    else:
        item = ItemMove(
            item_id=what["item"],
            units=Units(what["units"]),
            from_location_id=what["from"],
            to_location_id=target,
            lot_id=what["lot"],
            from_lpn_id=what["lpn"],
            quality=what["quality"],
        )
        req = MoveStock(visit.site_id, items=[item])
    done = commands.move_stock(visit.ctx(), req)
    tick(visit.state, what["text"], f"to {place.code}")
    is_undone = all(row.from_role in commands_undo.BINS for row in queries.moved_by(done.posting_id))
    visit.state["last"] = [done.posting_id, f"{what['text']} to {place.code}"] if is_undone else None
    visit.state.pop("what")
    return DONE


def act_move(visit: Visit, action: str) -> str | Go:
    """Leave it, or say how many."""
    if action == "leave":
        for name in ("what", "ask", "again", "held"):
            visit.state.pop(name, None)
        return OK
    if action == "undo" and visit.state.get("last"):
        commands_undo.undo_move(visit.ctx(), UndoMove(visit.state["last"][0]))
        visit.state.pop("last")
        visit.state["ticks"] = visit.state["ticks"][1:]
        return OK
    if action == "units" and visit.state.get("what", {}).get("kind") == "item":
        visit.state["ask"] = True
        return OK
    raise WrongScan("That button does nothing here.", "Scan what the screen asks for.")


def count_move(visit: Visit, units: str, reason: str) -> str | Go:
    """How many of the item move."""
    number = parse_units(units)
    what = visit.state.get("what")
    if what is None or not 0 < number <= what["units"]:
        raise WrongScan(f"{number} are not there.", f"Type 1 to {what['units'] if what else 0}.")
    what["units"] = number
    visit.state.pop("ask", None)
    return OK


MOVE = ScanPage("move", "storage.move", draw_move, scan_move, act_move, count_move)


def _waiting(kind: str, viewer: Viewer) -> int:
    return len(queries.planned_moves(site_ids=[site_of(viewer)], kind=kind, limit=99))


def _opens_putaway(code: str, viewer: Viewer) -> str | None:
    """A pallet whose putaway is planned."""
    lpn_id = lpn_of(code)
    planned = lpn_id and queries.planned_moves(site_ids=[site_of(viewer)], kind="putaway", lpn_id=lpn_id, limit=1)
    return reverse("scan_putaway") if planned else None


def _opens_move(code: str, viewer: Viewer) -> str | None:
    """A bin or a pallet with something in it."""
    place = locations.find_by_code(site_of(viewer), [code]).get(code)
    lpn_id = 0 if place else lpn_of(code)
    if place is not None:
        cells = stock.cells_at([place.location_id])
    else:
        cells = stock.cells_at(lpn_ids=[lpn_id]) if lpn_id else []
    return reverse("scan_move") if cells else None


SCAN_FLOWS = [
    ScanFlow(
        "putaway", "Put away", "scan_putaway", "storage.putaway", order=20, note="From dock to bin",
        count=lambda viewer: _waiting("putaway", viewer), opens=_opens_putaway, starts=("pallet",),
    ),
    scan_transfers.FLOW,
    stage.FLOW,
    ScanFlow("move", "Move", "scan_move", "storage.move", order=60, note="Pallet, item or whole bin",
             opens=_opens_move, starts=("pallet", "bin")),
]  # fmt: skip
urlpatterns = [
    path("scan/putaway", PUTAWAY.view, name="scan_putaway"),
    path("scan/move", MOVE.view, name="scan_move"),
    *OFFLINE_URLS,
    path("scan/stage-transfer", stage.STAGE_TRANSFER.view, name="scan_stage_transfer"),
    path("scan/transfer", scan_transfers.RECEIVE_TRANSFER.view, name="scan_transfer"),
]
