"""Allocation rules, full runs and certificates for other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from flowrack.allocation import (
    api_trials,
    commands_rules,
    commands_runs,
    queries_certificates,
    queries_changed,
    queries_now,
    queries_rules,
    queries_runs,
    queries_tried,
)
from flowrack.allocation.queries_rules import RULES
from flowrack.allocation.rules_arrivals import Tried
from flowrack.allocation.types_rules import (
    ActivateRuleSet,
    EndRuleSet,
    RuleSet,
    RuleSetAsked,
    RuleSetSaved,
    WriteRuleSet,
)
from flowrack.allocation.types_runs import RunStarted, StartRun
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.sales import queries as orders
from flowrack.shared.errors import NotFound
from flowrack.shared.quantity import BIGINT_MAX

router = Router(tags=["allocation rules"])
router.add_router("", api_trials.router)


class RuleSetIn(Schema):
    """A draft; site 0 = the company. `rules` as GET gives them."""

    site_id: BigId = 0
    name: str = Field(max_length=80)
    rules: RuleSet
    note: str = Field("", max_length=200)
    rule_set_id: BigId = 0


class RuleSetOut(Schema):
    """A version of the allocation rules."""

    id: int
    site_id: int
    site: str
    version: int
    state: str
    name: str
    note: str
    written_by: str
    written_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    rules: RuleSet


class SavedOut(Schema):
    """A version as it stands, and rules of it that match nothing today."""

    rule_set_id: int
    site_id: int
    version: int
    state: str
    warnings: list[str]


class AskIn(Schema):
    """Which version was in force when the caller decided (0 = none); why the draft was not tried, where it was not."""

    instead_of: Annotated[int, Field(ge=0, le=BIGINT_MAX)]
    untried_because: str = Field("", max_length=200)


class AskedOut(Schema):
    """Waiting, with the number of the approval, or active."""

    rule_set_id: int
    version: int
    state: str
    approval: str


class EndIn(Schema):
    """Why it ends."""

    reason: str = Field(max_length=200)


class RunIn(Schema):
    """Where; 0 = every site where the caller may."""

    site_id: BigId = 0


class RunStartedOut(Schema):
    """The run and its job."""

    run_id: int
    job_id: int
    lines: int


class RunOut(Schema):
    """A full run."""

    id: int
    site: str
    state: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    parts: int
    lines: int
    job_id: int


class SupplyOut(Schema):
    """A lot as it was when the line was decided."""

    lot: str
    expires_on: date | None
    free: int
    took: int
    passed: str


class ClaimOut(Schema):
    """A claim around the line; points of the factors that count and that the caller may see."""

    rank: int
    line_id: int
    number: str
    tier: str
    class_name: str
    score: int | None
    points: dict[str, int]
    wanted: int
    got: int


class DifferenceOut(Schema):
    """One thing then and now."""

    what: str
    then: str
    now: str
    is_changed: bool


class CertificateOut(Schema):
    """Why a line got what it got, in full, and what has changed since."""

    line_id: int
    decided_at: datetime
    rule: str
    inputs_hash: str
    class_name: str
    semantics: str
    rank: int
    of: int
    wanted: int
    got: int
    sentence: str
    detail: dict[str, Any]
    supply: list[SupplyOut]
    claims: list[ClaimOut]
    then_and_now: list[DifferenceOut]


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("allocation.view") if caller else frozenset()


@router.get("/allocation-rules", response=list[RuleSetOut])
@requires("allocation.view")
def rule_sets(request: HttpRequest) -> Any:
    """Versions of the company and of the caller's sites, the newest first."""
    return queries_rules.rule_sets(_sites(request))


@router.get("/allocation-rules/shipped", response=dict[str, Any])
@requires("allocation.view")
def shipped(request: HttpRequest) -> Any:
    """The rules that decide where nobody wrote others; a form for drafts."""
    return RULES.dump_python(RuleSet(), mode="json")


@router.get("/allocation-rules/{int:rule_set_id}", response=RuleSetOut)
@requires("allocation.view")
def rule_set(request: HttpRequest, rule_set_id: BigId) -> Any:
    """One version."""
    return queries_rules.visible(rule_set_id, _sites(request))


@router.post("/allocation-rules", response=SavedOut)
def write(request: HttpRequest, body: RuleSetIn) -> RuleSetSaved:
    """Write a draft, or change one; nothing is promised by it yet."""
    req = WriteRuleSet(body.site_id, body.name, body.rules, body.note, body.rule_set_id)
    return commands_rules.write_rule_set(context_from(request), req)


@router.post("/allocation-rules/{int:rule_set_id}/ask", response=AskedOut)
def ask(request: HttpRequest, rule_set_id: BigId, body: AskIn) -> RuleSetAsked:
    """Ask that a draft decides from now on."""
    req = ActivateRuleSet(rule_set_id, body.instead_of, body.untried_because)
    return commands_rules.ask_rule_set(context_from(request), req)


