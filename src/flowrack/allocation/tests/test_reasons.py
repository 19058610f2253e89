"""The sentence of each case in which a line gets everything, something or nothing. No database."""

from __future__ import annotations

from datetime import date

import pytest

from flowrack.allocation import reasons
from flowrack.allocation.reasons import Ground, Rival, Words
from flowrack.allocation.rules_certificates import NO_CONTEXT, Context
from flowrack.allocation.rules_decide import Inputs, decide
from flowrack.allocation.rules_offered import LotWish
from flowrack.allocation.rules_told import with_rivals
from flowrack.allocation.tests.test_rules_decide import TODAY, claim, pool
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet

COMING = {1: "PO-1007 brings 40 on 14 Mar, PO-1010 brings 5 on 20 Mar"}
SINCE = date(2026, 3, 2)


def grounds(claims, pools, *, rules: RuleSet | None = None, told: Context = NO_CONTEXT, **more) -> dict[int, Ground]:
    rule_set = rules or RuleSet()
    decision = decide(rule_set, Inputs(TODAY, claims, pools, **more))
    return {g.share.claim.line_id: g for g in with_rivals(decision, told, rule_set, TODAY)}


def said(claims, pools, line: int = 1, *, words: Words | None = None, **more) -> str:
    return reasons.sentence(grounds(claims, pools, **more)[line], words or Words())


def test_all_is_reserved_from_its_lots_each_named_once():
    assert said([claim(1, 8)], [pool(1, 8, days=9)]) == "All 8 reserved from lot L1."


def test_what_was_reserved_before_is_not_counted_again():
    words = Words(ordered={1: 40})
    assert said([claim(1, 10)], [pool(1, 10)], words=words) == "The last 10 of 40 reserved from lot L1."
    assert (
        said([claim(1, 10)], [], words=words) == "The last 10 of 40 wait: no more free stock of this item at the site."
    )
    assert said([claim(1, 10)], [pool(1, 4)], words=words).startswith("4 of the last 10 reserved, 6 wait: ")


def test_who_ranks_higher_is_named_with_the_units_and_what_is_on_order():
    claims = [claim(1, 40), claim(2, 30, tier="A")]
    assert said(claims, [pool(1, 40)], words=Words(incoming=COMING)) == (
        "10 of 40 reserved, 30 wait: SO-2 (tier A) ranks higher and got 30; PO-1007 brings 40 on 14 Mar."
    )


def test_an_order_never_stands_before_itself():
    claims = [claim(1, 40, order=7), claim(2, 30, order=7, tier="A")]
    assert said(claims, [pool(1, 30)]) == "All 40 wait: no more free stock of this item at the site."
    own = Context({1: [Rival("SO-7", "B", 18, SINCE)]}, {}, {})
    assert said([claim(1, 40, order=7)], [], told=own) == "All 40 wait: no more free stock of this item at the site."


def test_who_has_the_item_since_earlier_is_named_with_the_day():
    told = Context({1: [Rival("SO-7", "B", 18, SINCE), Rival("SO-9", "C", 4, date(2026, 3, 4))]}, {}, {})
    assert said([claim(1, 40)], [], told=told) == (
        "All 40 wait: no more free stock of this item at the site; SO-7 (tier B) has 18 since 2 Mar."
    )


def test_a_complete_order_names_the_line_that_lacks_units_and_what_is_on_order():
    claims = [claim(1, 10, order=5, policy="complete"), claim(2, 20, item=2, order=5, policy="complete")]
    pools = [pool(1, 10), pool(2, 8, item=2)]
    words = Words(codes={2: "22569"}, incoming={2: "PO-1007 brings 40 on 14 Mar"})
    assert said(claims, pools, words=words) == (
        "All 10 wait: this customer takes one complete delivery, and line 2, item 22569, has 12 of 20 missing; "
        "PO-1007 brings 40 on 14 Mar."
    )
    assert said(claims, pools, 2, words=words) == (
        "All 20 wait: this customer takes one complete delivery, and 12 of 20 are missing; PO-1007 brings 40 on 14 Mar."
    )
    first = grounds(claims, pools)[1]
    assert reasons.detail(first)["lacking"] == [[2, 12]]
    assert reasons.detail(first)["change"] == ["split the order: 10 of 10"]


