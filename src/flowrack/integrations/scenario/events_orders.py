"""The words for orders: entered, promised, released, picked and shipped, in whole or in part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.house import DAY_ZERO, Happening, House, ItemOf
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, given

ORDER_ARGS = "lines product order policy tier date qty lot warehouse customer wanted_day unit_price"


@event("order", ORDER_ARGS)
def order(house: House, happening: Event) -> None:
    """A customer order is entered; nothing is promised to it yet."""
    enter(house, happening)


def enter(house: House, happening: Event) -> Happening:
    """Enter the order of an event, under its name, as the scenario's latest."""
    args = happening.args
    site = house.site(str(args.get("warehouse", "")))
    lines = lines_of(house, args)
    _stock_if_unspoken(house, lines)
    order_id, line_ids = flow.order(
        house,
        site,
        lines,
        policy=str(args.get("policy", "complete" if _goes_whole(house) else "partial")),
        tier=str(args.get("tier", "C")),
        lot=str(args.get("lot", "")).split(" ")[0],
        unit_price=house.base_cost(args.get("unit_price", 0)),
        wanted_on=(DAY_ZERO + timedelta(days=int(args["wanted_day"]))).date() if "wanted_day" in args else None,
    )
    units = sum(n for _, n in lines)
    placed = Happening("order", lines[0][0].name, site.name, units, order_id=order_id, line_ids=line_ids)
    house.remember(happening, placed)
    if "order" in args:
        house.done[str(args["order"])] = placed
    house.noted["order"] = placed
    return placed


def _goes_whole(house: House) -> bool:
    """Whether the scenario later ships its orders whole (`ship_order`): then they are entered as ship-complete."""
    return any(e.word == "ship_order" for e in house.scenario.events)


def lines_of(house: House, args: dict[str, Any]) -> list[tuple[ItemOf, int]]:
    """The lines of an order: quantities of the product, or by product name, or rows."""
    wanted = args.get("lines", [args["qty"]] if "qty" in args else [])
    if isinstance(wanted, dict):
        return [(house.item(name), house.units(qty)) for name, qty in wanted.items()]
    lines = []
    for row in wanted:
        if isinstance(row, dict):
            lines.append((house.item(row.get("product", args.get("product"))), house.units(row["qty"])))
        else:
            lines.append((house.item(args.get("product")), house.units(row)))
    if not lines:
        raise BadScenario("an order needs lines.", fix="order: {lines: [10]}.")
    return lines


def _stock_if_unspoken(house: House, lines: Sequence[tuple[ItemOf, int]]) -> None:
    """Where a scenario speaks of no stock at all, there is enough of everything, in the lots that it names."""
    words = {e.word for e in house.scenario.events}
    if "stock" in house.scenario.given or words & {"receive", "purchase", "receive_lines", "receive_with_freight"}:
        return
    if house.noted.get("stocked"):
        return
    house.noted["stocked"] = True
    splits = [s for e in house.scenario.events for s in e.args.get("splits", [])]
    for item, units in lines:
        parts = [(str(s["lot"]), house.units(s["qty"])) for s in splits] or [("", units * 10)]
        for lot, part in parts:
            po_id, _ = flow.buy(house, [(item, part, item.cost or Decimal(1))], house.site())
            flow.take_in(house, house.site(), po_id, [flow.counted(house, item, part, lot=lot)])
            flow.store(house, house.site(), item, house.bin())
    house.settle()


@given("orders")
def orders(house: House, value: Any) -> None:
    """Orders that stand at the start, in the order of the list. Those with dates want their goods in that order."""
    named = [row for row in value if "order" in row and "date" in row]
    days = sorted({str(row["date"]) for row in named})
    for row in named:
        known = {key: row[key] for key in ("qty", "lines", "policy", "tier") if key in row}
        args = {**known, "order": str(row["order"]), "wanted_day": days.index(str(row["date"]))}
        enter(house, Event("order", args))


def current(house: House, happening: Event) -> Happening:
    """The order that an event speaks of: by name, else the latest."""
    name = happening.args.get("order", happening.args.get("of"))
    placed = house.of(name) if name is not None else house.noted.get("order")
    if placed is None:
        raise BadScenario(f"{happening.word} needs an order.", fix="Enter one first.")
    return placed


@event("reserve_order", "order of")
def reserve_order(house: House, happening: Event) -> None:
    """Stock is promised to the order."""
    placed = current(house, happening)
    flow.promise(house, house.site(placed.site), [placed.order_id])


