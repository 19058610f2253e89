"""Scanning on the floor: pick a wave line by line; packing is in scan_pack.py."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.fulfilment import commands, queries
from flowrack.fulfilment.queries import PickRow
from flowrack.fulfilment.scan_pack import PACK, opens_pack
from flowrack.fulfilment.scan_parts import item_of, sites_with
from flowrack.fulfilment.states import SHORT_WORDS
from flowrack.fulfilment.types import ConfirmPicks, Pick, ShortPick, UndoPick
from flowrack.locations import queries as places
from flowrack.platform.web.format import day
from flowrack.platform.web.scan import DONE, MORE, OK, Keypad, ScanAction, ScanFlow, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan


def _current(visit: Visit) -> PickRow | None:
    """The pick that the device is at: the one whose item was scanned, else the next open one.

    A scan that is sent again because its answer was lost meets the pick it was meant for, not the one after.
    """
    held = visit.state.get("item") or visit.state.get("short")
    return queries.pick(held) if held else queries.next_pick(visit.state["wave"], skip=visit.state.get("skip", []))


def _shown(visit: Visit) -> PickRow | None:
    """The pick to show: what somebody has done in the meantime is left behind."""
    pick = _current(visit)
    if pick is not None and pick.state != "open":
        visit.state.pop("item", None)
        visit.state.pop("short", None)
        return _current(visit)
    return pick


def _tote_of(visit: Visit, pick: PickRow) -> tuple[int, str] | None:
    """The tote that this order has on this device; fixed by its first line."""
    known = visit.state.get("totes", {}).get(str(pick.order_id))
    return (known[0], known[1]) if known else None


def _draw_pick(visit: Visit) -> ScanStep:
    if "wave" not in visit.state:
        waiting = queries.open_waves(sites_with(visit.viewer, "fulfilment.pick"))
        return ScanStep(
            task="Pick",
            prompt="Scan wave" if waiting else "No wave waits",
            sub=_waves_words(waiting),
            accepts="Wave number",
            actions=[ScanAction("next", "Next wave", primary=True)] if waiting else [],
        )
    pick = _shown(visit)
    ticks = [
        Tick(f"{done.units} × {done.sku} {done.name[:24]}", f"in {done.tote}" if done.tote else "")
        for done in queries.last_picks(visit.state["wave"], visit.viewer.user.pk)
    ]
    total, finished = queries.progress(visit.state["wave"])
    common = {"task": visit.state["number"], "progress": (finished, total), "done": ticks, "undo": _undo_text(visit)}
    if pick is None:
        totes = ", ".join(sorted({code for _, code in visit.state.get("totes", {}).values()}))
        where = f"Bring {totes} to packing." if totes else "What was picked is staged for packing."
        return ScanStep(prompt="Wave done", sub=where, accepts="Next wave number",
                        actions=[ScanAction("next", "Next wave", primary=True)], **common)  # fmt: skip
    lot = f"Lot {pick.lot}" + (f", exp {day(pick.expires_on)}" if pick.expires_on else "") if pick.lot else ""
    if visit.state.get("short"):
        return _draw_short(visit, pick)
    tote = _tote_of(visit, pick)
    scanned, at_bin = visit.state.get("item") == pick.id, visit.state.get("bin") == pick.location_id
    into = f"into {tote[1]}" if tote else "into a tote"
    actions = [ScanAction("short", "Short"), ScanAction("skip", "Skip")]
    if scanned:
        actions.append(
            ScanAction("loose", f"Confirm {pick.units}", "without a tote", primary=tote is None, ghost=bool(tote))
        )
    return ScanStep(
        prompt=f"Scan {tote[1] if tote else 'tote'}" if scanned else "Scan item" if at_bin else "Go to",
        fact=pick.location,
        qty=str(pick.units),
        qty_note=f"{pick.base_uom} {into}",
        item=f"{pick.sku} {pick.name}",
        item_note=", ".join(
            part for part in (lot, f"on {pick.lpn}" if pick.lpn else "", f"for {pick.customer}") if part
        ),
        accepts=_asks_for(tote, scanned=scanned, at_bin=at_bin),
        actions=actions,
        virtual=[("Bin", pick.location), ("Item", pick.sku), *([("Tote", tote[1])] if tote else [])],
        **common,
    )


def _asks_for(tote: tuple[int, str] | None, *, scanned: bool, at_bin: bool) -> str:
    if scanned:
        return f"Scan {tote[1] if tote else 'a tote'}"
    return "The bin is right: scan the item" if at_bin else "Scan the item, or the bin first"


def _undo_text(visit: Visit) -> str:
    last = visit.state.get("last")
    return str(last[1]) if last else ""


def _draw_short(visit: Visit, pick: PickRow) -> ScanStep:
    others = queries.elsewhere(pick, limit=2)
    note = ", ".join(
        f"{other.lpn} in this bin has {other.units:,}" if other.lpn else f"{other.location} has {other.units:,}"
        for other in others
    )
    return ScanStep(
        task="Short pick",
        prompt="How many are there?",
        keypad=Keypad(
            0,
            f"of {pick.units:,} {pick.base_uom}, {pick.location}",
            [(str(r), w) for r, w in SHORT_WORDS.items()],
            "Book it",
        ),
        sub=f"{pick.sku} {pick.name[:40]}",
        note=f"{note or 'No other bin has any'}. {pick.location} will be counted.",
        actions=[ScanAction("back", "Back", wide=True)],
    )


def _open_wave(visit: Visit, wave_id: int | None) -> str:
    found = queries.access_wave(wave_id, sites_with(visit.viewer, "fulfilment.pick")) if wave_id else None
    if found is None:
        raise Wrong("There is no such wave.", "Scan the number on the wave's sheet, or tap Next wave.")
    visit.state = {"wave": found[0], "number": found[1]}
    return OK


def _scanned_pick(visit: Visit, code: str) -> str:
    if "wave" not in visit.state:
        return _open_wave(visit, queries.wave_id_of(code.upper()))
    pick = _current(visit)
    if pick is None:
        return _open_wave(visit, queries.wave_id_of(code.upper()))
    if visit.state.get("short"):
        raise Wrong("A quantity is asked.", "Tap how many are there, or Back.")
    scan = gs1.parse(code)
    if visit.state.get("item") == pick.id:
        return _tote_scanned(visit, pick, scan)
    place = places.find_by_code(pick.site_id, [code]).get(code)
    if place is not None:
        if place.location_id != pick.location_id:
            raise Wrong(f"That is bin {place.code}.", f"Go to {pick.location} and scan {pick.sku}.")
        visit.state["bin"] = place.location_id
        return MORE
    _check_item(pick, scan)
    visit.state["item"] = pick.id
    return MORE


def _check_item(pick: PickRow, scan: Gs1Scan) -> None:
    """The scan names the item (and the lot, where it says one) of the pick, or the LPN to take from."""
    if pick.lpn and pick.lpn in (scan.raw, scan.sscc):
        return
    found = item_of(scan)
    if found is None:
        raise Wrong(f"No item has the code {scan.raw[:40]}.", f"Scan {pick.sku} in {pick.location}.")
    if found[0] != pick.item_id:
        raise Wrong(f"That is {found[1]}.", f"Scan {pick.sku} in {pick.location}.")
    lot = scan.lot or scan.serial
    if lot and pick.lot and lot != pick.lot:
        raise Wrong(f"That is lot {lot}.", f"This order gets lot {pick.lot} of {pick.sku}.")


def _tote_scanned(visit: Visit, pick: PickRow, scan: Gs1Scan) -> str:
    code = scan.sscc or scan.raw.strip().upper()
    fixed = _tote_of(visit, pick)
    if fixed and code != fixed[1]:
        raise Wrong(f"That is {code[:40]}.", f"This order goes into {fixed[1]}.")
    plate = places.lpns_by_code([code]).get(code)
    if plate is None:
        raise Wrong(f"{code[:40]} is no tote.", "Scan a tote, or tap Confirm without a tote.")
    return _confirm(visit, pick, plate.lpn_id, code)


def _confirm(visit: Visit, pick: PickRow, tote_id: int, tote: str) -> str:
    commands.confirm_picks(visit.ctx(), ConfirmPicks([Pick(pick.id, 0, tote_id)]))
    if tote_id:
        visit.state.setdefault("totes", {})[str(pick.order_id)] = [tote_id, tote]
    visit.state["last"] = [pick.id, f"{pick.units} × {pick.sku}"]
    visit.state.pop("item", None)
    return DONE if _current(visit) is None else OK


def _acted_pick(visit: Visit, action: str) -> str:
    if action == "next":
        site_id = visit.viewer.site_id
        return _open_wave(visit, queries.oldest_open_wave(site_id))
    pick = _current(visit) if "wave" in visit.state else None
    if action == "undo" and visit.state.get("last"):
        commands.undo_pick(visit.ctx(), UndoPick(int(visit.state["last"][0])))
        visit.state.pop("last")
        visit.state.pop("item", None)
        return OK
    if action == "back":
        visit.state.pop("short", None)
        return OK
    if pick is None:
        raise Wrong("There is nothing to pick.", "Scan the next wave.")
    if action == "short":
        visit.state["short"] = pick.id
        return MORE
    if action == "skip":
        visit.state["skip"] = [*visit.state.get("skip", []), pick.id][-50:]
        visit.state.pop("item", None)
        return OK
    if action == "loose" and visit.state.get("item") == pick.id:
        return _confirm(visit, pick, 0, "")
    raise Wrong("Scan the item first.", f"Scan {pick.sku} in {pick.location}.")


def _counted_pick(visit: Visit, units: str, reason: str) -> str:
    pick = _current(visit)
    if pick is None or not visit.state.get("short"):
        raise Wrong("There is nothing to book.", "Scan the next wave.")
    if not units.isdigit() or len(units) > 5:
        raise Wrong(f"{units[:20]} is not a quantity.", "Tap how many are there.")
    tote = _tote_of(visit, pick)
    commands.short_pick(visit.ctx(), ShortPick(pick.id, int(units), reason, tote[0] if tote and int(units) else 0))
    visit.state.pop("short", None)
    visit.state.pop("item", None)
    visit.state.pop("last", None)
    return DONE if _current(visit) is None else OK


PICK = ScanPage("pick", "fulfilment.pick", _draw_pick, _scanned_pick, _acted_pick, _counted_pick)


def _opens_wave(code: str, viewer: Viewer) -> str | None:
    return reverse("scan_pick") if queries.wave_id_of(code.strip().upper()) else None


def _waves_words(waiting: int) -> str:
    if not waiting:
        return "Released orders appear here."
    return "1 wave waits" if waiting == 1 else f"{waiting} waves wait"


def _waves_waiting(viewer: Viewer) -> int:
    return queries.open_waves(sites_with(viewer, "fulfilment.pick"))


SCAN_FLOWS = [
    ScanFlow("pick", "Pick", "scan_pick", "fulfilment.pick", order=30, note="Waves", count=_waves_waiting,
             opens=_opens_wave, starts=("wave",)),
    ScanFlow("pack", "Pack", "scan_pack", "fulfilment.pack", order=40, note="Totes into cartons", opens=opens_pack,
             starts=("order", "tote")),
]  # fmt: skip
urlpatterns = [
    path("scan/pick", PICK.view, name="scan_pick"),
    path("scan/pack", PACK.view, name="scan_pack"),
]
