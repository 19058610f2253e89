"""Verdicts: who may give one, what it completes, and what is told. For the inbox and for stages that approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowrack.approvals import locks, queries, rules, states
from flowrack.approvals.locks import LockedRequest
from flowrack.approvals.queries import Right, StepRow
from flowrack.approvals.rules import OpenStep, Seat
from flowrack.approvals.states import RequestState, StepState
from flowrack.approvals.types import (
    ApprovalsDecided,
    ContentChanged,
    DecidedRequest,
    PolicyStep,
    ReasonMissing,
    Seen,
)
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine, FlowrackError, Invalid, NotFound, WrongState

VERDICTS = ("approve", "reject")

refuse_on(
    "approvals_verdict_possible",
    lambda: WrongState("This request takes no verdict of yours any more.", fix="Look at it again."),
)


@dataclass(slots=True)
class Progress:
    """What a verdict does to one request."""

    request: LockedRequest
    seat: Seat
    state: RequestState
    steps: list[StepRow] = field(default_factory=list)  # those that change, as they will be


def decide(ctx: Context, seen: Sequence[Seen], verdict: str, *, reason: str = "") -> list[DecidedRequest]:
    """Give one verdict on requests, wholly or not at all; where they stand then, in order. Eight statements.

    Emits approvals.decided for those that ended. Refuses, naming every bad line, with NotFound, WrongState,
    ContentChanged, DutiesConflict, NotYourStep, ReasonMissing.
    """
    if verdict not in VERDICTS:
        raise Invalid("A verdict is approve or reject.", lines=[BadLine(0, "verdict", "Choose approve or reject.")])
    if verdict == "reject" and not reason.strip():
        raise ReasonMissing("A rejection needs a reason.", fix="Say in a few words what should change.")
    ids = [one.request_id for one in seen]
    if not ids or len(set(ids)) != len(ids):
        raise Invalid("Name each request once, and at least one.")
    found = locks.requests(ids)
    steps = queries.unfinished_steps(ids)
    used = queries.hands_used(ids)
    rights = queries.rights_of(ctx.actor_id, ctx.now)
    progress: list[Progress] = []
    refusals: list[tuple[int, FlowrackError]] = []
    for line, one in enumerate(seen, start=1):
        try:
            request = _checked(ctx, found.get(one.request_id), one)
            open_steps = [s for s in steps[one.request_id] if s.state == StepState.OPEN]
            seat = _seat(request, open_steps, rights, used.get(one.request_id, frozenset()), ctx.actor_id)
            progress.append(_progress(request, seat, steps[one.request_id], verdict))
        except FlowrackError as refusal:
            refusals.append((line, refusal))
    if refusals:
        _refuse(refusals)
    _write(ctx, progress, verdict, reason.strip())
    done = [_decided(p) for p in progress]
    ended = [d for d in done if d.state != RequestState.WAITING]
    if ended:
        ctx.emit(ApprovalsDecided(requests=ended))
    return done


def _checked(ctx: Context, request: LockedRequest | None, seen: Seen) -> LockedRequest:
    if request is None or not ctx.may("approvals.decide", request.site_id):
        raise NotFound(f"There is no approval request with id {seen.request_id}.")
    states.advance(RequestState(request.state), "approve", number=request.number)
    if seen.content_hash != request.content_hash:
        raise ContentChanged(f"{request.number} is not what you saw.", fix="Read it again, then decide.")
    return request


def _seat(
    request: LockedRequest, steps: Sequence[StepRow], rights: Sequence[Right], used: frozenset[int], actor_id: int
) -> Seat:
    return rules.seat(
        number=request.number,
        steps=[OpenStep(s.step_id, _roles(s)) for s in steps],
        hands=[right.hand(kind=request.kind, site_id=request.site_id) for right in rights],
        actor_id=actor_id,
        barred=frozenset(request.barred_ids),
        used=used,
    )


def _roles(step: StepRow) -> frozenset[str]:
    """The roles that may decide at a step: with its escalation role once it is escalated."""
    return frozenset([*step.roles, *([step.escalation_role] if step.is_escalated else [])])


def _progress(request: LockedRequest, seat: Seat, steps: Sequence[StepRow], verdict: str) -> Progress:
    """What the verdict completes: the step, then the sequence, then the request."""
    if verdict == "reject":
        return Progress(request, seat, RequestState.REJECTED)
    after: list[StepRow] = []
    for step in steps:
        given = step.given + (step.step_id == seat.step_id)
        state = StepState.DONE if given >= step.needed else StepState(step.state)
        after.append(_changed(step, given=given, state=str(state)))
    left = [s for s in after if s.state != StepState.DONE]
    if not left:
        return Progress(request, seat, RequestState.APPROVED, _different(steps, after))
    now_at = min(s.sequence for s in left)
    after = [
        _changed(s, given=s.given, state=str(StepState.OPEN))
        if s.sequence == now_at and s.state == StepState.AHEAD
        else s
        for s in after
    ]
    return Progress(request, seat, RequestState.WAITING, _different(steps, after))


def _changed(step: StepRow, *, given: int, state: str) -> StepRow:
    return StepRow(
        step.step_id, step.request_id, step.sequence, step.roles, step.needed, given, state, step.deadline_hours,
        step.escalation_role, step.is_escalated,
    )  # fmt: skip


def _different(before: Sequence[StepRow], after: Sequence[StepRow]) -> list[StepRow]:
    return [new for old, new in zip(before, after, strict=True) if old != new]


def _refuse(refusals: Sequence[tuple[int, FlowrackError]]) -> None:
    """One refusal for all bad lines: of the first one's type, naming each."""
    first = refusals[0][1]
    if len(refusals) == 1:
        raise first
    lines = [BadLine(line, "request_id", r.message, r.fix) for line, r in refusals]
    raise type(first)(f"{len(refusals)} requests cannot take your verdict.", lines=lines, fix=first.fix)


