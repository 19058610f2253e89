"""measure_gap: a job finds how far a run, or rules on open orders, are from the best; pages and API show it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import ADA, EVE, MAY, bearer, ctx, signed_in

from flowrack.allocation import commands_gap, queries_gap
from flowrack.allocation.tests import rulebook
from flowrack.allocation.tests.test_keep_plan import full_run, seven_for_ten
from flowrack.allocation.types_gap import MeasureGap, NothingDecided
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.allocation.types_runs import NoSuchRun
from flowrack.platform import jobs, sql
from flowrack.shared.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE_FIRST = RuleSet(classes=(ClassRule("All orders", weights=Weights(whole=10)),))


@pytest.mark.parametrize(
    ("rules", "reached", "percent"),
    [(RuleSet(), 2_000, "42.9"), (RuleSet(full_runs="best"), 3_500, "0.0")],
    ids=["rank", "best"],
)
def test_the_gap_of_a_run_is_found_by_a_job_and_stands_on_its_page(client, rules: RuleSet, reached: int, percent: str):
    """7 there for 4 and, only whole, 6: by rank 4 are given; worth 500 each (2.50, tier B twice)."""
    site, _, _ = seven_for_ten(rules)
    run_id = full_run(site)
    page = f"/allocation/runs/{run_id}"
    assert "not looked at" in signed_in(ADA).get(page).content.decode()
    asked = client.post(
        f"/api/v1/allocation-runs/{run_id}/optimum-gaps", headers={**bearer(ADA), "Idempotency-Key": "gap"}
    )
    assert asked.status_code == 202
    assert jobs.run_next() == asked.json()["job_id"]
    [row] = queries_gap.gaps_of_run(run_id)
    assert (row.lines, row.reached, row.best, row.percent) == (2, reached, 3_500, Decimal(percent))
    shown = signed_in(ADA).get(page).content.decode()
    assert f"{percent} %" in shown and f"{(3_500 - reached) / 100:,.0f} of 35 value" in shown
    [told] = client.get(f"/api/v1/allocation-runs/{run_id}/optimum-gaps", headers=bearer(ADA)).json()
    assert (told["percent"], told["missed"], told["possible"]) == (
        percent, f"{Decimal(3_500 - reached) / 100:.2f}", "35.00"
    )  # fmt: skip


def test_the_gap_of_a_draft_on_open_orders_stands_on_the_workbench(client):
    site, _, _ = seven_for_ten()
    draft = rulebook.draft(site, WHOLE_FIRST).rule_set_id
    done = signed_in(MAY).post(f"/allocation/rules/{draft}/gap")
    assert done.status_code == 303
    assert jobs.run_next()
    [row] = queries_gap.gaps_of_rules(draft)
    assert (row.lines, row.reached, row.best, row.percent) == (2, 3_500, 3_500, Decimal("0.0"))
    assert "0.0 %" in signed_in(MAY).get(f"/allocation/rules/{draft}").content.decode()
    assert client.get("/api/v1/allocation-rules/999999/optimum-gaps", headers=bearer(ADA)).status_code == 404
    assert client.get("/api/v1/allocation-runs/999999/optimum-gaps", headers=bearer(ADA)).status_code == 404


def test_what_is_not_there_or_has_decided_nothing_or_is_asked_by_an_outsider_is_refused():
    site, _, _ = seven_for_ten()
    run_id = sql.fetch_value(
        "INSERT INTO allocation_run (site_id, started_by_id, started_at) SELECT %s, min(id), now() FROM platform_user "
        "RETURNING id",
        (site,),
    )
    for req, refusal in (
        (MeasureGap(999_999), NoSuchRun),
        (MeasureGap(run_id), NothingDecided),
        (MeasureGap(0, 999_999, site), NotFound),
    ):
        with pytest.raises(refusal):
            commands_gap.measure_gap(ctx(ADA), req)
    with pytest.raises(NotPermitted):
        commands_gap.measure_gap(ctx(EVE), MeasureGap(run_id))
    assert not sql.fetch_value("SELECT count(*) FROM allocation_optimumgap")