@router.post("/allocation-rules/{int:rule_set_id}/end", response=SavedOut)
def end(request: HttpRequest, rule_set_id: BigId, body: EndIn) -> RuleSetSaved:
    """Drop a draft, or end the version in force."""
    return commands_rules.end_rule_set(context_from(request), EndRuleSet(rule_set_id, body.reason))


class RestOut(Schema):
    """Who gets the units of a delivery that the line does not get; `free` are nobody's."""

    order: int
    before: int
    behind: int
    quotes: int
    free: int


class TriedOut(Schema):
    """A change that was tried, and how many units the line gets by it; `sku` names another item of its order, `why` is
    the reason where it gets nothing."""

    kind: str
    id: int
    name: str
    note: str
    units: int
    offered: int
    on: date | None
    due_on: date | None
    sku: str
    why: str
    rest: RestOut


class OutlookOut(Schema):
    """How a line that waits stands by a decision of now. `wanted` is 0 where it waits for nothing, or is held."""

    sentence: str = ""
    wanted: int = 0
    now: int = 0
    expected: int = 0
    complete_on: date | None = None
    promised_on: date | None = None
    wanted_before: int = 0
    is_tried: bool = False
    arrivals: list[TriedOut] = []
    ways: list[TriedOut] = []
    in_vain: list[TriedOut] = []


@router.post("/allocation-runs", response=RunStartedOut)
def start(request: HttpRequest, body: RunIn) -> RunStarted:
    """Start a full run in parts as a job."""
    return commands_runs.start_run(context_from(request), StartRun(body.site_id))


@router.get("/allocation-runs", response=list[RunOut])
@requires("allocation.view")
def runs(request: HttpRequest) -> Any:
    """Full runs, the newest first."""
    return queries_runs.runs(_sites(request))


class ChangedLineOut(Schema):
    """A line that got units in a run, or gave some back: what it waited for before and after."""

    line_id: int
    order_id: int
    number: str
    line_no: int
    sku: str
    customer: str
    tier: str
    waited: int
    got: int
    gave_back: int
    waits: int


class RunChangesOut(Schema):
    """What one part of a run changed, of how many parts there are at your sites."""

    part: int
    parts: int
    site_id: int
    site: str
    lines: int
    changed: list[ChangedLineOut]


@router.get("/allocation-runs/{int:run_id}/changes", response=RunChangesOut)
@requires("allocation.view")
def run_changes(request: HttpRequest, run_id: BigId, part: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Any:
    """The lines that got units in a part of a full run, and those that gave some back."""
    return queries_changed.changes(run_id, _sites(request), part)


@router.get("/order-lines/{int:line_id}/certificate", response=CertificateOut)
@requires("allocation.view")
def certificate(request: HttpRequest, line_id: BigId) -> Any:
    """The newest certificate of a line in full, and then against now. Margins need sales.see_margin."""
    caller = caller_of(request)
    head = orders.access_order(orders.order_of_line(line_id), _sites(request))
    margins = caller.sites("sales.see_margin") if caller else frozenset()
    view = queries_certificates.certificate_of(line_id, shows_margin=bool({0, head.site_id} & margins))
    if view is None:
        raise NotFound("No certificate is kept for this line.", fix="Allocate its order.")
    claims = [
        {
            "rank": c.rank, "line_id": c.line_id, "number": c.number, "tier": c.tier, "class_name": c.class_name,
            "score": c.score if view.shows_score else None,
            "points": {name: getattr(c.points, name) for name in view.factors}, "wanted": c.wanted, "got": c.got,
        }
        for c in view.claims
    ]  # fmt: skip
    fields = ("line_id", "decided_at", "rule", "inputs_hash", "class_name", "semantics", "rank", "of", "wanted", "got")
    return {
        **{name: getattr(view, name) for name in fields},
        "sentence": view.sentence,
        "detail": view.detail,
        "supply": view.supply,
        "claims": claims,
        "then_and_now": queries_now.then_and_now(view, now()),
    }


@router.get("/order-lines/{int:line_id}/outlook", response=OutlookOut)
@requires("allocation.view")
def outlook(request: HttpRequest, line_id: BigId) -> Any:
    """What a line may expect, and what would change that: each change was decided as a run would decide it."""
    order_id = orders.order_of_line(line_id)
    head = orders.access_order(order_id, _sites(request))
    line = next(one for one in orders.lines_of(order_id) if one.line_id == line_id)
    found = queries_tried.standing_of(line_id, line.item_id, head.site_id, now())
    if found is None:
        return OutlookOut()
    fields = {name: getattr(found.outlook, name) for name in ("wanted", "now", "expected", "complete_on")}
    fields |= {name: [_tried(one) for one in getattr(found.outlook, name)] for name in ("arrivals", "ways", "in_vain")}
    return {
        **fields,
        "promised_on": found.promised_on,
        "sentence": found.sentence,
        "wanted_before": found.before,
        "is_tried": found.is_tried,
    }


def _tried(one: Tried) -> dict[str, Any]:
    return {**one._asdict(), "rest": one.rest._asdict()}
