"""Words about waves: templates, plans to a cut-off, people who leave, and what waits at which penalty."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from flowrack.allocation.commands import allocate
from flowrack.allocation.types import Allocate
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.integrations.scenario.words_dock import set_clock
from flowrack.platform import sql
from flowrack.sales.commands import enter_orders
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.waves import commands, queries, queries_windows
from flowrack.waves.commands_setup import change_hands, set_policy, set_template
from flowrack.waves.types import (
    ChangeHands,
    MakePlan,
    MoveLines,
    ReleaseWaves,
    SetPolicy,
    SetTemplate,
    TemplateOf,
)

TEMPLATE_WORDS = {"name", "staging", "loading", "hazard", "lines", "tiers"}
PENALTY_WORDS = {"waits_by", "tier_a", "tier_b", "tier_c", "late_day", "value_100", "age_day"}


def _check(what: str, value: dict[str, Any], known: set[str]) -> None:
    unknown = set(value) - known
    if unknown:
        raise BadScenario(f"{what}: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")


@given("wave_template")
def wave_template(house: House, value: Any) -> None:
    """How the first site makes waves: minutes of staging and loading, dangerous goods, most lines, its tiers."""
    _check("wave_template", value, TEMPLATE_WORDS)
    of = TemplateOf(
        str(value.get("name", "Waves")),
        staging_minutes=int(value.get("staging", 0)),
        loading_minutes=int(value.get("loading", 0)),
        split_hazard=str(value.get("hazard", "incompatible")),
        limit_lines=int(value.get("lines", 0)),
        tiers=[str(tier) for tier in value.get("tiers", [])],
    )
    house.do(set_template, "planner", SetTemplate(house.site().site_id, of))


@given("wave_penalties")
def wave_penalties(house: House, value: Any) -> None:
    """What waiting costs, in points, and whether orders or lines wait."""
    _check("wave_penalties", value, PENALTY_WORDS)
    points: dict[str, Any] = {name: value[name] if name == "waits_by" else int(value[name]) for name in value}
    house.do(set_policy, "planner", SetPolicy(house.site().site_id, **points))


@event("many_orders", "count lines product qty tier price")
def many_orders(house: House, happening: Event) -> None:
    """So many orders alike come in, to leave today: each of a line of so many of a product. Stock is reserved."""
    args = happening.args
    site, item, tier = house.site(), house.item(args.get("product")), str(args.get("tier", "C"))
    code, _ = house.party(f"CUSTOMER-{tier}", tier=tier)
    line = NewLine(
        item=item.sku,
        quantity=Decimal(house.units(args.get("qty", 1))),
        unit_price=house.base_cost(args.get("price", 0)),
    )
    lines = [line] * int(args.get("lines", 1))
    wanted = NewOrder(customer=code, site_id=site.site_id, lines=lines, ship_on=house.now.date())
    asked = EnterOrders([wanted] * int(args["count"]))
    entered = house.do(enter_orders, "customer_service", asked).orders
    house.do(allocate, "planner", Allocate(site.site_id, [one.order_id for one in entered]))
    house.noted.setdefault("groups", {})[happening.ref] = [line for one in entered for line in one.line_ids]


@event("people_change", "count reason at")
def people_change(house: House, happening: Event) -> None:
    """So many people more (or fewer, with a minus) pick for the rest of the day."""
    set_clock(house, happening)
    args = happening.args
    asked = ChangeHands(house.site().site_id, int(args["count"]), str(args.get("reason", "scenario")))
    house.do(change_hands, "planner", asked)


@event("plan_waves", "at")
def plan_waves(house: House, happening: Event) -> None:
    """The planner plans the waves of the day; nothing is released."""
    set_clock(house, happening)
    house.noted["plan"] = house.do(commands.make_plan, "planner", MakePlan(house.site().site_id)).plan_id


@event("let_go", "orders reason at")
def let_go(house: House, happening: Event) -> None:
    """The planner decides that the lines of a group go, whatever they cost."""
    set_clock(house, happening)
    lines = house.noted["groups"][str(happening.args["orders"])]
    reason = str(happening.args.get("reason", "scenario"))
    house.do(commands.move_lines, "planner", MoveLines(house.noted["plan"], lines, True, reason))


@event("release_waves")
def release_waves(house: House, happening: Event) -> None:
    """All waves of the plan go to the floor."""
    for wave in queries.waves_of(house.noted["plan"]):
        if wave.state == "planned":
            house.do(commands.release_wave, "planner", ReleaseWaves(wave.id))


@figure("lines_planned", "lines_waiting", "plan_penalty", "plan_gap")
def plan_figures(house: House, name: str, expected: Any) -> None:
    """Lines of the last plan that go or wait, its penalty, and by how many thousandths that may be too much."""
    head = queries.plan_head(house.noted["plan"])
    assert head is not None
    got = {
        "lines_planned": head.lines,
        "lines_waiting": head.waiting,
        "plan_penalty": head.points,
        "plan_gap": head.gap,
    }
    same(name, expected, got[name])


@figure("capacity_lines")
def capacity_lines(house: House, name: str, expected: Any) -> None:
    """How many lines the people do until the last cut-off of the last plan."""
    windows = queries_windows.windows_of(house.noted["plan"])
    seconds = sql.fetch_value("SELECT line_seconds FROM promise_sitepolicy WHERE site_id = %s", (house.site().site_id,))
    same(name, expected, windows[-1].hands // seconds)


@figure("planned_waves")
def planned_waves(house: House, name: str, expected: Any) -> None:
    """The waves of the last plan, as they leave: lines, orders, apart (what is kept apart) and cut_off by the clock."""
    got = [
        {"lines": w.lines, "orders": w.orders, "apart": w.label, "cut_off": f"{w.cut_off_at:%H:%M}"}
        for w in queries.waves_of(house.noted["plan"])
    ]
    same(name, expected, [{key: row[key] for key in want} for row, want in zip(got, expected, strict=False)])
    same(f"number of {name}", len(expected), len(got))


@figure("waiting_penalties")
def waiting_penalties(house: House, name: str, expected: Any) -> None:
    """How many lines wait at each penalty."""
    lines = queries.lines_of(house.noted["plan"], fates=["waits"])
    same(name, expected, dict(Counter(str(line.points) for line in lines)))


@figure("waiting_of")
def waiting_of(house: House, name: str, expected: Any) -> None:
    """How many lines wait of each group of orders."""
    waits = {line.line_id for line in queries.lines_of(house.noted["plan"], fates=["waits"])}
    got = {group: len(waits & set(lines)) for group, lines in house.noted["groups"].items()}
    same(name, expected, {group: got[group] for group in expected})


@figure("lines_on_floor")
def lines_on_floor(house: House, name: str, expected: Any) -> None:
    """Open picks at the first site."""
    got = sql.fetch_value(
        """
        SELECT count(*) FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        WHERE p.state = 'open' AND w.site_id = %s
        """,
        (house.site().site_id,),
    )
    same(name, expected, got)
