"""end_rule_set: a draft is dropped, the version in force ends and the rules behind it count again."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import LOU, MAY, ctx

from flowrack.allocation import commands_rules, queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ActivateRuleSet, EndRuleSet, RuleSet, RuleSetNotDraft
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_rules_behind_an_ended_version_count_again():
    at = outbound.house()
    company, own = rulebook.in_force(0, RuleSet(horizon_days=9)), rulebook.in_force(at.site, RuleSet(horizon_days=5))
    with pytest.raises(NotPermitted):
        commands_rules.end_rule_set(ctx(MAY), EndRuleSet(own, "too narrow"))
    done = commands_rules.end_rule_set(ctx(LOU), EndRuleSet(own, "too narrow"))
    assert done.state == "ended"
    assert queries_rules.in_force(at.site).rule_set_id == company
    with pytest.raises(RuleSetNotDraft):
        commands_rules.end_rule_set(ctx(LOU), EndRuleSet(own, "again"))


def test_a_dropped_draft_asks_no_more():
    at = outbound.house()
    saved = rulebook.draft(at.site, RuleSet(horizon_days=5))
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, rulebook.UNTRIED))
    assert commands_rules.end_rule_set(ctx(MAY), EndRuleSet(saved.rule_set_id, "no")).state == "dropped"
    assert sql.fetch_value("SELECT state FROM approvals_request") == "voided"
