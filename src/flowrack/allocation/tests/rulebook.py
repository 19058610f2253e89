"""Builders for tests of the allocation rules: a rule set in force in one line."""

from __future__ import annotations

from tests.cast import LOU, MAY, ctx

from flowrack.allocation import commands_rules
from flowrack.allocation.types_rules import ActivateRuleSet, RuleSet, RuleSetSaved, WriteRuleSet
from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.platform import outbox, sql

UNTRIED = "there is nothing to try them on"


def draft(site_id: int, rules: RuleSet, *, name: str = "Rules", rule_set_id: int = 0) -> RuleSetSaved:
    """May writes rules, or changes a draft."""
    return commands_rules.write_rule_set(ctx(MAY), WriteRuleSet(site_id, name, rules, rule_set_id=rule_set_id))


def decide(verdict: str = "approve") -> None:
    """Lou decides on all that waits, and the outbox is delivered."""
    rows = sql.fetch_all("SELECT id, content_hash FROM approvals_request WHERE state = 'waiting' ORDER BY id")
    approvals.decide(
        ctx(LOU), Decide([Seen(*row) for row in rows], verdict, reason="" if verdict == "approve" else "no")
    )
    outbox.drain()


def in_force(site_id: int, rules: RuleSet) -> int:
    """Rules that May wrote and Lou approved; the id of the version."""
    current = sql.fetch_value(
        "SELECT id FROM allocation_rulesetversion WHERE state = 'active' AND coalesce(site_id, 0) = %s",
        (site_id,),
    )
    saved = draft(site_id, rules)
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, current or 0, UNTRIED))
    decide()
    assert state(saved.rule_set_id) == "active"
    return saved.rule_set_id


def state(rule_set_id: int) -> str:
    """The state of a version."""
    return str(sql.fetch_value("SELECT state FROM allocation_rulesetversion WHERE id = %s", (rule_set_id,)))
