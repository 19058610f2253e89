"""source_orders: orders that any site may send go where the rules say, whole or split, and hold stock at one site."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, EVE, KIM, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_runs, queries_sites
from flowrack.allocation.rules_sites import choose
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import RuleSet, SitePreference, SiteRule
from flowrack.allocation.types_runs import StartRun
from flowrack.config.cli import main
from flowrack.ledger.verify import verify
from flowrack.platform import jobs, sql
from flowrack.platform.decisions import why
from flowrack.platform.outbox import context_for_system
from flowrack.promise import commands_sites, subscribers_sites
from flowrack.promise.tests import elsewhere
from flowrack.promise.tests.elsewhere import MON, enter, said, two_sites, where
from flowrack.promise.tests.given import drain
from flowrack.promise.types_sites import SourceOrders
from flowrack.sales import commands as sales
from flowrack.sales import commands_changes, steps_preview
from flowrack.sales.types import CancelOrder, EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types_loads import PlanLoad, Truck

pytestmark = pytest.mark.django_db(transaction=True)
NEVER = "W1 could not say when, for the same money."


def test_an_order_without_a_site_ships_from_where_all_of_it_is_in_time():
    at, north = two_sites(10, 100)
    order = enter(("V-200", 40))
    assert where() == [(order.number, "NORTH", 40, 0)]
    assert said(order) == f"From NORTH: all 40 on 4 Mar; {NEVER}"
    drain()
    outbound.allocate(at.site)
    assert outbound.allocate(north.site).units == 40
    assert where() == [(order.number, "NORTH", 40, 40)]
    assert elsewhere.astray() == [] and not verify()
    assert sql.fetch_all("SELECT promised_on FROM sales_orderline") == [(MON,)]


def test_the_nearest_site_sends_it_and_a_preference_of_the_company_goes_before():
    _, north = two_sites(100, 100)
    first = enter(("V-200", 40))
    assert said(first) == "From W1: all 40 on 4 Mar: the fewest days on the way, and nothing is late."
    rulebook.in_force(0, RuleSet(sites=SiteRule(preferences=(SitePreference("Us", (north.site,)),))))
    second = enter(("V-200", 40))
    assert said(second) == "From NORTH: all 40 on 4 Mar: the first of “Us”, and nothing is late."
    assert why(f"promise.site:{second.line_ids[0]}")[0].rule == "sites/1 by allocation v1"
    # What stands in time where it is stays there.
    commands_sites.source_orders(context_for_system(NOW, "k"), SourceOrders([first.order_id]))
    assert [row[1] for row in where()] == ["W1", "NORTH"]


def test_a_split_is_two_lines_of_two_orders_where_waiting_costs_more():
    two_sites(30, 20)
    elsewhere.site_rule(split_cost=Decimal("12.50"))
    order = enter(("V-200", 40))
    [(number, one, kept, _), (beside, other, gone, _)] = where()
    assert (number, one, kept, other, gone) == (order.number, "W1", 30, "NORTH", 10)
    assert said(order) == "From W1: 30 on 4 Mar; NORTH: 10 on 4 Mar; W1 alone could not say when, £12.50 less."
    asked = CancelOrder(order.order_id, "not wanted")
    [told] = [
        one
        for one in steps_preview.preview(ctx(KIM), commands_changes.cancel_order, asked, order.order_id).consequences
        if beside in one
    ]
    assert told == (
        f"{beside}, which sends another part of the same wish from NORTH, stays open: cancel it too where the customer "
        "wants none of it."
    )
    [new] = sql.fetch_all("SELECT id, origin_id, any_site, reference FROM sales_order WHERE number = %s", (beside,))
    assert new[1:3] == (order.order_id, True) and new[3].endswith(" NORTH")
    drain()
    for (site,) in sql.fetch_all("SELECT id FROM locations_site"):
        outbound.allocate(site)
    assert [row[3] for row in where()] == [30, 10]
    assert elsewhere.astray() == [] and not verify()
    lines = [row[0] for row in sql.fetch_all("SELECT id FROM sales_orderline ORDER BY id")]
    assert queries_sites.sentences_of(lines) == dict.fromkeys(
        lines,
        (
            "30 from W1 on 4 Mar and 10 from NORTH on 4 Mar; "
            "W1 alone could not say when it has it, the whole order £12.50 less."
        ),
    )


def test_a_customer_who_wants_one_delivery_is_not_split():
    two_sites(30, 20, policy="complete")
    enter(("V-200", 40))
    assert [row[1:3] for row in where()] == [("W1", 40)]


def test_goods_that_come_up_elsewhere_bring_what_waits_there_and_give_its_promise_back():
    at, north = two_sites(10, 0)
    order = enter(("V-200", 40))
    drain()
    assert outbound.allocate(at.site).units == 10
    outbound.receive(north, elsewhere.given.item_id(), 100, "1", "reserve1")
    done = commands_sites.source_orders(context_for_system(NOW, "k"), SourceOrders([order.order_id]))
    assert [(one.order_id, one.site_id, one.unpromised_units) for one in done.moved] == [
        (order.order_id, north.site, 10)
    ]
    assert where() == [(order.number, "NORTH", 40, 0)]
    drain()
    assert outbound.allocate(north.site).units == 40
    assert elsewhere.astray() == [] and not verify()


def test_a_full_run_brings_orders_to_their_sites_before_it_shares_out(monkeypatch):
    monkeypatch.setattr(subscribers_sites, "now", lambda: NOW)
    at, north = two_sites(10, 0)
    order = enter(("V-200", 40))
    drain()
    outbound.receive(north, elsewhere.given.item_id(), 100, "1", "reserve1")
    commands_runs.start_run(ctx(ADA), StartRun())
    jobs.run_next()
    assert where() == [(order.number, "NORTH", 40, 40)]
    assert elsewhere.astray() == [] and at.site != north.site


def test_a_full_run_that_died_looks_at_the_orders_that_wait_now(monkeypatch):
    monkeypatch.setattr(subscribers_sites, "now", lambda: NOW)
    at, north = two_sites(10, 0)
    first = enter(("V-200", 40))
    assert subscribers_sites.bring("run-1", [at.site, north.site]) == 0
    second = enter(("V-200", 50))
    outbound.receive(north, elsewhere.given.item_id(), 100, "1", "reserve1")
    assert subscribers_sites.bring("run-1", [at.site, north.site]) == 2
    assert where() == [(first.number, "NORTH", 40, 0), (second.number, "NORTH", 50, 0)]
    assert subscribers_sites.bring("run-1", [at.site, north.site]) == 0


def test_more_orders_than_one_transaction_looks_at_are_done_one_after_the_other(monkeypatch):
    _, north = two_sites(10, 0)
    orders = [enter(("V-200", 40)) for _ in range(3)]
    sql.execute("UPDATE sales_order SET any_site = false")  # until the goods are there
    outbound.receive(north, elsewhere.given.item_id(), 200, "1", "reserve1")
    drain()
    sql.execute("UPDATE sales_order SET any_site = true")
    monkeypatch.setattr(commands_sites, "AT_ONCE", 1)
    asked = SourceOrders([order.order_id for order in orders], "goods came")
    assert len(commands_sites.source_orders(context_for_system(NOW, "k"), asked).moved) == 1
    assert [row[1] for row in where()] == ["NORTH", "W1", "W1"]
    drain()
    assert [row[1] for row in where()] == ["NORTH", "NORTH", "NORTH"]


def test_what_is_in_work_on_hold_or_of_one_site_stays():
    at, north = two_sites(10, 0)
    order = enter(("V-200", 40))
    fixed = outbound.order(at.site, "ACME", ("V-200", 40))
    held = enter(("V-200", 15_000))
    drain()
    outbound.allocate(at.site, order)
    outbound.release(at.site, order)
    outbound.receive(north, elsewhere.given.item_id(), 20_000, "1", "reserve1")
    asked = SourceOrders([order.order_id, fixed.order_id, held.order_id])
    assert commands_sites.source_orders(context_for_system(NOW, "k"), asked).moved == []
    assert [row[1:] for row in where()] == [("W1", 40, 10), ("W1", 40, 0), ("NORTH", 15_000, 0)]


def test_what_is_planned_on_a_truck_stays():
    at, north = two_sites(10, 0)
    order = enter(("V-200", 40))
    shipping.plan_load(ctx(ADA), PlanLoad(at.site, [order.order_id], Truck()))
    outbound.receive(north, elsewhere.given.item_id(), 100, "1", "reserve1")
    asked = SourceOrders([order.order_id])
    assert commands_sites.source_orders(context_for_system(NOW, "k"), asked).moved == []
    assert where() == [(order.number, "W1", 40, 0)]


def test_what_gets_another_item_before_its_lines_are_locked_is_left_to_the_event_of_that(monkeypatch):
    _, north = two_sites(10, 0)
    order = enter(("V-200", 40))
    other = outbound.item("V-300")
    outbound.receive(north, other, 100, "1", "reserve1")
    own = commands_sites.allocation.own_promised_days

    def late(pairs):
        own(pairs)
        sql.execute("UPDATE sales_orderline SET item_id = %s", (other,))

    with monkeypatch.context() as patch:
        patch.setattr(commands_sites.allocation, "own_promised_days", late)
        asked = SourceOrders([order.order_id])
        assert commands_sites.source_orders(context_for_system(NOW, "k"), asked).moved == []
    again = commands_sites.source_orders(context_for_system(NOW, "l"), asked)
    assert [(one.number, one.site_id) for one in again.moved] == [(order.number, north.site)]


def test_choices_are_made_again_to_the_identical_result(capsys):
    two_sites(30, 20)
    first = enter(("V-200", 40))
    enter(("V-200", 5))
    sql.execute("UPDATE ledger_pool SET forward_pick = 0, reserve = committed")  # the world goes on
    found = queries_sites.replay(10)
    assert (found.choices, found.others) == (2, [])
    main(["allocation", "replay"])
    assert "2 of 2 choices of a site identical." in capsys.readouterr().out
    [detail] = [row.detail for row in why(f"sales.order:{first.order_id}") if "plan" in row.detail]
    case = queries_sites.CASES.validate_python(detail["case"])
    assert choose(case) is not None and choose(replace(case, sites=case.sites[:1])) != choose(case)


def test_an_answer_from_two_sites_names_what_the_split_costs(client):
    two_sites(30, 20)
    elsewhere.site_rule(split_cost=Decimal("12.50"))
    asked = {"customer": "ACME", "item": "V-200", "quantity": 40}
    body = client.post("/api/v1/promises/ask", asked, content_type="application/json", headers=bearer(KIM)).json()
    assert [(one["sites"], Decimal(one["split_cost"])) for one in body["options"]] == [(2, 12.5), (2, 12.5), (0, 0)]
    shown = signed_in(KIM).get("/promise?q=40 V-200 ACME").content.decode()
    assert "2 sites, costs £12.50 more" in shown


def test_who_may_enter_nowhere_gets_no_site_and_an_outsider_sources_nothing():
    asked = NewOrder("ACME", 0, [NewLine("V-200", Decimal(1))], any_site=True)
    two_sites(30, 20)
    sql.execute("UPDATE locations_site SET is_active = false")
    with pytest.raises(OrderRefused) as refused:
        sales.enter_orders(ctx(KIM), EnterOrders([asked]))
    assert [line.message for line in refused.value.lines] == ["No site may send it for you."]
    with pytest.raises(OrderRefused):
        sales.enter_orders(ctx(KIM), EnterOrders([replace(asked, any_site=False, site_id=99)]))
    with pytest.raises(NotPermitted):
        commands_sites.source_orders(ctx(EVE), SourceOrders([1]))


def test_a_shop_leaves_the_site_to_us(client):
    two_sites(10, 100)
    body = {"orders": [{"customer": "ACME", "lines": [{"item": "V-200", "quantity": 40}], "reference": "S-1"}]}
    done = client.post("/api/v1/orders", body, content_type="application/json", headers=bearer(KIM))
    assert done.status_code == 201, done.content
    order = client.get(f"/api/v1/orders/{done.json()['orders'][0]['order_id']}", headers=bearer(KIM)).json()
    assert (order["any_site"], order["origin_id"], len(where())) == (True, None, 1)
