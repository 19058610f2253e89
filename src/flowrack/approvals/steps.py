"""What stages do with approvals inside their own commands: submit, withdraw, void. Each is a constant number of
statements, whatever the number of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.approvals import locks, queries, rules
from flowrack.approvals.rules import Considered, PlannedStep
from flowrack.approvals.states import RequestState, StepState
from flowrack.approvals.types import KINDS, Fact, Outcome, RejectedBefore, Submission
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_numbers
from flowrack.platform.roles import ROLES
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine, Busy

refuse_on(
    "approval_one_live_per_document",
    lambda: Busy("Somebody else submitted the same document just now.", fix="Look at it again."),
)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asking:
    """A submission with what the policies said to it."""

    submission: Submission
    content_hash: str
    day: date
    facts: dict[str, Fact]
    considered: list[Considered]
    steps: list[PlannedStep]

    @property
    def state(self) -> RequestState:
        """Approved when nobody is asked."""
        return RequestState.WAITING if self.steps else RequestState.APPROVED

    @property
    def why(self) -> str:
        """The policies that ask, and the facts for which they do."""
        return " ".join(f"“{c.policy.name}” asks: {c.because}" for c in self.considered if c.asks)


def submit(ctx: Context, submissions: Sequence[Submission]) -> list[Outcome]:
    """Ask for documents; what came of each, in order. The documents must be locked by the caller.

    The same content keeps its live request; another one voids it and asks anew. Refuses with RejectedBefore.
    """
    if not submissions:
        return []
    hashes = [rules.content_hash(s.content) for s in submissions]
    live = locks.live([s.kind for s in submissions], [s.subject for s in submissions])
    outcomes: dict[Key, Outcome] = {}
    voided: list[int] = []
    fresh: list[tuple[Submission, str]] = []
    for submission, content_hash in zip(submissions, hashes, strict=True):
        key = (submission.kind, submission.subject)
        before = live.get(key)
        if before is not None and before.content_hash == content_hash:
            outcomes[key] = Outcome(submission.subject, before.state, before.request_id, before.number, content_hash)
            continue
        if before is not None:
            voided.append(before.request_id)
        fresh.append((submission, content_hash))
    _end(ctx, voided, RequestState.VOIDED, "Submitted again with another content.")
    if fresh:
        _refuse_rejected(fresh)
        for outcome, (submission, _) in zip(_ask(ctx, fresh), fresh, strict=True):
            outcomes[submission.kind, submission.subject] = outcome
    return [outcomes[s.kind, s.subject] for s in submissions]


def withdraw(ctx: Context, kind: str, subjects: Sequence[str], *, reason: str) -> int:
    """The documents do not ask any more; how many still waited. Two statements."""
    live = locks.live([kind] * len(subjects), list(subjects))
    waiting = [r.request_id for r in live.values() if r.state == RequestState.WAITING]
    return _end(ctx, waiting, RequestState.WITHDRAWN, reason)


def void(ctx: Context, kind: str, subjects: Sequence[str], *, reason: str) -> int:
    """The documents changed: what was asked or approved for them counts no more; how many. Two statements."""
    live = locks.live([kind] * len(subjects), list(subjects))
    return _end(ctx, [r.request_id for r in live.values()], RequestState.VOIDED, reason)


def _end(ctx: Context, request_ids: Sequence[int], state: RequestState, reason: str) -> int:
    if not request_ids:
        return 0
    return sql.execute(
        "UPDATE approvals_request SET state = %s, ended_at = %s, end_reason = %s WHERE id = ANY(%s)",
        (str(state), ctx.now, reason[:400], list(request_ids)),
    )


def _refuse_rejected(fresh: Sequence[tuple[Submission, str]]) -> None:
    rejected = queries.rejected_before([(s.kind, s.subject, content_hash) for s, content_hash in fresh])
    lines = [
        BadLine(n, "content", f"{number} was rejected by {who}: {reason}", "Change the document first.")
        for n, (s, _) in enumerate(fresh, start=1)
        for number, who, reason in [rejected.get((s.kind, s.subject), ("", "", ""))]
        if number
    ]
    if lines:
        raise RejectedBefore(lines[0].message, lines=lines, fix="Change the document, then submit it again.")


def _ask(ctx: Context, fresh: Sequence[tuple[Submission, str]]) -> list[Outcome]:
    asking = _consider(ctx, fresh)
    numbers = next_numbers("AP", len(asking))
    ids = _insert_requests(ctx, asking, numbers)
    _insert_facts(ids, asking)
    _insert_changes(ids, asking)
    _insert_steps(ctx, ids, asking)
    decisions.record(ctx, [_decision(a, number) for a, number in zip(asking, numbers, strict=True)])
    return [
        Outcome(a.submission.subject, str(a.state), request_id, number, a.content_hash, a.why)
        for a, request_id, number in zip(asking, ids, numbers, strict=True)
    ]


def _consider(ctx: Context, fresh: Sequence[tuple[Submission, str]]) -> list[Asking]:
    kinds = sorted({s.kind for s, _ in fresh})
    policies = queries.policies_at(kinds, ctx.now)
    days = queries.business_days(list({s.site_id for s, _ in fresh}), now=ctx.now)
    adding_up = {kind for kind in kinds if rules.looks_at_totals([p for p in policies if p.kind == kind])}
    totals = _totals([s for s, _ in fresh if s.kind in adding_up], days)
    found = []
    for submission, content_hash in fresh:
        facts: dict[str, Fact] = {
            "amount": submission.amount,
            **totals.get((submission.kind, submission.subject), {}),
            **submission.facts,
        }
        own = [p for p in policies if p.kind == submission.kind]
        considered = rules.consider(own, facts, KINDS[submission.kind])
        steps = rules.plan([c.policy for c in considered if c.asks])
        found.append(Asking(submission, content_hash, days[submission.site_id], facts, considered, steps))
    return found


def _totals(submissions: Sequence[Submission], days: dict[int, date]) -> dict[Key, dict[str, Fact]]:
    """The totals of the requesters with these submissions, which count one after the other."""
    if not submissions:
        return {}
    locks.submissions_of([(s.kind, s.requester_id) for s in submissions])
    before = queries.submitted_before(
        [(s.kind, s.requester_id, s.site_id, s.partner, days[s.site_id]) for s in submissions]
    )
    run_day: dict[tuple[str, int, int], Decimal] = {}
    run_week: dict[tuple[str, int, str], Decimal] = {}
    found: dict[Key, dict[str, Fact]] = {}
    for s, (of_day, of_week) in zip(submissions, before, strict=True):
        day_key, week_key = (s.kind, s.requester_id, s.site_id), (s.kind, s.requester_id, s.partner)
        run_day[day_key] = run_day.get(day_key, Decimal(0)) + s.amount
        run_week[week_key] = run_week.get(week_key, Decimal(0)) + s.amount
        found[s.kind, s.subject] = {
            "day_total": of_day + run_day[day_key],
            "week_total": of_week + run_week[week_key] if s.partner else None,
        }
    return found


def _insert_requests(ctx: Context, asking: Sequence[Asking], numbers: list[str]) -> list[int]:
    submissions = [a.submission for a in asking]
    rows = sql.fetch_all(
        """
        INSERT INTO approvals_request
               (number, kind, subject, site_id, amount, currency, partner, partner_name, summary, sentence, reason,
                content, content_hash, requester_id, barred_ids, state, submitted_at, submitted_on, ended_at,
                end_reason)
        SELECT n.number, n.kind, n.subject, nullif(n.site_id, 0), n.amount, n.currency, n.partner,
               left(n.partner_name, 160), left(n.summary, 200), n.sentence, left(n.reason, 400), n.content,
               n.hash, n.requester_id, string_to_array(n.barred, ' ')::bigint[], n.state, %s, n.day,
               CASE WHEN n.state = 'waiting' THEN NULL ELSE %s::timestamptz END, ''
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::numeric[], %s::text[], %s::text[],
                    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[],
                    %s::text[], %s::date[])
             WITH ORDINALITY AS n(number, kind, subject, site_id, amount, currency, partner, partner_name, summary,
                                  sentence, reason, content, hash, requester_id, barred, state, day, place)
        ORDER BY n.place
        RETURNING id
        """,
        (
            ctx.now,
            ctx.now,
            numbers,
            [s.kind for s in submissions],
            [s.subject for s in submissions],
            [s.site_id for s in submissions],
            [s.amount for s in submissions],
            [s.currency for s in submissions],
            [s.partner for s in submissions],
            [s.partner_name for s in submissions],
            [s.summary for s in submissions],
            [s.sentence for s in submissions],
            [s.reason for s in submissions],
            [rules.canonical(s.content) for s in submissions],
            [a.content_hash for a in asking],
            [s.requester_id for s in submissions],
            [" ".join(map(str, sorted({s.requester_id, *s.writer_ids}))) for s in submissions],
            [str(a.state) for a in asking],
            [a.day for a in asking],
        ),
    )
    return [row[0] for row in rows]


def _insert_facts(ids: Sequence[int], asking: Sequence[Asking]) -> None:
    flat = [(i, name, rules.as_text(fact)) for i, a in zip(ids, asking, strict=True) for name, fact in a.facts.items()]
    sql.execute(
        """
        INSERT INTO approvals_requestfact (request_id, name, value)
        SELECT request_id, name, left(value, 80)
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(request_id, name, value)
        """,
        ([f[0] for f in flat], [f[1] for f in flat], [f[2] for f in flat]),
    )


def _insert_changes(ids: Sequence[int], asking: Sequence[Asking]) -> None:
    flat = [
        (i, no, change)
        for i, a in zip(ids, asking, strict=True)
        for no, change in enumerate(a.submission.changes, start=1)
    ]
    if not flat:
        return
    sql.execute(
        """
        INSERT INTO approvals_requestchange (request_id, line_no, label, field, before, after, is_exception, needs)
        SELECT request_id, line_no, left(label, 200), left(field, 60), left(before, 200), left(after, 200),
               is_exception, needs
        FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[])
             AS n(request_id, line_no, label, field, before, after, is_exception, needs)
        """,
        (
            [i for i, _, _ in flat],
            [no for _, no, _ in flat],
            [c.label for _, _, c in flat],
            [c.field for _, _, c in flat],
            [c.before for _, _, c in flat],
            [c.after for _, _, c in flat],
            [c.is_exception for _, _, c in flat],
            [c.needs for _, _, c in flat],
        ),
    )


def _insert_steps(ctx: Context, ids: Sequence[int], asking: Sequence[Asking]) -> None:
    flat = [
        (i, planned, planned.step.sequence == a.steps[0].step.sequence)
        for i, a in zip(ids, asking, strict=True)
        for planned in a.steps
    ]
    if not flat:
        return
    sql.execute(
        """
        INSERT INTO approvals_step (request_id, sequence, roles, needed, state, deadline_hours, escalation_role,
                                    policy_ids, opened_at, due_at)
        SELECT n.request_id, n.sequence, string_to_array(n.roles, ' '), n.needed, n.state, n.hours, n.escalation,
               string_to_array(n.policies, ' ')::bigint[], CASE WHEN n.state = 'open' THEN %s::timestamptz END, n.due_at
        FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::smallint[], %s::text[], %s::int[], %s::text[],
                    %s::text[], %s::timestamptz[])
             WITH ORDINALITY AS n(request_id, sequence, roles, needed, state, hours, escalation, policies, due_at,
                                  place)
        ORDER BY n.place
        """,
        (
            ctx.now,
            [i for i, _, _ in flat],
            [p.step.sequence for _, p, _ in flat],
            [" ".join(p.step.roles) for _, p, _ in flat],
            [p.step.needed for _, p, _ in flat],
            [str(StepState.OPEN if is_first else StepState.AHEAD) for _, _, is_first in flat],
            [p.step.deadline_hours for _, p, _ in flat],
            [p.step.escalation_role for _, p, _ in flat],
            [" ".join(map(str, p.policy_ids)) for _, p, _ in flat],
            [rules.due_at(p.step, ctx.now) if is_first else None for _, p, is_first in flat],
        ),
    )


def role_names(roles: Sequence[str]) -> str:
    """Roles as people call them: Purchasing manager or Finance controller."""
    return " or ".join(ROLES.get(role, role) for role in roles)


def _in_turn(steps: Sequence[PlannedStep]) -> str:
    """Who is asked, those of one sequence side by side: Buyer, and Controller, then Manager."""
    at: dict[int, list[str]] = {}
    for planned in steps:
        at.setdefault(planned.step.sequence, []).append(role_names(planned.step.roles))
    return ", then ".join(", and ".join(names) for _, names in sorted(at.items()))


def _decision(asking: Asking, number: str) -> DecisionRow:
    """Which policies asked, which did not, and the facts they saw."""
    asked = [c for c in asking.considered if c.asks]
    silent = [c for c in asking.considered if not c.asks]
    if asking.steps:
        who = _in_turn(asking.steps)
        sentence = f"{number} waits for {who}. “{asked[0].policy.name}” asks. {asked[0].because}"
    else:
        sentence = f"{number} was approved at once: no policy asked."
    detail: dict[str, str] = {
        "asked": " ".join(f"“{c.policy.name}” version {c.policy.version}: {c.because}" for c in asked) or "none",
        "did_not_ask": " ".join(f"“{c.policy.name}” version {c.policy.version}: {c.because}" for c in silent) or "none",
        **{name: rules.as_text(fact) or "not known" for name, fact in asking.facts.items()},
        "content_hash": asking.content_hash,
    }
    versions = " ".join(f"{c.policy.code}:{c.policy.version}" for c in asking.considered)
    return DecisionRow("approval", asking.submission.subject, sentence, versions[:80] or "no policy", detail)
