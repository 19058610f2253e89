"""Approvals for other systems: what waits, verdicts, delegations, policies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status

from flowrack.approvals import commands, queries_people, queries_policies
from flowrack.approvals import queries_pages as queries
from flowrack.approvals.states import RequestState
from flowrack.approvals.types import (
    Condition,
    Decide,
    Delegate,
    Delegated,
    PolicyStep,
    PolicyWritten,
    RevokeDelegation,
    Seen,
    VerdictsGiven,
    WritePolicy,
)
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, etag_of, page_out
from flowrack.platform.http import Caller, caller_of, context_from, now, requires

router = Router(tags=["approvals"])


class RequestOut(Schema):
    """An approval request. `for_name`: in whose place it asks the caller; empty = for themselves."""

    id: int
    number: str
    kind: str
    subject: str
    site_id: int
    site: str
    summary: str
    amount: Decimal
    partner_name: str
    requester: str
    state: str
    content_hash: str
    submitted_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    is_escalated: bool
    asks: list[str]
    for_name: str


class ChangeOut(Schema):
    """A line of before and after."""

    label: str
    field: str
    before: str
    after: str
    is_exception: bool


class StepOut(Schema):
    """A step: roles of which any may approve, how many, how many have."""

    sequence: int
    roles: list[str]
    needed: int
    given: int
    state: str
    due_at: datetime | None
    escalation_role: str
    escalated_at: datetime | None
    policies: list[str]


class VerdictOut(Schema):
    """Somebody's verdict; `given_for`: in whose place."""

    verdict: str
    given_by: str
    given_for: str
    reason: str
    given_at: datetime


class RequestRecordOut(Schema):
    """A request in full."""

    head: RequestOut
    sentence: str
    reason: str
    end_reason: str
    facts: dict[str, str]
    changes: list[ChangeOut]
    steps: list[StepOut]
    verdicts: list[VerdictOut]


class SeenIn(Schema):
    """A request and the content hash that was seen."""

    request_id: BigId
    content_hash: str


class DecideIn(Schema):
    """One verdict, approve or reject, on requests; a rejection needs a reason."""

    requests: list[SeenIn] = Field(min_length=1, max_length=commands.MOST_AT_ONCE)
    verdict: str
    reason: str = Field("", max_length=400)


class DecidedOut(Schema):
    """Where a request stands now."""

    request_id: int
    number: str
    document: str
    subject: str
    state: str
    content_hash: str


class VerdictsOut(Schema):
    """Where the requests stand now, in the order of the request."""

    requests: list[DecidedOut]


class DelegateIn(Schema):
    """Who stands in until when; no kinds = all kinds; `from_id` for somebody who is away."""

    to_id: BigId
    until: datetime
    begins_at: datetime | None = None
    from_id: BigId | None = None
    kinds: list[str] = []


class DelegatedOut(Schema):
    """The delegation."""

    delegation_id: int


class DelegationOut(Schema):
    """A delegation."""

    id: int
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    begins_at: datetime
    until: datetime
    kinds: list[str]
    revoked_at: datetime | None
    written_by: str


class ConditionIn(Schema):
    """Field, operator (>, >=, <, <=, =, !=) and value."""

    field: str
    operator: str
    value: str = Field(max_length=80)


class PolicyStepIn(Schema):
    """Any of the roles, how many people, within how many hours, and who may after that."""

    sequence: int
    roles: list[str]
    needed: int = 1
    deadline_hours: int | None = None
    escalation_role: str = ""


class PolicyIn(Schema):
    """A version of a policy."""

    kind: str
    code: str
    name: str
    conditions: list[ConditionIn] = []
    steps: list[PolicyStepIn]
    reason: str
    is_active: bool = True
    effective_from: datetime | None = None


class PolicyWrittenOut(Schema):
    """The version that was written."""

    policy_id: int
    code: str
    version: int


class PolicyOut(PolicyIn):
    """The newest version of a policy; `when` and `asks` say it in words."""

    id: int
    version: int
    written_by: str
    written_at: datetime
    when: str
    asks: str


