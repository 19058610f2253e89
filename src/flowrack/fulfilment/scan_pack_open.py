"""How packing begins at the station: an order, a tote of one, or the label of a carton that is not proved yet."""

from __future__ import annotations

from django.urls import reverse

from flowrack.fulfilment import queries, queries_packing, queries_unproved, scan_packed, scan_prove, scan_totes
from flowrack.fulfilment.scan_parts import plate_code, sites_with
from flowrack.fulfilment.states import CartonState
from flowrack.locations import queries as places
from flowrack.platform.http import now as clock
from flowrack.platform.web.scan import OK, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.sales import queries as orders
from flowrack.shared.errors import FlowrackError


def asked_for(visit: Visit) -> None:
    """The page of an order leads here: ?order=SO-1 opens it, as a scan of its number would."""
    number = visit.request.GET.get("order", "").strip()[:40]
    if number and orders.order_id_of(number.upper()) is None:
        raise Wrong(f"There is no order {number}.", "Scan a tote, or the number of an order.")
    if number:
        try:
            open_order(visit, number)
        except FlowrackError:
            visit.state = {}
            raise


def open_order(visit: Visit, code: str) -> str:
    """An order by its number, or by a tote that holds its goods."""
    said = plate_code(code)
    closed = queries_packing.carton_by_sscc(said)
    if closed is not None and closed.state == CartonState.PACKED:
        orders.access_order(closed.order_id, sites_with(visit.viewer, "fulfilment.pack"))
        return scan_prove.scanned_again(visit, closed, code)
    order_id = _order_of(code)
    if order_id is None:
        plate = places.lpns_by_code([said]).get(said)
        if plate and len(queries.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set())) > 1:
            raise Wrong(f"{said} holds goods of several orders.", "Sort it first, or scan the number of one order.")
        if plate is None:
            raise Wrong(f"{said} is no tote and no order.", "Scan a tote with picked goods, or an order number.")
        raise Wrong(f"{said} holds nothing to pack.", "Scan a tote with picked goods, or an order number.")
    head = orders.access_order(order_id, sites_with(visit.viewer, "fulfilment.pack"))
    visit.state = {"order": order_id, "number": head.number}
    scan_totes.brought(visit.state, code)
    rows = queries.staged_in_words(order_id)
    if rows and all(row.is_packed for row in rows):
        off = queries_unproved.unproved(sorted({row.lpn_id for row in rows}), now=visit.ctx().now)
        if off:
            and_more = f", and {len(off) - 1} more" if len(off) > 1 else ""
            said = f"{head.number} is in cartons, but may not leave. {off[0].sscc}: {off[0].lacks}{and_more}."
            raise Wrong(said, off[0].refusal[1])
        raise scan_packed.all_in_cartons(head.number, rows)
    if not rows:
        raise scan_packed.nothing_to_pack(head.number, head.state)
    here, moving = scan_totes.parted(visit.state)
    if not here:
        raise Wrong(scan_totes.words(moving), "Wait until the list is done, or scan the tote that you have.")
    return OK


def _order_of(code: str) -> int | None:
    """The order that a number or a tote with goods of one order names."""
    text = plate_code(code)
    order_id = orders.order_id_of(text)
    if order_id is None:
        plate = places.lpns_by_code([text]).get(text)
        holds = queries.orders_in_totes([plate.lpn_id]).get(plate.lpn_id, set()) if plate else set()
        order_id = min(holds) if len(holds) == 1 else None
    return order_id


def opens_pack(code: str, viewer: Viewer) -> str | None:
    """An order, or the tote of one, with picked goods that are in no carton yet, at a site where the person packs.

    And the label of a carton that is not proved yet.
    """
    order_id = _order_of(code)
    if order_id is None:
        return None
    plate = places.lpns_by_code([plate_code(code)]).get(plate_code(code))
    is_unproved = plate is not None and bool(queries_unproved.unproved([plate.lpn_id], now=clock()))
    if not is_unproved and all(row.is_packed for row in queries.staged_in_words(order_id)):
        return None
    held = sites_with(viewer, "fulfilment.pack")
    return reverse("scan_pack") if 0 in held or held.issuperset(orders.sites_of([order_id])) else None
