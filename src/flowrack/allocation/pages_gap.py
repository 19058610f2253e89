"""The optimum gap on the pages of runs and of the allocation rules: found by a job, shown with the day of the look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_gap
from flowrack.allocation.queries_gap import GapRow
from flowrack.allocation.types_gap import MeasureGap
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Do, Fact, Table
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import viewer_of

LABEL = "Optimum gap"
COLUMNS = [
    Column("site", "Where", kind="code"),
    Column("lines", "Lines", kind="number", value=lambda r: r.lines if r.looked_at else None),
    Column("percent", "Missed", value=lambda r: f"{r.percent} %" if r.looked_at else r.job_state),
    Column("missed", "Value missed", kind="money", value=lambda r: r.missed if r.looked_at else None),
    Column("possible", "Value at best", kind="money", value=lambda r: r.possible if r.looked_at else None),
    Column("looked_at", "Looked at", kind="datetime"),
]


def facts_of(rows: Sequence[GapRow]) -> list[Fact]:
    """The newest gap that was found, with what was missed of what; or that nobody looked."""
    done = next((one for one in rows if one.looked_at is not None), None)
    if done is None:
        waits = rows and rows[0].job_state in ("queued", "running")
        return [Fact(LABEL, "being looked at" if waits else "not looked at")]
    assert isinstance(done.looked_at, datetime), "it was looked at"
    return [
        Fact(LABEL, f"{done.percent} %", note=f"{done.missed:,.0f} of {done.possible:,.0f} value"),
        Fact("Gap looked at", done.looked_at, "datetime", note=f"{done.lines:,} lines"),
    ]


def table_of(rows: Sequence[GapRow]) -> Table:
    """All looks."""
    return Table(
        LABEL, COLUMNS, rows, empty="Nobody looked at it yet.", is_cards=True,
        note="Value is the price of units, twice for tier B and four times for tier A. Missed is what an exact solver"
        " would have served more of, under the same hard rules; it knows no rank and no promised days.",
    )  # fmt: skip


def ask(url_name: str, key: int) -> Do:
    """The action that begins a look."""
    return Do("Look at the optimum gap", reverse(url_name, args=[key]), "allocation.run")


@page("allocation.run", methods=("POST",))
def of_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Begin a look at the gap of a run."""
    return perform(
        request, commands_gap.measure_gap, MeasureGap(run_id), to=reverse("allocation_run", args=[run_id]),
        toast=lambda asked: f"Job {asked.job_id} looks at the optimum gap",
    )  # fmt: skip


@page("allocation.run", methods=("POST",))
def of_rules(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Begin a look at the gap of rules, on today's open lines of the site of the page or of every site."""
    return perform(
        request, commands_gap.measure_gap, MeasureGap(0, rule_set_id, viewer_of(request).site_id),
        to=reverse("allocation_rules_one", args=[rule_set_id]),
        toast=lambda asked: f"Job {asked.job_id} looks at the optimum gap",
    )  # fmt: skip


urlpatterns = [
    path("allocation/runs/<int:run_id>/gap", of_run, name="allocation_run_gap"),
    path("allocation/rules/<int:rule_set_id>/gap", of_rules, name="allocation_rules_gap"),
]
