"""apply_rule_set: what people decided on a draft is done."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import MAY, ctx

from flowrack.allocation import commands_rules, queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ActivateRuleSet, ApplyRuleSet, RuleSet
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rejected_version_is_a_draft_again():
    at = outbound.house()
    saved = rulebook.draft(at.site, RuleSet(horizon_days=5))
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, rulebook.UNTRIED))
    rulebook.decide("reject")
    assert rulebook.state(saved.rule_set_id) == "draft"
    assert queries_rules.in_force(at.site).rule_set_id == 0


def test_only_flowrack_itself_applies_what_was_decided():
    at = outbound.house()
    saved = rulebook.draft(at.site, RuleSet(horizon_days=5))
    with pytest.raises(NotPermitted):
        commands_rules.apply_rule_set(ctx(MAY), ApplyRuleSet(saved.rule_set_id, "approved", ""))
    assert rulebook.state(saved.rule_set_id) == "draft"
