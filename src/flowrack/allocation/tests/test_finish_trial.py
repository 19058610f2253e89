"""finish_trial: what a job found is kept once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.allocation import commands_trials, queries_trials
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import RuleSet
from flowrack.allocation.types_trials import FinishTrial, TryRuleSet
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_result_is_kept_once_and_by_who_may():
    at = outbound.house()
    saved = rulebook.draft(at.site, RuleSet(horizon_days=5))
    done = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    again = FinishTrial(done.trial_id, 7, 7, 1, 1, 1)
    with pytest.raises(NotPermitted):
        commands_trials.finish_trial(ctx(EVE), again)
    commands_trials.finish_trial(ctx(MAY), again)
    assert queries_trials.trial(done.trial_id).lines == 0
    with pytest.raises(NotFound):
        commands_trials.finish_trial(ctx(MAY), FinishTrial(done.trial_id + 1, 0, 0, 0, 0, 0))
