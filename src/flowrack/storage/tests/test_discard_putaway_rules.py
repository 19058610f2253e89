import pytest
from tests.cast import CY, HAL, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands_rules, queries_rules
from flowrack.storage.tests.house import shelves
from flowrack.storage.tests.rule_sets import draft
from flowrack.storage.types_putaway import DiscardPutawayRules, RulesNotDraft

pytestmark = pytest.mark.django_db


def test_a_draft_is_dropped_once_and_by_whoever_may():
    saved = draft(shelves())
    req = DiscardPutawayRules(saved.rule_set_id)
    with pytest.raises(NotPermitted):
        commands_rules.discard_putaway_rules(ctx(CY), req)
    done = commands_rules.discard_putaway_rules(ctx(HAL, "k"), req)
    assert (done.state, done.version) == ("dropped", 1)
    assert commands_rules.discard_putaway_rules(ctx(HAL, "k"), req) == done
    assert queries_rules.rule_set(saved.rule_set_id, [0]).state == "dropped"
    with pytest.raises(RulesNotDraft, match="dropped"):
        commands_rules.discard_putaway_rules(ctx(HAL), req)
