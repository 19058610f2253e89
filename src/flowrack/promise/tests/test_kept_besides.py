"""Stock that promises need is kept from substitutes, from cross-docks, and from nobody who decides by hand."""

import re
from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import ADA, KIM, NOW, PAM, ctx, signed_in

from flowrack.allocation import (
    commands_overrides,
    commands_substitutes,
    queries_cover,
    queries_given,
    queries_overrides,
    queries_substitutes,
)
from flowrack.allocation.rules_overrides import would_miss
from flowrack.allocation.rules_substitutes import Rejected
from flowrack.allocation.tests import doorside
from flowrack.allocation.types_overrides import GiveUnits
from flowrack.allocation.types_substitutes import AcceptOffer, NoOffer, SeenPortion
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.ledger.tests.house import today
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


def gift(at, units, by=12):
    """An order of ACME that was promised 12 for Tuesday, and one of BEST that comes later."""
    outbound.customer("BEST", tier="A")
    first = outbound.order(at.site, "ACME", ("V-200", by))
    given.drain()
    return first, outbound.order(at.site, "BEST", ("V-200", units))


def test_a_gift_by_hand_may_break_a_promise_and_names_who_loses_it():
    at = given.house(20, tier="C")
    first, best = gift(at, 20)
    line = queries_overrides.line_facts(best.line_ids)[best.line_ids[0]]
    seen = queries_given.would_miss(line, 20, 0, MON, NOW)
    assert would_miss(seen) == f"{first.number} would miss 3 Mar: 12 have no cover."
    assert queries_given.would_miss(line, 8, 0, MON, NOW) == []
    done = commands_overrides.give_units(ctx(ADA), GiveUnits(best.line_ids[0], 20, "A fair", MON))
    one = queries_overrides.override_row(done.override_id, NOW)
    assert one is not None
    assert (one.gained, one.lost, one.broken) == (
        20,
        12,
        f"By the rules as shipped they go 12 to {first.number} (tier C), before {best.number}. "
        f"{first.number} misses 3 Mar: 12 have no cover.",
    )
    given.drain()
    assert [(row.order, row.units, row.promised_on, row.reason) for row in queries_cover.exceptions([at.site])] == [
        (
            first.number,
            12,
            date(2026, 3, 3),
            f"{done.number} was decided: 12 units have no cover in time; the promise of 3 Mar cannot hold.",
        )
    ]


def test_a_gift_that_leaves_what_comes_in_time_harms_nobody_and_one_beyond_it_says_when_it_leaves():
    at = given.house(12, tier="C")
    given.po(at, 8, date(2026, 3, 4))  # counts on the 9th, and leaves on the 10th
    outbound.customer("BEST", tier="A")
    first = outbound.order(at.site, "ACME", ("V-200", 12), on=date(2026, 3, 16))
    given.drain()
    supply.approved(at.site, supply.supplier("LATER"), (given.item_id(), 20, "4"), due=date(2026, 3, 20))
    # counts on the 25th, and leaves on the 26th
    best = outbound.order(at.site, "BEST", ("V-200", 12))
    line = queries_overrides.line_facts(best.line_ids)[best.line_ids[0]]
    assert queries_given.would_miss(line, 8, 0, MON, NOW) == []
    assert would_miss(queries_given.would_miss(line, 12, 0, MON, NOW)) == (
        f"{first.number} would miss 13 Mar: 4 leave on 26 Mar."
    )


def test_the_page_shows_first_whose_promise_breaks(client):
    at = given.house(20, tier="C")
    first, best = gift(at, 20)
    browser = signed_in(ADA)
    where = f"/order-lines/{best.line_ids[0]}/give"
    asked = {"units": "20", "from_line_id": "0", "until_on": today().isoformat(), "reason": "A fair"}
    shown = browser.post(where, {**asked, "idempotency_key": "a"})
    page = shown.content.decode()
    assert shown.status_code == 200 and f"{first.number} would miss 3 Mar: 12 have no cover." in page
    assert "Give all the same" in page and held(best) == [0]
    said = re.search(r'name="seen" value="([^"]+)"', page)
    assert said is not None
    assert browser.post(where, {**asked, "seen": said[1], "idempotency_key": "b"}).status_code == 303
    assert held(best) == [20]
