"""The words for what happens to goods: bought, received, sold, returned, corrected, carried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flowrack.costing.commands import change_costing, post_late_cost, set_standard_cost
from flowrack.costing.types import ChangeCosting, NewCost, PostLateCost, SetStandardCost, SplitBy
from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.house import DAY_ZERO, Happening, House, ItemOf, SiteOf
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event
from flowrack.locations import queries as locations
from flowrack.returns.commands import dispose, receive_blind
from flowrack.returns.types import BlindLine, Dispose, ReceiveBlind, Split
from flowrack.storage.commands import move_stock, unpack_lpn
from flowrack.storage.types import LpnMove, MoveStock, UnpackLpns

RECEIVE_ARGS = (
    "qty unit_cost uom lot batch location warehouse in_day package product to expires_in_days expires_day to_stage "
    "quality reason"
)


@event("receive", RECEIVE_ARGS)
def receive(house: House, happening: Event) -> None:
    """Goods of a supplier come in: on the open purchase, else on one of their own."""
    args = happening.args
    item = house.item(args.get("product"))
    site = house.site(str(args.get("warehouse", "")))
    units = quantity_of(house, item, args)
    cost = house.base_cost(args["unit_cost"]) if "unit_cost" in args else None
    bring(house, happening, item, site, units, cost=cost)


def bring(
    house: House, happening: Event, item: ItemOf, site: SiteOf, units: int, *, cost: Decimal | None = None
) -> Happening:
    """Receive units (and, unless the scenario works in two steps, store them)."""
    args = happening.args
    before = books.last_posting()
    open_po = house.noted.get("open_po")
    if cost is None:
        cost = Decimal(1) if item.cost is None else item.cost
    po_id = open_po or flow.buy(house, [(item, units, cost)], site)[0]
    lot = str(args.get("lot", args.get("batch", "")))
    life = args.get("expires_in_days", args.get("expires_day"))
    line = flow.counted(house, item, units, lot=lot, lpn=package_code(house, args.get("package")), life_days=life)
    line = replace(line, quality=str(args.get("quality", "available")), reason=str(args.get("reason", "")))
    flow.take_in(house, site, po_id, [line])
    if args.get("to") != "input" and not house.noted.get("two_steps"):
        flow.store(house, site, item, house.bin(str(args.get("location", "")), site.name))
    moves = books.moves_between([item.item_id], ("grni", "inventory"), before)
    return house.remember(
        happening,
        Happening(
            "receive",
            item.name,
            site.name,
            units,
            move_ids=[row[0] for row in moves],
            unit_cost=sum((row[2] for row in moves), Decimal(0)) / units if units else None,
            lot=lot,
        ),
    )


def quantity_of(house: House, item: ItemOf, args: dict[str, Any]) -> int:
    """The quantity of an event in base units; `uom` names a pack of the item."""
    uom = args.get("uom")
    if uom is None or str(uom).lower() in ("unit", "each", "ea") or uom == house.products.get(item.name, {}).get("uom"):
        return house.units(args["qty"])
    if str(uom) not in item.packs:
        raise BadScenario(f"{item.name} has no pack {uom}.", fix="Name it under conversions or packagings.")
    return house.units(args["qty"], 1) * item.packs[str(uom)] // house.scale


def package_code(house: House, name: Any) -> str:
    """The license plate of a package of this name; empty for loose goods."""
    return f"{house.prefix}-{name}" if name else ""


@event("receive_lines", "")
def receive_lines(house: House, happening: Event) -> None:
    """Several lines at once."""
    for line in happening.value or []:
        receive(house, Event("receive", dict(line)))


@event("purchase", "qty unit_cost lines product supplier warehouse due_day")
def purchase(house: House, happening: Event) -> None:
    """A purchase is written and approved; later receipts come on it."""
    args = happening.args
    item = house.item(args.get("product"))
    site = house.site(str(args.get("warehouse", "")))
    cost = house.base_cost(args["unit_cost"]) if "unit_cost" in args else item.cost
    quantities = args.get("lines", [args.get("qty")])
    units = [house.units(q) for q in quantities]
    due = DAY_ZERO + timedelta(days=int(args["due_day"])) if "due_day" in args else None
    po_id, _ = flow.buy(house, [(item, n, cost) for n in units], site, due_on=due.date() if due else None)
    house.noted["open_po"] = po_id
    house.noted.setdefault("purchases", {})[happening.ref] = po_id
    house.noted["bought"] = house.noted.get("bought", 0) + sum(units)


@event("ship", "qty uom lot product warehouse location")
def ship(house: House, happening: Event) -> None:
    """Units leave for a customer, all of them or none: on the open order, else on one of their own."""
    args = happening.args
    item = house.item(args.get("product"))
    site = house.site(str(args.get("warehouse", "")))
    send(house, happening, item, site, quantity_of(house, item, args))


def send(house: House, happening: Event, item: ItemOf, site: SiteOf, units: int) -> Happening:
    """Order, promise, pick, pack and ship a whole quantity of one item."""
    if units <= 0:
        return house.remember(happening, Happening("ship", item.name, site.name, 0))
    order_id, line_ids = flow.order(
        house, site, [(item, units)], policy="complete", lot=str(happening.args.get("lot", ""))
    )
    flow.promise(house, site, [order_id])
    picks = flow.to_pickers(house, site, [order_id])
    moves = flow.pick_pack_ship(house, site, order_id, picks)
    return house.remember(
        happening,
        Happening("ship", item.name, site.name, units, move_ids=moves, order_id=order_id, line_ids=line_ids),
    )


@event("ship_again", "of qty")
def ship_again(house: House, happening: Event) -> None:
    """What came back goes out once more."""
    earlier = house.of(happening.args["of"])
    send(house, happening, house.item(earlier.item), house.site(earlier.site), house.units(happening.args["qty"]))


@event("drop_ship", "qty unit_cost product")
def drop_ship(house: House, happening: Event) -> None:
    """Goods go from the supplier through the door straight to the customer: in and out, each at its value."""
    item, site = house.item(happening.args.get("product")), house.site()
    units = house.units(happening.args["qty"])
    cost = house.base_cost(happening.args["unit_cost"]) if "unit_cost" in happening.args else item.cost
    bring(house, Event("receive", {}), item, site, units, cost=cost)
    send(house, happening, item, site, units)


@event("return_from_customer", "of qty stage product lot verdicts")
def return_from_customer(house: House, happening: Event) -> None:
    """Sold units come back, are looked at and go back to stock (or, `stage: input`, wait to be put away).

    `verdicts` says what becomes of how many: restock, damaged, scrap, supplier.
    """
    args = happening.args
    earlier = house.of(args["of"]) if "of" in args else _sold_before(house, args)
    item, site = house.item(earlier.item), house.site(earlier.site)
    units = house.units(args.get("qty", house.quantity(earlier.units)))
    target = site.dock_id if args.get("stage") == "input" else house.bin(earlier.place, site.name)
    _, customer_id = house.party("CUSTOMER-C", tier="C")
    line = BlindLine(
        item.item_id,
        units,
        "A",
        lot_id=flow.lot_id(item, str(args.get("lot", earlier.lot))),
        order_line_id=earlier.line_ids[0],
    )
    before = books.last_posting()
    came = house.do(
        receive_blind, "returns_clerk", ReceiveBlind(site.site_id, customer_id, site.review_id, "changed_mind", [line])
    )
    verdicts = args.get("verdicts", {"restock": house.quantity(units)})
    splits = [
        Split(
            lot,
            house.units(qty),
            str(verdict),
            target if verdict == "restock" else 0,
            "" if verdict == "restock" else "scenario",
        )
        for lot in came.returned_lot_ids
        for verdict, qty in verdicts.items()
    ]
    house.do(dispose, "qc_inspector", Dispose(splits))
    moves = [row[0] for row in books.moves_between([item.item_id], ("cogs", "inventory"), before)]
    house.remember(
        happening, Happening("return", item.name, site.name, units, move_ids=moves, line_ids=earlier.line_ids)
    )


def _sold_before(house: House, args: dict[str, Any]) -> Happening:
    """The latest issue; a scenario without one means goods that were sold before it began."""
    for happening in reversed(house.log):
        if happening.word == "ship":
            return happening
    item, site = house.item(args.get("product")), house.site()
    units = house.units(args["qty"])
    two_steps = house.noted.pop("two_steps", None)
    bring(house, Event("receive", {}), item, site, units)
    sold = send(house, Event("ship", {}), item, site, units)
    if two_steps:
        house.noted["two_steps"] = two_steps
    return sold


@event("return_to_supplier", "of qty product lot quality")
def return_to_supplier(house: House, happening: Event) -> None:
    """Units go back to the supplier."""
    args = happening.args
    earlier = house.of(args["of"]) if "of" in args else None
    item = house.item(earlier.item if earlier else args.get("product"))
    site = house.site(earlier.site if earlier else "")
    units = house.units(args["qty"])
    moves = earlier.move_ids if earlier else []
    flow.back_to_supplier(house, site, item, units, of_moves=moves, quality=str(args.get("quality", "")))
    house.remember(happening, Happening("return_to_supplier", item.name, site.name, units))


@event("correct_posted_quantity", "of new_qty")
def correct_posted_quantity(house: House, happening: Event) -> None:
    """A posted receipt or issue was of another quantity: the difference is posted today, at its cost."""
    earlier = house.of(happening.args["of"])
    item, site = house.item(earlier.item), house.site(earlier.site)
    more = house.units(happening.args["new_qty"]) - earlier.units
    if earlier.word == "receive" and more > 0:
        bring(house, Event("receive", {}), item, site, more, cost=earlier.unit_cost)
    elif earlier.word == "receive" and more < 0:
        flow.back_to_supplier(house, site, item, -more, of_moves=earlier.move_ids)
    elif earlier.word == "ship" and more > 0:
        send(house, Event("ship", {}), item, site, more)
    elif earlier.word == "ship" and more < 0:
        args = {"of": happening.args["of"], "qty": house.quantity(-more)}
        return_from_customer(house, Event("return_from_customer", args))
    earlier.units += more


@event("set_standard_cost", "cost product unit_cost")
def set_standard(house: House, happening: Event) -> None:
    """A new standard cost; what is on hand is revalued."""
    args = happening.args
    item = house.item(args.get("product"))
    cost = args.get("cost", args.get("unit_cost", happening.value))
    house.noted["before"] = books.last_posting()
    request = SetStandardCost([NewCost(item.item_id, house.base_cost(cost))], "scenario")
    house.do(set_standard_cost, "finance_controller", request)
    item.cost = house.base_cost(cost)


@event("change_costing", "to method costing product cost")
def change_method(house: House, happening: Event) -> None:
    """Another costing method; only without stock."""
    args = happening.args
    item = house.item(args.get("product"))
    method = str(args.get("to", args.get("method", args.get("costing", happening.value)))).split()[0]
    cost = house.base_cost(args["cost"]) if "cost" in args else item.cost
    house.do(change_costing, "finance_controller", ChangeCosting(item.item_id, method, cost))
    item.costing = method


@event("supplier_invoice", "of qty unit_price unit_cost")
def supplier_invoice(house: House, happening: Event) -> None:
    """The invoice of a receipt; a price other than the received one is a late cost of these goods."""
    args = happening.args
    earlier = house.of(args["of"])
    assert earlier.unit_cost is not None, "a receipt keeps its cost"
    units = house.units(args.get("qty", house.quantity(earlier.units)))
    price = house.base_cost(args.get("unit_price", args.get("unit_cost")))
    amount = (price - earlier.unit_cost) * units
    house.noted["before"] = books.last_posting()
    if amount:
        house.do(post_late_cost, "finance_clerk", PostLateCost(amount, "price difference", earlier.move_ids))


@event("receive_with_freight", "lines freight by")
def receive_with_freight(house: House, happening: Event) -> None:
    """Lines are received and their freight comes with them, shared by value, units or lines."""
    args = happening.args
    lines = args["lines"]
    names = [str(line.get("product", f"line {n}" if len(lines) > 1 else "")) for n, line in enumerate(lines, 1)]
    pattern = next(iter(house.products.values()), {})
    moves = []
    for name, line in zip(names, lines, strict=True):
        if name and name not in house.products:
            house.products[name] = dict(pattern)
        item = house.item(name)
        cost = house.base_cost(line["unit_cost"])
        came = bring(house, Event("receive", {}), item, house.site(), house.units(line["qty"]), cost=cost)
        moves += came.move_ids
    house.noted["freight_lines"] = names
    by = {"quantity": "units", "qty": "units", "line": "lines", "cost": "value"}.get(
        str(args.get("by")), args.get("by")
    )
    split = SplitBy(str(by)) if by else SplitBy.VALUE if any(line["unit_cost"] for line in lines) else SplitBy.LINES
    house.noted["before"] = books.last_posting()
    house.do(post_late_cost, "finance_clerk", PostLateCost(Decimal(str(args["freight"])), "freight", moves, split))


@event("putaway", "qty product location lot")
def putaway(house: House, happening: Event) -> None:
    """Goods at the input are carried to storage."""
    args = happening.args
    item = house.item(args.get("product"))
    flow.store(house, house.site(), item, house.bin(str(args.get("location", ""))), house.units(args["qty"]))


@event("transfer", "frm to qty product lot location")
def transfer(house: House, happening: Event) -> None:
    """Units go from one site to another: sent, received there and stored."""
    args = happening.args
    item = house.item(args.get("product"))
    source, target = house.site(str(args["frm"])), house.site(str(args["to"]))
    units = house.units(args["qty"])
    flow.send_to(house, source, target, item, units, lot=str(args.get("lot", "")))
    flow.take_sent(house, source, target, item, units, lot=str(args.get("lot", "")))
    flow.store(house, target, item, house.bin(str(args.get("location", "")), target.name))


@event("send_to", "frm to qty product lot in_days")
def send_to(house: House, happening: Event) -> None:
    """Units leave a site for another one; they are on the way, due in so many days."""
    args = happening.args
    item = house.item(args.get("product"))
    source, target = house.site(str(args["frm"])), house.site(str(args["to"]))
    due_on = house.now.date() + timedelta(days=int(args["in_days"])) if "in_days" in args else None
    flow.send_to(house, source, target, item, house.units(args["qty"]), lot=str(args.get("lot", "")), due_on=due_on)


@event("receive_from", "frm to qty product lot")
def receive_from(house: House, happening: Event) -> None:
    """Units that another site sent reach the dock of this one."""
    args = happening.args
    item = house.item(args.get("product"))
    source, target = house.site(str(args["frm"])), house.site(str(args["to"]))
    flow.take_sent(house, source, target, item, house.units(args["qty"]), lot=str(args.get("lot", "")))


@event("claim_missing", "frm to note")
def claim_missing(house: House, happening: Event) -> None:
    """What of the transfers from a site to another has not arrived is given up and claimed."""
    args = happening.args
    source, target = house.site(str(args["frm"])), house.site(str(args["to"]))
    flow.claim_missing(house, source, target, str(args.get("note", "not on the truck")))


@event("unpack", "package")
def unpack(house: House, happening: Event) -> None:
    """A package is opened; its contents stand loose where they are."""
    code = package_code(house, happening.args.get("package", happening.value))
    found = locations.lpns_by_code([code])
    house.do(unpack_lpn, "inventory_controller", UnpackLpns(house.site().site_id, [found[code].lpn_id]))


@event("move_pallet", "frm to package")
def move_pallet(house: House, happening: Event) -> None:
    """A pallet moves with all that is on it."""
    code = package_code(house, happening.args.get("package", "pallet"))
    found = locations.lpns_by_code([code])
    target = house.bin(str(happening.args["to"]))
    request = MoveStock(house.site().site_id, lpns=[LpnMove(found[code].lpn_id, target)], reason="scenario")
    house.do(move_stock, "inventory_controller", request)
