"""replay_rule_set: a draft on the company's own history, by a job, beside the rules in force and what happened."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import EVE, GUS, KIM, LOU, MAY, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_rules, commands_trials, queries_history, queries_replay, queries_trials
from flowrack.allocation.rules_history import simulate
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ActivateRuleSet, ClassRule, RuleSet
from flowrack.allocation.types_trials import DRAFT, HAPPENED, PRESENT, NoHistory, ReplayRuleSet, TryRuleSet
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import Move
from flowrack.platform import jobs, sql
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types import Departure, ShipConfirm

pytestmark = pytest.mark.django_db(transaction=True)

MON = date(2026, 3, 2)
C_FIRST = RuleSet(classes=(ClassRule("C first", tiers=("C",)), ClassRule("Rest")))
LATER = NOW + timedelta(days=7)


def lived() -> outbound.House:
    """Ten units on Monday; the A order got eight of them and left, the C order of the same day got nothing."""
    at = outbound.house()
    item = outbound.item("4711")
    arrived = Move(item, 10, at.virtual("SUPPLIER"), at["forward_pick1"], "receipt", value=Decimal(30))
    ledger.post(context(NOW), [arrived])
    orders = []
    for code, tier in (("BIG", "A"), ("SMALL", "C")):
        outbound.customer(code, tier=tier)
        line = NewLine("4711", Decimal(8), unit_price=Decimal("5"))
        asked = NewOrder(customer=code, site_id=at.site, lines=[line], requested_on=MON + timedelta(days=1))
        orders += sales.enter_orders(ctx(KIM), EnterOrders([asked])).orders
    outbound.allocate(at.site, orders[0])
    outbound.pick_all(outbound.release(at.site, orders[0]))
    outbound.pack(orders[0])
    shipping.ship_confirm(ctx(GUS), ShipConfirm(at.site, [Departure(order_ids=(orders[0].order_id,))]))
    return at


def figures(trial_id: int, side: str) -> dict[str, tuple[int, int, int]]:
    """Units wanted, on time and left of each tier."""
    return {
        one.tier: (one.units, one.units_on_time, one.units_left)
        for one in queries_trials.figures_of(trial_id)
        if one.side == side and one.week is None
    }


def test_history_is_played_by_both_rule_sets_beside_what_happened():
    at = lived()
    saved = rulebook.draft(at.site, C_FIRST)
    begun = commands_trials.replay_rule_set(ctx(MAY, now=LATER), ReplayRuleSet(saved.rule_set_id))
    assert queries_trials.trial(begun.trial_id).state == "queued"
    jobs.run_next()
    row = queries_trials.trial(begun.trial_id)
    assert (row.state, row.first_on, row.last_on, row.lines) == ("done", MON, MON + timedelta(days=6), 2)
    assert figures(row.id, HAPPENED) == {"A": (8, 8, 8), "C": (8, 0, 0), "": (16, 8, 8)}
    assert figures(row.id, PRESENT) == {"A": (8, 8, 8), "C": (8, 2, 2), "": (16, 10, 10)}
    assert figures(row.id, DRAFT) == {"A": (8, 2, 2), "C": (8, 8, 8), "": (16, 10, 10)}
    [late] = [one for one in queries_trials.figures_of(row.id) if (one.side, one.tier, one.week) == (DRAFT, "A", None)]
    assert (late.lines, late.lines_on_time, late.late_days, late.splits) == (
        1,
        0,
        6,
        0,
    )  # to leave on Monday, to be there on Tuesday
    assert (late.value, late.margin) == (Decimal("10.00"), Decimal("4.00"))
    assert row.unknown[-1].startswith("Decisions of people")
    assert not any("no known cost" in sentence for sentence in row.unknown)


def test_what_the_history_holds_is_read_as_it_stood_before_the_first_day():
    at = lived()
    past = queries_history.past_of(at.site, MON + timedelta(days=1), MON + timedelta(days=3)).history
    assert [pool.free for pool in past.pools if pool.free] == [2]
    assert [(line.claim.tier, line.claim.units) for line in past.lines] == [("C", 8)]
    assert past.left == {}
    whole = queries_history.past_of(at.site, MON, MON).history
    assert [pool.free for pool in whole.pools] == [0]
    assert [units for rows in whole.moved.values() for _, units in rows] == [10]
    assert [(line.claim.units, line.claim.margin) for line in whole.lines] == [(8, 40), (8, 40)]
    assert [units for rows in whole.left.values() for _, units in rows] == [8]


def test_tried_on_both_a_draft_is_asked_for_without_a_reason_and_the_approver_reads_what_came_of_it():
    at = lived()
    promise_the_wanted_day()
    saved = rulebook.draft(at.site, C_FIRST)
    commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    commands_trials.replay_rule_set(ctx(MAY, now=LATER), ReplayRuleSet(saved.rule_set_id))
    jobs.run_next()
    commands_rules.ask_rule_set(ctx(MAY), ActivateRuleSet(saved.rule_set_id, 0))
    [[sentence, reason]] = sql.fetch_all("SELECT sentence, reason FROM approvals_request")
    past = "On history, 2 Mar 2026 to 8 Mar 2026"
    assert sentence.endswith(
        f"{past}: 62.5 % of the units leave by their day, with the rules in force 62.5 %; 1 of 2 promises are broken, "
        "with the rules in force 1 of 2."
    )
    assert reason == ""
    shown = [row for row in before_and_after() if row[0] == past]
    assert shown == [
        (past, "Units that leave by their day", "62.5 %", "62.5 %", False),
        (past, "Promises broken", "1 of 2", "1 of 2", False),
        (past, "Backorder days", "6", "6", False),
        (past, "Split shipments", "0", "0", False),
        (past, "Value that left", "£50.00", "£50.00", False),
        (past, "Margin", "£20.00", "£20.00", False),
        (past, "Promises broken, tier A", "0 of 1", "1 of 1", True),
        (past, "Promises broken, tier C", "1 of 1", "0 of 1", False),
    ]
    inbox = signed_in(LOU).get("/approvals").content.decode()
    assert ">Promises broken, tier A<" in inbox and ">Margin<" in inbox and "£0.00" not in inbox


def promise_the_wanted_day() -> None:
    """Customers were told when they ordered that their goods leave on Monday."""
    sql.execute("UPDATE sales_orderline SET first_promised_on = %s, promised_on = %s", (MON, MON))


def before_and_after() -> list[tuple[str, str, str, str, bool]]:
    """What approvers see of the request, in order."""
    return sql.fetch_all(
        "SELECT label, field, before, after, is_exception FROM approvals_requestchange ORDER BY request_id, line_no"
    )


def test_who_asks_sees_the_same_beside_the_rules_in_force_and_that_an_older_trial_counts_no_more():
    at = lived()
    promise_the_wanted_day()
    saved = rulebook.draft(at.site, C_FIRST)
    commands_trials.replay_rule_set(ctx(MAY, now=LATER), ReplayRuleSet(saved.rule_set_id))
    jobs.run_next()
    path = f"/allocation/rules/{saved.rule_set_id}/ask"
    page = signed_in(MAY).get(path).content.decode()
    assert ">Promises broken, tier A<" in page and ">Margin<" in page
    assert "Not tried on today&#x27;s open orders as it is now. Try it, or say why not." in page
    rulebook.draft(at.site, RuleSet(horizon_days=5), rule_set_id=saved.rule_set_id)
    page = signed_in(MAY).get(path).content.decode()
    assert "The trial on history of 9 Mar 2026 was of another text, or against other rules." in page
    assert "Promises broken" not in page


def test_days_without_orders_are_no_history():
    at = lived()
    saved = rulebook.draft(at.site, C_FIRST)
    with pytest.raises(NoHistory, match="No order came"):
        commands_trials.replay_rule_set(ctx(MAY), ReplayRuleSet(saved.rule_set_id))
    req = ReplayRuleSet(saved.rule_set_id, MON + timedelta(days=2), MON)
    with pytest.raises(NoHistory, match="comes after the last"):
        commands_trials.replay_rule_set(ctx(MAY, now=LATER), req)
    with pytest.raises(NotPermitted):
        commands_trials.replay_rule_set(ctx(EVE, now=LATER), ReplayRuleSet(saved.rule_set_id))
    assert not sql.fetch_value("SELECT count(*) FROM platform_job")


def test_a_trial_is_stopped_at_its_next_day_and_keeps_nothing(monkeypatch):
    at = lived()
    saved = rulebook.draft(at.site, C_FIRST)
    begun = commands_trials.replay_rule_set(ctx(MAY, now=LATER), ReplayRuleSet(saved.rule_set_id))
    monkeypatch.setattr(jobs, "PROGRESS_EVERY_SECONDS", 0)

    def asked_to_stop(rules, history, tell):
        jobs.cancel(ctx(MAY).actor_id, begun.job_id)
        return simulate(rules, history, tell)

    monkeypatch.setattr(queries_replay, "simulate", asked_to_stop)
    jobs.run_next()
    assert queries_trials.trial(begun.trial_id).state == "cancelled"
    assert queries_trials.figures_of(begun.trial_id) == []


def test_other_systems_start_trials_and_read_them_margins_for_who_may_see_them(client):
    at = lived()
    saved = rulebook.draft(at.site, C_FIRST)
    url = f"/api/v1/allocation-rules/{saved.rule_set_id}"
    body = {"first_on": "2026-03-02", "last_on": "2026-03-08"}
    today = client.post(f"{url}/trials/today", {}, content_type="application/json", headers=bearer(MAY))
    assert (today.status_code, today.json()["job_id"]) == (201, 0)
    past = client.post(f"{url}/trials/history", body, content_type="application/json", headers=bearer(MAY)).json()
    jobs.run_next()
    assert [row["kind"] for row in client.get(f"{url}/trials", headers=bearer(MAY)).json()] == ["history", "today"]
    found = client.get(f"/api/v1/allocation-trials/{past['trial_id']}", headers=bearer(MAY)).json()
    [all_of_it] = [f for f in found["figures"] if (f["side"], f["tier"], f["week"]) == ("draft", "", None)]
    assert (found["state"], all_of_it["units_left"], Decimal(all_of_it["margin"])) == ("done", 10, Decimal("20"))
    hidden = client.get(f"/api/v1/allocation-trials/{past['trial_id']}", headers=bearer(KIM)).json()
    assert {figure["margin"] for figure in hidden["figures"]} == {None}
    page = signed_in(MAY).get(f"/allocation/rules/trials/{past['trial_id']}").content.decode()
    assert "Margin" in page and "Not in the simulation" in page
    assert "Margin" not in signed_in(KIM).get(f"/allocation/rules/trials/{past['trial_id']}").content.decode()
