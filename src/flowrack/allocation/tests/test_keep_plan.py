"""keep_plan: a full run by the best total value serves what a solver found to be worth more; promised days are kept."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, EVE, ctx

from flowrack.allocation import commands_runs, queries_best, queries_certificates
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import RuleSet
from flowrack.allocation.types_runs import AllocateItems, KeepPlan, NoSuchRun, StartRun
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, jobs, sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
BY_BEST = RuleSet(full_runs="best")


def seven_for_ten(rules: RuleSet = BY_BEST) -> tuple[int, int, dict[str, int]]:
    """7 there; 4 are wanted first, and 6 by one who takes a line only whole; the site, the item and the lines."""
    at = outbound.house()
    if rules != RuleSet():
        rulebook.in_force(at.site, rules)
    item = outbound.item("4711")
    sql.execute("UPDATE catalog_item SET list_price = 2.50 WHERE id = %s", (item,))
    outbound.customer("PART")
    outbound.customer("WHOLE", policy="line")
    lines = {
        who: outbound.order(at.site, who, ("4711", units)).line_ids[0] for who, units in (("PART", 4), ("WHOLE", 6))
    }
    outbound.receive(at, item, 7, "1")
    return at.site, item, lines


def got(lines: dict[str, int]) -> dict[str, int]:
    found = dict(sql.fetch_all("SELECT id, allocated_units FROM sales_orderline"))
    return {who: found[line_id] for who, line_id in lines.items()}


def full_run(site: int) -> int:
    run = commands_runs.start_run(ctx(ADA), StartRun(site))
    assert jobs.run_next() == run.job_id
    return run.run_id


@pytest.mark.parametrize(
    ("rules", "units", "plans"),
    [(RuleSet(), {"PART": 4, "WHOLE": 0}, []), (BY_BEST, {"PART": 1, "WHOLE": 6}, [(1, 2, 0, 2_000, 3_500)])],
    ids=["rank", "best"],
)
def test_a_full_run_goes_by_rank_or_by_the_best_total_value(
    rules: RuleSet, units: dict[str, int], plans: list[tuple[int, ...]]
):
    site, _, lines = seven_for_ten(rules)
    run_id = full_run(site)
    assert got(lines) == units
    kept = "SELECT part, lines, unsolved, worth_by_rank, worth FROM allocation_runplan WHERE run_id = %s"
    assert sql.fetch_all(kept, (run_id,)) == plans
    replayed = queries_certificates.replay_run(run_id)
    assert (replayed.lines, replayed.identical_lines) == (2, 2)
    assert not verify()


def test_who_stands_back_is_told_why():
    site, _, lines = seven_for_ten()
    full_run(site)
    assert decisions.why(f"sales.line:{lines['PART']}")[0].sentence == (
        "1 of 4 reserved, 3 wait: this full run went by the best total value, and what was free serves more of it with"
        " others."
    )


def test_a_promised_day_is_kept_whatever_is_worth_more():
    site, _, lines = seven_for_ten()
    sql.execute(
        "UPDATE sales_orderline SET promised_on = %s, first_promised_on = %s WHERE id = %s",
        (date(2026, 3, 4), date(2026, 3, 4), lines["PART"]),
    )
    full_run(site)
    assert got(lines) == {"PART": 4, "WHOLE": 0}


def test_a_run_that_begins_again_finds_no_second_plan():
    site, item, lines = seven_for_ten()
    run = commands_runs.start_run(ctx(ADA), StartRun(site))
    stands_back = KeepPlan(run.run_id, 1, site, 2, 1, 0, 2_000, 3_500, [lines["PART"]], [1])
    assert commands_runs.keep_plan(ctx(ADA), stands_back).lines == 1
    assert queries_best.planned_parts(run.run_id) == {(1, site)}
    assert jobs.run_next() == run.job_id
    assert got(lines) == {"PART": 1, "WHOLE": 6}
    assert sql.fetch_value("SELECT count(*) FROM allocation_runplan") == 1
    assert commands_runs.allocate_items(ctx(ADA), AllocateItems(site, [item])).units == 0


def test_a_plan_for_a_run_that_is_not_there_or_by_an_outsider_is_refused():
    site, _, lines = seven_for_ten()
    plan = KeepPlan(999_999, 1, site, 2, 1, 0, 0, 0, [lines["PART"]], [1])
    with pytest.raises(NoSuchRun):
        commands_runs.keep_plan(ctx(ADA), plan)
    with pytest.raises(NotPermitted):
        commands_runs.keep_plan(ctx(EVE), plan)
    assert not sql.fetch_value("SELECT count(*) FROM allocation_runaim")
