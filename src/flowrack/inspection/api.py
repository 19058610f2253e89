"""Inspections, plans and holds for other systems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from flowrack.inspection import commands, commands_holds, queries
from flowrack.inspection.types import (
    AddPhoto,
    CheckKind,
    CheckResult,
    Decide,
    Decided,
    DefectClass,
    NewCheck,
    PhotoAdded,
    PlanSet,
    Recorded,
    RecordResults,
    ResumeSampling,
    SamplingResumed,
    SetPlan,
    Started,
    StartInspection,
    Verdict,
)
from flowrack.inspection.types_holds import Cause, ChangeHold, HoldChanged, HoldReleased, ReleaseAsked, ReleaseHold
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["inspection"])
COUNT = 2**53


class CheckIn(Schema):
    """A line of a checklist."""

    name: str = Field(max_length=80)
    kind: CheckKind = CheckKind.YES_NO
    defect_class: DefectClass = DefectClass.MAJOR
    unit: str = Field("", max_length=12)
    low: Decimal | None = Field(None, max_digits=14, decimal_places=4)
    high: Decimal | None = Field(None, max_digits=14, decimal_places=4)


class PlanIn(Schema):
    """How goods of a scope are inspected; ids of 0 leave it open."""

    item_id: BigId = 0
    family_id: BigId = 0
    supplier_id: BigId = 0
    site_id: BigId = 0
    level: str = Field("II", max_length=3)
    aql: Decimal = Field(Decimal("1.0"), max_digits=7, decimal_places=3)
    aql_minor: Decimal | None = Field(None, max_digits=7, decimal_places=3)
    tighten_after: int = Field(2, ge=1, le=5)
    skip_after: int = Field(0, ge=0, le=1000)
    skip_one_in: int = Field(0, ge=0, le=10)
    valid_from: date | None = None
    checks: list[CheckIn] = Field(default_factory=list, max_length=100)
    is_active: bool = True


class PlanSetOut(Schema):
    """The plan that counts from now on."""

    plan_id: int
    version: int


class InspectionOut(Schema):
    """An inspection."""

    id: int
    number: str
    site_id: int
    receipt_id: int
    supplier_id: int
    item_id: int
    sku: str
    lot_id: int
    lot: str
    state: str
    mode: str
    severity: str
    letter: str
    lot_units: int
    sample_units: int
    accept: int
    reject: int
    tested_units: int
    verdict: str
    opened_at: datetime
    places: str | None


class StartedOut(Schema):
    """What is to be looked at."""

    inspection_id: int
    number: str
    sample_units: int
    accept: int
    reject: int


class ResultIn(Schema):
    """One answer to a check."""

    check_id: BigId = 0
    unit_no: int = Field(0, ge=0, le=10**6)
    measured: Decimal | None = Field(None, max_digits=14, decimal_places=4)
    defective_units: int = Field(0, ge=0, le=10**6)
    defect_class: DefectClass = DefectClass.MAJOR
    note: str = Field("", max_length=200)


class ResultsIn(Schema):
    """Answers, and how many units were tested by now."""

    tested_units: int = Field(ge=0, le=COUNT)
    results: list[ResultIn] = Field(default_factory=list, max_length=2000)


class RecordedOut(Schema):
    """Where the inspection stands."""

    inspection_id: int
    tested_units: int
    critical: int
    major: int
    minor: int
    outlook: str


class DecideIn(Schema):
    """A verdict."""

    verdict: Verdict
    released_units: int = Field(0, ge=0, le=COUNT)
    held_units: int = Field(0, ge=0, le=COUNT)
    damaged_units: int = Field(0, ge=0, le=COUNT)
    reason: str = Field("", max_length=200)
    owner_id: BigId = 0
    due_at: datetime | None = None
    cause: Cause = Cause.QUALITY


class DecidedOut(Schema):
    """What became of the lot."""

    inspection_id: int
    number: str
    state: str
    released_units: int
    held_units: int
    damaged_units: int
    hold_id: int
    posting_id: int
    severity: str


class PhotoIn(Schema):
    """A picture by its digest, and what it shows."""

    digest: str = Field(max_length=64)
    filename: str = Field("", max_length=120)
    note: str = Field("", max_length=200)


class PhotoOut(Schema):
    """The photo."""

    photo_id: int


class HoldOut(Schema):
    """An open hold."""

    id: int
    number: str
    site_id: int
    item_id: int
    sku: str
    lot_id: int
    lot: str
    quality: str
    units: int
    left_units: int
    reason: str
    cause: str
    owner_id: int
    owner: str
    due_at: datetime | None
    placed_by: str
    placed_at: datetime
    inspection_id: int


class ReleaseHoldIn(Schema):
    """Units of a hold to release (0 = all), and why."""

    reason: str = Field(max_length=200)
    units: int = Field(0, ge=0, le=COUNT)


class HoldReleasedOut(Schema):
    """What was released, and what stays held."""

    hold_id: int
    number: str
    posting_id: int
    released_units: int
    left_units: int


class ReleaseAskedOut(Schema):
    """Released already, or waiting under this approval."""

    release_id: int
    number: str
    state: str
    approval: str
    units: int


class ChangeHoldIn(Schema):
    """Another owner, due time or cause."""

    owner_id: BigId | None = None
    due_at: datetime | None = None
    cause: Cause | None = None


class HoldChangedOut(Schema):
    """The hold as it is now."""

    hold_id: int
    owner_id: int
    due_at: datetime | None
    cause: str


class ResumeIn(Schema):
    """Why sampling a supplier's item is safe again."""

    supplier_id: BigId
    item_id: BigId
    reason: str = Field(max_length=180)


