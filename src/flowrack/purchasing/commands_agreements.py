"""The door of supplier agreements: write, revise, approve and end them, and take their prices from files."""

from __future__ import annotations

from dataclasses import replace

from flowrack.approvals import steps as approvals
from flowrack.approvals import steps_decide
from flowrack.approvals.queries import standing
from flowrack.approvals.types import Seen
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.purchasing import locks_agreements, queries_agreements, rules_agreements, steps_agreement_import
from flowrack.purchasing import steps_agreements as steps
from flowrack.purchasing import steps_agreements_asking as asking
from flowrack.purchasing.models_agreements import Agreement
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.queries_agreements_asking import in_the_way, revisions, revisions_waiting
from flowrack.purchasing.queries_approvals import system_id
from flowrack.purchasing.states_agreements import AgreementState, advance
from flowrack.purchasing.types_agreements import (
    AGREEMENT_KIND,
    AgreementOverlaps,
    AgreementsApplied,
    AgreementSaved,
    ApplyAgreements,
    ApproveAgreement,
    BadAgreement,
    ChangeAgreement,
    CreateAgreement,
    EndAgreement,
    ReviseAgreement,
)
from flowrack.shared.errors import BadLine, Invalid, Stale
from flowrack.shared.refs import ref


@command(permission="purchasing.agree", result=AgreementSaved)
def create_agreement(ctx: Context, req: CreateAgreement) -> AgreementSaved:
    """Write an agreement as a draft. Refuses with BadAgreement, naming every bad line."""
    ctx.require("purchasing.agree", req.content.site_id or 0)
    steps.check(req.content)
    draft = Agreement(number=next_number("AG"), created_by_id=ctx.actor_id, changed_by_id=ctx.actor_id)
    steps.fill(draft, req.content)
    draft.save()
    steps.write_lines(draft, req.content)
    return _saved(ctx, draft)


@command(permission="purchasing.agree", result=AgreementSaved)
def change_agreement(ctx: Context, req: ChangeAgreement) -> AgreementSaved:
    """Replace the content of a draft; whoever ever did may not approve it.

    Refuses with WrongState, Stale, BadAgreement.
    """
    draft, _ = locks_agreements.agreement(req.agreement_id)
    ctx.require("purchasing.agree", draft.site_id or 0)
    ctx.require("purchasing.agree", req.content.site_id or 0)
    advance(AgreementState(draft.state), "change", name=_name(draft))
    _as_read(draft, req.revision)
    steps.check(req.content)
    if draft.version > 1 and (req.content.supplier_id, req.content.site_id) != (draft.supplier_id, draft.site_id):
        raise BadAgreement("A later version is for the same supplier and site.", fix="Write a new agreement instead.")
    steps.fill(draft, req.content)
    draft.revision += 1
    draft.changed_by_id = ctx.actor_id
    draft.save()
    steps.write_lines(draft, req.content)
    asking.void(ctx, [draft.pk])
    return _saved(ctx, draft)


@command(permission="purchasing.agree", result=AgreementSaved)
def revise_agreement(ctx: Context, req: ReviseAgreement) -> AgreementSaved:
    """Begin the next version of an agreement, as a draft with the same content; the old one counts until then.

    Prices that an even later day would replace come along; those from before the first day begin on it. Refuses with
    WrongState, or Busy when there is such a draft already.
    """
    old, others = locks_agreements.agreement(req.agreement_id)
    ctx.require("purchasing.agree", old.site_id or 0)
    advance(AgreementState(old.state), "revise", name=_name(old))
    before = queries_agreements.content_of(old.pk)
    content = replace(
        before,
        valid_from=req.valid_from,
        valid_to=None if before.valid_to is None or before.valid_to < req.valid_from else before.valid_to,
        lines=rules_agreements.carried_over(before.lines, req.valid_from),
    )
    steps.check(content)
    version = max(g.version for g in (old, *others)) + 1
    draft = Agreement(number=old.number, version=version, created_by_id=ctx.actor_id, changed_by_id=ctx.actor_id)
    steps.fill(draft, content)
    draft.save()
    steps.write_lines(draft, content)
    return _saved(ctx, draft)


@command(permission="purchasing.agree", result=AgreementSaved)
def submit_agreement(ctx: Context, req: ApproveAgreement) -> AgreementSaved:
    """Ask approval for a draft; where no policy asks, it is in force at once, unless Flowrack itself wrote it.

    Emits purchasing.agreement_approved for that. Refuses with WrongState, Stale, AgreementOverlaps, RejectedBefore.
    """
    draft, others = _to_approve(req)
    ctx.require("purchasing.agree", draft.site_id or 0)
    number = in_the_way(draft.pk)
    if number:
        raise AgreementOverlaps(f"{number} with this supplier is in force at that time.", fix="Let it end first.")
    outcome = asking.submit(ctx, draft, requester_id=ctx.actor_id)
    if outcome.is_approved:
        by_id = standing([asking.subject(draft.pk)], AGREEMENT_KIND)[asking.subject(draft.pk)].last_by_id
        asking.put_in_force(ctx, draft, others, by_id=by_id or system_id())
    return _saved(ctx, draft, approval=outcome.number)


