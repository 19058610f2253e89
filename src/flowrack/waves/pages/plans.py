"""Plans of waves, and what becomes of their lines."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Choice, Column, Empty, ListPage, Text
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import perform
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.waves import commands, queries, queries_windows
from flowrack.waves.drawing import glass, legend
from flowrack.waves.pages.common import MARKS, PLAN, PLANNER, RELEASE, VIEW, glasses_kept
from flowrack.waves.types import DropPlan, MoveLines, PlanNotFound, ReleaseWaves
from flowrack.waves.types_trucks import WaveTooLate

PLANS = "Wave plans"
MOST_LINES = 400


def found_by(plan: queries.PlanHead) -> str:
    """How good a plan is, in points of penalty; nothing where it is not known by how many points another could be
    better."""
    if not plan.knows_hands:
        return "no limit of hands"
    if plan.points <= plan.bound:
        return "no plan costs fewer points"
    return f"another plan could save {plan.points - plan.bound:,} points at most" if plan.bound else ""


PLAN_LIST = ListPage(
    name="waves.plans",
    title=PLANS,
    noun=("plan", "plans"),
    permission=VIEW,
    rows=queries.plan_page,
    columns=[
        Column("number", "Plan", kind="code", sort="id", link=lambda r: reverse("waves_plan", args=[r.id])),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("made_at", "Made", kind="datetime", sort=True),
        Column("made_by", "By"),
        Column("waves", "Waves", kind="number", sort=True),
        Column("open_waves", "Not released", kind="number", sort=True),
        Column("lines", "Lines", kind="number", sort=True),
        Column("waiting", "Wait", kind="number", sort=True),
        Column("points", "Penalty", kind="number", sort=True),
        Column("method", "How good", value=found_by),
        Column("site", "Site", sort=True),
    ],
    filters=[
        Choice("state", "State", [(s, s) for s in ("draft", "releasing", "released", "dropped")], promoted=True),
        Text("made_by", "By"),
    ],
    sort="-id",
    search="Plan or person",
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No plans yet", "A plan says which orders go with which wave, and what waits.", PLANNER, "waves_planner"
    ),
)


LINE_COLUMNS = [
    Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("line_no", "Line", kind="number"),
    Column("sku", "Item", kind="code", sort=True),
    Column("units", "Units", kind="number", sort=True, total=True),
    Column("fate", "Fate", kind="state", sort=True, marks=MARKS),
    Column("points", "Penalty if it waits", kind="number", sort=True, total=True),
    Column("why", "Why", wide=True),
    Column("due_on", "Due", kind="date", sort=True),
    Column("tier", "Tier", kind="tier", sort=True),
    Column("customer", "Customer", sort=True),
]
LINES = ListPage(
    name="waves.lines",
    title="Lines of wave plans",
    noun=("line", "lines"),
    permission=VIEW,
    rows=queries.line_page,
    columns=[
        Column("plan", "Plan", kind="code", sort="plan_id", link=lambda r: reverse("waves_plan", args=[r.plan_id])),
        *LINE_COLUMNS,
        Column("wave", "Wave"),
        Column("because", "Decided", hidden=True),
        Column("changed", "Changed since", hidden=True),
    ],
    filters=[
        Text("plan", "Plan", promoted=True),
        Choice("fate", "Fate", [("goes", "goes"), ("waits", "waits"), ("out", "cannot go")], promoted=True),
        Choice("tier", "Tier", [("A", "A"), ("B", "B"), ("C", "C")]),
    ],
    sort="-plan_id,points",
    search="Order, customer or item",
    row_id=lambda r: int(r.line_id),
    empty=Empty("No lines", "Lines of plans appear here, each with the reason why it goes or waits."),
)


@page(VIEW)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: its glasses, its waves, and what waits at which penalty."""
    return _drawn(request, plan_id)


def _again(request: HttpRequest, plan_id: int) -> Callable[[FlowrackError], HttpResponse]:
    """The plan with what was refused on top: its other waves and "Plan again" are there."""
    return lambda refusal: _drawn(request, plan_id, refusal)


def _again_late(request: HttpRequest, plan_id: int, plan_wave_id: int) -> Callable[[FlowrackError], HttpResponse]:
    """The same; where a wave is too late, its row offers to release it all the same."""
    return lambda refusal: _drawn(
        request, plan_id, refusal, told=plan_wave_id if isinstance(refusal, WaveTooLate) else 0
    )


def _drawn(request: HttpRequest, plan_id: int, refusal: FlowrackError | None = None, *, told: int = 0) -> HttpResponse:
    """The plan; `told` is a wave of which it was just told what misses its departure."""
    caller = caller_of(request)
    head = queries.plan_head(plan_id, caller.sites(VIEW) if caller else frozenset())
    if head is None:
        raise PlanNotFound("There is no such plan.", fix="Look at the list of plans.")
    waves, windows = queries.waves_of(plan_id), queries_windows.windows_of(plan_id)
    waits, goes = queries.lines_of(plan_id, fates=["waits"]), queries.lines_of(plan_id, fates=["goes"])
    waits.sort(key=lambda x: (x.points, x.order_id, x.line_no))
    zone = ZoneInfo(head.timezone)
    times = [head.made_at, *(at for w in windows for at in (w.cut_off_at, w.pick_until))]
    local = [at.astimezone(zone).replace(tzinfo=None) for at in times]
    return render_record(
        request,
        _record(head, waves, waits),
        template="waves/plan.html",
        refusal=refusal,
        plan=head,
        waves=waves,
        told=told,
        glasses=[(one, glass(one)) for one in glasses_kept(windows, waves, local, head.knows_hands)],
        legend=legend(),
        waiting=waits[:MOST_LINES],
        going=sorted(goes, key=lambda x: (x.points, x.order_id))[:MOST_LINES],
        going_count=len(goes),
        out=queries.lines_of(plan_id, fates=["out"])[:MOST_LINES],
        is_draft=head.state == "draft",
        lines_url=f"{reverse('waves_lines')}?plan={head.number}",
        zone=head.timezone,
        may_plan=head.state in ("draft", "releasing") and bool(caller and caller.may(PLAN, head.site_id)),
    )