class ResumedOut(Schema):
    """The severity that counts from now on."""

    severity: str


def _sites(request: HttpRequest) -> list[int]:
    caller = caller_of(request)
    return sorted(caller.sites("inspection.view")) if caller else []


@router.get("/inspections", response=list[InspectionOut])
@requires("inspection.view")
def waiting(request: HttpRequest, limit: int = 100) -> list[queries.InspectionRow]:
    """Inspections that wait for a verdict, the oldest first: as many as `limit` says, 1 to 500."""
    return queries.waiting_list(_sites(request), limit=max(1, min(limit, 500)))


@router.post("/inspections/plans", response={201: PlanSetOut})
@requires("inspection.plan")
def set_plan(request: HttpRequest, body: PlanIn) -> Status[PlanSet]:
    """Say how goods of a scope are inspected."""
    fields = {**body.dict(), "checks": [NewCheck(**check.dict()) for check in body.checks]}
    return Status(201, commands.set_plan(context_from(request), SetPlan(**fields)))


@router.post("/inspections/resume", response=ResumedOut)
@requires("inspection.plan")
def resume_sampling(request: HttpRequest, body: ResumeIn) -> SamplingResumed:
    """Sample a supplier's lots of an item again."""
    return commands.resume_sampling(context_from(request), ResumeSampling(**body.dict()))


@router.post("/inspections/{int:inspection_id}/start", response=StartedOut)
@requires("inspection.inspect")
def start_inspection(request: HttpRequest, inspection_id: BigId) -> Started:
    """Begin to look at a lot."""
    return commands.start_inspection(context_from(request), StartInspection(inspection_id))


@router.post("/inspections/{int:inspection_id}/results", response=RecordedOut)
@requires("inspection.inspect")
def record_results(request: HttpRequest, inspection_id: BigId, body: ResultsIn) -> Recorded:
    """Keep what was found."""
    results = [CheckResult(**result.dict()) for result in body.results]
    return commands.record_results(context_from(request), RecordResults(inspection_id, body.tested_units, results))


@router.post("/inspections/{int:inspection_id}/verdict", response=DecidedOut)
@requires("inspection.decide")
def decide(request: HttpRequest, inspection_id: BigId, body: DecideIn) -> Decided:
    """Give the verdict on a lot."""
    return commands.decide(context_from(request), Decide(inspection_id, **body.dict()))


@router.post("/inspections/{int:inspection_id}/photos", response={201: PhotoOut})
@requires("inspection.inspect")
def add_photo(request: HttpRequest, inspection_id: BigId, body: PhotoIn) -> Status[PhotoAdded]:
    """Keep a picture that was sent before (POST /photos) with an inspection."""
    return Status(201, commands.add_photo(context_from(request), AddPhoto(inspection_id, **body.dict())))


@router.get("/holds", response=list[HoldOut])
@requires("inspection.view")
def holds(request: HttpRequest, limit: int = 100) -> list[queries.HoldRow]:
    """Open holds, the oldest first: as many as `limit` says, 1 to 500."""
    return queries.open_holds_of_site(_sites(request), limit=max(1, min(limit, 500)))


@router.post("/holds/{int:hold_id}/release", response=HoldReleasedOut)
@requires("inspection.release")
def release_hold(request: HttpRequest, hold_id: BigId, body: ReleaseHoldIn) -> HoldReleased:
    """Make units of a hold available at once, where no policy asks; not by who placed it."""
    return commands_holds.release_hold(context_from(request), ReleaseHold(hold_id, body.reason, body.units))


@router.post("/holds/{int:hold_id}/ask", response={201: ReleaseAskedOut})
@requires("inspection.release")
def ask_release(request: HttpRequest, hold_id: BigId, body: ReleaseHoldIn) -> Status[ReleaseAsked]:
    """Ask whether units of a hold may be released; what no policy asks about is released at once."""
    req = ReleaseHold(hold_id, body.reason, body.units)
    return Status(201, commands_holds.ask_release(context_from(request), req))


@router.post("/holds/{int:hold_id}/change", response=HoldChangedOut)
@requires("inspection.hold")
def change_hold(request: HttpRequest, hold_id: BigId, body: ChangeHoldIn) -> HoldChanged:
    """Give a hold another owner, due time or cause."""
    req = ChangeHold(hold_id, body.owner_id, body.due_at, body.cause)
    return commands_holds.change_hold(context_from(request), req)