@event("reserve", "qty product lot warehouse tier policy")
def reserve(house: House, happening: Event) -> None:
    """Stock is promised to a new order of so many units."""
    args = happening.args
    item = house.item(args.get("product"))
    site = house.site(str(args.get("warehouse", "")))
    order_id, line_ids = flow.order(
        house,
        site,
        [(item, house.units(args["qty"]))],
        policy=str(args.get("policy", "partial")),
        tier=str(args.get("tier", "C")),
        lot=str(args.get("lot", "")),
    )
    flow.promise(house, site, [order_id])
    units = house.units(args["qty"])
    house.remember(happening, Happening("reserve", item.name, site.name, units, order_id=order_id, line_ids=line_ids))
    house.noted.setdefault("reserves", []).append((order_id, line_ids[0]))


@event("release", "qty product of")
def release(house: House, happening: Event) -> None:
    """Promised units are free again; more than is promised is refused."""
    args = happening.args
    units = house.units(args["qty"])
    line_ids = house.of(args["of"]).line_ids if "of" in args else [line for _, line in house.noted.get("reserves", [])]
    if not line_ids:
        item = house.item(args.get("product"))
        line_ids = flow.order(house, house.site(), [(item, units)])[1]
    counts = books.order_lines(line_ids)
    held = {line_id: counts[line_id][1] for line_id in line_ids}
    for line_id in reversed(line_ids):
        taken = min(units, held[line_id])
        if taken and taken == held[line_id]:
            flow.take_back(house, [line_id])
        elif taken:
            flow.give_up(house, line_id, counts[line_id][0] - held[line_id] + taken)
        units -= taken
    if units:
        flow.take_back(house, line_ids)


@event("pick", "qty product splits order warehouse")
def pick(house: House, happening: Event) -> None:
    """Picks are released (site by site, each capped at what is there); with `splits`, picked by lot and shipped."""
    args = happening.args
    if "splits" in args:
        _pick_splits(house, happening)
        return
    item = house.item(args.get("product"))
    missing = house.units(args["qty"])
    rows: list[tuple[str, int, str]] = []
    for site in list(house.sites.values()):
        if missing <= 0:
            break
        order_id, _ = flow.order(house, site, [(item, missing)])
        if not flow.promise(house, site, [order_id]):
            continue
        flow.to_pickers(house, site, [order_id])
        picks = flow.picks_in_words(order_id)
        rows += [(site.name, units, lot) for units, lot in picks]
        missing -= sum(units for units, _ in picks)
    house.noted["pick_rows"] = rows
    house.noted["pick_short"] = missing


def _pick_splits(house: House, happening: Event) -> None:
    """Pick the open order by named lots, then ship it."""
    placed = current(house, happening)
    site = house.site(placed.site)
    flow.promise(house, site, [placed.order_id])
    picks = flow.to_pickers(house, site, [placed.order_id])
    wanted = {str(s["lot"]): house.units(s["qty"]) for s in happening.args["splits"]}
    found = {lot: units for units, lot in flow.picks_in_words(placed.order_id)}
    if found != wanted:
        raise BadScenario(f"the picks are {found}, not {wanted}.", fix="Picks follow FIFO or FEFO by lot.")
    _ship(house, placed, picks)


@event("pick_without_lot", "order")
def pick_without_lot(house: House, happening: Event) -> None:
    """Somebody tries to send units of a tracked item without saying of which lot."""
    placed = current(house, happening)
    flow.pack_without_lot(house, house.site(placed.site), placed.order_id, placed.line_ids[0], placed.units)


@event("ship_available_only", "order")
def ship_available_only(house: House, happening: Event) -> None:
    """What is promised to the order is picked and leaves; the rest waits."""
    placed = current(house, happening)
    site = house.site(placed.site)
    _ship(house, placed, flow.to_pickers(house, site, [placed.order_id]))


@event("ship_order", "order")
def ship_order(house: House, happening: Event) -> None:
    """The whole order leaves, or nothing of it."""
    placed = current(house, happening)
    site = house.site(placed.site)
    flow.promise(house, site, [placed.order_id])
    _ship(house, placed, flow.to_pickers(house, site, [placed.order_id]))


def _ship(house: House, placed: Happening, picks: Sequence[tuple[int, int]]) -> None:
    before = books.last_posting()
    placed.move_ids += flow.pick_pack_ship(house, house.site(placed.site), placed.order_id, picks)
    items = [item.item_id for item in house.items.values()]
    shipped = house.noted.setdefault("shipped", {})
    for _, units, _, lot in books.moves_between(items, ("inventory", "cogs"), before):
        shipped[lot] = shipped.get(lot, 0) + units


@event("cancel_line", "order product qty")
def cancel_line(house: House, happening: Event) -> None:
    """A line of an order is not wanted any more."""
    placed = current(house, happening)
    item = house.item(happening.args.get("product"))
    for line_id in flow.lines_of_item(placed.line_ids, item.item_id):
        flow.give_up(house, line_id, None)
