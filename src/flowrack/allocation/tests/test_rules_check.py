"""Rule sets that make no sense: every fault and every pair that contradicts, named at once. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from flowrack.allocation.rules_check import faults_of, told_unmatched, unmatched_of
from flowrack.allocation.tests.test_rules_decide import TODAY, claim
from flowrack.allocation.types_rules import (
    ClassRule,
    Quota,
    RuleSet,
    SitePreference,
    SiteRule,
    SupplyRule,
    Weights,
)

JUNE = date(2026, 6, 1)


def faults(**rules: object) -> list[tuple[int, str, str]]:
    return [(f.line, f.field, f.message) for f in faults_of(RuleSet(**rules))]  # type: ignore[arg-type]


def test_the_shipped_rules_have_no_fault():
    assert faults() == []


def test_a_class_that_takes_all_of_a_later_one_is_named_with_it():
    assert faults(classes=(ClassRule("Wide", tiers=("A", "B")), ClassRule("Narrow", tiers=("A",), wanted_to=3))) == [
        (2, "class", "“Wide” takes every order that “Narrow” is for.")
    ]
    assert faults(classes=(ClassRule("Soon", wanted_to=3), ClassRule("Later", tiers=("A",), wanted_to=9))) == []


def test_a_guarantee_behind_another_class_contradicts_it():
    assert faults(classes=(ClassRule("B", tiers=("B",)), ClassRule("A", "guarantee", tiers=("A",)))) == [
        (2, "semantics", "“A” guarantees, but “B” is served before it.")
    ]


@pytest.mark.parametrize(
    ("classes", "quotas", "message"),
    [
        (
            (ClassRule("Web", "hold", tiers=("C",)),),
            (Quota("Kept", "protect", 10, tiers=("C",)),),
            "“Kept” keeps stock for orders to which “Web” gives nothing new.",
        ),
        (
            (ClassRule("Key", "guarantee", tiers=("A",)),),
            (Quota("Cap", "limit", 10, tiers=("A",)),),
            "“Key” guarantees what “Cap” limits to 10 %.",
        ),
        (
            (ClassRule("All"),),
            (Quota("Keeps", "protect", 30, tiers=("A",)), Quota("Lets", "limit", 20, tiers=("A",))),
            "“Keeps” keeps 30 % for orders that “Lets” lets have 20 %.",
        ),
        (
            (ClassRule("All"),),
            (Quota("One", "protect", 60, tiers=("A",)), Quota("Two", "protect", 50, tiers=("B",))),
            "“One” and “Two” together keep 110 % of the same items.",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_named_in_pairs(classes, quotas, message):
    assert [f[2] for f in faults(classes=classes, quotas=quotas)] == [message]


def test_quotas_of_other_times_or_families_do_not_contradict():
    first = Quota("One", "protect", 60, tiers=("A",), ends_on=JUNE)
    assert faults(quotas=(first, Quota("Two", "protect", 60, tiers=("B",), starts_on=JUNE))) == []
    assert (
        faults(
            quotas=(
                Quota("One", "protect", 60, tiers=("A",), families=(1,)),
                Quota("Two", "protect", 60, tiers=("B",), families=(2,)),
            )
        )
        == []
    )


def test_every_bad_field_is_named_in_one_round():
    found = faults(
        classes=(
            ClassRule("", "win", tiers=("Z",), wanted_from=5, wanted_to=3, weights=Weights(age=2_000), horizon_days=-1),
        ),
        quotas=(Quota("Q", "keep", 101, starts_on=JUNE, ends_on=JUNE),),
        fairness_percent=0,
        horizon_days=999,
        date_days=0,
        supply=SupplyRule(order="lifo", min_life_days=-1),
    )
    assert [f[:2] for f in found] == [
        (0, "fairness_percent"), (0, "horizon_days"), (0, "date_days"), (0, "supply"), (0, "min_life_days"),
        (1, "name"), (1, "semantics"), (1, "tiers"), (1, "wanted_from"), (1, "weight_age"), (1, "horizon_days"),
        (2, "kind"), (2, "percent"), (2, "tiers"), (2, "ends_on"),
    ]  # fmt: skip


def test_a_rule_that_matches_nothing_today_is_warned_of():
    rules = RuleSet(
        classes=(ClassRule("Key", tiers=("A",)), ClassRule("Rest")),
        quotas=(Quota("Web", "limit", 10, tiers=("C",)),),
    )
    claims = [claim(1, 5, tier="B"), claim(2, 5, tier="B")]
    assert told_unmatched(rules, unmatched_of(rules, claims, today=TODAY.toordinal()), len(claims)) == [
        "Class “Key” matches none of 2 open lines.", "Quota “Web” is for none of 2 open lines."
    ]  # fmt: skip


def test_preferences_of_sites_hide_no_others_and_numbers_stay_in_range():
    wide, narrow = SitePreference("Coast", (1,), regions=("COAST",)), SitePreference("Chain", (2,), customers=(5,))
    both = SitePreference("Both", (2, 2), customers=(5,), regions=("COAST",))
    assert faults(sites=SiteRule(preferences=(replace(both, sites=(2, 1)), wide, narrow))) == []
    assert faults(sites=SiteRule("far", Decimal(-1), 61, 101, (wide, narrow, both))) == [
        (0, "site_order", "far is no order of sites."),
        (0, "split_cost", "A split costs 0 or more, below a million."),
        (0, "late_days", "A line may be 0 to 60 days late."),
        (0, "late_percent", "A day late costs 0 to 100 % of the price."),
        (4, "sites", "“Both” names a site twice."),
        (4, "preferences", "“Coast” takes every order that “Both” is for."),
        (4, "preferences", "“Chain” takes every order that “Both” is for."),
    ]
