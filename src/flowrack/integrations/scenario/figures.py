"""The figures that expectations name, read from the books and compared exactly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.events_counts import expected_units, percent_off
from flowrack.integrations.scenario.house import DAY_ZERO, House, ItemOf
from flowrack.integrations.scenario.types import BadScenario, Mismatch
from flowrack.integrations.scenario.words import figure

ALLOCATABLE = ("reserve", "forward_pick")


def same(what: str, expected: Any, got: Any) -> None:
    """Compare two figures; Mismatch names both."""
    if isinstance(expected, dict):
        expected = {str(key): _plain(value) for key, value in expected.items()}
        got = {str(key): _plain(value) for key, value in got.items()}
    elif isinstance(expected, list):
        expected, got = [_plain(x) for x in expected], [_plain(x) for x in got]
    if _plain(expected) != _plain(got):
        raise Mismatch(what, expected, got)


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, list | tuple):
        return [_plain(x) for x in value]
    return value


def same_money(what: str, expected: Any, got: Decimal) -> None:
    """Compare money at the decimals that the scenario writes, at least two."""
    wanted = Decimal(str(expected))
    places = max(2, -int(wanted.as_tuple().exponent))
    same(what, wanted, got.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def ids(house: House) -> list[int]:
    """All items of the house."""
    return [item.item_id for item in house.items.values()]


def per_item(house: House, what: str, expected: Any, read: Callable[[list[int]], Any]) -> None:
    """Compare a figure of all items, or of each product that a map names."""
    if isinstance(expected, dict):
        same(what, expected, {str(name): read([house.item(name).item_id]) for name in expected})
    else:
        same(what, expected, read(ids(house)))


def on_hand_units(house: House, item_ids: list[int], site: str = "") -> Decimal:
    """Physical units in all states."""
    site_id = house.site(site).site_id if site else 0
    return house.quantity(sum(c.on_hand for c in books.cells(item_ids) if not site_id or c.site_id == site_id))


@figure("on_hand", "qty")
def on_hand(house: House, name: str, expected: Any) -> None:
    """Units that are physically there, in whatever state."""
    per_item(house, name, expected, lambda item_ids: on_hand_units(house, item_ids))


@figure("available")
def available(house: House, name: str, expected: Any) -> None:
    """Units that can still be promised."""
    per_item(
        house,
        name,
        expected,
        lambda item_ids: house.quantity(sum(p.allocatable - p.committed for p in books.pools(item_ids))),
    )


@figure("available_raw")
def available_raw(house: House, name: str, expected: Any) -> None:
    """Stock fit for sale less everything that customers want, promised or waiting."""
    stock = sum(p.allocatable for p in books.pools(ids(house)))
    same(name, expected, house.quantity(stock - books.demand(ids(house))))


@figure("reserved_total", "order_reserved")
def reserved_total(house: House, name: str, expected: Any) -> None:
    """Units that are promised."""
    per_item(house, name, expected, lambda item_ids: house.quantity(sum(p.committed for p in books.pools(item_ids))))


@figure("reserved")
def reserved(house: House, name: str, expected: Any) -> None:
    """Promised units; by place when the expectation names places (places are chosen when picks are released)."""
    if not isinstance(expected, dict):
        reserved_total(house, name, expected)
        return
    _release_reserves(house)
    by_place = books.reserved_by_place(ids(house))
    bins = {name: bin_id for site in house.sites.values() for name, bin_id in site.bins.items()}
    got = {}
    for place in expected:
        if str(place) not in bins:
            raise BadScenario(f"there is no place {place}.", fix="Name it in the stock.")
        got[str(place)] = house.quantity(sum(n for (where, _), n in by_place.items() if where == bins[str(place)]))
    same(name, expected, got)


def _release_reserves(house: House) -> None:
    """Give what is promised to pickers, who are then sent to places."""
    orders = [order_id for order_id, _ in house.noted.get("reserves", [])]
    if "order" in house.noted:
        orders.append(house.noted["order"].order_id)
    waiting = [o for o in orders if o not in house.noted.setdefault("released", set())]
    if waiting:
        flow.to_pickers(house, house.site(), waiting)
        house.noted["released"].update(waiting)


@figure("reserved_lot")
def reserved_lot(house: House, name: str, expected: Any) -> None:
    """The lot that is promised."""
    same(name, str(expected), ", ".join(p.lot for p in books.pools(ids(house)) if p.committed))


@figure("reserved_at")
def reserved_at(house: House, name: str, expected: Any) -> None:
    """Where the picker is sent after a count emptied the first place."""
    _release_reserves(house)
    places = {where for where, _ in books.reserved_by_place(ids(house))}
    counted = house.noted.get("counted_bin")
    same(name, expected, "the other place" if places and counted not in places else "the same place")


@figure("reserved_lines", "waiting_lines")
def lines_of_order(house: House, name: str, expected: Any) -> None:
    """Order lines that are promised in full, or wait for stock."""
    counts = books.order_lines(house.noted["order"].line_ids).values()
    full = sum(1 for units, allocated, picked, shipped, _ in counts if allocated + picked + shipped >= units)
    same(name, expected, full if name == "reserved_lines" else len(counts) - full)


@figure("waiting", "backorder")
def waiting(house: House, name: str, expected: Any) -> None:
    """Ordered units that are neither promised nor shipped."""
    counts = books.order_lines(house.noted["order"].line_ids).values()
    same(name, expected, house.quantity(sum(u - a - p - s - c for u, a, p, s, c in counts)))


@figure("backorders")
def backorders(house: House, name: str, expected: Any) -> None:
    """Units that are neither promised nor shipped, by the order's name."""
    got = {}
    for order in expected:
        counts = books.order_lines(house.of(order).line_ids).values()
        got[str(order)] = house.quantity(sum(u - a - p - s - c for u, a, p, s, c in counts))
    same(name, expected, got)


