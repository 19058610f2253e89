"""Stock that promises need is kept from substitutes, from cross-docks, and from nobody who decides by hand."""

from datetime import date

import pytest
from tests import outbound
from tests.cast import KIM, NOW, PAM, ctx

from flowrack.allocation import commands_substitutes, queries_substitutes
from flowrack.allocation.rules_substitutes import Rejected
from flowrack.allocation.tests import doorside
from flowrack.allocation.types_substitutes import AcceptOffer, NoOffer, SeenPortion
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.platform import decisions, sql
from flowrack.promise.tests import given
from flowrack.promise.tests.test_promises_kept import held

pytestmark = pytest.mark.django_db
MON = date(2026, 3, 2)


def short_of_another(at, units):
    """An order of BEST for an item that is not there; V-200 may be sent instead."""
    outbound.customer("BEST", tier="A")
    outbound.item("P")
    sql.execute("UPDATE parties_customerterms SET substitutes = 'yes'")
    set_substitute(ctx(PAM), SetSubstitute("P", "V-200", needs_consent=False))
    order = outbound.order(at.site, "BEST", ("P", units))
    given.drain()
    line = queries_substitutes.short_line(order.line_ids[0], MON)
    assert line is not None
    return order, queries_substitutes.propose(line, MON, NOW).offers


def test_what_is_kept_for_a_promise_is_not_offered_as_a_substitute():
    at = given.house(20, tier="C")
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    order, found = short_of_another(at, 20)
    assert [(p.edge.sku, p.units) for p in found.a.portions] == [("V-200", 8)]
    assert Rejected("V-200", "", 12, f"are kept for {first.number}, promised for 3 Mar") in found.rejected
    line_id = order.line_ids[0]
    seen = [SeenPortion(given.item_id(), 8)]
    done = commands_substitutes.accept_offer(ctx(KIM), AcceptOffer(line_id, "A", seen))
    assert done.replaced == 8
    outbound.allocate(at.site)
    assert held(first) == [12]


def test_nothing_is_offered_where_all_is_kept_and_the_refusal_says_for_whom():
    at = given.house(12, tier="C")
    first = outbound.order(at.site, "ACME", ("V-200", 12))
    given.drain()
    order, found = short_of_another(at, 20)
    assert found.a.portions == []
    with pytest.raises(NoOffer) as refused:
        commands_substitutes.accept_offer(ctx(KIM), AcceptOffer(order.line_ids[0], "A", []))
    assert f"V-200 : are kept for {first.number}, promised for 3 Mar" in [one.message for one in refused.value.lines]


def test_what_comes_in_time_for_a_promise_leaves_the_stock_to_the_substitute():
    at = given.house(12, tier="C")
    given.po(at, 12, date(2026, 3, 4))  # counts on the 9th, and leaves on the 10th
    outbound.order(at.site, "ACME", ("V-200", 12), on=date(2026, 3, 16))
    given.drain()
    _, found = short_of_another(at, 20)
    assert [(p.edge.sku, p.units) for p in found.a.portions] == [("V-200", 12)]


def promise(order, on):
    """An order was promised a day."""
    sql.execute(
        "UPDATE sales_orderline SET promised_on = %s, first_promised_on = %s WHERE order_id = %s",
        (on, on, order.order_id),
    )


def test_goods_at_the_dock_that_a_promise_needs_are_put_away_and_the_receipt_says_for_whom():
    here = doorside.Scene(min_tier="B")
    cask, bolt, acme = here.orders
    sql.execute("UPDATE sales_orderline SET promised_on = NULL, first_promised_on = NULL")
    promise(cask, date(2026, 3, 5))
    done = here.receive(40)
    assert [row[:2] for row in doorside.told(done)] == [(acme.number, 10), (bolt.number, 5)]
    [said] = [one.sentence for one in decisions.why(f"inbound.line:{done.lines[0].receipt_line_id}")][:1]
    assert said == (
        f"Cross-docked in allocation order: 10 to {acme.number} (tier A), 5 to {bolt.number} (tier B); 25 to put away "
        f"(25 are kept for {cask.number}, promised for 5 Mar)."
    )


def test_a_better_promise_goes_to_the_door_before_one_that_stays_behind():
    here = doorside.Scene(min_tier="B")
    cask, bolt, _ = here.orders
    sql.execute("UPDATE sales_orderline SET promised_on = NULL, first_promised_on = NULL")
    promise(cask, date(2026, 3, 5))
    promise(bolt, date(2026, 3, 5))
    done = here.receive(40)
    assert [row[:2] for row in doorside.told(done)] == [(bolt.number, 20)]