@router.get("/approvals/requests", response=PageOut[RequestOut])
@requires("approvals.view")
def list_requests(
    request: HttpRequest,
    response: HttpResponse,
    state: list[RequestState] = Query([]),  # type: ignore[type-arg]  # noqa: B008
    kind: list[str] = Query([]),  # type: ignore[type-arg]  # noqa: B008
    subject: str = "",
    is_mine: bool = False,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Requests at the caller's sites, newest first; `is_mine`: those that the caller asked for."""
    caller = _caller(request)
    rows = queries.requests(
        queries.sight(caller.user_id, caller.sites),
        is_mine=is_mine,
        states=[str(s) for s in state],
        kinds=kind,
        subject=subject,
        before=after_id(cursor) or None,
        limit=limit + 1,
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/approvals/inbox", response=list[RequestOut])
@requires("approvals.decide")
def inbox(request: HttpRequest, offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0) -> Any:
    """What waits for the caller's verdict, by deadline, then by value; 200 from a place (`offset`) in it on."""
    caller = _caller(request)
    sites = sorted(caller.sites("approvals.decide"))
    return queries.waiting_for(caller.user_id, now(), site_ids=sites, offset=offset).rows


@router.get("/approvals/requests/{int:request_id}", response=RequestRecordOut)
@requires("approvals.view")
def read_request(request: HttpRequest, response: HttpResponse, request_id: BigId) -> Any:
    """One request: facts, before and after, steps and verdicts."""
    caller = _caller(request)
    sites = sorted(caller.sites("approvals.decide"))
    is_asked = bool(queries.to_decide(caller.user_id, now(), site_ids=sites, request_id=request_id))
    found = queries.request(request_id, queries.sight(caller.user_id, caller.sites), is_asked=is_asked)
    response["ETag"] = etag_of(found.head.id, found.head.state, len(found.verdicts))
    return {
        "head": found.head,
        "sentence": found.sentence,
        "reason": found.reason,
        "end_reason": found.end_reason,
        "facts": dict(found.facts),
        "changes": found.seen_by(caller.sites),
        "steps": found.steps,
        "verdicts": found.verdicts,
    }


@router.post("/approvals/decide", response=VerdictsOut)
@requires("approvals.decide")
def decide(request: HttpRequest, body: DecideIn) -> VerdictsGiven:
    """Approve or reject requests, all of them or none."""
    seen = [Seen(one.request_id, one.content_hash) for one in body.requests]
    return commands.decide(context_from(request), Decide(seen, body.verdict, body.reason))


@router.get("/approvals/delegations", response=list[DelegationOut])
@requires("approvals.decide")
def list_delegations(request: HttpRequest) -> Any:
    """The caller's delegations in both directions; of everybody, for who writes policies. Newest first, at most 100."""
    caller = _caller(request)
    return queries_people.delegations(person_id=caller.user_id, everybody=caller.may("approvals.policy"))


@router.post("/approvals/delegations", response={201: DelegatedOut})
@requires("approvals.decide")
def delegate(request: HttpRequest, body: DelegateIn) -> Status[Delegated]:
    """Let a person stand in."""
    return Status(201, commands.delegate(context_from(request), Delegate(**body.dict())))


@router.post("/approvals/delegations/{int:delegation_id}/revoke", response=DelegatedOut)
@requires("approvals.decide")
def revoke_delegation(request: HttpRequest, delegation_id: BigId) -> Delegated:
    """End a delegation now."""
    return commands.revoke_delegation(context_from(request), RevokeDelegation(delegation_id))


@router.get("/approvals/policies", response=list[PolicyOut])
@requires("approvals.view")
def list_policies(request: HttpRequest) -> Any:
    """The newest version of every policy."""
    return queries_policies.newest()


@router.post("/approvals/policies", response={201: PolicyWrittenOut})
@requires("approvals.policy")
def write_policy(request: HttpRequest, body: PolicyIn) -> Status[PolicyWritten]:
    """Write the next version of a policy, or the first of a new one."""
    asked = WritePolicy(
        kind=body.kind,
        code=body.code,
        name=body.name,
        conditions=[Condition(c.field, c.operator, c.value) for c in body.conditions],
        steps=[
            PolicyStep(s.sequence, tuple(s.roles), s.needed, s.deadline_hours, s.escalation_role) for s in body.steps
        ],
        reason=body.reason,
        is_active=body.is_active,
        effective_from=body.effective_from,
    )
    return Status(201, commands.write_policy(context_from(request), asked))


def _caller(request: HttpRequest) -> Caller:
    caller = caller_of(request)
    assert caller is not None, "the gate lets nobody else through"
    return caller