def _record(head: queries.PlanHead, waves: list[queries.PlannedWave], waits: list[queries.PlannedLine]) -> Record:
    changed = sum(w.changed for w in waves)
    return Record(
        title=head.number,
        subtitle=head.site,
        state=head.state,
        marks=MARKS,
        subject=ref("waves.plan", head.id),
        site_id=head.site_id,
        back=(PLANS, reverse("waves_plans")),
        facts=[
            Fact("Made", head.made_at, "datetime", note=head.made_by),
            Fact("Lines go", head.lines, "number", note=f"{len(waves)} {'wave' if len(waves) == 1 else 'waves'}"),
            Fact("Lines wait", head.waiting, "number", tone="warn" if head.waiting else ""),
            Fact("Cannot go", head.out, "number", url=f"{reverse('waves_lines')}?plan={head.number}&fate=out"),
            Fact("Penalty", head.points, "number", note=found_by(head)),
            Fact("Rule", f"version {head.policy_version}" if head.policy_version else "the house's own"),
            *([Fact("Changed since", changed, "number", note="plan again", tone="warn")] if changed else []),
        ],
        actions=_actions(head),
        why={ref("sales.line", x.line_id): f"{x.number} line {x.line_no}" for x in waits[:20]},
    )


def _actions(head: queries.PlanHead) -> list[Do]:
    if head.state not in ("draft", "releasing"):
        return [Do("Plan again", reverse("waves_make"), PLAN, primary=True, key="n")]
    return [
        Do("Drop the plan", reverse("waves_drop", args=[head.id]), PLAN, confirm=f"Drop {head.number}?"),
        Do("Plan again", reverse("waves_make"), PLAN, key="n", fields={"ahead": head.ahead_days}),
        Do("Release all waves", reverse("waves_release_all", args=[head.id]), RELEASE, primary=True, key="r"),
    ]


@page(PLAN, methods=("POST",))
def drop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan is not followed any more."""
    return perform(
        request,
        commands.drop_plan,
        DropPlan(plan_id),
        to=reverse("waves_plans"),
        toast="Plan dropped",
        again=_again(request, plan_id),
    )


@page(PLAN, methods=("POST",))
def move(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The planner decides that lines go or wait."""
    line_ids = [i for text in request.POST.getlist("lines")[:MOST_LINES] if (i := read_id(text))]
    req = MoveLines(plan_id, line_ids, request.POST.get("to") == "goes", request.POST.get("reason", ""))
    return perform(
        request,
        commands.move_lines,
        req,
        to=reverse("waves_plan", args=[plan_id]),
        toast=lambda done: (
            f"{done.lines:,} {'line' if done.lines == 1 else 'lines'} decided"
            + (f", the hands are overdrawn by {done.over_seconds // 60} min" if done.over_seconds else "")
        ),
        again=_again(request, plan_id),
    )


@page(RELEASE, methods=("POST",))
def release(request: HttpRequest, plan_id: int, plan_wave_id: int) -> HttpResponse:
    """Give one wave of a plan to the floor."""
    req = ReleaseWaves(plan_wave_id, request.POST.get("without") == "1", request.POST.get("late") == "1")
    return perform(
        request,
        commands.release_wave,
        req,
        to=reverse("waves_plan", args=[plan_id]),
        toast=lambda done: f"{done.number} released: {done.lines:,} picks",
        again=_again_late(request, plan_id, plan_wave_id),
    )


@page(RELEASE, methods=("POST",))
def release_all(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Give all waves of a plan to the floor, each in a transaction of its own; the first that is refused is told."""
    from_plan = [w for w in queries.waves_of(plan_id) if w.state == "planned"]
    without = request.POST.get("without") == "1"
    url = reverse("waves_plan", args=[plan_id])
    again = _again(request, plan_id)
    response = perform(request, commands.drop_plan, DropPlan(plan_id), to=url, again=again) if not from_plan else None
    for one in from_plan:
        response = perform(
            request,
            commands.release_wave,
            ReleaseWaves(one.id, without),
            to=url,
            toast=lambda done: f"{done.number} released: {done.lines:,} picks",
            again=_again_late(request, plan_id, one.id),
            key=f"{request.POST.get('idempotency_key', '')}:{one.id}" if request.POST.get("idempotency_key") else None,
        )
        if response.status_code >= 400:
            return response
    assert response is not None
    return response


NAV = [
    NavItem("Outbound", PLANS, "waves_plans", permission=VIEW, order=33, section="Warehouse"),
]

urlpatterns = [
    path("waves/plans", PLAN_LIST.view, name="waves_plans"),
    path("waves/plans/<int:plan_id>", plan, name="waves_plan"),
    path("waves/plans/<int:plan_id>/drop", drop, name="waves_drop"),
    path("waves/plans/<int:plan_id>/move", move, name="waves_move"),
    path("waves/plans/<int:plan_id>/release", release_all, name="waves_release_all"),
    path("waves/plans/<int:plan_id>/waves/<int:plan_wave_id>/release", release, name="waves_release"),
    path("waves/plan-lines", LINES.view, name="waves_lines"),
]
