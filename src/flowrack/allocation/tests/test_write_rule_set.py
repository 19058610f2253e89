"""write_rule_set: drafts, numbered by site; what makes no sense is refused, what matches nothing is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.allocation import commands_rules, queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import (
    ActivateRuleSet,
    BadRuleSet,
    ClassRule,
    Quota,
    RuleSet,
    RuleSetNotDraft,
    SitePreference,
    SiteRule,
    SupplyRule,
    Weights,
    WriteRuleSet,
)
from flowrack.platform import sql
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)

FULL = RuleSet(
    classes=(
        ClassRule(
            "Key",
            "guarantee",
            tiers=("A",),
            customers=(3,),
            weights=Weights(tier=4, date=3),
            horizon_days=7,
            life_days=60,
        ),
        ClassRule("Rest", wanted_from=0, wanted_to=30, margin_from=-10, margin_to=90, age_from=2),
    ),
    quotas=(Quota("Web", "limit", 20, tiers=("C",)),),
    supply=SupplyRule("fifo", full_packs=True, min_life_days=5),
    fairness_percent=40,
    horizon_days=21,
    date_days=14,
)


def test_a_draft_is_stored_as_it_was_written_and_decides_nothing():
    at = outbound.house()
    saved = rulebook.draft(at.site, FULL)
    assert (saved.version, saved.state) == (1, "draft")
    assert queries_rules.rule_set(saved.rule_set_id).rules == FULL
    assert queries_rules.in_force(at.site) == queries_rules.SHIPPED_RULES
    assert rulebook.draft(at.site, RuleSet()).version == 2
    assert rulebook.draft(0, RuleSet()).version == 1  # the company's


def test_where_orders_ship_from_is_written_for_the_company_alone():
    at = outbound.house()
    near = SitePreference("Coast", (at.site,), customers=(3,), regions=("COAST", "OUTER ISLES"), is_only=True)
    rules = replace(FULL, sites=SiteRule("cheapest", Decimal("12.50"), 2, 3, (near,)))
    saved = rulebook.draft(0, rules)
    row = queries_rules.rule_set(saved.rule_set_id)
    assert row.rules == rules
    digest = sql.fetch_value("SELECT digest FROM allocation_rulesetversion WHERE id = %s", (row.id,))
    assert digest == queries_rules.digest_of(row.rules)
    # What was written before one could say so has the same fingerprint as ever.
    old = "a01bc0861cf40d96045e837621cbe2a4872250a46e86a1a4a0d5476279a5aa59"
    assert queries_rules.digest_of(RuleSet()) == old
    with pytest.raises(BadRuleSet) as refused:
        rulebook.draft(at.site, rules)
    assert [line.field for line in refused.value.lines] == ["site_order"]


def test_a_draft_is_changed_in_place_but_not_a_version_that_decides():
    at = outbound.house()
    saved = rulebook.draft(at.site, FULL)
    again = rulebook.draft(at.site, RuleSet(fairness_percent=10), rule_set_id=saved.rule_set_id)
    assert (again.rule_set_id, again.version) == (saved.rule_set_id, 1)
    active = rulebook.in_force(at.site, RuleSet(horizon_days=3))
    with pytest.raises(RuleSetNotDraft):
        rulebook.draft(at.site, FULL, rule_set_id=active)
    with pytest.raises(NotFound):
        rulebook.draft(0, FULL, rule_set_id=saved.rule_set_id)


def test_a_draft_that_asked_asks_no_more_when_it_is_changed():
    at = outbound.house()
    saved = rulebook.draft(at.site, FULL)
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, rulebook.UNTRIED))
    assert rulebook.draft(at.site, RuleSet(), rule_set_id=saved.rule_set_id).state == "draft"
    assert sql.fetch_value("SELECT state FROM approvals_request") == "voided"


def test_what_contradicts_itself_is_refused_and_nothing_is_written():
    at = outbound.house()
    bad = RuleSet(classes=(ClassRule("All"), ClassRule("Key", "guarantee", tiers=("A",))))
    with pytest.raises(BadRuleSet) as refused:
        rulebook.draft(at.site, bad)
    assert [(line.line, line.field) for line in refused.value.lines] == [(2, "class"), (2, "semantics")]
    with pytest.raises(BadRuleSet):
        commands_rules.write_rule_set(ctx(MAY), WriteRuleSet(at.site, " ", RuleSet()))
    assert not sql.fetch_value("SELECT count(*) FROM allocation_rulesetversion")


def test_a_rule_that_matches_no_open_line_is_told():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer("B1", tier="B")
    outbound.order(at.site, "B1", ("4711", 5))
    rules = RuleSet(classes=(ClassRule("Key", tiers=("A",)), ClassRule("Rest")))
    assert rulebook.draft(at.site, rules).warnings == ["Class “Key” matches none of 1 open lines."]


def test_an_outsider_writes_nothing():
    at = outbound.house()
    with pytest.raises(NotPermitted):
        commands_rules.write_rule_set(ctx(EVE), WriteRuleSet(at.site, "x", RuleSet()))
