"""Scanning at the station: a tote or order is checked item by item and packed into cartons."""

from __future__ import annotations

from flowrack.fulfilment import (
    commands,
    queries,
    queries_packing,
    queries_totes,
    scan_cartons,
    scan_lots,
    scan_prove,
    scan_totes,
)
from flowrack.fulfilment.scan_pack_open import asked_for, open_order
from flowrack.fulfilment.scan_parts import item_of, plate_code, sites_with, way_checked
from flowrack.fulfilment.types import Pack, PackLine, PackOrders, UnpackCarton
from flowrack.locations import queries as places
from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import DONE, MORE, OK, Keypad, ScanAction, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.sales import queries as orders
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan


def _draw_pack(visit: Visit) -> ScanStep:
    last = visit.state.get("sscc", "")
    ticks = [Tick(f"Carton {last}", visit.state.get("packed", ""))] if last else []
    if "stage" in visit.state:
        return scan_prove.draw(visit)
    if "order" not in visit.state:
        return ScanStep(
            task="Pack", prompt="Scan tote", accepts="Tote, or order number", done=ticks, link=scan_prove.link(visit),
            second_link=scan_prove.slip_link(visit), wraps=True,
            note=" ".join(words for words in (_told(visit), visit.state.get("left", "")) if words),
            actions=[ScanAction("reopen", "Open it again", last, wide=True)] if last else [],
        )  # fmt: skip
    for name, drawn in (("tight", scan_cartons.draw_tight), ("choose", scan_cartons.choose)):
        if visit.state.get(name):
            return drawn(visit.state, visit.state["number"])
    seen: dict[str, int] = visit.state.get("seen", {})
    rows, moving = scan_totes.parted(visit.state)
    wanted = sum(row.units for row in rows)
    checked = sum(min(seen.get(_key(row), 0), row.units) for row in rows)
    took = dict(visit.state.get("took", []))
    lines = [  # what is to check stays in sight, and first of it what was scanned just now
        Tick(
            f"{row.units} × {row.sku} {row.name}{f', lot {row.lot}' if row.lot else ''}",
            f"{min(seen.get(_key(row), 0), row.units)}",
            "ok" if seen.get(_key(row), 0) >= row.units else "wait",
        )
        for row in sorted(rows, key=lambda row: (seen.get(_key(row), 0) >= row.units, _key(row) not in took))
    ]
    box = scan_cartons.now(visit.state, rows)
    ready = checked == wanted or (box is not None and box.is_full(rows, seen))
    for name, asked in (("many", _draw_many), ("part", _draw_part), ("which", scan_lots.draw)):
        if visit.state.get(name):
            return asked(visit, rows, seen)
    came = " ".join(words for words in (scan_totes.words(moving), scan_totes.to_come(visit.state)) if words)
    primary = ScanAction("close", "Close carton", f"{checked} of {wanted} checked", primary=ready, ghost=not ready)
    return ScanStep(
        task=visit.state["number"],
        prompt="Close carton" if ready else "Scan item",
        qty=str(wanted - checked) if not ready else "",
        qty_note="to check",
        progress=(checked, wanted),
        done=lines,
        wraps=True,
        stored=_stored(visit, rows),
        sub=box.words if box else "",
        picture=box.picture if box else "",
        note=" ".join(words for words in (came, box.note if box else "") if words),
        accepts="Item: a scan counts one, or the pack it is the label of"
        if not ready
        else "Tap Close carton, or scan its code",
        actions=_actions(visit, box, is_all=checked == wanted) + ([primary] if checked else []),
        undo=_undo_words(visit, rows),
        virtual=[*(("Item", row.sku) for row in rows[:4]), *([("Carton", box.code)] if box and box.code else [])],
    )


def _told(visit: Visit) -> str:
    """What became of the label of the carton that was closed last."""
    return str(visit.state.get("fault", "") or visit.state.get("printed", ""))


def _actions(visit: Visit, box: scan_cartons.Box | None, *, is_all: bool) -> list[ScanAction]:
    """The buttons beside the scanner. "All checked" is not there where all is, or every unit must be scanned."""
    rule = queries_packing.rules_of([visit.state["order"]])[visit.state["order"]]
    found = [] if rule.must_check or is_all else [ScanAction("all", "All checked")]
    if visit.state.get("took"):
        found.append(ScanAction("many", "Quantity"))
    if box is not None:
        found.append(ScanAction("choose", "Other carton"))
    return [*found, ScanAction("leave", "Leave it")]


