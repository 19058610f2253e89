"""One rank everywhere: cross-docks, urgent orders and shortages rank lines by the rule set in force, as runs do."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, GUS, NOW, ctx

from flowrack.allocation import (
    queries_displacement,
    queries_shortfalls,
    queries_substitutes,
    reasons_displacement,
    steps,
)
from flowrack.allocation.tests import doorside, instead, rulebook, urgent
from flowrack.allocation.types import PoolShortfall
from flowrack.allocation.types_displacement import NothingToMove
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.refs import ref
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import ShipFromStock

pytestmark = pytest.mark.django_db
REST = ClassRule("All others")


def customer_id(code: str) -> int:
    return int(sql.fetch_value("SELECT id FROM parties_party WHERE code = %s", (code,)))


def test_the_dock_serves_the_first_class_first():
    scene = doorside.Scene()
    first = ClassRule("Cask first", customers=(customer_id("CASK"),))
    rulebook.in_force(scene.at.site, RuleSet(classes=(first, REST)))
    c, b, a = (one.number for one in scene.orders)
    assert [row[:2] for row in doorside.told(scene.receive())] == [(c, 25), (a, 10), (b, 5)]


def test_the_dock_serves_the_higher_score_first():
    scene = doorside.Scene()
    sql.execute("UPDATE sales_order SET requested_on = '2026-12-30' WHERE tier = 'A'")
    by_date = ClassRule("By date", weights=Weights(date=10, tier=1))
    rulebook.in_force(scene.at.site, RuleSet(classes=(by_date,), promises="rank"))
    c, b, a = (one.number for one in scene.orders)
    assert [row[:2] for row in doorside.told(scene.receive(50))] == [(b, 20), (c, 25), (a, 5)]


def test_the_dock_gives_nothing_to_a_class_on_hold():
    scene = doorside.Scene()
    held = ClassRule("On hold", semantics="hold", tiers=("A",))
    rulebook.in_force(scene.at.site, RuleSet(classes=(held, REST)))
    c, b, _ = (one.number for one in scene.orders)
    assert [row[:2] for row in doorside.told(scene.receive())] == [(b, 20), (c, 20)]


def shortage():
    """30 are promised to BIG (A), 20 to SMALL (C), and 10 are free."""
    at, item = outbound.house(), outbound.item("4711")
    outbound.receive(at, item, 60, "1")
    outbound.customer("BIG", tier="A")
    outbound.customer("SMALL", tier="C")
    big = outbound.order(at.site, "BIG", ("4711", 30)).line_ids[0]
    small = outbound.order(at.site, "SMALL", ("4711", 20)).line_ids[0]
    outbound.allocate(at.site)
    return at, item, big, small


@pytest.mark.parametrize(
    ("classes", "first"),
    [
        ((), "small"),
        ((ClassRule("Small first", tiers=("C",)), REST), "big"),
        ((ClassRule("On hold", semantics="hold", tiers=("A",)), REST), "big"),
        ((ClassRule("Sure", semantics="guarantee", tiers=("C",)), REST), "big"),
        ((ClassRule("Sure", semantics="guarantee", tiers=("A",)), REST), "small"),
        ((ClassRule("Small first", tiers=("C",)), ClassRule("On hold", semantics="hold", tiers=("A",))), "big"),
        ((ClassRule("On hold", semantics="hold", tiers=("A",)), ClassRule("Gone", semantics="release")), "small"),
    ],
)
def test_a_shortage_takes_from_the_lowest_rank_of_the_rules_in_force(classes, first):
    at, item, big, small = shortage()
    if classes:
        rulebook.in_force(at.site, RuleSet(classes=classes))
    gap = PoolShortfall(item, 0, at.site, 1, 25)
    seen = queries_shortfalls.would_lose([gap], [], NOW)
    done = steps.displace(ctx(ADA), [gap], "count").victims
    assert seen == done
    assert [(one.line_id, one.units) for one in done] == [({"big": big, "small": small}[first], 15)]
    assert verify() == []


def test_an_urgent_order_takes_nothing_from_a_guarantee_however_low_its_tier():
    at = urgent.pilot()
    sure = ClassRule("Sure", semantics="guarantee", tiers=("C",))
    rulebook.in_force(at.at.site, RuleSet(classes=(sure, REST)))
    order = queries_displacement.urgent_order(at.urgent.order_id, urgent.TODAY)
    assert order is not None
    [judged] = queries_displacement.judge(
        order, urgent.TODAY, [line for o in (at.low, at.mid) for line in o.line_ids], NOW
    )
    taken = {give.line_id for give in [*judged.made.at_once, *judged.made.to_allow]}
    assert taken == set(at.mid.line_ids)
    assert (at.low.line_ids[0], 50, "class") in judged.made.spared


def test_who_is_on_hold_gives_way_to_an_urgent_order_before_lower_tiers_and_it_is_judged_the_same_again():
    at = urgent.pilot(coming=1)
    held = ClassRule("On hold", semantics="hold", tiers=("B",))
    rulebook.in_force(at.at.site, RuleSet(classes=(held, REST)))
    done = urgent.ask(at.urgent)
    rows = sql.fetch_all("SELECT from_line_id, units FROM allocation_displacement ORDER BY id")
    low, mid = at.low.line_ids[0], at.mid.line_ids[0]
    assert rows == [(low, 1), (mid, 40), (low, 19)], "the one that comes is kept for the promise of the first"
    [stored, *_] = [one for one in decisions.why(ref("allocation.priority", done.request_id)) if "inputs" in one.detail]
    assert reasons_displacement.replayed(stored.detail["inputs"]) == stored.detail["outcome"]


def test_what_was_stored_before_rule_sets_ranked_lines_is_judged_the_same_again():
    at = urgent.pilot()
    done = urgent.ask(at.urgent)
    [stored, *_] = [one for one in decisions.why(ref("allocation.priority", done.request_id)) if "inputs" in one.detail]
    inputs = dict(stored.detail["inputs"])
    inputs["ask"], inputs["lines"] = inputs["ask"][:8], [line[:8] for line in inputs["lines"]]
    assert reasons_displacement.replayed(inputs) == stored.detail["outcome"]


def test_an_urgent_order_of_a_lower_class_takes_from_nobody():
    at = urgent.pilot()
    rest = ClassRule("All others", tiers=("B", "C"))
    rulebook.in_force(at.at.site, RuleSet(classes=(rest, ClassRule("Last", tiers=("A",)))))
    with pytest.raises(NothingToMove) as refused:
        urgent.ask(at.urgent)
    assert "a better class or tier" in refused.value.message


def test_a_lot_that_the_customer_had_is_not_taken_for_an_urgent_order_nor_sent_as_a_substitute():
    here = instead.short()
    lots = dict(sql.fetch_all("SELECT code, id FROM catalog_lot WHERE item_id = %s", (here.s1,)))
    before = instead.seen(here, "A")
    assert [(one.item_id, one.units) for one in before] == [(here.s1, 20)]
    sql.execute("UPDATE parties_customerterms SET lot_rule = 'new'")
    sql.execute("UPDATE sales_order SET lot_rule = 'new'")
    sql.execute(
        "INSERT INTO sales_deliveredlot (customer_id, item_id, lot_id, last_at) VALUES (%s, %s, %s, now())",
        (customer_id("CARE"), here.s1, lots["L2"]),
    )
    line = queries_substitutes.short_line(here.line_id, instead.TODAY)
    assert line is not None
    found = queries_substitutes.propose(line, instead.TODAY, NOW).offers
    assert [(r.sku, r.lot, r.why) for r in found.rejected if r.lot == "L2"] == [("S1", "L2", "he had this lot before")]
    assert here.s1 not in {portion.edge.item_id for portion in found.a.portions}


def test_an_urgent_order_is_not_given_a_lot_that_its_customer_had():
    at, item = outbound.house(), outbound.item("MILK", tracking="lot")
    lots = {code: outbound.lot(item, code) for code in "AB"}
    outbound.customer("PICKY", tier="A")
    outbound.customer("SMALL", tier="C")
    outbound.receive(at, item, 5, "1", lot_id=lots["A"])
    had = outbound.order(at.site, "PICKY", ("MILK", 5))
    outbound.allocate(at.site, had)
    shipping.ship_from_stock(ctx(GUS), ShipFromStock(at.site, [had.order_id]))
    for code in "AB":
        outbound.receive(at, item, 10, "1", lot_id=lots[code])
    outbound.order(at.site, "SMALL", ("MILK", 20), on=date(2026, 4, 1))
    outbound.allocate(at.site)
    sql.execute("UPDATE parties_customerterms SET lot_rule = 'new'")
    order = outbound.order(at.site, "PICKY", ("MILK", 15))
    urgent.ask(order)
    asked = sql.fetch_one("SELECT sum(units)::bigint FROM allocation_displacement")
    assert asked == (10,), "only lot B will do"
