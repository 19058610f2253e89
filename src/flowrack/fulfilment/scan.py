"""Scanning on the floor: pick a wave line by line, and pack a tote at the station."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.fulfilment import commands, queries
from flowrack.fulfilment.queries import PickRow
from flowrack.fulfilment.states import SHORT_WORDS
from flowrack.fulfilment.types import ConfirmPicks, Pack, PackLine, PackOrders, Pick, ShortPick, UndoPick
from flowrack.locations import queries as places
from flowrack.platform.web.format import day, in_units
from flowrack.platform.web.scan import DONE, MORE, OK, Keypad, ScanAction, ScanFlow, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.sales import queries as orders
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan


def _sites(viewer: Viewer, permission: str) -> frozenset[int]:
    held = viewer.grants.get(permission, frozenset())
    return frozenset({viewer.site_id}) & held if viewer.site_id and 0 not in held else held


def _item_of(scan: Gs1Scan) -> tuple[int, str, int] | None:
    """(item, SKU, units of one scan) behind a scan; None when no item has the code."""
    code = scan.gtin or scan.content_gtin or scan.raw
    hits = catalog.find_codes([code]).get(code, [])
    if not hits:
        return None
    if len({hit.item_id for hit in hits}) > 1:
        raise Wrong(f"{code} stands for several items.", "Scan the item's own label.")
    return hits[0].item_id, hits[0].sku, hits[0].factor * (scan.quantity or scan.count or 1)


# --- Pick -------------------------------------------------------------------------------------------------------------


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
        waiting = queries.open_waves(_sites(visit.viewer, "fulfilment.pick"))
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
        return ScanStep(prompt="Wave done", sub="Bring the totes to packing.", accepts="Next wave number",
                        actions=[ScanAction("next", "Next wave", primary=True)], **common)  # fmt: skip
    lot = f"Lot {pick.lot}" + (f", exp {day(pick.expires_on)}" if pick.expires_on else "") if pick.lot else ""
    if visit.state.get("short"):
        return _draw_short(visit, pick)
    tote = _tote_of(visit, pick)
    scanned = visit.state.get("item") == pick.id
    into = f"into {tote[1]}" if tote else "into a tote"
    actions = [ScanAction("short", "Short"), ScanAction("skip", "Skip")]
    if scanned:
        actions.append(
            ScanAction("loose", f"Confirm {pick.units}", "without a tote", primary=tote is None, ghost=bool(tote))
        )
    return ScanStep(
        prompt=f"Scan {tote[1] if tote else 'tote'}" if scanned else "Go to",
        fact=pick.location,
        qty=str(pick.units),
        qty_note=f"{pick.base_uom} {into}",
        item=f"{pick.sku} {pick.name}",
        item_note=", ".join(
            part for part in (lot, f"on {pick.lpn}" if pick.lpn else "", f"for {pick.customer}") if part
        ),
        accepts=f"Scan {tote[1] if tote else 'a tote'}" if scanned else "Scan the item, or the bin first",
        actions=actions,
        virtual=[("Bin", pick.location), ("Item", pick.sku), *([("Tote", tote[1])] if tote else [])],
        **common,
    )


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
    found = queries.access_wave(wave_id, _sites(visit.viewer, "fulfilment.pick")) if wave_id else None
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
        return MORE
    _check_item(pick, scan)
    visit.state["item"] = pick.id
    return MORE


def _check_item(pick: PickRow, scan: Gs1Scan) -> None:
    """The scan names the item (and the lot, where it says one) of the pick, or the LPN to take from."""
    if pick.lpn and pick.lpn in (scan.raw, scan.sscc):
        return
    found = _item_of(scan)
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


# --- Pack -------------------------------------------------------------------------------------------------------------


def _draw_pack(visit: Visit) -> ScanStep:
    last = visit.state.get("sscc", "")
    ticks = [Tick(f"Carton {last}", visit.state.get("packed", ""))] if last else []
    if "order" not in visit.state:
        return ScanStep(task="Pack", prompt="Scan tote", accepts="Tote, or order number", done=ticks)
    seen: dict[str, int] = visit.state.get("seen", {})
    rows = _unpacked(visit)
    wanted = sum(row.units for row in rows)
    checked = sum(min(seen.get(_key(row), 0), row.units) for row in rows)
    lines = [
        Tick(
            f"{row.units} × {row.sku} {row.name}",
            f"{min(seen.get(_key(row), 0), row.units)}",
            "ok" if seen.get(_key(row), 0) >= row.units else "wait",
        )
        for row in rows
    ]
    ready = checked == wanted
    primary = ScanAction("close", "Close carton", f"{checked} of {wanted} checked", primary=ready, ghost=not ready)
    return ScanStep(
        task=visit.state["number"],
        prompt="Close carton" if ready else "Scan item",
        qty=str(wanted - checked) if not ready else "",
        qty_note="to check",
        progress=(checked, wanted),
        done=lines,
        accepts="Item; every scan counts one pack" if not ready else "Tap Close carton",
        actions=[ScanAction("all", "All checked"), ScanAction("leave", "Leave it"), *([primary] if checked else [])],
        virtual=[("Item", row.sku) for row in rows[:4]],
    )


def _unpacked(visit: Visit) -> list[queries.StagedRow]:
    return [row for row in queries.staged_in_words(visit.state["order"]) if not row.is_packed]


def _key(row: queries.StagedRow) -> str:
    return f"{row.line_id}:{row.lot_id}:{row.lpn_id}"


def _scanned_pack(visit: Visit, code: str) -> str:
    if "order" not in visit.state:
        return _open_order(visit, code)
    scan = gs1.parse(code)
    found = _item_of(scan)
    if found is None:
        raise Wrong(f"No item has the code {code[:40]}.", "Scan an item of this order.")
    seen: dict[str, int] = visit.state.setdefault("seen", {})
    rows = [row for row in _unpacked(visit) if row.item_id == found[0] and (not scan.lot or scan.lot == row.lot)]
    if not rows:
        raise Wrong(f"{found[1]} is not for {visit.state['number']}.", "Put it aside and call the lead.")
    for row in rows:
        if seen.get(_key(row), 0) + found[2] <= row.units:
            seen[_key(row)] = seen.get(_key(row), 0) + found[2]
            done = all(seen.get(_key(one), 0) >= one.units for one in _unpacked(visit))
            return DONE if done else OK
    raise Wrong(f"That is more {found[1]} than the order has.", "Take it out again.")


def _open_order(visit: Visit, code: str) -> str:
    """An order by its number, or by a tote that holds its goods."""
    order_id = _order_of(code)
    if order_id is None:
        said = code.strip().upper()[:40]
        raise Wrong(f"{said} holds nothing to pack.", "Scan a tote with picked goods, or an order number.")
    head = orders.access_order(order_id, _sites(visit.viewer, "fulfilment.pack"))
    visit.state = {"order": order_id, "number": head.number}
    if not _unpacked(visit):
        raise Wrong(f"Nothing of {head.number} waits for packing.", "Pick it first.")
    return OK


def _order_of(code: str) -> int | None:
    """The order that a number or a tote with goods of one order names."""
    text = code.strip().upper()
    order_id = orders.order_id_of(text)
    if order_id is None:
        plate = places.lpns_by_code([text]).get(text)
        holds = queries.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set()) if plate else set()
        order_id = min(holds) if len(holds) == 1 else None
    return order_id


def _opens_pack(code: str, viewer: Viewer) -> str | None:
    """An order, or the tote of one, with picked goods that are in no carton yet, at a site where the person packs."""
    order_id = _order_of(code)
    if order_id is None or all(row.is_packed for row in queries.staged_in_words(order_id)):
        return None
    held = _sites(viewer, "fulfilment.pack")
    return reverse("scan_pack") if 0 in held or held.issuperset(orders.sites_of([order_id])) else None


def _acted_pack(visit: Visit, action: str) -> str:
    if action == "leave":
        visit.state = {}
        return OK
    if "order" not in visit.state:
        raise Wrong("Scan a tote first.", "Scan a tote or an order number.")
    rows = _unpacked(visit)
    if action == "all":
        visit.state["seen"] = {_key(row): row.units for row in rows}
        return DONE
    if action != "close":
        raise Wrong("This step does not know that.", "Scan an item.")
    seen: dict[str, int] = visit.state.get("seen", {})
    contents = [
        PackLine(row.line_id, min(seen[_key(row)], row.units), row.lot_id, row.lpn_id)
        for row in rows
        if seen.get(_key(row))
    ]
    if not contents:
        raise Wrong("Nothing was checked.", "Scan the items that go into the carton.")
    [carton] = commands.pack_orders(visit.ctx(), PackOrders([Pack(visit.state["order"], contents)])).cartons
    visit.state = {"sscc": carton.sscc, "packed": in_units(carton.units)}
    return DONE


PACK = ScanPage("pack", "fulfilment.pack", _draw_pack, _scanned_pack, _acted_pack)


def _opens_wave(code: str, viewer: Viewer) -> str | None:
    return reverse("scan_pick") if queries.wave_id_of(code.strip().upper()) else None


def _waves_words(waiting: int) -> str:
    if not waiting:
        return "Released orders appear here."
    return "1 wave waits" if waiting == 1 else f"{waiting} waves wait"


def _waves_waiting(viewer: Viewer) -> int:
    return queries.open_waves(_sites(viewer, "fulfilment.pick"))


SCAN_FLOWS = [
    ScanFlow("pick", "Pick", "scan_pick", "fulfilment.pick", order=30, note="Waves", count=_waves_waiting,
             opens=_opens_wave, starts=("wave",)),
    ScanFlow("pack", "Pack", "scan_pack", "fulfilment.pack", order=40, note="Totes into cartons", opens=_opens_pack,
             starts=("order", "tote")),
]  # fmt: skip
urlpatterns = [
    path("scan/pick", PICK.view, name="scan_pick"),
    path("scan/pack", PACK.view, name="scan_pack"),
]
