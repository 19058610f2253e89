"""Full runs: started as a job, listed with how far they came, and what each changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_runs, pages_gap, queries_best, queries_changed, queries_gap, queries_runs
from flowrack.allocation.queries_changed import ChangedLine
from flowrack.allocation.types_runs import StartRun
from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column, Empty, ListPage, ListQuery, Page, memory_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.refs import ref

DRAWN = 200  # changed lines on a page
MARKS = {"done": "ok", "failed": "bad", "cancelled": "void"}


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
        Column("id", "Run", kind="code", sort=True, link=lambda r: reverse("allocation_run", args=[r.id])),
        Column("site", "Where", kind="code", sort=True),
        Column("state", "State", kind="state", marks=MARKS),
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


def _of_line(row: ChangedLine) -> str:
    """The ladder of a line that still waits; else why it got what it got."""
    if row.waits:
        return f"{reverse('sales_order', args=[row.order_id])}?line={row.line_id}#ladder"
    return reverse("allocation_why", args=[row.line_id])


CHANGED = [
    Column("number", "Order", kind="code", link=_of_line),
    Column("line_no", "Line", kind="number"),
    Column("tier", "Tier", kind="tier"),
    Column("customer", "Customer", wide=True),
    Column("sku", "Item", kind="code"),
    Column("waited", "Waited for", kind="number"),
    Column("got", "Got", kind="number", value=lambda r: r.got or None),
    Column("gave_back", "Gave back", kind="number", value=lambda r: r.gave_back or None),
    Column("waits", "Waits for now", kind="number", value=lambda r: r.waits or None),
]
OTHERS = [
    Column("id", "Run", kind="code", link=lambda r: reverse("allocation_run", args=[r.id])),
    Column("site", "Where", kind="code"),
    Column("state", "State", kind="state", marks=MARKS),
    Column("lines", "Lines decided", kind="number"),
    Column("started_at", "Started", kind="datetime"),
]


@page("allocation.view", methods=("GET", "HEAD"))
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """What a run changed, a part at a time: each line before and after, with its ladder."""
    caller = caller_of(request)
    sites = caller.sites("allocation.view") if caller else frozenset[int]()
    asked = read_id(request.GET.get("part", ""))
    seen = queries_changed.changes(run_id, sites, asked or 1, most=DRAWN)
    others = queries_runs.runs(sites)
    head = next((one for one in others if one.id == run_id), None)
    gaps = queries_gap.gaps_of_run(run_id)
    at = reverse("allocation_run", args=[run_id])
    facts = [Fact("Lines decided", seen.lines, "number"), Fact("Lines changed", seen.of, "number"),
             Fact("Units given", seen.got, "number"), Fact("Units given back", seen.gave_back, "number")]  # fmt: skip
    if seen.parts > 1:
        facts = [Fact("Part", f"{seen.part:,} of {seen.parts:,}", note=f"at {seen.site}"), *facts]
    if head is not None:
        facts += [Fact("Started", head.started_at, "datetime", note=head.started_by)]
    facts += [*_plan_of(run_id), *pages_gap.facts_of(gaps)]
    record = Record(
        title=f"Allocation run {run_id}",
        subtitle=f"at {head.site}" if head else "",
        subject=ref("allocation.run", run_id),
        site_id=seen.site_id or None,
        state=head.state if head else "",
        marks=MARKS,
        back=("Allocation runs", reverse("allocation_runs")),
        previous=f"{at}?part={seen.part - 1}" if seen.part > 1 else "",
        next=f"{at}?part={seen.part + 1}" if seen.part < seen.parts else "",
        facts=facts,
        actions=[pages_gap.ask("allocation_run_gap", run_id)],
        tables=[
            Table("Changed lines", CHANGED, seen.changed, empty="This run changed nothing.", is_cards=True, of=seen.of),
            *([pages_gap.table_of(gaps)] if gaps else []),
            Table(
                "Other runs", OTHERS, [one for one in others if one.id != run_id], empty="No other run.", is_cards=True
            ),
        ],
    )
    return render_record(request, record)


def _plan_of(run_id: int) -> list[Fact]:
    """What the solver found, where the run went by the best total value."""
    plan = queries_best.plan_in_all(run_id)
    if plan is None:
        return []
    note = f"{plan.more:,.0f} value more than by rank; {plan.stand_back:,} lines stood back"
    if plan.unsolved:
        note += f"; no plan in time for {plan.unsolved:,} of {plan.programs:,} programs, where the rank decided"
    return [Fact("By the best total value", f"{plan.value:,.0f}", note=note)]


NAV = [
    NavItem(
        "Outbound", "Allocation runs", "allocation_runs", permission="allocation.view", order=21, section="Allocation"
    )
]

urlpatterns = [
    path("allocation/runs", RUNS.view, name="allocation_runs"),
    path("allocation/runs/<int:run_id>", run, name="allocation_run"),
    path("allocation/runs/start", start, name="allocation_runs_start"),
]