@command(permission="purchasing.approve", result=AgreementSaved)
def approve_agreement(ctx: Context, req: ApproveAgreement) -> AgreementSaved:
    """Give one's approval to a draft, asking for it first where nobody has; it is in force once no policy asks for
    more, and the version before it ends the day before.

    Emits purchasing.agreement_approved. Refuses with WrongState, Stale, DutiesConflict (S19), AgreementOverlaps,
    NotYourStep, RejectedBefore.
    """
    draft, others = _to_approve(req)
    ctx.require("purchasing.approve", draft.site_id or 0)
    ctx.require("approvals.decide", draft.site_id or 0)
    for writer in draft.writer_ids:
        ctx.require_other_person(
            writer, rule="S19", sentence=f"You wrote or changed {_name(draft)}, so somebody else must approve it."
        )
    outcome = asking.submit(ctx, draft, requester_id=draft.changed_by_id)
    state = outcome.state
    if not outcome.is_approved:
        [decided] = steps_decide.decide(ctx, [Seen(outcome.request_id, outcome.content_hash)], "approve")
        state = decided.state
    if state == "approved":
        asking.put_in_force(ctx, draft, others, by_id=ctx.actor_id)
    return _saved(ctx, draft, approval=outcome.number)


@command(permission="purchasing.apply", result=AgreementsApplied)
def apply_agreements(ctx: Context, req: ApplyAgreements) -> AgreementsApplied:
    """Put in force what was approved in the inbox; what is another content by now, or would overlap with an agreement
    in force, is void with the reason.

    Emits purchasing.agreement_approved.
    """
    in_force, voided = [], []
    for agreement_id, request_id in sorted(zip(req.agreement_ids, req.request_ids, strict=True)):
        draft, others = locks_agreements.agreement(agreement_id)
        subject = asking.subject(agreement_id)
        found = standing([subject], AGREEMENT_KIND).get(subject)
        is_decided = found is not None and (found.request_id, found.state) == (request_id, "approved")
        if found is None or not is_decided or draft.state != AgreementState.DRAFT:
            continue
        number = in_the_way(agreement_id)
        if number or found.content_hash != asking.content_hash(agreement_id):
            why = f"{number} is in force at that time." if number else "The agreement was changed."
            approvals.void(ctx, AGREEMENT_KIND, [subject], reason=why)
            voided.append(agreement_id)
        else:
            asking.put_in_force(ctx, draft, others, by_id=found.last_by_id)
            in_force.append(agreement_id)
    ctx.about(AGREEMENT_KIND, [*in_force, *voided])
    return AgreementsApplied(in_force, voided)


def _to_approve(req: ApproveAgreement) -> tuple[Agreement, list[Agreement]]:
    """The draft as it was read, and its other versions, locked."""
    draft, others = locks_agreements.agreement(req.agreement_id)
    advance(AgreementState(draft.state), "approve", name=_name(draft))
    _as_read(draft, req.revision)
    return draft, others


@command(permission="purchasing.agree", result=AgreementSaved)
def end_agreement(ctx: Context, req: EndAgreement) -> AgreementSaved:
    """Withdraw a draft or what has not begun, or let an agreement in force end earlier; all but the first needs the
    right to approve.

    One that has not begun is withdrawn unless a last day of it is named; a version that it replaced ends as before.
    Orders written before keep their prices. Refuses with WrongState, BadAgreement.
    """
    mine, _ = locks_agreements.agreement(req.agreement_id)
    site_id = mine.site_id or 0
    ctx.require("purchasing.agree", site_id)
    if not req.reason.strip():
        raise Invalid("A reason is needed.", fix="Say in a few words why.")
    was = AgreementState(mine.state)
    mine.state = advance(was, "end", name=_name(mine))
    approvals.withdraw(ctx, AGREEMENT_KIND, [asking.subject(mine.pk)], reason=req.reason.strip())
    if was == AgreementState.ACTIVE:
        ctx.require("purchasing.approve", site_id)
        today = business_days([site_id], now=ctx.now).get(site_id, ctx.now.date())
        last = req.last_day or today
        if today < mine.valid_from and last < mine.valid_from:
            mine.state = advance(was, "withdraw", name=_name(mine))
        elif last < mine.valid_from or (mine.valid_to is not None and last > mine.valid_to):
            bad = BadLine(0, "last_day", f"{last} is outside the agreement.", "Choose a day within it.")
            raise BadAgreement(bad.message, lines=[bad], fix=bad.fix)
        else:
            mine.valid_to = last
    mine.ended_by_id, mine.ended_at, mine.end_reason = ctx.actor_id, ctx.now, req.reason.strip()[:200]
    mine.save()
    return _saved(ctx, mine)


@command(permission="purchasing.agree", result=ImportReport)
def import_agreement_lines(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring the lines and prices of draft agreements in line with a file; whoever does it may not approve them.

    Approvals that were asked for drafts that the file changes are void.
    """
    ctx.require("purchasing.agree", 0)
    waiting = revisions_waiting()
    report = load(steps_agreement_import.agreement_lines(changed_by=ctx.actor_id), req)
    changed = [pk for pk, now in revisions(list(waiting)).items() if now != waiting[pk]]
    if changed:
        asking.void(ctx, changed)
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    return report


def _name(agreement: Agreement) -> str:
    return f"{agreement.number} v{agreement.version}"


def _as_read(draft: Agreement, revision: int) -> None:
    if draft.revision != revision:
        raise Stale(
            f"{_name(draft)} was changed since you read it (revision {draft.revision}, you have {revision}).",
            fix="Read it again and repeat your step.",
        )


def _saved(ctx: Context, agreement: Agreement, approval: str = "") -> AgreementSaved:
    ctx.subject = ref(AGREEMENT_KIND, agreement.pk)
    return AgreementSaved(
        agreement.pk, agreement.number, agreement.version, agreement.revision, str(agreement.state), approval
    )
