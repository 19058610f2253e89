"""What would change how a line stands: only what a run would really do is offered, with its numbers. No database."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules_arrivals import Coming, Rest, after
from flowrack.allocation.rules_decide import Holding, Inputs, decide
from flowrack.allocation.rules_pegs import Beside, Supply
from flowrack.allocation.rules_tried import Elsewhere, Outlook, outlook
from flowrack.allocation.tests.test_rules_decide import TODAY, claim, pool, some_claims, some_pools, some_rules
from flowrack.allocation.types_rules import RuleSet


def po(number: int, days: int, units: int, *, item: int = 1) -> Coming:
    return Coming("po", number, f"PO-{number}", "Bolt", item, TODAY + timedelta(days=days), units)


def looked(claims, pools, line: int = 1, *, coming=(), elsewhere=(), promised=(), rules=None, **more) -> Outlook:
    inputs = Inputs(TODAY, list(claims), list(pools), **more)
    return outlook(rules or RuleSet(), inputs, line, coming, elsewhere, promised)


def brings(found: Outlook) -> list[tuple[str, int]]:
    return [(one.name, one.units) for one in found.arrivals]


def test_a_delivery_that_goes_to_those_before_brings_nothing_and_is_named_as_that():
    claims = [claim(1, 40), claim(2, 40, tier="A")]
    found = looked(claims, [], coming=[po(7, 3, 40), po(10, 6, 20)])
    assert brings(found) == [("PO-10", 20)]
    assert [one.name for one in found.in_vain] == ["PO-7"]
    assert (found.wanted, found.now, found.expected, found.complete_on) == (40, 0, 20, None)


def test_what_is_left_of_a_delivery_is_counted_and_the_last_day_told():
    claims = [claim(1, 40), claim(2, 28, tier="A")]
    found = looked(claims, [], coming=[po(10, 6, 30), po(7, 3, 40)])
    assert brings(found) == [("PO-7", 12), ("PO-10", 28)]
    assert found.complete_on == TODAY + timedelta(days=6)
    assert [(one.number, line, units) for one, line, units in found.expected_by] == [
        ("PO-7", 2, 28), ("PO-7", 1, 12), ("PO-10", 1, 28),
    ]  # fmt: skip


def test_what_a_run_would_give_now_is_told_first():
    assert looked([claim(1, 40)], [pool(1, 25)]).now == 25


def test_a_complete_order_is_complete_when_its_last_item_comes():
    claims = [claim(1, 10, order=5, policy="complete"), claim(2, 20, item=2, order=5, policy="complete")]
    found = looked(claims, [pool(1, 10)], coming=[po(7, 3, 8, item=2), po(9, 9, 30, item=2)])
    assert brings(found) == [("PO-9", 10)]
    assert found.complete_on == TODAY + timedelta(days=9)
    assert [(one.kind, one.units) for one in found.ways] == [("split", 10), ("sooner", 10)]


def test_a_promise_is_only_taken_back_where_this_line_would_get_it():
    claims = [claim(1, 40), claim(2, 0, tier="C"), claim(3, 30, tier="A")]
    held = [(Holding(2, 1, 20), pool(1, 0))]
    assert [one.kind for one in looked(claims, [], promised=held).ways] == ["buy"]
    claims[2] = claim(3, 5, tier="A")
    found = looked(claims, [], promised=held)
    assert [(one.kind, one.id, one.units) for one in found.ways] == [("promise", 2, 15)]


def test_blocked_stock_and_other_sites_are_tried_in_rank():
    claims = [claim(1, 40), claim(2, 12, tier="A")]
    places = [Elsewhere("mend", 1, "L1", "12 on hold", 12), Elsewhere("site", 2, "LDS", "", 20)]
    found = looked(claims, [], elsewhere=places)
    assert [(one.kind, one.units) for one in found.ways] == [("site", 8)]
    assert [one.name for one in found.in_vain] == ["L1"]


def test_a_shorter_life_is_offered_where_it_gives_units():
    found = looked([claim(1, 10, life=60)], [pool(1, 6, days=30)])
    assert [(one.kind, one.units) for one in found.ways] == [("life", 6)]


def test_a_delivery_after_the_wanted_day_is_tried_on_that_day():
    found = looked([claim(1, 40, days=4)], [], coming=[po(7, 9, 12)])
    way, bought = found.ways
    assert (way.kind, way.name, way.units, way.on) == ("sooner", "PO-7", 12, TODAY + timedelta(days=4))
    assert (bought.kind, bought.units, bought.offered) == ("buy", 28, 28)


def test_what_must_be_bought_covers_those_before_it_too():
    [way] = looked([claim(1, 6), claim(2, 24, tier="A")], []).ways
    assert (way.kind, way.units, way.offered) == ("buy", 6, 30)
    [way] = looked([claim(1, 6), claim(2, 24, tier="C")], []).ways
    assert (way.units, way.offered) == (6, 6)


def test_the_rest_of_a_delivery_is_told_by_who_gets_it():
    """72 go to orders before, 9 to ours, 9 to one behind; a quote keeps 40, and what nobody wants is free."""
    quote = Beside(claim(-5, 40, tier="B")._replace(order_id=0, number="QT-1", promised_on=TODAY + timedelta(days=3)))
    claims = [claim(1, 9), claim(2, 72, tier="A"), claim(3, 9, tier="C")]
    found = looked(claims, [], coming=[po(7, 3, 162)], beside=[quote])
    [one] = found.arrivals
    assert (one.units, one.rest) == (9, Rest(before=72, behind=9, quotes=40, free=32))
    assert [(c.number, q.number, units) for c, q, units in found.quoted] == [("PO-7", "QT-1", 40)]


def test_a_quote_stays_with_the_latest_delivery_that_meets_its_day():
    quotes = [
        Beside(claim(-n, units)._replace(order_id=0, number=f"QT-{n}", promised_on=TODAY + timedelta(days=days)))
        for n, units, days in ((5, 8, 4), (9, 30, 7))
    ]
    comes = [po(7, 3, 10), po(8, 6, 32), po(9, 20, 90)]
    known = [Supply(1, one.on, one.units, number=one.number) for one in comes]
    inputs = Inputs(TODAY, [claim(1, 5, tier="C")], [], coming=known, beside=quotes)
    found = outlook(RuleSet(), inputs, 1, comes)
    told = [(c.number, q.number, units) for c, q, units in found.quoted]
    assert told == [("PO-7", "QT-5", 8), ("PO-8", "QT-9", 30)]
    assert brings(found) == [("PO-7", 2), ("PO-8", 2), ("PO-9", 1)]


def whole(units: int, found_here: int, **more) -> Outlook:
    """Line 1 of a complete order has its 48 here; line 2 finds so many of 36."""
    claims = [claim(1, 48, order=5, policy="complete"), claim(2, 36, item=2, order=5, policy="complete")]
    return looked(claims, [pool(1, 151), pool(2, found_here, item=2)], elsewhere=[
        Elsewhere("site", 2, "LDS", "", 48, item_id=1), Elsewhere("site", 2, "LDS", "", units, item_id=2, sku="21244"),
    ], **more)  # fmt: skip


def test_a_complete_order_is_sent_what_its_other_line_lacks_and_no_more():
    found = whole(24, 31)
    assert [(w.kind, w.sku, w.offered, w.units) for w in found.ways if w.kind == "site"] == [("site", "21244", 5, 48)]
    assert found.in_vain == []
    other = whole(24, 31, line=2)
    assert [(w.sku, w.offered, w.units) for w in other.ways if w.kind == "site"] == [("21244", 5, 36)]


def test_what_does_not_complete_the_order_is_named_with_that_reason():
    found = whole(4, 31)
    assert [(one.sku, one.why) for one in found.in_vain] == [("21244", "other")]
    assert [(one.sku, one.why) for one in whole(4, 31, line=2).in_vain] == [("21244", "whole")]


def test_items_that_only_together_complete_an_order_are_sent_together():
    claims = [claim(n, 10, item=n, order=5, policy="complete") for n in (1, 2)]
    places = [Elsewhere("site", 2, "LDS", "", 90, item_id=n, sku=f"S{n}") for n in (1, 2)]
    found = looked(claims, [pool(1, 4), pool(2, 7, item=2)], elsewhere=places)
    sent = [(w.sku, w.offered, w.units, w.note) for w in found.ways if w.kind == "site"]
    assert sent == [("S1", 6, 10, "together"), ("S2", 3, 10, "together")]


def test_a_transfer_brings_what_is_lacking_and_what_those_before_get_first():
    claims = [claim(1, 40), claim(2, 12, tier="A")]
    [way] = looked(claims, [pool(1, 15)], elsewhere=[Elsewhere("site", 2, "LDS", "", 500)]).ways[:1]
    assert (way.units, way.offered) == (37, 37)
    [way] = looked(claims, [], elsewhere=[Elsewhere("site", 2, "LDS", "", 500)]).ways[:1]
    assert (way.units, way.offered) == (40, 52)


def test_a_line_that_wants_nothing_has_no_advice():
    assert looked([claim(1, 0)], [pool(1, 9)], coming=[po(7, 3, 40)]) == Outlook(0)
    covered = looked([claim(1, 9)], [pool(1, 9)], coming=[po(7, 3, 40)], elsewhere=[Elsewhere("site", 2, "LDS", "", 9)])
    assert (covered.now, covered.arrivals, covered.ways, covered.in_vain) == (9, [], [], [])


@given(claims=some_claims, pools=some_pools, rules=some_rules, units=st.integers(1, 60))
def test_a_second_run_over_what_the_first_left_gives_nothing_that_is_not_there(claims, pools, rules, units):
    inputs = Inputs(TODAY, claims, pools)
    left = after(inputs, decide(rules, inputs))
    assert all(claim.units >= 0 for claim in left.claims) and all(pool.free >= 0 for pool in left.pools)
    for line in claims[:2]:
        found = outlook(rules, inputs, line.line_id, [po(1, 2, units, item=line.item_id)])
        assert 0 <= found.expected <= line.units
        assert all(one.units > 0 for one in [*found.arrivals, *found.ways])


def test_a_site_is_asked_only_for_what_comes_no_sooner_anyway():
    """100 wait, 46 come tomorrow and the rest in nine days: a site that can have its units here in two days helps with
    54 of them, and one that needs nine with none."""
    comes = [po(7, 1, 46), po(8, 9, 200)]
    near = Elsewhere("site", 2, "LDS", "", 80, on=TODAY + timedelta(days=2))
    far = Elsewhere("site", 3, "MAN", "", 80, on=TODAY + timedelta(days=9))
    found = looked([claim(1, 100)], [], coming=comes, elsewhere=[far, near])
    assert [(one.name, one.units, one.offered) for one in found.ways if one.kind == "site"] == [("LDS", 54, 54)]
    assert [(one.name, one.why) for one in found.in_vain] == [("MAN", "served")]


def test_what_comes_first_for_those_before_leaves_the_site_something_to_send():
    claims = [claim(1, 40), claim(2, 46, tier="A")]
    near = Elsewhere("site", 2, "LDS", "", 80, on=TODAY + timedelta(days=2))
    found = looked(claims, [], coming=[po(7, 1, 46), po(8, 9, 200)], elsewhere=[near])
    assert [(one.name, one.units, one.offered) for one in found.ways if one.kind == "site"] == [("LDS", 40, 40)]
