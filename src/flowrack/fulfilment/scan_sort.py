"""Sorting at the wall: goods picked for several orders together go into the tote of their order, two scans a line."""

from __future__ import annotations

from django.urls import reverse

from flowrack.fulfilment import commands, queries_sort, queries_totes
from flowrack.fulfilment.queries_sort import UnsortedRow
from flowrack.fulfilment.scan_parts import item_of, sites_with
from flowrack.fulfilment.types_packing import SortUnits
from flowrack.locations import queries as places
from flowrack.platform.web.scan import DONE, MORE, OK, ScanAction, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1


def _rows(visit: Visit) -> list[UnsortedRow]:
    return queries_sort.unsorted(visit.state["tote"])


def _totes(visit: Visit, rows: list[UnsortedRow]) -> dict[int, tuple[int, str]]:
    """The tote of each order, but for those of which it was said to be full."""
    found = queries_sort.wall(sorted({row.order_id for row in rows}), beside=visit.state["tote"])
    full = visit.state.get("full", [])
    return {order_id: tote for order_id, tote in found.items() if tote[0] not in full}


def _put(visit: Visit, rows: list[UnsortedRow]) -> UnsortedRow | None:
    """What was taken out of the tote and has no place yet."""
    line_id, lot_id = visit.state.get("put", [0, 0])
    return next((row for row in rows if (row.line_id, row.lot_id) == (line_id, lot_id)), None)


def _draw(visit: Visit) -> ScanStep:
    rows = _rows(visit) if "tote" in visit.state else []
    if not rows:
        return ScanStep(
            task="Sort", prompt="Scan tote", accepts="A tote of a batch, or of several orders",
            sub="What was picked together goes into the tote of each order.",
            done=[Tick(order, tote) for order, tote in visit.state.get("sorted", [])],
            note="The tote is empty. Pack the totes of the orders." if visit.state.get("sorted") else "",
        )  # fmt: skip
    totes = _totes(visit, rows)
    row = _put(visit, rows)
    return _draw_item(visit, rows, totes) if row is None else _draw_tote(row, totes)


def _draw_item(visit: Visit, rows: list[UnsortedRow], totes: dict[int, tuple[int, str]]) -> ScanStep:
    left = sum(row.units for row in rows)
    total = max(visit.state["total"], left)
    orders: dict[int, tuple[str, int]] = {}
    for row in rows:
        orders[row.order_id] = (f"{row.order} {row.customer}", orders.get(row.order_id, ("", 0))[1] + row.units)
    begun = [Tick(f"{words}: {units:,} left", totes[o][1] if o in totes else "new tote", "wait")
             for o, (words, units) in orders.items()]  # fmt: skip
    return ScanStep(
        task=visit.state["code"], prompt="Scan item", qty=f"{left:,}", qty_note=f"left in {visit.state['code']}",
        progress=(total - left, total), done=begun, accepts="An item out of the tote",
        actions=[ScanAction("leave", "Leave it", wide=True)],
        virtual=[("Item", sku) for sku in dict.fromkeys(row.sku for row in rows)][:4],
    )  # fmt: skip


def _draw_tote(row: UnsortedRow, totes: dict[int, tuple[int, str]]) -> ScanStep:
    tote = totes.get(row.order_id)
    actions = [ScanAction("back", "Back")]
    if tote:
        actions.append(ScanAction("full", "Tote full", tote[1]))
    lot = f"lot {row.lot}, " if row.lot else ""
    return ScanStep(
        task=row.order,
        prompt=f"Scan {tote[1]}" if tote else "Scan an empty tote",
        qty=f"{row.units:,}",
        qty_note=f"{row.base_uom} into {tote[1]}" if tote else f"{row.base_uom} into a new tote",
        item=f"{row.sku} {row.name}",
        item_note=f"{lot}for {row.customer}",
        accepts=f"The tote of {row.order}",
        actions=actions,
        virtual=[("Tote", tote[1])] if tote else [],
    )


def _open(visit: Visit, code: str) -> str:
    text = code.strip().upper()
    plate = places.lpns_by_code([text]).get(text)
    held = sites_with(visit.viewer, "fulfilment.pack")
    rows = queries_sort.unsorted(plate.lpn_id) if plate and (0 in held or plate.site_id in held) else []
    if plate is None or not rows:
        raise Wrong(f"{text[:40]} holds nothing to sort.", "Scan a tote whose goods were picked for several orders.")
    filling = queries_totes.on_the_way([plate.lpn_id]).get(plate.lpn_id)
    if filling is not None:
        raise Wrong(filling.words, "Sort it when the list is done.")
    orders = list(dict.fromkeys(row.order for row in rows))
    if len(orders) == 1 and not queries_sort.is_of_batch(plate.lpn_id):
        raise Wrong(f"All of {text[:40]} is of {orders[0]}.", "Scan it in Pack.")
    visit.state = {"tote": plate.lpn_id, "code": plate.code, "total": sum(row.units for row in rows)}
    return OK


