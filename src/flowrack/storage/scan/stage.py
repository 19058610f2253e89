"""Stage a released transfer by scan: the transfer, the staging place, then pallet by pallet or bin by bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.ledger import queries as stock
from flowrack.ledger.queries import CellRow
from flowrack.locations.types import LocationRow, Role
from flowrack.platform.http import now
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
from flowrack.storage import commands_staging as commands
from flowrack.storage import queries_transfer_plans as queries
from flowrack.storage import queries_transfers
from flowrack.storage.queries_transfer_plans import ToStageRow
from flowrack.storage.scan.parts import items_of, lpn_of, place_of, tick, ticks
from flowrack.storage.scan_links import by_transfer, from_link
from flowrack.storage.states import TransferState
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import EndStaging, PutDownTransfer, StageReleased, TakeTransfer
from flowrack.storage.types_transfers import TransferRow

NAMED = 3
KEPT = ("ticks", "to", "site")  # of the state, from one transfer to the next
WHY = {"empty": "The bin was empty", "damaged": "The goods are damaged", "room": "There is no room for it"}
ONLINE = "Staging needs the network: without it take no goods yet."
SCAN_AGAIN = "Scan what the screen asks for."


def draw(visit: Visit) -> ScanStep:
    """The transfer, the place, then goods until nothing is left to stage."""
    live = _live(visit)
    state = visit.state
    if live is None:
        waiting = queries.to_stage(visit.site_id, now(), but_of=visit.viewer.user.pk)
        said = ", ".join(f"{t.number} to {t.to_site}" for t in waiting[:NAMED])
        return ScanStep(
            task="Stage a transfer",
            prompt="Scan transfer" if waiting else "Nothing is to be staged",
            sub=f"{len(waiting)} released: {said}. {ONLINE}" if waiting else _elsewhere(visit),
            accepts="Transfer number",
            actions=[ScanAction("next", "First due", waiting[0].number, primary=True)] if waiting else [],
            done=ticks(visit),
        )
    found, left = live
    to_come = sum(row.units for row in left)
    common: dict[str, Any] = {
        "task": f"{found.number} to {found.to_site}", "progress": (found.units - to_come, found.units),
        "done": ticks(visit),
    }  # fmt: skip
    if "to" not in state:
        return ScanStep(
            prompt="Scan staging place", sub=ONLINE, accepts="Staging place or dock door where it waits for its truck",
            actions=[ScanAction("leave", "Another transfer")], **common,
        )  # fmt: skip
    if state.get("ask") == "plate":
        return ScanStep(
            prompt="Scan pallet label", sub="What is loose is put onto it", accepts="A new label, or an empty pallet",
            actions=[ScanAction("back", "No pallet")], **common,
        )  # fmt: skip
    if state.get("ask") == "end":
        reasons = [ScanAction(f"end-{code}", words, wide=True) for code, words in WHY.items()]
        return ScanStep(
            prompt="Why does the rest not go?", sub=f"{to_come:,} are not staged; {_named(left)}",
            actions=[*reasons, ScanAction("back", "Go on staging", primary=True)], **common,
        )  # fmt: skip
    row = _picked(state, left)
    if row is not None:
        return _draw_pick(state["pick"], row, common)
    return _draw_source(state, found, left, common)


def _elsewhere(visit: Visit) -> str:
    """Where there is something to stage, when it is not here."""
    there = [
        f"{count} at {code}"
        for site_id, code, count in queries.sites_to_stage()
        if site_id != visit.site_id and visit.viewer.may("storage.move", site_id)
    ]
    return f"Released: {', '.join(there[:NAMED])}; choose that site." if there else "A planner releases transfers."


def _picked(state: dict[str, Any], left: Sequence[ToStageRow]) -> ToStageRow | None:
    """What is left to stage of the goods that were scanned."""
    pick = state.get("pick")
    return next((x for x in left if pick and (x.item_id, x.lot_id) == (pick["item"], pick["lot"])), None)


def _draw_pick(pick: dict[str, Any], row: ToStageRow, common: dict[str, Any]) -> ScanStep:
    """How many of what was scanned."""
    units = min(row.units, pick["free"])
    pad = Keypad(units, f"of {row.units:,} {row.base_uom} to stage, {pick['free']:,} there", (), "Stage")
    lot = f", lot {row.lot}" if row.lot else ""
    return ScanStep(
        prompt="How many go?", sub=f"{row.sku} {row.name[:60]}{lot}", fact=pick["at"], keypad=pad,
        actions=[ScanAction("back", "Not this")], **common,
    )  # fmt: skip


def _draw_source(
    state: dict[str, Any], found: TransferRow, left: Sequence[ToStageRow], common: dict[str, Any]
) -> ScanStep:
    """Where the next goods lie, or which item of the bin that was scanned."""
    first = left[0]
    inside = state.get("from")
    actions = [
        ScanAction("plate", "On a pallet", state.get("plate", ""), wide=True),
        ScanAction("leave", "Enough for now", f"{sum(row.units for row in left):,} stay to stage"),
    ]
    if found.units > sum(row.units for row in left):
        actions.append(ScanAction("end", "The rest does not go"))
    if inside:
        return ScanStep(
            prompt="Scan item", fact=inside["at"], sub=f"To stage: {_named(left)}", accepts="An item of the transfer",
            actions=[ScanAction("back", "Another bin"), *actions], virtual=[("Item", row.sku) for row in left[:NAMED]],
            **common,
        )  # fmt: skip
    return ScanStep(
        prompt="Scan bin or pallet", fact=first.place or "No bin", item=f"{first.sku} {first.name[:60]}",
        item_note=f"lot {first.lot}" if first.lot else "", qty=f"{first.units:,}",
        qty_note=f"{first.there:,} there" if first.place else "None is free in a bin: count it, or leave the rest",
        sub=f"It waits in {state['to'][1]}", accepts="Pallet, bin or item; a staging place changes where it waits",
        actions=actions, virtual=[("Bin", row.place) for row in left[:NAMED] if row.place], **common,
    )  # fmt: skip


def _named(left: Sequence[ToStageRow]) -> str:
    said = ", ".join(f"{row.units:,} × {row.sku}" for row in left[:NAMED])
    return said + (f" and {len(left) - NAMED} more" if len(left) > NAMED else "")


def _live(visit: Visit) -> tuple[TransferRow, list[ToStageRow]] | None:
    """The transfer and what is left of it; none, and it is forgotten, where somebody else finished it."""
    if "transfer" not in visit.state:
        return None
    [found] = queries_transfers.transfers([visit.state["transfer"]])
    left = queries.rows_to_stage(found.id) if found.state == TransferState.RELEASED else []
    if not left:
        _forget(visit)
        return None
    return found, left


def _transfer(visit: Visit) -> tuple[TransferRow, list[ToStageRow]]:
    """The transfer and what is left of it. Refuses with WrongScan where somebody else finished it."""
    live = _live(visit)
    if live is None:
        raise WrongScan("Nothing of this transfer is left to stage.", "Scan another transfer.")
    _hold(visit)
    return live


def _hold(visit: Visit) -> None:
    """Nobody else is sent to its bins from now on. Refuses with WithColleague while somebody else stages it."""
    if visit.state.get("held") != visit.state["transfer"]:
        commands.take_transfer(visit.ctx("take"), TakeTransfer(visit.state["transfer"]))
        visit.state["held"] = visit.state["transfer"]


def _forget(visit: Visit) -> None:
    visit.state = {name: visit.state[name] for name in KEPT if name in visit.state}


def scanned(visit: Visit, code: str) -> str | Go:
    """A transfer, a staging place, a pallet, a bin, or an item."""
    state = visit.state
    if "transfer" not in state:
        _open(visit, code)
        _hold(visit)
        return OK
    found, left = _transfer(visit)
    if state.get("ask") == "plate":
        state["plate"] = code.strip().upper()[:40]
        state.pop("ask")
        return OK
    place = place_of(visit, code)
    if place is not None and place.role == Role.STAGED and not _has(place, left):
        state["to"] = [place.location_id, place.code]
        return OK
    if "to" not in state:
        raise WrongScan(f"“{code[:40]}” is no staging place of {found.site}.", "Scan where it waits for its truck.")
    if "pick" in state:
        if place is not None or lpn_of(code) or state["pick"]["item"] not in items_of(code):
            row = _picked(state, left)
            asked = f"How many of {row.sku} go" if row else "How many go"
            raise WrongScan(f"{asked} is not booked yet.", "Type it and tap Stage, or Not this.")
        return MORE
    cells = _cells(visit, code, place)
    return _choose(visit, found, left, cells, place, code)


def _has(place: LocationRow, left: Sequence[ToStageRow]) -> bool:
    """Whether free goods of the transfer stand at a place."""
    keys = {(row.item_id, row.lot_id) for row in left}
    return any((cell.item_id, cell.lot_id) in keys for cell in _fit(stock.cells_at([place.location_id])))


def _fit(cells: Sequence[CellRow]) -> list[CellRow]:
    """Free stock of ours that may be sold."""
    return [cell for cell in cells if cell.free > 0 and cell.quality == "available" and cell.owner_id == 1]


def _cells(visit: Visit, code: str, place: LocationRow | None) -> list[CellRow]:
    """The stock that a code names at the site."""
    if place is not None:
        return stock.cells_at([place.location_id])
    lpn_id = lpn_of(code)
    if lpn_id:
        return [cell for cell in stock.cells_at(lpn_ids=[lpn_id]) if cell.site_id == visit.site_id]
    items = items_of(code)
    if not items:
        raise WrongScan(f"Nobody knows “{code[:40]}”.", "Scan a pallet, a bin or an item.")
    inside = visit.state.get("from")
    cells = _fit(stock.cells(items, visit.site_id))
    if inside:
        return [cell for cell in cells if (cell.location_id, cell.lpn_id) in {tuple(x) for x in inside["cells"]}]
    return cells


def _choose(
    visit: Visit, found: TransferRow, left: Sequence[ToStageRow], cells: list[CellRow], place: LocationRow | None,
    code: str,
) -> str:  # fmt: skip
    """Stage a pallet that goes whole; of anything else ask which item and how many."""
    open_units = {(row.item_id, row.lot_id): row.units for row in left}
    mine = [cell for cell in _fit(cells) if (cell.item_id, cell.lot_id) in open_units]
    if not mine:
        raise WrongScan(f"Nothing of {found.number} is free there.", f"To stage: {_named(left)}.")
    is_pallet = place is None and mine[0].lpn_id and {cell.lpn_id for cell in cells} == {mine[0].lpn_id}
    if is_pallet and not visit.state.get("from") and _goes_whole(cells, open_units) and lpn_of(code):
        return _stage(visit, found, [(cell, cell.on_hand) for cell in cells], mine[0].lpn_code)
    where = {(cell.location_id, cell.lpn_id) for cell in mine}
    if len(where) > 1 and place is None:
        places = ", ".join(dict.fromkeys(cell.location_code for cell in mine[:5]))
        raise WrongScan(f"It lies in several places: {places}.", "Scan the bin or the pallet first.")
    if len(mine) > 1:
        at = place.code if place else mine[0].lpn_code or mine[0].location_code
        if visit.state.get("from"):
            raise WrongScan("Several lots or pallets of it are there.", "Scan the pallet, or another bin.")
        visit.state["from"] = {"at": at, "cells": sorted(where)}
        return OK
    cell = mine[0]
    visit.state["pick"] = {
        "item": cell.item_id, "lot": cell.lot_id, "lpn": cell.lpn_id, "from": cell.location_id, "free": cell.free,
        "at": cell.lpn_code or cell.location_code,
    }  # fmt: skip
    return MORE


def _goes_whole(cells: Sequence[CellRow], open_units: dict[tuple[int, int], int]) -> bool:
    """Whether all that stands on a pallet is ours, free, and wanted."""
    wanted = dict(open_units)
    for cell in cells:
        if cell.reserved or cell.quality != "available" or cell.owner_id != 1:
            return False
        rest = wanted.get((cell.item_id, cell.lot_id), 0) - cell.on_hand
        if rest < 0:
            return False
        wanted[cell.item_id, cell.lot_id] = rest
    return True


def _stage(visit: Visit, found: TransferRow, goods: Sequence[tuple[CellRow, int]], what: str) -> str:
    """Goods stand in staging now."""
    state = visit.state
    lines = [
        StockAt(cell.location_id, cell.item_id, Units(units), cell.lot_id, cell.lpn_id, cell.quality, cell.owner_id)
        for cell, units in goods
    ]
    req = StageReleased(found.id, state["to"][0], lines, state.get("plate", ""))
    done = commands.stage_released(visit.ctx(), req)
    tick(state, f"{done.units:,} of {what}", f"in {state['to'][1]}")
    for name in ("pick", "from"):
        state.pop(name, None)
    if done.left:
        return OK
    _forget(visit)
    return DONE


def _open(visit: Visit, code: str) -> str:
    found = queries_transfers.by_number(code)
    if found is None:
        raise WrongScan(f"“{code[:40]}” is no transfer.", "Scan the transfer's number.")
    if found.site_id != visit.site_id or not visit.viewer.may("storage.move", found.site_id):
        raise WrongScan(f"{found.number} leaves from {found.site}.", "Only people there stage it.")
    if found.state == TransferState.PLANNED:
        raise WrongScan(f"{found.number} is not released.", "Ask the planner, or scan another transfer.")
    if found.state != TransferState.RELEASED:
        raise WrongScan(f"Nothing of {found.number} is left to stage.", "Scan another transfer.")
    if visit.state.get("site") != found.site_id:
        visit.state.pop("to", None)
    _forget(visit)
    visit.state |= {"transfer": found.id, "site": found.site_id}
    return OK


def acted(visit: Visit, action: str) -> str | Go:
    """The first due, a pallet label, what does not go, or back."""
    state = visit.state
    if action == "next":
        waiting = queries.to_stage(visit.site_id, now(), but_of=visit.viewer.user.pk, limit=1)
        if not waiting:
            raise WrongScan("Nothing is to be staged.", "Come back later.")
        _open(visit, waiting[0].number)
        _hold(visit)
        return OK
    if action == "leave":
        if _live(visit) is not None:
            commands.put_down_transfer(visit.ctx(), PutDownTransfer(state["transfer"]))
        _forget(visit)
        return OK
    if action == "back":
        for name in ("pick", "from") if not state.get("ask") else ("ask",):
            state.pop(name, None)
        return OK
    if action in ("plate", "end") and "to" in state:
        state["ask"] = action
        return OK
    why = WHY.get(action.removeprefix("end-"))
    if why and state.get("ask") == "end":
        found, _ = _transfer(visit)
        done = commands.end_staging(visit.ctx(), EndStaging(found.id, why))
        tick(state, f"{done.number} waits for its truck", f"{done.units:,} staged")
        _forget(visit)
        return DONE
    raise WrongScan("That button does nothing here.", SCAN_AGAIN)


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """So many go."""
    pick = visit.state.get("pick")
    if pick is None:
        raise WrongScan("There is nothing to stage.", "Scan a bin first.")
    found, left = _transfer(visit)
    number = parse_units(units)
    row = _picked(visit.state, left)
    most = min(row.units if row else 0, pick["free"])
    if not 0 < number <= most:
        raise WrongScan(f"{number:,} cannot go.", f"Type 1 to {most:,}.")
    key = (pick["from"], pick["lpn"], pick["item"], pick["lot"])
    cell = next(
        (c for c in _fit(stock.cells_at([pick["from"]])) if (c.location_id, c.lpn_id, c.item_id, c.lot_id) == key), None
    )
    if cell is None or row is None:
        visit.state.pop("pick")
        raise WrongScan(f"It is not in {pick['at']} any more.", "Scan where it lies now.")
    return _stage(visit, found, [(cell, number)], row.sku)


def _is_mine(found: TransferRow, viewer: Viewer) -> bool:
    return found.state == TransferState.RELEASED and found.site_id == site_of(viewer)


STAGE_TRANSFER = ScanPage("stage-transfer", "storage.move", draw, scanned, acted, counted, from_link(_open))
FLOW = ScanFlow(
    "stage-transfer", "Stage a transfer", "scan_stage_transfer", "storage.move", order=42, note="To another site",
    count=lambda viewer: queries.to_stage_count(site_of(viewer), now(), but_of=viewer.user.pk),
    opens=by_transfer("scan_stage_transfer", _is_mine), starts=("transfer",),
)  # fmt: skip
