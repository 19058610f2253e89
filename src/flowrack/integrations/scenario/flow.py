"""The flow of goods in a scenario's house, each step through the command that people use for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from flowrack.allocation.commands import allocate, release_allocation
from flowrack.allocation.types import Allocate, ReleaseAllocation
from flowrack.approvals.commands import decide
from flowrack.approvals.types import Decide, Seen
from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.commands import (
    confirm_picks,
    pack_orders,
    recall_orders,
    release_orders,
    short_pick,
    undo_pick,
)
from flowrack.fulfilment.types import (
    ConfirmPicks,
    Pack,
    PackLine,
    PackOrders,
    Pick,
    RecallOrders,
    ReleaseOrders,
    ShortPick,
    UndoPick,
)
from flowrack.inbound.commands import receive, return_to_supplier
from flowrack.inbound.types import BackLine, CountedLine, Receive, ReturnToSupplier
from flowrack.integrations.scenario import books
from flowrack.integrations.scenario.house import House, ItemOf, SiteOf
from flowrack.ledger.types import NO_LPN
from flowrack.platform import sql
from flowrack.purchasing.commands import approve_po, create_po
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.sales.commands import enter_orders
from flowrack.sales.commands_changes import cancel_lines
from flowrack.sales.types import CancelLine, CancelLines, EnterOrders, NewLine, NewOrder
from flowrack.shared.quantity import Units
from flowrack.shipping.commands import ship_confirm
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.storage.commands import move_stock
from flowrack.storage.commands_transfers import claim_missing as write_off_missing
from flowrack.storage.commands_transfers import receive_sent, send_stock
from flowrack.storage.types import ItemMove, LpnMove, MoveStock, StockAt
from flowrack.storage.types_transfers import ArrivedLine, ClaimMissing, ReceiveSent, SendStock

AS_TOLD = "as the scenario tells"


def buy(
    house: House, lines: Sequence[tuple[ItemOf, int, Decimal | None]], site: SiteOf, *, due_on: date | None = None
) -> tuple[int, list[int]]:
    """Write and approve a PO: its id and line ids. Costs are per base unit."""
    _, supplier_id = house.party("SUPPLIER")
    order = NewPo(
        supplier_id=supplier_id,
        site_id=site.site_id,
        lines=[
            NewPoLine(item.item_id, Units(units), cost if cost is not None else item.cost)
            for item, units, cost in lines
        ],
        cover_reason=AS_TOLD,
        due_on=due_on,
    )
    [po] = house.do(create_po, "buyer", CreatePo([order])).pos
    house.do(approve_po, "purchasing_manager", ApprovePo([po.po_id]))
    return po.po_id, po.line_ids


def take_in(house: House, site: SiteOf, po_id: int, counted: list[CountedLine]) -> None:
    """Receive counted lines of a PO at the dock, and let storage plan where they go before anybody carries them."""
    house.do(receive, "receiver", Receive(po_id, site.dock_id, counted))
    house.settle()


def counted(
    house: House, item: ItemOf, units: int, *, lot: str = "", lpn: str = "", life_days: int | None = None
) -> CountedLine:
    """A counted line; lots with an expiry get one."""
    expires_on = None
    if item.tracking != "none":
        lot = lot or "UNNAMED"
        if life_days is not None:
            expires_on = (house.now + timedelta(days=life_days)).date()
    return CountedLine(
        units=Units(units), item_id=item.item_id, lot=lot, lpn=lpn, expires_on=expires_on, is_lot_confirmed=True
    )


def store(house: House, site: SiteOf, item: ItemOf, bin_id: int, units: int = 0) -> None:
    """Carry what stands of the item at the dock into a bin (`units` 0 = all of it); pallets stay whole."""
    rows = sql.fetch_all(
        """
        SELECT lot_id, lpn_id, quality, on_hand FROM ledger_cell
        WHERE location_id = %s AND item_id = %s AND on_hand > 0 ORDER BY id
        """,
        (site.dock_id, item.item_id),
    )
    missing = units or sum(row[3] for row in rows)
    whole = {row[1] for row in rows if row[1] > NO_LPN} if missing == sum(row[3] for row in rows) else set()
    moves = []
    for place, (lot_id, lpn_id, quality, on_hand) in enumerate(rows, 1):
        # What is asked beyond the stock stays on the last line: the command must refuse it, not we.
        taken = missing if place == len(rows) else min(missing, on_hand)
        if taken and lpn_id in whole:
            missing -= taken
        elif taken:
            moves.append(ItemMove(item.item_id, Units(taken), site.dock_id, bin_id, lot_id, lpn_id, 0, quality))
            missing -= taken
    if not moves and not whole:
        moves = [ItemMove(item.item_id, Units(max(units, 1)), site.dock_id, bin_id)]
    lpns = [LpnMove(lpn_id, bin_id) for lpn_id in sorted(whole)]
    house.do(move_stock, "inventory_controller", MoveStock(site.site_id, lpns=lpns, items=moves, reason="scenario"))


def send_to(
    house: House,
    source: SiteOf,
    target: SiteOf,
    item: ItemOf,
    units: int,
    *,
    lot: str = "",
    due_on: date | None = None,
) -> None:
    """Send units that are free at a site to another one; asking for more than there is falls on the last place."""
    rows = sql.fetch_all(
        """
        SELECT location_id, lot_id, lpn_id, quality, on_hand - reserved FROM ledger_cell
        WHERE item_id = %s AND site_id = %s AND NOT is_virtual AND on_hand > reserved
          AND state IN ('reserve', 'forward_pick') AND (%s = 0 OR lot_id = %s) ORDER BY id
        """,
        (item.item_id, source.site_id, *[lot_id(item, lot) if lot else 0] * 2),
    )
    lines, missing = [], units
    for place, (location_id, lot_of, lpn_id, quality, free) in enumerate(rows, 1):
        taken = missing if place == len(rows) else min(missing, free)
        if taken:
            lines.append(StockAt(location_id, item.item_id, Units(taken), lot_of, lpn_id, quality))
            missing -= taken
    house.do(send_stock, "warehouse_manager", SendStock(source.site_id, target.site_id, lines, due_on=due_on))


def take_sent(house: House, source: SiteOf, target: SiteOf, item: ItemOf, units: int, *, lot: str = "") -> None:
    """Receive at a site's dock what another site sent."""
    rows = sql.fetch_all(
        """
        SELECT lot_id, quality, on_hand FROM ledger_cell
        WHERE item_id = %s AND site_id = %s AND state = 'in_transit' AND on_hand > 0 AND (%s = 0 OR lot_id = %s)
        ORDER BY id
        """,
        (item.item_id, source.site_id, *[lot_id(item, lot) if lot else 0] * 2),
    )
    lines, missing = [], units
    for place, (lot_of, quality, there) in enumerate(rows, 1):
        taken = missing if place == len(rows) else min(missing, there)
        if taken:
            lines.append(ArrivedLine(item.item_id, Units(taken), lot_of, quality))
            missing -= taken
    house.do(receive_sent, "receiver", ReceiveSent(target.site_id, source.site_id, target.dock_id, lines))