def _write(ctx: Context, progress: Sequence[Progress], verdict: str, reason: str) -> None:
    sql.execute(
        """
        INSERT INTO approvals_verdict
               (request_id, step_id, verdict, given_by_id, given_for_id, delegation_id, content_hash, reason, given_at)
        SELECT n.request_id, n.step_id, %s, %s, n.for_id, nullif(n.delegation_id, 0), n.hash, left(%s, 400), %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
             AS n(request_id, step_id, for_id, delegation_id, hash)
        """,
        (
            verdict,
            ctx.actor_id,
            reason,
            ctx.now,
            [p.request.request_id for p in progress],
            [p.seat.step_id for p in progress],
            [p.seat.for_id for p in progress],
            [p.seat.delegation_id for p in progress],
            [p.request.content_hash for p in progress],
        ),
    )
    changed = [s for p in progress for s in p.steps]
    if changed:
        _write_steps(ctx, changed)
    ended = [p for p in progress if p.state != RequestState.WAITING]
    if ended:
        sql.execute(
            """
            UPDATE approvals_request r SET state = n.state, ended_at = %s
            FROM unnest(%s::bigint[], %s::text[]) AS n(id, state) WHERE r.id = n.id
            """,
            (ctx.now, [p.request.request_id for p in ended], [str(p.state) for p in ended]),
        )


def _write_steps(ctx: Context, steps: Sequence[StepRow]) -> None:
    sql.execute(
        """
        UPDATE approvals_step s
        SET given = n.given, state = n.state,
            opened_at = coalesce(s.opened_at, CASE WHEN n.state <> 'ahead' THEN %s::timestamptz END),
            due_at = coalesce(s.due_at, n.due_at)
        FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[]) AS n(id, given, state, due_at)
        WHERE s.id = n.id
        """,
        (
            ctx.now,
            [s.step_id for s in steps],
            [s.given for s in steps],
            [s.state for s in steps],
            [
                rules.due_at(PolicyStep(s.sequence, (), deadline_hours=s.deadline_hours), ctx.now)
                if s.state == StepState.OPEN
                else None
                for s in steps
            ],
        ),
    )


def _decided(progress: Progress) -> DecidedRequest:
    request = progress.request
    return DecidedRequest(
        request.request_id, request.number, request.kind, request.subject, str(progress.state), request.content_hash
    )
