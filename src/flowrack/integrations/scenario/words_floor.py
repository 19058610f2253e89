"""The words of the floor that our own scenarios add: allocation runs, short picks, late costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.costing.commands import post_late_cost
from flowrack.costing.types import PostLateCost
from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.events_orders import current
from flowrack.integrations.scenario.figures import ids, same, same_money
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.platform import sql


@event("allocate", "warehouse")
def allocate(house: House, happening: Event) -> None:
    """Stock is promised to every open order of the site, by tier, date and age."""
    flow.promise(house, house.site(str(happening.args.get("warehouse", ""))), [])


@figure("allocated")
def allocated(house: House, name: str, expected: Any) -> None:
    """Promised units of orders, by the order's name."""
    got = {}
    for ref in expected:
        counts = books.order_lines(house.of(ref).line_ids).values()
        got[str(ref)] = house.quantity(sum(row[1] for row in counts))
    same(name, expected, got)


@event("short_pick", "order found")
def short_pick(house: House, happening: Event) -> None:
    """The order is released; of its first pick only so many units are found."""
    placed = current(house, happening)
    [first, *_] = flow.to_pickers(house, house.site(placed.site), [placed.order_id])
    flow.short(house, first[0], house.units(happening.args["found"]))


@figure("picks_open")
def picks_open(house: House, name: str, expected: Any) -> None:
    """Units that pickers still have to fetch for the latest order."""
    picks = flow.open_picks([house.noted["order"].order_id])
    same(name, expected, house.quantity(sum(units for _, units in picks)))


@figure("picked")
def picked(house: House, name: str, expected: Any) -> None:
    """Units of the latest order that are picked and have not left."""
    counts = books.order_lines(house.noted["order"].line_ids).values()
    same(name, expected, house.quantity(sum(row[2] for row in counts)))


@figure("counts_due")
def counts_due(house: House, name: str, expected: Any) -> None:
    """Counts that wait at the house's sites."""
    sites = [site.site_id for site in house.sites.values()]
    query = "SELECT count(*) FROM counting_counttask WHERE site_id = ANY(%s::bigint[]) AND state = 'due'"
    same(name, expected, int(sql.fetch_value(query, (sites,))))


@event("late_cost", "of amount reason")
def late_cost(house: House, happening: Event) -> None:
    """A cost comes after its goods: shared between what is still in stock and what was sold."""
    args = happening.args
    house.noted["before"] = books.last_posting()
    request = PostLateCost(
        Decimal(str(args["amount"])), str(args.get("reason", "freight")), house.of(args["of"]).move_ids
    )
    house.noted["late"] = house.do(post_late_cost, "finance_clerk", request)


@figure("late_cost_in_stock", "late_cost_sold")
def late_cost_split(house: House, name: str, expected: Any) -> None:
    """How the last late cost was split."""
    late = house.noted["late"]
    same_money(name, expected, late.stock_value if name == "late_cost_in_stock" else late.sold_value)


@figure("grni")
def grni(house: House, name: str, expected: Any) -> None:
    """What is owed to suppliers for goods received and not invoiced."""
    query = "SELECT -coalesce(sum(value), 0) FROM ledger_book WHERE item_id = ANY(%s::bigint[]) AND account = 'grni'"
    same_money(name, expected, sql.fetch_value(query, (ids(house),)))
