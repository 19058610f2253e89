"""Wave templates, plans and waves on the floor, for other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.waves import (
    api_moves,
    api_setup,
    commands,
    commands_floor,
    queries,
    queries_planner,
    queries_which,
    queries_windows,
)
from flowrack.waves.types import (
    AddToWave,
    CutOffMoved,
    Dropped,
    DropPlan,
    LinesMoved,
    MakePlan,
    MoveCutOff,
    MoveLines,
    NextReleased,
    Planned,
    PlanNotFound,
    RecallWave,
    ReleaseNext,
    ReleaseWaves,
    SplitWave,
    WaveChanged,
    WaveStarted,
)

router = Router(tags=["waves"])
router.add_router("", api_setup.router)
router.add_router("", api_moves.router)
VIEW = "waves.view"


class MakeWavePlanIn(Schema):
    """Plan the waves of a site; `ahead_days` takes orders that are due later, too."""

    site_id: BigId
    ahead_days: int = Field(0, ge=0, le=60)
    improve: bool = True


class WavePlannedOut(Schema):
    """The plan in figures; `gap` in thousandths of the penalty, `instead_of` the plans that were dropped for it."""

    plan_id: int
    number: str
    waves: int
    lines: int
    waiting: int
    penalty: int
    method: str
    gap: int
    instead_of: list[str]


class WavePlanOut(Schema):
    """A plan without its lines."""

    id: int
    number: str
    site_id: int
    state: str
    policy_version: int
    method: str
    points: int
    bound: int
    knows_hands: bool
    made_by: str
    made_at: datetime
    waves: int
    open_waves: int
    lines: int
    waiting: int
    out: int


class PlanWindowOut(Schema):
    """A cut-off of a plan: seconds of hands and work up to it, and of what waits."""

    cut_off_at: datetime
    pick_until: datetime
    hands: int
    floor: int
    planned: int
    waiting: int
    lines: int
    lines_waiting: int


class PlanWaveOut(Schema):
    """A wave of a plan."""

    id: int
    template: str
    method: str
    service: str
    label: str
    cut_off_at: datetime
    pick_until: datetime
    state: str
    wave_id: int | None
    orders: int
    lines: int
    units: int
    seconds: int
    changed: int


class PlanLineOut(Schema):
    """What a plan does with a line, and why."""

    line_id: int
    order_id: int
    number: str
    line_no: int
    sku: str
    units: int
    seconds: int
    points: int
    fate: str
    because: str
    why: str
    changed: str


class WavePlanDetailOut(WavePlanOut):
    """A plan with its cut-offs, waves and lines."""

    windows: list[PlanWindowOut]
    planned_waves: list[PlanWaveOut]
    planned_lines: list[PlanLineOut]


class DryRunLineOut(Schema):
    """What a plan of now would do with an order; `missed` is the truck or service that can not be met any more."""

    order_id: int = Field(validation_alias="id")
    number: str
    fate: str
    template: str
    service: str
    cut_off_at: datetime | None
    lines: int
    units: int
    points: int
    why: str
    missed: str
    missed_at: datetime | None


class MoveLinesIn(Schema):
    """Lines that go or wait, whatever they cost, and why."""

    line_ids: list[BigId] = Field(min_length=1, max_length=5000)
    goes: bool
    reason: str = Field(max_length=160)


class LinesMovedOut(Schema):
    """Lines that changed sides, and by how much the hands are overdrawn."""

    lines: int
    over_seconds: int


class ReleaseWaveIn(Schema):
    """Whether what changed since the plan is left out, and whether it goes though orders miss their departure."""

    without_changed: bool = False
    although_late: bool = False


class WaveStartedOut(Schema):
    """The wave on the floor."""

    wave_id: int
    number: str
    orders: int
    lines: int
    units: int
    left_out: list[str]


class PlanDroppedOut(Schema):
    """Waves of the plan that had not been released."""

    plan_id: int
    waves: int


class NextReleasedOut(Schema):
    """What a continuous template released, and why no more."""

    wave_id: int
    orders: int
    lines: int
    why: str


class WaveReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=200)


class AddToWaveIn(Schema):
    """An urgent order, and why."""

    order_id: BigId
    reason: str = Field(max_length=200)


class SplitWaveIn(Schema):
    """Orders that become a wave of their own, and why."""

    order_ids: list[BigId] = Field(min_length=1, max_length=5000)
    reason: str = Field(max_length=200)


class MoveCutOffIn(Schema):
    """Another cut-off, and why."""

    cut_off_at: AwareDatetime
    reason: str = Field(max_length=200)


class CutOffMovedOut(Schema):
    """By when the wave must be picked now."""

    wave_id: int
    cut_off_at: datetime
    pick_until: datetime


class WaveChangedOut(Schema):
    """The wave, the picks that changed hands, and lines of an order that could not join it (no bin, or a refill)."""

    wave_id: int
    number: str
    picks: int
    units: int
    lines_left: int


class JudgedOut(Schema):
    """A template that was looked at; `why_not` empty = it takes the order."""

    template: str
    why_not: str


class WhichTemplateOut(Schema):
    """The template that takes an order, by which cut-off it leaves, and what each template said."""

    order_id: int
    number: str
    template: str
    service: str
    cut_off_at: str
    pick_until: str
    why_not: str
    looked: list[JudgedOut]


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites(VIEW) if caller else frozenset()


@router.get("/wave-plans", response=PageOut[WavePlanOut])
@requires(VIEW)
def list_plans(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Plans of the sites that the caller may see."""
    rows = queries.plans_after(_sites(request), after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/wave-plans", response={201: WavePlannedOut})
def make_plan(request: HttpRequest, body: MakeWavePlanIn) -> Status[Planned]:
    """Plan what goes to which wave and what waits; nothing is reserved."""
    req = MakePlan(body.site_id, body.ahead_days, body.improve)
    return Status(201, commands.make_plan(context_from(request), req))


@router.get("/wave-plans/dry-run", response=list[DryRunLineOut])
@requires(VIEW)
def dry_run(request: HttpRequest, site_id: BigId, ahead_days: int = 0) -> Any:
    """What a plan of now would do with each order; nothing is written."""
    sites = _sites(request)
    run = queries_planner.dry_run(site_id, now(), ahead_days=min(max(ahead_days, 0), 60))
    if run is None or not (0 in sites or site_id in sites):
        raise PlanNotFound("There is no such site.", fix="Choose one of your sites.")
    return queries_planner.pool_rows(run)


@router.get("/wave-plans/{int:plan_id}", response=WavePlanDetailOut)
@requires(VIEW)
def plan(request: HttpRequest, plan_id: BigId) -> Any:
    """One plan, with why each line goes or waits."""
    head = queries.plan_head(plan_id, _sites(request))
    if head is None:
        raise PlanNotFound("There is no such plan.", fix="See the list of plans.")
    fields = {name: getattr(head, name) for name in WavePlanOut.model_fields}
    return {
        **fields,
        "windows": queries_windows.windows_of(plan_id),
        "planned_waves": queries.waves_of(plan_id),
        "planned_lines": queries.lines_of(plan_id),
    }


@router.post("/wave-plans/{int:plan_id}/lines", response=LinesMovedOut)
def move_lines(request: HttpRequest, plan_id: BigId, body: MoveLinesIn) -> LinesMoved:
    """Decide that lines go or wait."""
    req = MoveLines(plan_id, list(body.line_ids), body.goes, body.reason)
    return commands.move_lines(context_from(request), req)


@router.post("/wave-plans/{int:plan_id}/drop", response=PlanDroppedOut)
def drop_plan(request: HttpRequest, plan_id: BigId) -> Dropped:
    """The plan is not followed any more."""
    return commands.drop_plan(context_from(request), DropPlan(plan_id))


@router.post("/planned-waves/{int:plan_wave_id}/release", response=WaveStartedOut)
def release_wave(request: HttpRequest, plan_wave_id: BigId, body: ReleaseWaveIn) -> WaveStarted:
    """Give a planned wave to the floor."""
    asked = ReleaseWaves(plan_wave_id, body.without_changed, body.although_late)
    return commands.release_wave(context_from(request), asked)


@router.post("/wave-templates/{int:template_id}/release-next", response=NextReleasedOut)
def release_next(request: HttpRequest, template_id: BigId) -> NextReleased:
    """Release the next orders of a continuous template, as far as its zones have room."""
    return commands_floor.release_next(context_from(request), ReleaseNext(template_id))


@router.post("/waves/{int:wave_id}/recall", response=WaveChangedOut)
def recall_wave(request: HttpRequest, wave_id: BigId, body: WaveReasonIn) -> WaveChanged:
    """Take a wave back from the floor."""
    return commands_floor.recall_wave(context_from(request), RecallWave(wave_id, body.reason))


@router.post("/waves/{int:wave_id}/orders", response=WaveChangedOut)
def add_to_wave(request: HttpRequest, wave_id: BigId, body: AddToWaveIn) -> WaveChanged:
    """An urgent order joins a wave on the floor."""
    return commands_floor.add_to_wave(context_from(request), AddToWave(wave_id, body.order_id, body.reason))


@router.post("/waves/{int:wave_id}/split", response=WaveChangedOut)
def split_wave(request: HttpRequest, wave_id: BigId, body: SplitWaveIn) -> WaveChanged:
    """Orders of a wave become a wave of their own."""
    return commands_floor.split_wave(context_from(request), SplitWave(wave_id, list(body.order_ids), body.reason))


@router.post("/waves/{int:wave_id}/cut-off", response=CutOffMovedOut)
def move_cut_off(request: HttpRequest, wave_id: BigId, body: MoveCutOffIn) -> CutOffMoved:
    """The truck of a wave comes later or earlier."""
    return commands_floor.move_cut_off(context_from(request), MoveCutOff(wave_id, body.cut_off_at, body.reason))


@router.get("/orders/by-number/{number}/wave-template", response=WhichTemplateOut)
@requires(VIEW)
def which_template(request: HttpRequest, number: str) -> Any:
    """Which template would take an order, and why not the others."""
    found = queries_which.which(number[:40], _sites(request), now())
    if found is None:
        raise PlanNotFound("There is no such order.", fix="See the list of orders.")
    slot = found.slot
    return {
        "order_id": found.order_id,
        "number": found.number,
        "template": slot.template.name if slot else "",
        "service": slot.service if slot else "",
        "cut_off_at": slot.cut_off_at.isoformat() if slot else "",
        "pick_until": slot.pick_until.isoformat() if slot else "",
        "why_not": found.why_not,
        "looked": [{"template": j.template.name, "why_not": j.why_not} for j in slot.looked] if slot else [],
    }