def _stored(visit: Visit, rows: list[queries.StagedRow]) -> str:
    """What the last scan checked, for the green panel."""
    last = dict(visit.state.get("took", []))
    units = sum(last.values())
    return next((f"{units} × {row.sku} {row.name}" for row in rows if _key(row) in last), "All is checked")


def _undo_words(visit: Visit, rows: list[queries.StagedRow]) -> str:
    if "before" in visit.state:
        return "All checked"
    last = dict(visit.state.get("took", []))
    return next((f"{sum(last.values())} × {row.sku}" for row in rows if _key(row) in last), "")


def _draw_many(visit: Visit, rows: list[queries.StagedRow], seen: dict[str, int]) -> ScanStep:
    """How many of the item that was scanned last are in the carton."""
    key = visit.state["took"][-1][0]
    row = next((one for one in rows if _key(one) == key), rows[0])
    return ScanStep(
        task=visit.state["number"], prompt="How many?", sub=f"{row.sku} {row.name[:40]}",
        keypad=Keypad(seen.get(key, 0), f"of {row.units:,}", verb="Checked"),
        actions=[ScanAction("back", "Back", wide=True)],
    )  # fmt: skip


def _unchecked(rows: list[queries.StagedRow], seen: dict[str, int]) -> str:
    """What of the rows was not checked, for people; empty when all was."""
    left = [f"{row.units - seen.get(_key(row), 0):,} × {row.sku}" for row in rows if seen.get(_key(row), 0) < row.units]
    return ", ".join(left[:3]) + (f" and {len(left) - 3} more lines" if len(left) > 3 else "")


def _draw_part(visit: Visit, rows: list[queries.StagedRow], seen: dict[str, int]) -> ScanStep:
    """Whether the carton is closed though not all was checked."""
    checked, wanted = sum(min(seen.get(_key(row), 0), row.units) for row in rows), sum(row.units for row in rows)
    return ScanStep(
        task=visit.state["number"], prompt="Close without the rest?", sub=f"{checked:,} of {wanted:,} checked",
        note=f"Not checked: {_unchecked(rows, seen)}. It stays for another carton.",
        actions=[
            ScanAction("close", "Close carton", "the rest later"), ScanAction("back", "Go on scanning", ghost=True)
        ],
    )  # fmt: skip


def _counted_pack(visit: Visit, units: str, reason: str) -> str:
    if "stage" in visit.state:
        return scan_prove.counted(visit, units, reason)
    row = next(
        (one for one in _unpacked(visit) if visit.state.get("many") and _key(one) == visit.state["took"][-1][0]), None
    )
    if row is None:
        raise Wrong("No quantity is asked.", "Scan an item.")
    if not units.isdecimal() or int(units[:9]) > row.units:
        raise Wrong(f"{units[:12]} is not 0 to {row.units:,}.", f"The order has {row.units:,} of {row.sku} here.")
    visit.state["seen"][_key(row)] = int(units)
    visit.state["counted"] = True
    visit.state.pop("many")
    visit.state.pop("took")
    return OK


def _unpacked(visit: Visit) -> list[queries.StagedRow]:
    return scan_totes.parted(visit.state)[0]


def _key(row: queries.StagedRow) -> str:
    return f"{row.line_id}:{row.lot_id}:{row.lpn_id}"


def _scanned_pack(visit: Visit, code: str) -> str:
    if "stage" in visit.state:
        return scan_prove.scanned(visit, code)
    if "order" not in visit.state:
        return open_order(visit, code)
    visit.state.pop("many", None)
    visit.state.pop("part", None)
    which = visit.state.pop("which", None)
    scan = gs1.parse(code)
    found = item_of(scan)
    if which and found is None and (lot := scan_lots.named(which, scan, _unpacked(visit))):
        return _count(visit, which[0], which[1], lot)
    rows = _unpacked(visit)
    if (found is None or all(row.item_id != found[0] for row in rows)) and (carton := scan_cartons.named(code)):
        return _carton_scanned(visit, carton, rows)
    visit.state.pop("tight", None)
    if found is None and scan_totes.brought(visit.state, code):
        return OK
    if found is None:
        raise _no_item(visit, code)
    return _item_scanned(visit, scan, found)


def _carton_scanned(visit: Visit, code: str, rows: list[queries.StagedRow]) -> str:
    """A carton from the rack: it is taken, and closed where all is checked, unless it was asked which one."""
    chosen = visit.state.pop("choose", None)
    if scan_cartons.put(visit, code, rows, _checked(visit, rows)) == MORE:
        return MORE
    is_all = all(visit.state.get("seen", {}).get(_key(row), 0) >= row.units for row in rows)
    return _close(visit, rows) if is_all and not chosen else OK