def claim_missing(house: House, source: SiteOf, target: SiteOf, note: str) -> None:
    """Give up what of a site's transfers to another has not arrived."""
    rows = sql.fetch_all(
        "SELECT id FROM storage_transfer WHERE site_id = %s AND to_site_id = %s AND state = 'on_the_way' ORDER BY id",
        (source.site_id, target.site_id),
    )
    for (transfer_id,) in rows or [(0,)]:
        done = house.do(write_off_missing, "inventory_controller", ClaimMissing(transfer_id, note))
        if done.request:
            allow_loss(house, done.request)


def allow_loss(house: House, number: str) -> None:
    """The finance controller agrees in the inbox that goods on the way are given up."""
    seen = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    assert seen is not None, "the loss was just asked for"
    house.do(decide, "finance_controller", Decide([Seen(*seen)], "approve", "it was not on the truck"))


def order(
    house: House,
    site: SiteOf,
    lines: Sequence[tuple[ItemOf, int]],
    *,
    policy: str = "partial",
    tier: str = "C",
    lot: str = "",
    unit_price: Decimal = Decimal(0),
    wanted_on: date | None = None,
) -> tuple[int, list[int]]:
    """Enter a customer order: its id and line ids. `lot` asks for goods of that lot only."""
    code, _ = house.party(f"CUSTOMER-{tier}", tier=tier)
    wanted = [NewLine(item=item.sku, quantity=Decimal(units), unit_price=unit_price, lot=lot) for item, units in lines]
    request = EnterOrders(
        [NewOrder(customer=code, site_id=site.site_id, lines=wanted, policy=policy, requested_on=wanted_on)]
    )
    [entered] = house.do(enter_orders, "customer_service", request).orders
    return entered.order_id, entered.line_ids


def promise(house: House, site: SiteOf, order_ids: list[int]) -> int:
    """Promise stock to orders; the units promised by this run."""
    return house.do(allocate, "planner", Allocate(site.site_id, order_ids)).units


def take_back(house: House, line_ids: list[int]) -> None:
    """Take back the promises of lines."""
    house.do(release_allocation, "sales_manager", ReleaseAllocation(line_ids, "scenario"))


def give_up(house: House, line_id: int, units: int | None) -> None:
    """Cancel units of a line, promised or not; None = all of it."""
    house.do(cancel_lines, "customer_service", CancelLines([CancelLine(line_id, units)], "scenario"))


def to_pickers(house: House, site: SiteOf, order_ids: list[int]) -> list[tuple[int, int]]:
    """Release promised units as a wave: picks and their units."""
    wave = house.do(release_orders, "planner", ReleaseOrders(site.site_id, order_ids))
    return open_picks(wave.order_ids)


