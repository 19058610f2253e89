"""Scanning at the door: a truck by its door, or the cartons of one order that leaves by itself."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.fulfilment import queries as floor
from flowrack.locations import queries as places
from flowrack.platform.web.format import in_units
from flowrack.platform.web.scan import DONE, OK, Go, ScanAction, ScanFlow, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.sales import queries as orders
from flowrack.shared import gs1
from flowrack.shipping import commands, queries, queries_board, queries_loads, scan_loads, scan_loads_draw, scan_pallets
from flowrack.shipping.scan_journal import OFFLINE_URLS
from flowrack.shipping.types import Departure, ShipConfirm

TRUCKS = 5


def _draw(visit: Visit) -> ScanStep:
    if "load" in visit.state:
        return scan_loads_draw.draw(visit)
    if "order" not in visit.state:
        return _draw_start(visit)
    loaded, plates = set(visit.state.get("loaded", [])), _plates(visit)
    lines = [Tick(code, in_units(on), "ok" if code in loaded else "wait") for code, on in plates.items()]
    ready = loaded >= {code for code in plates if code}
    close = ScanAction("close", "Ship it", f"{len(loaded)} of {len(plates)} loaded", primary=True)
    return ScanStep(
        task=visit.state["number"],
        prompt="Ship it" if ready else "Scan carton",
        sub=visit.state["customer"],
        qty=str(len(plates) - len(loaded & set(plates))) if not ready else "",
        qty_note="to load",
        progress=(len(loaded & set(plates)), len(plates)),
        done=lines,
        accepts="Scan a loaded carton again to take it off",
        note="" if ready else "The order leaves when all of it is loaded.",
        actions=[ScanAction("leave", "Leave it", "loaded so far stays staged", wide=True), *([close] if ready else [])],
        virtual=[("Carton", code) for code in list(plates)[:4] if code],
    )


def _draw_start(visit: Visit) -> ScanStep:
    """Which truck: those at doors and those planned, the soonest first."""
    state = visit.state
    if "doorless" in state:
        return ScanStep(
            task=state["number"], prompt="Scan door", accepts="The door at which this truck stands",
            note="It was planned without a door.", actions=[ScanAction("leave", "Another truck", wide=True)],
        )  # fmt: skip
    ticks = [Tick(state["left"], state.get("units", ""))] if "left" in state else []
    if state.get("warning"):
        ticks.append(Tick(state["warning"], "", "warn"))
    held = visit.viewer.grants.get("shipping.load", frozenset())
    here = frozenset({visit.site_id}) if 0 in held or visit.site_id in held else frozenset()
    rows = [row for row in queries_board.live_loads(here) if row.state != "closed"] if here else []
    for row in rows[:TRUCKS]:
        ticks.append(Tick(f"{row.door or 'No door'}: {row.number} {row.carrier}", row.done, "wait"))
    return ScanStep(
        task="Load",
        prompt="Scan door",
        sub=f"{len(rows)} trucks to load" if len(rows) > TRUCKS else "",
        accepts="Door of a truck, or its load; or a carton or order that leaves by itself",
        done=ticks,
        wraps=True,
        virtual=[("Door", row.door) for row in rows[:TRUCKS] if row.door],
    )


def _plates(visit: Visit) -> dict[str, int]:
    """What stands staged for the order: plate code ("loose" for goods on none) and units."""
    found: dict[str, int] = {}
    for row in floor.staged_in_words(visit.state["order"]):
        found[row.lpn or "loose"] = found.get(row.lpn or "loose", 0) + row.units
    return found


def _scanned(visit: Visit, code: str) -> str:
    if "load" in visit.state:
        return scan_loads.scanned(visit, code)
    scan = gs1.parse(code)
    plate_code = scan.sscc or scan.raw.strip().upper()
    if "order" not in visit.state:
        door_id = scan_loads.door_of(visit, plate_code)
        if "doorless" in visit.state and door_id:
            return scan_loads.start_at(visit, door_id)
        if door_id:
            return scan_loads.open_at(visit, door_id, plate_code)
        may_load = visit.viewer.may("shipping.load", visit.site_id)
        return OK if may_load and scan_loads.open_load(visit, plate_code) else _open(visit, plate_code)
    plates = _plates(visit)
    if plate_code not in plates:
        other = _owner(plate_code)
        what = f"That is for {other}." if other else f"{plate_code[:40]} is nothing that waits here."
        raise Wrong(what, f"Load only {visit.state['number']} for {visit.state['customer']}.")
    loaded = list(visit.state.get("loaded", []))
    if plate_code in loaded:
        loaded.remove(plate_code)
    else:
        loaded.append(plate_code)
    visit.state["loaded"] = loaded
    return DONE if set(loaded) >= {one for one in plates if one != "loose"} else OK


def _owner(code: str) -> str:
    """The order whose goods are on a plate; empty when there is none."""
    plate = places.lpns_by_code([code]).get(code)
    holds = floor.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set()) if plate else set()
    return orders.access_order(min(holds), frozenset({0})).number if holds else ""


def _order_of(code: str) -> tuple[int | None, list[str]]:
    """The order that a number or a plate names, and the plate as loaded."""
    order_id = orders.order_id_of(code)
    if order_id is not None:
        return order_id, []
    plate = places.lpns_by_code([code]).get(code)
    holds = floor.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set()) if plate else set()
    return (min(holds), [code]) if holds else (None, [])


def _open(visit: Visit, code: str) -> str:
    order_id, loaded = _order_of(code)
    if order_id is None:
        raise Wrong(
            f"{code[:40]} is nothing that waits for loading.", "Scan a door, a load, a packed carton or an order."
        )
    at = queries_loads.loads_of_orders([order_id]).get(order_id)
    if at is not None:
        where = f"Scan door {at.door} first." if at.door else "Its truck has no door yet: ask the planner."
        raise Wrong(f"{at.order} goes on {at.load}.", where)
    held = visit.viewer.grants.get("shipping.ship", frozenset())
    head = orders.access_order(order_id, held)
    if not floor.staged([order_id]):
        raise Wrong(f"Nothing of {head.number} is staged.", "Pick and pack it first.")
    visit.state = {
        "order": order_id,
        "number": head.number,
        "customer": head.customer,
        "site": head.site_id,
        "loaded": loaded,
    }
    return OK


def _acted(visit: Visit, action: str) -> str | Go:
    if "load" in visit.state:
        return scan_loads.acted(visit, action)
    if action == "leave":
        visit.state = {}
        return OK
    if action != "close" or "order" not in visit.state:
        raise Wrong("Scan a carton first.", "Scan a packed carton, or an order number.")
    missing = set(_plates(visit)) - set(visit.state["loaded"]) - {"loose"}
    if missing:
        raise Wrong(f"{len(missing)} are not loaded: {', '.join(sorted(missing)[:3])}.", "Load them, or take them off.")
    waiting = [s.id for s in queries.of_order(visit.state["order"]) if s.state == "open"]
    departure = Departure(shipment_id=waiting[0]) if waiting else Departure(order_ids=(visit.state["order"],))
    [left] = commands.ship_confirm(visit.ctx(), ShipConfirm(visit.state["site"], [departure])).shipments
    visit.state = {"left": f"{left.number} left", "units": in_units(left.units)}
    return DONE


def _opens(code: str, viewer: Viewer) -> str | None:
    """An order or a plate whose goods are staged, at a site where the person ships."""
    scan = gs1.parse(code)
    order_id, _ = _order_of(scan.sscc or scan.raw.strip().upper())
    if order_id is None or not floor.staged([order_id]):
        return None
    held = viewer.grants.get("shipping.ship", frozenset())
    return reverse("scan_load") if 0 in held or held.issuperset(orders.sites_of([order_id])) else None


def _start(visit: Visit) -> None:
    """A link from the page of a load opens it at once."""
    number = visit.request.GET.get("load", "").strip().upper()
    if number:
        held = visit.viewer.grants.get("shipping.load", frozenset())
        row = next((row for row in queries_board.live_loads(held) if row.number == number), None)
        if row is None or row.state != "loading":
            raise Wrong(f"{number[:20]} is not being loaded.", "Scan the door of a truck.")
        scan_loads.begin(visit, row)
        if visit.request.GET.get("closing") == "seal":
            scan_loads.back_to_seal(visit, visit.request.GET.get("behind", ""))


LOAD = ScanPage("load", "shipping.load", _draw, _scanned, _acted, start=_start, begun=scan_loads.is_begun,
                fleeting=("off", "note", "warned"))  # fmt: skip
SCAN_FLOWS = [
    ScanFlow(
        "load",
        "Load and ship",
        "scan_load",
        "shipping.load",
        order=50,
        note="Pallets and cartons to the truck",
        count=lambda viewer: queries_board.trucks_to_load(site_of(viewer)),
        opens=_opens,
        starts=("order", "carton"),
    ),
    scan_pallets.FLOW,
]
urlpatterns = [
    path("scan/load", LOAD.view, name="scan_load"),
    path("scan/pallet", scan_pallets.PALLET.view, name="scan_pallet"),
    *OFFLINE_URLS,
]