def _item_scanned(visit: Visit, scan: Gs1Scan, found: tuple[int, str, int]) -> str:
    """An item: of which lot, where its label does not say it and the order has several."""
    rows = [row for row in _unpacked(visit) if row.item_id == found[0]]
    if not rows:
        raise _not_of_this_order(visit, found[0], found[1])
    lots = scan_lots.open_lots(rows, visit.state.get("seen", {}))
    lot = scan.lot or scan.serial or ""
    if lot:
        scan_lots.refuse_other(visit.state["number"], lot, rows)
    elif len(lots) > 1:
        visit.state["which"] = [found[0], found[2]]
        return MORE
    return _count(visit, found[0], found[2], lot or (lots[0] if lots else rows[0].lot))


def _count(visit: Visit, item_id: int, units: int, lot: str) -> str:
    """So many units of an item and lot are in the carton: out of the totes in their order, some of each if need be."""
    seen: dict[str, int] = visit.state.setdefault("seen", {})
    unpacked = _unpacked(visit)
    rows = [row for row in unpacked if row.item_id == item_id and row.lot == lot]
    if units > sum(row.units - seen.get(_key(row), 0) for row in rows):
        of_lot = f" of lot {lot}" if lot else ""
        raise Wrong(f"That is more {rows[0].sku}{of_lot} than the order has.", "Take it out again.")
    parts = []
    for row in rows:
        taken = min(row.units - seen.get(_key(row), 0), units)
        if taken > 0:
            seen[_key(row)] = seen.get(_key(row), 0) + taken
            units -= taken
            parts.append([_key(row), taken])
    visit.state["took"] = parts
    visit.state.pop("before", None)
    return DONE if all(seen.get(_key(one), 0) >= one.units for one in unpacked) else OK


def _no_item(visit: Visit, code: str) -> Wrong:
    """Says whose tote it is, when it is one."""
    number, said = visit.state["number"], plate_code(code)
    plate = places.lpns_by_code([said]).get(said)
    if plate is None:
        return Wrong(f"No item has the code {code[:40]}.", f"Scan an item of {number}.")
    whose = queries.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set())
    if visit.state["order"] in whose:
        return Wrong(f"{said} is a tote of {number}, and it is here.", "Scan an item in it.")
    numbers = queries_totes.numbers_of(sorted(whose)[:3])
    of = f"holds goods of {', '.join(numbers)}" if numbers else "is no tote of this order"
    return Wrong(f"{said} {of}, not of {number}.", f"Scan an item of {number}, or leave it first.")


def _not_of_this_order(visit: Visit, item_id: int, sku: str) -> Wrong:
    """Says whose the item is, when its order stands here as well."""
    site_id = min(orders.sites_of([visit.state["order"]]), default=0)
    whose = queries_packing.owners_of(item_id, site_id, but=visit.state["order"])
    if not whose:
        return Wrong(f"{sku} is not for {visit.state['number']}.", "Put it aside and call the lead.")
    return Wrong(f"{sku} is not for {visit.state['number']}: it is of {', '.join(whose)}.", "Put it to that order.")


def _acted_pack(visit: Visit, action: str) -> str:
    if action == "leave":
        visit.state = {}
        return OK
    if "stage" in visit.state:
        return scan_prove.acted(visit, action)
    if "order" not in visit.state:
        return _reopen(visit, action)
    rows = _unpacked(visit)
    if action in ("many", "undo", "back", "choose", "small", "tight") or action.startswith(("box:", "lot:")):
        return _turn(visit, action, rows)
    if action == "all":
        rule = queries_packing.rules_of([visit.state["order"]])[visit.state["order"]]
        if rule.must_check:
            raise Wrong("Every unit of this customer is scanned.", "Scan the items one by one.")
        visit.state["before"] = visit.state.get("seen", {})
        visit.state["seen"] = {_key(row): row.units for row in rows}
        visit.state.pop("took", None)
        return DONE
    if action != "close":
        raise Wrong("This step does not know that.", "Scan an item.")
    return _ask_or_close(visit, rows)


def _ask_or_close(visit: Visit, rows: list[queries.StagedRow]) -> str:
    """Close the carton; ask first where neither all was checked nor all that was planned for it."""
    seen: dict[str, int] = visit.state.get("seen", {})
    if not visit.state.pop("part", False) and _checked(visit, rows) and _unchecked(rows, seen):
        box = scan_cartons.now(visit.state, rows)
        if box is None or not box.is_full(rows, seen):
            visit.state["part"] = True
            return MORE
    return _close(visit, rows)