@figure("order_complete")
def order_complete(house: House, name: str, expected: Any) -> None:
    """Whether nothing of the order is owed any more."""
    counts = books.order_lines(house.noted["order"].line_ids).values()
    same(name, expected, all(shipped + cancelled >= units for units, _, _, shipped, cancelled in counts))


@figure("shipped")
def shipped(house: House, name: str, expected: Any) -> None:
    """Units that left for the customer; by lot when the expectation names lots."""
    by_lot = house.noted.get("shipped", {})
    if isinstance(expected, dict):
        same(name, expected, {str(lot): house.quantity(by_lot.get(str(lot), 0)) for lot in expected})
    else:
        same(name, expected, house.quantity(sum(by_lot.values())))


@figure("picked_batch", "picked_lot")
def picked_lot(house: House, name: str, expected: Any) -> None:
    """The lot of the first pick."""
    rows = house.noted.get("pick_rows", [])
    same(name, str(expected), rows[0][2] if rows else "nothing")


@figure("pick_rows")
def pick_rows(house: House, name: str, expected: Any) -> None:
    """The picks: site (or lot) and units."""
    rows = house.noted.get("pick_rows", [])
    same(name, expected, [[site, house.quantity(units)] for site, units, _ in rows])


@figure("short")
def short(house: House, name: str, expected: Any) -> None:
    """Units for which there was no pick."""
    same(name, expected, house.quantity(house.noted["pick_short"]))


@figure("stock_rows")
def stock_rows(house: House, name: str, expected: Any) -> None:
    """Rows of physical stock: places times lots times packages."""
    same(name, expected, len(books.cells(ids(house))))


@figure("in_day")
def in_day(house: House, name: str, expected: Any) -> None:
    """The day on which the oldest stock came in, counted from the scenario's first."""
    oldest = min(p.arrived_at for p in books.pools(ids(house)))
    same(name, expected, (oldest.date() - DAY_ZERO.date()).days)


