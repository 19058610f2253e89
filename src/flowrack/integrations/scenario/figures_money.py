"""The figures of money: values, unit costs, layers, and what single postings did to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.integrations.scenario import books
from flowrack.integrations.scenario.figures import ids, same, same_money
from flowrack.integrations.scenario.house import Happening, House
from flowrack.integrations.scenario.types import BadScenario
from flowrack.integrations.scenario.words import figure


@figure("value", "stock_value")
def value(house: House, name: str, expected: Any) -> None:
    """What the stock on hand is worth."""
    if isinstance(expected, dict):
        for product, amount in expected.items():
            same_money(f"{name} of {product}", amount, books.worth([house.item(product).item_id]).value)
    else:
        same_money(name, expected, books.worth(ids(house)).value)


@figure("unit_cost", "mean_cost_on_hand", "unit_cost_shown")
def unit_cost(house: House, name: str, expected: Any) -> None:
    """Value per unit on hand; without stock, the last one. After `issue_cost_of` in a check, that issue's."""
    if name == "unit_cost" and "asked_issue" in house.noted:
        got = issue_cost(house, house.noted.pop("asked_issue"))
    else:
        got = house.scenario_cost(books.worth(ids(house)).unit_cost)
    same_money(name, expected, got)


@figure("issue_cost_of")
def issue_cost_of(house: House, name: str, expected: Any) -> None:
    """Names the issue whose cost the next `unit_cost` of the check means."""
    house.noted["asked_issue"] = house.of(expected)


def issue_cost(house: House, issue: Happening) -> Decimal:
    """The unit cost with which an issue left."""
    moves = [m for m in books.moves_between(ids(house), ("inventory", "cogs"), 0) if m[0] in issue.move_ids]
    units = sum(m[1] for m in moves)
    if not units:
        raise BadScenario("nothing left with that event.", fix="Name an issue.")
    return house.scenario_cost(sum((m[2] for m in moves), Decimal(0)) / units)


@figure("issue_unit_costs")
def issue_unit_costs(house: House, name: str, expected: Any) -> None:
    """The unit costs of issues by name."""
    for ref, cost in expected.items():
        same_money(f"{name} of {ref}", cost, issue_cost(house, house.of(ref)))


@figure("issue_value")
def issue_value(house: House, name: str, expected: Any) -> None:
    """The value of the last issue, as stock sees it: negative."""
    moves = books.moves_between(ids(house), ("inventory", "cogs"), 0)
    last = [h for h in house.log if h.word == "ship"][-1]
    same_money(name, expected, -sum((m[2] for m in moves if m[0] in last.move_ids), Decimal(0)))


@figure("rounding_adjustment")
def rounding_adjustment(house: House, name: str, expected: Any) -> None:
    """What the last issue took beyond units times the shown (two-decimal) unit cost, so that nothing is left over."""
    last = [h for h in house.log if h.word == "ship"][-1]
    moves = [m for m in books.moves_between(ids(house), ("inventory", "cogs"), 0) if m[0] in last.move_ids]
    units, worth = sum(m[1] for m in moves), sum((m[2] for m in moves), Decimal(0))
    shown = (house.scenario_cost(worth / units)).quantize(Decimal("0.01"))
    same_money(name, expected, shown * house.quantity(units) - worth)


@figure("queue")
def queue(house: House, name: str, expected: Any) -> None:
    """FIFO layers [quantity, unit cost], oldest first; neighbours of one cost are written as one."""
    merged: list[list[Decimal]] = []
    for units, worth in books.layers(ids(house)):
        cost = house.scenario_cost(worth / units)
        if merged and merged[-1][1] == cost:
            merged[-1][0] += house.quantity(units)
        else:
            merged.append([house.quantity(units), cost])
    same(name, expected, merged)


@figure("layers_left")
def layers_left(house: House, name: str, expected: Any) -> None:
    """Units left in all layers."""
    same(name, expected, house.quantity(sum(units for units, _ in books.layers(ids(house)))))


@figure("value_entries")
def value_entries(house: House, name: str, expected: Any) -> None:
    """What each posting did to the value of stock, in order."""
    same(name, expected, [entry.value for entry in books.entries(ids(house)) if entry.value])


@figure("revaluation_posted", "cost_adjustment")
def revaluation(house: House, name: str, expected: Any) -> None:
    """What the last revaluation or late cost added to the value of stock."""
    entries = books.entries(ids(house), house.noted["before"])
    same_money(name, expected, sum((entry.value for entry in entries), Decimal(0)))


@figure("loss_value", "gain_value")
def loss_value(house: House, name: str, expected: Any) -> None:
    """What the last count added to the value of stock."""
    revaluation(house, name, expected)


@figure("unit_costs")
def unit_costs(house: House, name: str, expected: Any) -> None:
    """The unit cost of each line that came with freight."""
    for line, cost in zip(house.noted["freight_lines"], expected, strict=True):
        got = books.worth([house.item(line).item_id]).unit_cost
        same_money(f"{name} of {line or 'the line'}", cost, house.scenario_cost(got))


@figure("*_unit_cost", "*_on_hand", "*_value")
def of_site(house: House, name: str, expected: Any) -> None:
    """A figure of one site: W1_unit_cost, W2_on_hand."""
    site, _, rest = name.partition("_")
    if site not in house.sites:
        raise BadScenario(f"there is no site {site}.", fix="Name it under warehouses.")
    worth = books.worth(ids(house), house.sites[site].site_id)
    if rest == "unit_cost":
        same_money(name, expected, house.scenario_cost(worth.unit_cost))
    elif rest == "value":
        same_money(name, expected, worth.value)
    else:
        site_id = house.sites[site].site_id
        got = sum(c.on_hand for c in books.cells(ids(house)) if c.site_id == site_id)
        same(name, expected, house.quantity(got))