def _checked(visit: Visit, rows: list[queries.StagedRow]) -> dict[int, int]:
    """Units by item that were checked for this carton."""
    seen: dict[str, int] = visit.state.get("seen", {})
    found: dict[int, int] = {}
    for row in rows:
        found[row.item_id] = found.get(row.item_id, 0) + min(seen.get(_key(row), 0), row.units)
    return {item_id: units for item_id, units in found.items() if units}


def _close(visit: Visit, rows: list[queries.StagedRow]) -> str:
    """Close the carton with what was checked."""
    seen: dict[str, int] = visit.state.get("seen", {})
    full = [row for row in rows if seen.get(_key(row))]
    contents = [PackLine(row.line_id, min(seen[_key(row)], row.units), row.lot_id, row.lpn_id) for row in full]
    if not contents:
        raise Wrong("Nothing was checked.", "Scan the items that go into the carton.")
    box = scan_cartons.now(visit.state, rows)
    types = (box.code, box.planned) if box else ("", "")
    scan_cartons.refuse_small(types[0], _checked(visit, rows))
    pack = Pack(visit.state["order"], contents, "carton", 0, *types, way_checked(visit.state))
    [carton] = commands.pack_orders(visit.ctx(), PackOrders([pack])).cartons
    left = _unchecked(rows, seen)
    more = f"{visit.state['number']} still has for another carton: {left}." if left else ""
    visit.state = {"sscc": carton.sscc, "packed": in_units(carton.units), "left": more}
    return scan_prove.begin(visit, carton.carton_id, carton.order_id)


def _turn(visit: Visit, action: str, rows: list[queries.StagedRow]) -> str:
    """What changes only what the screen shows: another carton, a quantity, the last scan taken back."""
    if action.startswith(("box:", "lot:")) or action in ("small", "tight"):
        return _chosen(visit, action, rows)
    if action == "back":
        for asked in ("choose", "part", "many", "which", "tight"):
            visit.state.pop(asked, None)
        return OK
    if action == "choose":
        visit.state["choose"] = True
        return OK
    if action == "undo" and "before" in visit.state:
        visit.state["seen"] = visit.state.pop("before")
        return OK
    last = visit.state.get("took")
    if not last:
        raise Wrong("Nothing was scanned yet.", "Scan an item.")
    if action == "many":
        visit.state["many"] = True
        return MORE
    for key, units in visit.state.pop("took"):
        visit.state["seen"][key] = max(visit.state["seen"].get(key, 0) - units, 0)
    return OK


def _chosen(visit: Visit, action: str, rows: list[queries.StagedRow]) -> str:
    """A button that names a carton, or the lot of what was scanned."""
    if action.startswith("lot:"):
        which = visit.state.pop("which", None)
        if which is None:
            raise Wrong("No lot is asked.", "Scan an item.")
        lot = scan_lots.of_key(action, which, rows, visit.state.get("seen", {}))
        return _count(visit, which[0], which[1], lot)
    asked = visit.state.get("tight", [""])[0]
    if action == "tight" and not asked:
        raise Wrong("No carton is asked about.", "Scan an item.")
    visit.state.pop("choose", None)
    code = asked if action == "tight" else scan_cartons.of_key(visit, action, rows)
    return scan_cartons.put(visit, code, rows, _checked(visit, rows))


def _reopen(visit: Visit, action: str) -> str:
    """Open the carton that was closed last: its goods are checked anew."""
    if action not in ("reopen", "undo", "reprint") or "closed" not in visit.state:
        raise Wrong("Scan a tote first.", "Scan a tote or an order number.")
    if action == "reprint":
        return scan_prove.print_label(visit)
    commands.unpack_carton(visit.ctx(), UnpackCarton(visit.state["carton"]))
    head = orders.access_order(visit.state["closed"], sites_with(visit.viewer, "fulfilment.pack"))
    visit.state = {"order": head.order_id, "number": head.number}
    return OK


def _is_begun(visit: Visit) -> bool:
    """Whether an order is being checked of which something still waits for its carton."""
    return scan_prove.is_open(visit) or ("order" in visit.state and bool(_unpacked(visit)))


PACK = ScanPage(
    "pack", "fulfilment.pack", _draw_pack, _scanned_pack, _acted_pack, _counted_pack, start=asked_for, begun=_is_begun
)
# The same at a desk: keys beside the scanner.
DESK = ScanPage(
    "pack", "fulfilment.pack", _draw_pack, _scanned_pack, _acted_pack, _counted_pack, start=asked_for,
    begun=_is_begun, template="fulfilment/pack_desk.html",
)  # fmt: skip
