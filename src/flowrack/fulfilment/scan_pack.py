"""Scanning at the station: a tote or order is checked item by item and packed into cartons."""

from __future__ import annotations

from django.urls import reverse

from flowrack.fulfilment import commands, queries, scan_cartons
from flowrack.fulfilment.scan_parts import item_of, sites_with
from flowrack.fulfilment.types import Pack, PackLine, PackOrders
from flowrack.locations import queries as places
from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import DONE, OK, ScanAction, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.sales import queries as orders
from flowrack.shared import gs1


def _draw_pack(visit: Visit) -> ScanStep:
    last = visit.state.get("sscc", "")
    ticks = [Tick(f"Carton {last}", visit.state.get("packed", ""))] if last else []
    if "order" not in visit.state:
        label = visit.state.get("carton") if visit.viewer.may("shipping.view") else None
        link = ("Print the carton's label", reverse("carton_label", args=[label])) if label else None
        return ScanStep(task="Pack", prompt="Scan tote", accepts="Tote, or order number", done=ticks, link=link)
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
    box = scan_cartons.now(visit.state, rows)
    ready = checked == wanted or (box is not None and box.is_full(rows, seen))
    primary = ScanAction("close", "Close carton", f"{checked} of {wanted} checked", primary=ready, ghost=not ready)
    return ScanStep(
        task=visit.state["number"],
        prompt="Close carton" if ready else "Scan item",
        qty=str(wanted - checked) if not ready else "",
        qty_note="to check",
        progress=(checked, wanted),
        done=lines,
        sub=box.words if box else "",
        picture=box.picture if box else "",
        note=box.note if box else "",
        accepts="Item; every scan counts one pack" if not ready else "Tap Close carton",
        actions=[ScanAction("all", "All checked"), ScanAction("leave", "Leave it"), *([primary] if checked else [])],
        virtual=[*(("Item", row.sku) for row in rows[:4]), *([("Carton", box.code)] if box and box.code else [])],
    )


def _unpacked(visit: Visit) -> list[queries.StagedRow]:
    return [row for row in queries.staged_in_words(visit.state["order"]) if not row.is_packed]


def _key(row: queries.StagedRow) -> str:
    return f"{row.line_id}:{row.lot_id}:{row.lpn_id}"


def _scanned_pack(visit: Visit, code: str) -> str:
    if "order" not in visit.state:
        return _open_order(visit, code)
    scan = gs1.parse(code)
    found = item_of(scan)
    if (found is None or all(row.item_id != found[0] for row in _unpacked(visit))) and scan_cartons.took(visit, code):
        return OK
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
    head = orders.access_order(order_id, sites_with(visit.viewer, "fulfilment.pack"))
    visit.state = {"order": order_id, "number": head.number}
    rows = queries.staged_in_words(order_id)
    if rows and all(row.is_packed for row in rows):
        cartons = list(dict.fromkeys(f"{row.lpn} at {row.location}" for row in rows))
        at = ", ".join(cartons[:3]) + (f" and {len(cartons) - 3} more" if len(cartons) > 3 else "")
        raise Wrong(f"All that was picked of {head.number} is in cartons: {at}.", "Load it, or scan another order.")
    if not rows:
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


def opens_pack(code: str, viewer: Viewer) -> str | None:
    """An order, or the tote of one, with picked goods that are in no carton yet, at a site where the person packs."""
    order_id = _order_of(code)
    if order_id is None or all(row.is_packed for row in queries.staged_in_words(order_id)):
        return None
    held = sites_with(viewer, "fulfilment.pack")
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
    box = scan_cartons.now(visit.state, rows)
    pack = Pack(visit.state["order"], contents, carton_type=box.code if box else "")
    [carton] = commands.pack_orders(visit.ctx(), PackOrders([pack])).cartons
    visit.state = {"sscc": carton.sscc, "packed": in_units(carton.units), "carton": carton.carton_id}
    return DONE


def _is_begun(visit: Visit) -> bool:
    """Whether an order is being checked of which something still waits for its carton."""
    return "order" in visit.state and bool(_unpacked(visit))


PACK = ScanPage("pack", "fulfilment.pack", _draw_pack, _scanned_pack, _acted_pack, begun=_is_begun)
