"""Two versions of the allocation rules are activated at once: one decides from then on, and the other hears of it."""

from __future__ import annotations

import threading

import pytest

from flowrack.allocation import commands_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ActivateRuleSet, ApplyRuleSet, RuleSet, RuleSetSaved
from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import Busy, FlowrackError
from tests import outbound
from tests.cast import LOU, MAY, NOW, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Two versions for a site, asked for in the place of the shipped rules, and approved before either is applied."""

    def __init__(self) -> None:
        self.site = outbound.house().site
        self.ids = [rulebook.draft(self.site, RuleSet(horizon_days=days)).rule_set_id for days in (5, 6)]
        for rule_set_id in self.ids:
            commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(rule_set_id, 0, rulebook.UNTRIED))
        self.asked = sql.fetch_all("SELECT id, content_hash FROM approvals_request ORDER BY id")
        approvals.decide(ctx(LOU), Decide([Seen(*row) for row in self.asked], "approve"))
        self.contexts = [context_for_system(NOW, f"apply-{n}") for n in (0, 1)]

    def apply_together(self) -> list[object]:
        """Both are told at once that they were approved."""

        def apply(n: int) -> RuleSetSaved:
            req = ApplyRuleSet(self.ids[n], "approved", self.asked[n][1])
            return commands_rules.apply_rule_set(self.contexts[n], req)

        return at_the_same_time([lambda: apply(0), lambda: apply(1)])

    def states(self) -> list[str]:
        return sorted(rulebook.state(rule_set_id) for rule_set_id in self.ids)


def test_without_the_lock_both_believe_to_follow_the_shipped_rules(monkeypatch):
    """The set-up catches the race: both look before either writes, and the database throws one out."""
    scene = Scene()
    both_have_looked = threading.Barrier(2, timeout=20)
    activate = commands_rules._activate
    believed: list[int] = []

    def late(ctx, row, before):
        believed.append(before.rule_set_id)
        if len(believed) <= 2:
            both_have_looked.wait()
        return activate(ctx, row, before)

    monkeypatch.setattr(commands_rules.locks, "rule_sets", lambda site_id: {})
    monkeypatch.setattr(commands_rules, "_activate", late)
    outcomes = scene.apply_together()
    assert sum(isinstance(one, Busy) for one in outcomes) == 1, outcomes
    assert believed[:2] == [0, 0]
    assert scene.states().count("active") == 1


def test_two_versions_at_once_leave_one_in_force_and_one_draft():
    scene = Scene()
    outcomes = scene.apply_together()
    assert not any(isinstance(one, FlowrackError) for one in outcomes), outcomes
    assert scene.states() == ["active", "draft"]
    said = sql.fetch_value("SELECT count(*) FROM allocation_rulesetversion WHERE state = 'active'")
    assert said == 1