@figure("refused", "accepted")
def refused(house: House, name: str, expected: Any) -> None:
    """Whether the last event was refused."""
    was = house.refusal is not None
    same(name, expected, was if name == "refused" else not was)


@figure("reason")
def reason(house: House, name: str, expected: Any) -> None:
    """Why it was refused: the scenario's words are its own, ours are in the refusal; there must be one."""
    if house.refusal is None or not house.refusal.message:
        raise Mismatch(name, expected, "no refusal")


@figure("*_refused")
def named_refused(house: House, name: str, expected: Any) -> None:
    """Whether the event of that name was refused."""
    same(name, expected, house.refusals.get(name.removesuffix("_refused"), False))


@figure("when_*")
def when_allowed(house: House, name: str, expected: Any) -> None:
    """What would be so under a setting that is not offered here; such a setting is documented in docs/scenarios.md."""
    if name not in ("when_product_allows", "when_location_allows"):
        raise BadScenario(f"unknown word expect.{name}", fix="See docs/scenarios.md.")


@figure("input", "storage")
def two_steps(house: House, name: str, expected: Any) -> None:
    """Units at the input, or in storage."""
    states = ("receiving",) if name == "input" else ALLOCATABLE
    got = sum(c.on_hand for c in books.cells(ids(house)) if c.state in states)
    same(name, expected, house.quantity(got))


@figure("in_transit")
def in_transit(house: House, name: str, expected: Any) -> None:
    """Units on the way between sites."""
    same(name, expected, house.quantity(sum(c.on_hand for c in books.cells(ids(house)) if c.state == "in_transit")))


@figure("pallet_at")
def pallet_at(house: House, name: str, expected: Any) -> None:
    """The place of the pallet."""
    where = {c.location_id for c in books.cells(ids(house)) if c.lpn}
    bins = {bin_id: place for site in house.sites.values() for place, bin_id in site.bins.items()}
    same(name, str(expected), ", ".join(bins[key] for key in where))


@figure("expected", "counted")
def count_figures(house: House, name: str, expected: Any) -> None:
    """What an open count is compared with; what was counted."""
    item: ItemOf = next(iter(house.items.values()))
    got = expected_units(house, item.item_id) if name == "expected" else house.noted["counted"][item.name]
    same(name, expected, house.quantity(got))


@figure("adjustment")
def adjustment(house: House, name: str, expected: Any) -> None:
    """Units that the last count put into stock (out: negative)."""
    entries = books.entries(ids(house), house.noted["before"])
    moves = books.moves_between(ids(house), ("adjustment", "inventory"), house.noted["before"])
    outs = books.moves_between(ids(house), ("inventory", "adjustment"), house.noted["before"])
    assert entries or not (moves or outs), "adjustments cross the border of inventory"
    same(name, expected, house.quantity(sum(m[1] for m in moves) - sum(m[1] for m in outs)))


@figure("*_percent")
def off_percent(house: House, name: str, expected: Any) -> None:
    """How far the count of a product is off, in percent."""
    same(name, expected, percent_off(house, name.removesuffix("_percent")))


@figure("*_over")
def over_threshold(house: House, name: str, expected: Any) -> None:
    """Whether the count of a product is off by more than the place's threshold."""
    same(name, expected, percent_off(house, name.removesuffix("_over")) > house.noted["threshold_percent"])


@figure("open_on_purchase")
def open_on_purchase(house: House, name: str, expected: Any) -> None:
    """Units that the purchases still owe."""
    received = sum(h.units for h in house.log if h.word == "receive")
    same(name, expected, house.quantity(house.noted.get("bought", 0) - received))


@figure("supplier_credit_qty")
def supplier_credit(house: House, name: str, expected: Any) -> None:
    """Units that went back to suppliers, as the credit shows them: negative."""
    moves = books.moves_between(ids(house), ("inventory", "grni"), 0)
    same(name, expected, -house.quantity(sum(m[1] for m in moves)))
