"""Full runs: started as a job, and listed with how far they came."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_runs, queries_runs
from flowrack.allocation.types_runs import StartRun
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column, Empty, ListPage, ListQuery, Page, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import sites_for, viewer_of


def _runs(query: ListQuery) -> Page[queries_runs.RunRow]:
    sites = frozenset({query.site_id})
    return memory_page(query, queries_runs.runs(sites), search=("site", "started_by"))


RUNS = ListPage(
    name="allocation.runs",
    title="Allocation runs",
    noun=("run", "runs"),
    permission="allocation.view",
    rows=_runs,
    columns=[
        Column("id", "Run", kind="number", sort=True),
        Column("site", "Where", kind="code", sort=True),
        Column("state", "State", kind="state", marks={"done": "ok", "failed": "bad", "cancelled": "void"}),
        Column("lines", "Lines decided", kind="number", sort=True),
        Column("parts", "Parts", kind="number"),
        Column("started_by", "Started by"),
        Column("started_at", "Started", kind="datetime", sort=True),
        Column("finished_at", "Ended", kind="datetime"),
    ],
    sort="-started_at",
    search="Site or person",
    empty=Empty("No full run yet", "A full run promises stock to every open line, in parts, as a job."),
    template="allocation/runs.html",
    extra=lambda request: {
        "may_run": viewer_of(request).may("allocation.run"),
        "run_sites": [s for s in sites_for(viewer_of(request)) if viewer_of(request).site_id in (0, s.id)],
    },
)


@page("allocation.run", methods=("POST",))
def start(request: HttpRequest) -> HttpResponse:
    """Start a full run at the site of the page, or at every site."""
    posted = request.POST.get("site_id", "")
    site_id = int(posted) if posted.isdigit() and len(posted) < 10 else viewer_of(request).site_id
    return perform(
        request,
        commands_runs.start_run,
        StartRun(site_id),
        to=reverse("allocation_runs"),
        toast=lambda run: f"Run {run.run_id} over {run.lines:,} lines has begun",
    )


NAV = [
    NavItem(
        "Outbound", "Allocation runs", "allocation_runs", permission="allocation.view", order=21, section="Allocation"
    )
]

urlpatterns = [
    path("allocation/runs", RUNS.view, name="allocation_runs"),
    path("allocation/runs/start", start, name="allocation_runs_start"),
]