def test_a_complete_order_says_how_many_more_lines_lack_units():
    claims = [claim(n, 10, item=n, order=5, policy="complete") for n in (1, 2, 3)]
    assert said(claims, [pool(1, 10)]) == (
        "All 10 wait: this customer takes one complete delivery, and line 2 has 10 of 10 missing, and 1 more line too."
    )


def test_a_whole_line_says_how_many_are_free():
    assert said([claim(1, 10, policy="line")], [pool(1, 8)], words=Words(incoming=COMING)) == (
        "All 10 wait: this customer takes a line only whole, and 8 of 10 are free; PO-1007 brings 40 on 14 Mar."
    )


def test_a_lot_that_was_passed_over_is_named_though_others_gave_something():
    pools = [pool(1, 5, days=90), pool(2, 30, days=45)]
    assert said([claim(1, 10, life=60)], pools) == (
        "5 of 10 reserved, 5 wait: lot L2 has 45 days left, this customer needs 60."
    )
    assert reasons.detail(grounds([claim(1, 10, life=60)], pools)[1])["change"] == ["accept a shorter life: 5 more"]


def test_a_lot_that_the_customer_had_is_named():
    lots = {1: LotWish("new", (1,))}
    assert said([claim(1, 10)], [pool(1, 10)], lots=lots) == (
        "All 10 wait: the customer had lot L1 before and takes no lot twice."
    )


def test_the_only_lot_that_will_do_is_named():
    wish = claim(1, 10)._replace(lot="L9")
    assert said([wish], [pool(1, 10)]) == (
        "All 10 wait: no more free stock of lot L9, the only one that will do, at the site."
    )


def test_what_is_held_is_named():
    words = Words(held={1: ("H-4", "50 are held by H-4 (torn seals)")})
    assert said([claim(1, 10)], [], words=words) == (
        "All 10 wait: no more free stock of this item at the site; 50 are held by H-4 (torn seals)."
    )
    assert reasons.detail(grounds([claim(1, 10)], [])[1], words)["change"] == ["decide on H-4"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            RuleSet(horizon_days=7),
            "it is wanted on 3 Jun, and stock is promised 7 days before, from 27 May on.",
        ),
        (
            RuleSet(classes=(ClassRule("Later", "hold"),)),
            "its class “Later” gets nothing new.",
        ),
        (
            RuleSet(classes=(ClassRule("Gone", "release"),)),
            "its class “Gone” gives up what it has.",
        ),
        (
            RuleSet(quotas=(Quota("Clinics", "protect", 100, tiers=("A",), ends_on=date(2026, 6, 1)),)),
            "what is free is kept for “Clinics”, until 1 Jun.",
        ),
        (
            RuleSet(quotas=(Quota("Web", "limit", 0, tiers=("B",)),)),
            "“Web” lets these orders have at most 0 % of the item, and they have it.",
        ),
    ],
)
def test_what_the_rules_forbid_is_told_with_its_number_and_its_end(rules, expected):
    assert said([claim(1, 10, days=20)], [pool(1, 10)], rules=rules) == f"All 10 wait: {expected}"


def test_the_cap_of_one_customer_is_told():
    rules = RuleSet(fairness_percent=40)
    claims = [claim(1, 10, customer=1), claim(2, 10, customer=2)]
    assert said(claims, [pool(1, 10)], rules=rules) == (
        "6 of 10 reserved, 4 wait: others wait too, and one customer gets at most 40 % of what is free."
    )
    assert said(claims, [pool(1, 10)], 2, rules=rules) == (
        "4 of 10 reserved, 6 wait: SO-1 (tier B) ranks higher and got 6."
    )