def _scanned(visit: Visit, code: str) -> str:
    rows = _rows(visit) if "tote" in visit.state else []
    row = _put(visit, rows)
    if "put" in visit.state and row is None:  # sent again because its answer was lost: the tote has these units
        visit.state.pop("put")
        return OK if rows else DONE
    if not rows:
        return _open(visit, code)
    return _item_scanned(visit, rows, code) if row is None else _tote_scanned(visit, row, _totes(visit, rows), code)


def _item_scanned(visit: Visit, rows: list[UnsortedRow], code: str) -> str:
    """The item names the order: one that has its tote already comes first, then the first to leave."""
    if code == visit.state.get("beep"):
        return OK  # the trigger was pulled twice: that tote was scanned for the line before
    scan = gs1.parse(code)
    found = item_of(scan)
    if found is None:
        raise Wrong(f"No item has the code {code[:40]}.", f"Scan an item out of {visit.state['code']}.")
    lot = scan.lot or scan.serial
    mine = [row for row in rows if row.item_id == found[0] and (not lot or lot == row.lot)]
    if not mine:
        raise Wrong(f"{found[1]} is of no order in {visit.state['code']}.", "Put it aside and call the lead.")
    totes = _totes(visit, rows)
    row = next((row for row in mine if row.order_id in totes), mine[0])
    visit.state.update({"put": [row.line_id, row.lot_id], "item": code})
    visit.state.pop("beep", None)
    return MORE


def _tote_scanned(visit: Visit, row: UnsortedRow, totes: dict[int, tuple[int, str]], code: str) -> str:
    if code == visit.state.get("item"):
        return MORE  # the trigger was pulled twice
    text = gs1.parse(code).sscc or code.strip().upper()
    own = totes.get(row.order_id)
    if own and text != own[1]:
        other = next((r for r in _rows(visit) if totes.get(r.order_id, (0, ""))[1] == text), None)
        whose = f"{text[:40]} is of {other.order}. " if other else ""
        raise Wrong(f"{own[1]}, not {text[:40]}.", f"{whose}{row.order} goes into {own[1]}.")
    plate = places.lpns_by_code([text]).get(text)
    if plate is None:
        raise Wrong(f"{text[:40]} is no tote.", f"Scan {own[1] if own else 'an empty tote'}.")
    req = SortUnits(visit.state["tote"], row.line_id, row.lot_id, row.units, plate.lpn_id)
    done = commands.sort_units(visit.ctx(), req)
    put = dict([*visit.state.get("sorted", []), (row.order, plate.code)])
    visit.state["sorted"] = [[order, tote] for order, tote in put.items()]
    visit.state["beep"] = code
    for name in ("put", "item"):
        visit.state.pop(name, None)
    if done.left_units:
        return OK
    visit.state = {"sorted": visit.state["sorted"]}
    return DONE


def _acted(visit: Visit, action: str) -> str:
    if action == "leave":
        visit.state = {}
        return OK
    rows = _rows(visit) if "tote" in visit.state else []
    row = _put(visit, rows)
    if row is None or action not in ("back", "full"):
        raise Wrong("There is nothing in your hand.", "Scan an item out of the tote.")
    if action == "full":
        own = _totes(visit, rows).get(row.order_id)
        visit.state["full"] = [*visit.state.get("full", []), *([own[0]] if own else [])][-50:]
        return OK
    for name in ("put", "item"):
        visit.state.pop(name, None)
    return OK


def _is_begun(visit: Visit) -> bool:
    return "tote" in visit.state and bool(_rows(visit))


SORT = ScanPage("sort", "fulfilment.pack", _draw, _scanned, _acted, begun=_is_begun)


def opens_sort(code: str, viewer: Viewer) -> str | None:
    """A tote with goods of several orders, at a site where the person packs."""
    text = code.strip().upper()
    plate = places.lpns_by_code([text]).get(text)
    held = sites_with(viewer, "fulfilment.pack")
    if plate is None or not (0 in held or plate.site_id in held):
        return None
    return reverse("scan_sort") if len({row.order_id for row in queries_sort.unsorted(plate.lpn_id)}) > 1 else None
