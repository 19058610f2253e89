"""try_rule_set: a draft on today's orders beside what is promised and the rules in force; nothing is promised by it."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.allocation import commands_trials, queries_trials, queries_try
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet, RuleSetNotDraft
from flowrack.allocation.types_trials import DRAFT, HELD, PRESENT, TryRuleSet
from flowrack.platform import jobs, sql
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)

C_FIRST = RuleSet(classes=(ClassRule("C first", tiers=("C",)), ClassRule("Nobody", tiers=("B",)), ClassRule("Rest")))


def short() -> outbound.House:
    """Ten units; the C order holds six of them, and two orders that want eight each."""
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 6, "1")
    orders = []
    for code, tier in (("SMALL", "C"), ("BIG", "A")):
        outbound.customer(code, tier=tier)
        orders.append(outbound.order(at.site, code, ("4711", 8)))
        if tier == "C":
            outbound.allocate(at.site, *orders)
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item WHERE sku = '4711'"), 4, "1")
    return at


def promises() -> list[int]:
    """The units that the ledger has committed."""
    return [row[0] for row in sql.fetch_all("SELECT units FROM ledger_commitment ORDER BY id")]


def given(trial_id: int, side: str) -> dict[str, tuple[int, int]]:
    """Units wanted and given of each tier."""
    return {one.tier: (one.units, one.units_left) for one in queries_trials.figures_of(trial_id) if one.side == side}


def test_what_is_promised_the_rules_in_force_and_the_draft_stand_side_by_side():
    at = short()
    saved = rulebook.draft(at.site, C_FIRST)
    before = promises()
    done = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    assert given(done.trial_id, HELD) == {"A": (8, 0), "C": (8, 6), "": (16, 6)}
    assert given(done.trial_id, PRESENT) == {"A": (8, 8), "C": (8, 2), "": (16, 10)}
    assert given(done.trial_id, DRAFT) == {"A": (8, 2), "C": (8, 8), "": (16, 10)}
    row = queries_trials.trial(done.trial_id)
    assert (row.state, row.lines, row.open_lines, row.lines_gain, row.lines_lose, row.units_moved) == (
        "done", 2, 2, 1, 1, 6,
    )  # fmt: skip
    assert row.warnings == ["Class “Nobody” matches none of 2 open lines."]
    assert [(one.tier, one.held, one.before, one.after) for one in queries_trials.lines_of(row.id)] == [
        ("C", 6, 2, 8),
        ("A", 0, 8, 2),
    ]
    assert promises() == before == [6]


def test_rules_of_the_company_are_tried_at_every_site_that_has_none_of_its_own():
    at = short()
    other = outbound.house("W2")
    rulebook.in_force(other.site, RuleSet(horizon_days=5))
    third = outbound.house("W3")
    company = rulebook.draft(0, C_FIRST)
    done = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(company.rule_set_id))
    assert queries_trials.trial(done.trial_id).site_ids == [at.site, third.site]
    one = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(company.rule_set_id, third.site))
    assert queries_trials.trial(one.trial_id).lines == 0
    with pytest.raises(NotFound, match="would not count at this site"):
        commands_trials.try_rule_set(ctx(MAY), TryRuleSet(company.rule_set_id, other.site))


def test_many_lines_are_tried_by_a_job(monkeypatch):
    at = short()
    monkeypatch.setattr(queries_try, "MOST_AT_ONCE", 1)
    saved = rulebook.draft(at.site, C_FIRST)
    begun = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    assert begun.job_id and queries_trials.trial(begun.trial_id).state == "queued"
    jobs.run_next()
    assert queries_trials.trial(begun.trial_id).state == "done"
    assert given(begun.trial_id, DRAFT)["C"] == (8, 8)


def test_a_job_does_not_try_a_draft_that_was_changed_after_it_was_asked(monkeypatch):
    at = short()
    monkeypatch.setattr(queries_try, "MOST_AT_ONCE", 1)
    saved = rulebook.draft(at.site, C_FIRST)
    begun = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    rulebook.draft(at.site, RuleSet(horizon_days=5), rule_set_id=saved.rule_set_id)
    jobs.run_next()
    assert queries_trials.trial(begun.trial_id).state == "failed"


def test_only_drafts_are_tried_by_who_writes_rules():
    at = short()
    active = rulebook.in_force(at.site, C_FIRST)
    with pytest.raises(RuleSetNotDraft):
        commands_trials.try_rule_set(ctx(MAY), TryRuleSet(active))
    saved = rulebook.draft(at.site, C_FIRST)
    with pytest.raises(NotPermitted):
        commands_trials.try_rule_set(ctx(EVE), TryRuleSet(saved.rule_set_id))
    assert not sql.fetch_value("SELECT count(*) FROM allocation_ruletrial")


def test_items_of_one_complete_order_are_tried_together(monkeypatch):
    monkeypatch.setattr(queries_try, "BATCH", 1)
    at = outbound.house()
    outbound.receive(at, outbound.item("1"), 5, "1")
    outbound.item("2")
    outbound.customer("WHOLE", policy="complete")
    outbound.order(at.site, "WHOLE", ("1", 5), ("2", 5))
    saved = rulebook.draft(at.site, C_FIRST)
    done = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    assert given(done.trial_id, PRESENT)[""] == (10, 0)
