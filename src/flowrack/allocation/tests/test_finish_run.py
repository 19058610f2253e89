"""finish_run: a run ends once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, ctx

from flowrack.allocation import commands_runs, queries_runs
from flowrack.allocation.types_runs import FinishRun, NoSuchRun, StartRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_ends_once():
    at = outbound.house()
    outbound.item("A")
    outbound.customer()
    outbound.order(at.site, "ACME", ("A", 1))
    run = commands_runs.start_run(ctx(ADA), StartRun(at.site))
    assert queries_runs.runs(frozenset({at.site}))[0].state == "queued"
    commands_runs.finish_run(ctx(ADA), FinishRun(run.run_id))
    assert queries_runs.runs(frozenset({at.site}))[0].state == "done"
    with pytest.raises(NoSuchRun):
        commands_runs.finish_run(ctx(ADA), FinishRun(run.run_id))
