"""plan_run: parts of items that hang together, the same however often it is asked."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, ctx

from flowrack.allocation import commands_runs, steps_runs
from flowrack.allocation.types_runs import NoSuchRun, Part, PlanRun, StartRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_parts_are_filled_and_tied_items_stay_together():
    items = [(10, 3), (11, 3), (12, 3), (13, 3)]
    assert steps_runs.parts(items, [], 6) == [Part([10, 11], 6), Part([12, 13], 6)]
    assert steps_runs.parts(items, [[10, 13], [12, 13]], 6) == [Part([10, 12, 13], 9), Part([11], 3)]


def test_the_plan_stays_as_it_was_made():
    at = outbound.house()
    outbound.item("A")
    outbound.customer()
    outbound.order(at.site, "ACME", ("A", 1))
    run = commands_runs.start_run(ctx(ADA), StartRun(at.site))
    first = commands_runs.plan_run(ctx(ADA, "plan"), PlanRun(run.run_id))
    outbound.order(at.site, "ACME", ("A", 1))
    assert commands_runs.plan_run(ctx(ADA, "plan"), PlanRun(run.run_id)) == first
    assert [part.lines for part in first.parts] == [1]
    with pytest.raises(NoSuchRun):
        commands_runs.plan_run(ctx(ADA), PlanRun(run.run_id + 1))
