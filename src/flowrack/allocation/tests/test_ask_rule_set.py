"""ask_rule_set: somebody else approves, and of two who activate at once one is told."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, LOU, MAY, NOW, ctx, signed_in

from flowrack.allocation import commands_rules, commands_trials, queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ActivateRuleSet, ClassRule, RuleSet, RuleSetMoved, RuleSetNotDraft
from flowrack.allocation.types_trials import RulesNotTried, TryRuleSet
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)

C_FIRST = RuleSet(classes=(ClassRule("C first", tiers=("C",)), ClassRule("Rest")), promises="rank")
TOASTS = ("Approved", "Approved, but v2 is a draft again: v1 came into force meanwhile")


def test_a_version_decides_when_another_person_approved_it():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    for code, tier in (("BIG", "A"), ("SMALL", "C")):
        outbound.customer(code, tier=tier)
        outbound.order(at.site, code, ("4711", 8))
    saved = rulebook.draft(at.site, C_FIRST)
    commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    asked = commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, "no history yet"))
    assert (asked.state, asked.version) == ("asked", 1)
    told = f"On 2 open lines on {NOW.day} {NOW:%b %Y}: 1 would get more, 1 less; 6 units would go to others."
    [[sentence, reason]] = sql.fetch_all("SELECT sentence, reason FROM approvals_request")
    assert sentence.startswith(told)
    assert reason == "Not tried on history as it is now: no history yet"
    assert queries_rules.in_force(at.site).rule_set_id == 0
    rulebook.decide()
    assert queries_rules.in_force(at.site).rules == C_FIRST
    done = outbound.allocate(at.site)
    assert done.units == 10
    assert sql.fetch_all(
        "SELECT o.tier, l.allocated_units FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id ORDER BY 1"
    ) == [("A", 2), ("C", 8)]


def test_what_was_not_tried_as_it_is_is_asked_for_only_with_a_reason():
    at = outbound.house()
    saved = rulebook.draft(at.site, C_FIRST)
    commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    with pytest.raises(RulesNotTried, match="Version 1 was not tried on history as it is now"):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0))
    rulebook.draft(at.site, RuleSet(horizon_days=5), rule_set_id=saved.rule_set_id)
    with pytest.raises(RulesNotTried, match="not tried on today's open orders and history as it is now"):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, "  "))
    assert rulebook.state(saved.rule_set_id) == "draft"
    assert not sql.fetch_value("SELECT count(*) FROM approvals_request")


def test_a_trial_against_other_rules_than_those_in_force_counts_no_more():
    at = outbound.house()
    saved = rulebook.draft(at.site, C_FIRST)
    commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    active = rulebook.in_force(at.site, RuleSet(horizon_days=5))
    with pytest.raises(RulesNotTried, match="today's open orders and history"):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, active))


def test_who_approves_sees_which_rules_match_nothing():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1")
    outbound.customer("SMALL", tier="C")
    outbound.order(at.site, "SMALL", ("4711", 8))
    saved = rulebook.draft(at.site, RuleSet(classes=(ClassRule("Key", tiers=("A",)), ClassRule("Rest"))))
    commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, "no history yet"))
    sentence = sql.fetch_value("SELECT sentence FROM approvals_request")
    assert sentence.endswith("Class “Key” matches none of 1 open lines.")


def test_the_companys_rules_count_where_a_site_has_none():
    at = outbound.house()
    company = rulebook.in_force(0, C_FIRST)
    assert queries_rules.in_force(at.site).rule_set_id == company
    own = rulebook.in_force(at.site, RuleSet(horizon_days=5))
    assert queries_rules.in_force(at.site).rule_set_id == own
    assert rulebook.state(company) == "active"


def test_a_new_version_ends_the_one_before():
    at = outbound.house()
    first = rulebook.in_force(at.site, C_FIRST)
    second = rulebook.in_force(at.site, RuleSet(horizon_days=5))
    assert (rulebook.state(first), rulebook.state(second)) == ("ended", "active")
    assert queries_rules.rule_set(first).ended_reason == "version 2 followed"


def test_who_did_not_see_the_version_in_force_is_refused():
    at = outbound.house()
    mine = rulebook.draft(at.site, C_FIRST)
    rulebook.in_force(at.site, RuleSet(horizon_days=5))
    with pytest.raises(RuleSetMoved, match="Version 2 is in force now"):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(mine.rule_set_id, 0, rulebook.UNTRIED))
    assert rulebook.state(mine.rule_set_id) == "draft"


def test_of_two_that_were_asked_for_at_once_only_one_comes_into_force():
    at = outbound.house()
    first, second = rulebook.draft(at.site, C_FIRST), rulebook.draft(at.site, RuleSet(horizon_days=5))
    for saved in (first, second):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, rulebook.UNTRIED))
    rulebook.decide()
    assert (rulebook.state(first.rule_set_id), rulebook.state(second.rule_set_id)) == ("active", "draft")
    told = sql.fetch_value(
        "SELECT sentence FROM platform_decision WHERE subject = %s ORDER BY id DESC LIMIT 1",
        (f"allocation.rule_set:{second.rule_set_id}",),
    )
    assert told == "Version 2 is a draft again: version 1 came into force meanwhile. Try it against that one."


@pytest.mark.parametrize("is_applied", [True, False])
def test_who_approves_the_second_of_two_is_told_that_it_is_a_draft_again(is_applied):
    at = outbound.house()
    first, second = rulebook.draft(at.site, C_FIRST), rulebook.draft(at.site, RuleSet(horizon_days=5))
    for saved in (first, second):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0, rulebook.UNTRIED))
    toasts, browser = [], signed_in(LOU)
    rows = sql.fetch_all("SELECT id, content_hash FROM approvals_request ORDER BY id")
    for request_id, seen in rows:
        form = {
            "ids": request_id,
            f"hash-{request_id}": seen,
            "verdict": "approve",
            "idempotency_key": f"k{request_id}",
        }
        page = browser.post("/approvals/decide", form, follow=True).content.decode()
        toasts.append([words for words in TOASTS if words in page])
        if is_applied:
            outbox.drain()
    assert toasts == [["Approved"], list(TOASTS)]
    outbox.drain()
    assert (rulebook.state(first.rule_set_id), rulebook.state(second.rule_set_id)) == ("active", "draft")
    said = "Version 2 is a draft again: version 1 came into force meanwhile. Try it against that one."
    shown = [browser.get(f"/approvals?tab=decided&request={row[0]}").content.decode() for row in rows]
    assert [f"<b>Approved, but not done:</b> {said}" in page for page in shown] == [False, True]


def test_what_is_over_or_asked_for_already_is_not_asked_for_again():
    at = outbound.house()
    active = rulebook.in_force(at.site, C_FIRST)
    with pytest.raises(RuleSetNotDraft):
        commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(active, active, rulebook.UNTRIED))
    with pytest.raises(NotPermitted):
        commands_rules.ask_rule_set(ctx(EVE), ActivateRuleSet(active, active, rulebook.UNTRIED))