def open_picks(order_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Picks that wait: id and units, in walking order."""
    rows = sql.fetch_all(
        """
        SELECT id, units FROM fulfilment_pickline
        WHERE order_id = ANY(%s::bigint[]) AND state = 'open' ORDER BY wave_id, sequence
        """,
        (list(order_ids),),
    )
    return [(row[0], row[1]) for row in rows]


def pick_pack_ship(house: House, site: SiteOf, order_id: int, picks: Sequence[tuple[int, int]]) -> list[int]:
    """Pick, pack and send: the ids of the moves that left the house."""
    house.do(confirm_picks, "picker", ConfirmPicks([Pick(pick_id, units) for pick_id, units in picks]))
    return pack_and_ship(house, site, order_id)


def pack_and_ship(house: House, site: SiteOf, order_id: int) -> list[int]:
    """Pack what stands ready and send it: the ids of the moves that left the house."""
    checked = Pack(order_id, queries_packing.to_check([order_id]).get(order_id, []), checked="scanned")
    house.do(pack_orders, "packer", PackOrders([checked]))
    before = books.last_posting()
    house.do(ship_confirm, "packer", ShipConfirm(site.site_id, [Departure(order_ids=(order_id,))]))
    item_ids = [item.item_id for item in house.items.values()]
    return [row[0] for row in books.moves_between(item_ids, ("inventory", "cogs"), before)]


def lot_id(item: ItemOf, code: str) -> int:
    """The lot of an item by its code; without a code the one lot that the house knows of it; 0 when not tracked."""
    if item.tracking == "none":
        return 0
    rows = sql.fetch_all(
        "SELECT id FROM catalog_lot WHERE item_id = %s AND (%s = '' OR code = %s) ORDER BY id",
        (item.item_id, code, code),
    )
    return int(rows[0][0]) if rows else 0


def picks_in_words(order_id: int) -> list[tuple[int, str]]:
    """The open picks of an order: units and lot, in walking order."""
    rows = sql.fetch_all(
        """
        SELECT p.units, coalesce(l.code, '') FROM fulfilment_pickline p
        LEFT JOIN catalog_lot l ON l.id = p.lot_id AND l.id > 0
        WHERE p.order_id = %s AND p.state = 'open' ORDER BY p.wave_id, p.sequence
        """,
        (order_id,),
    )
    return [(row[0], row[1]) for row in rows]


def lines_of_item(line_ids: Sequence[int], item_id: int) -> list[int]:
    """Those of the lines that want this item."""
    rows = sql.fetch_all(
        "SELECT id FROM sales_orderline WHERE id = ANY(%s::bigint[]) AND item_id = %s ORDER BY id",
        (list(line_ids), item_id),
    )
    return [row[0] for row in rows]


def back_to_supplier(
    house: House, site: SiteOf, item: ItemOf, units: int, *, of_moves: Sequence[int], quality: str = ""
) -> None:
    """Send stored units (of a quality) back to the supplier, at the cost of the receipt when one is named."""
    _, supplier_id = house.party("SUPPLIER")
    rows = sql.fetch_all(
        """
        SELECT location_id, lot_id, lpn_id, quality, on_hand - reserved FROM ledger_cell
        WHERE item_id = %s AND site_id = %s AND NOT is_virtual AND on_hand > reserved AND %s IN ('', quality)
        ORDER BY id
        """,
        (item.item_id, site.site_id, quality),
    )
    lines, missing = [], units
    for location_id, lot_id, lpn_id, of_quality, free in rows:
        taken = min(missing, free)
        if taken:
            lines.append(
                BackLine(item.item_id, taken, location_id, lot_id, lpn_id, of_quality, (list(of_moves) or [0])[0])
            )
            missing -= taken
    if missing:
        lines.append(BackLine(item.item_id, missing, house.bin("", site.name)))
    request = ReturnToSupplier(site.site_id, supplier_id, lines, reason="wrong_item")
    house.do(return_to_supplier, "returns_clerk", request)


def pack_without_lot(house: House, site: SiteOf, order_id: int, line_id: int, units: int) -> None:
    """Pick an order, then try to pack it without naming the lot; the picks are put back when that is refused."""
    promise(house, site, [order_id])
    picks = to_pickers(house, site, [order_id])
    house.do(confirm_picks, "picker", ConfirmPicks([Pick(pick_id, n) for pick_id, n in picks]))
    try:
        house.do(pack_orders, "packer", PackOrders([Pack(order_id, [PackLine(line_id, units, lot_id=0)])]))
    finally:
        for pick_id, _ in picks:
            house.do(undo_pick, "picker", UndoPick(pick_id))
        house.do(recall_orders, "planner", RecallOrders([order_id], "scenario"))
        take_back(house, [line_id])


def short(house: House, pick_id: int, found: int) -> None:
    """A picker finds less than the pick asks for."""
    house.do(short_pick, "picker", ShortPick(pick_id, found, "none_there"))
