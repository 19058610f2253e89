"""The door of purchasing: write, change, submit, approve, close and cancel POs."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.approvals import steps as approvals
from flowrack.approvals import steps_decide
from flowrack.approvals.types import ContentChanged, Seen
from flowrack.platform.runner import Context, command
from flowrack.purchasing import (
    locks,
    queries,
    queries_approvals,
    queries_orders,
    steps,
    steps_approvals,
    steps_cover,
    steps_lines,
    steps_requisitions,
    steps_versions,
)
from flowrack.purchasing.models import Po
from flowrack.purchasing.states import PoState, advance
from flowrack.purchasing.types import (
    PO_KIND,
    ApplyApprovals,
    ApprovePo,
    BadPo,
    CancelPo,
    ChangePo,
    ClosePo,
    CreatePo,
    PoCreated,
    PosCancelled,
    PosClosed,
    PosCreated,
    PoStates,
    SubmitPo,
)
from flowrack.purchasing.types_versions import VersionState
from flowrack.shared.errors import DutiesConflict, Invalid, Stale
from flowrack.shared.refs import ref


@command(permission="purchasing.create", result=PosCreated)
def create_po(ctx: Context, req: CreatePo) -> PosCreated:
    """Write POs as drafts: many orders, many lines each.

    Emits purchasing.pos_created. Refuses with BadPo, BelowMinimum, AlreadyCovered.
    """
    for site_id in sorted({order.site_id for order in req.orders}):
        ctx.require("purchasing.create", site_id)
    created = steps.create_drafts(ctx, req.orders)
    ctx.about("purchasing.po", [po.po_id for po in created])
    return PosCreated(pos=created)


@command(permission="purchasing.create", result=PoCreated)
def change_po(ctx: Context, req: ChangePo) -> PoCreated:
    """Replace the content of a draft; whoever ever did may not approve it.

    Refuses with WrongState, Stale, BadPo, BelowMinimum, AlreadyCovered.
    """
    locks.requisitions_of([req.po_id])
    [po] = locks.pos([req.po_id])
    ctx.require("purchasing.create", po.site_id)
    ctx.require("purchasing.create", req.order.site_id)
    advance(PoState(po.state), "change", number=po.number)
    if po.version != req.version:
        raise Stale(
            f"{po.number} was changed since you read it (version {po.version}, you have {req.version}).",
            fix="Read it again and repeat your change.",
        )
    facts = queries_orders.order_facts([req.order], now=ctx.now)
    line_ids = steps_lines.replace_lines(ctx, po, req.order, facts)
    po.supplier_id, po.site_id = req.order.supplier_id, req.order.site_id
    po.due_on = req.order.due_on or facts.due_on(req.order)
    po.supplier_reference, po.note = req.order.supplier_reference, req.order.note
    po.override_reason = req.order.override_reason.strip()
    po.early_days, po.late_days = facts.order_terms(req.order).early_days, facts.order_terms(req.order).late_days
    po.version += 1
    po.changed_by_id = ctx.actor_id
    po.save()
    approvals.void(ctx, PO_KIND, steps_approvals.subjects([po.pk]), reason="The order was changed.")
    ctx.subject = ref("purchasing.po", po.pk)
    total = queries.totals([po.pk])[po.pk]
    return PoCreated(po_id=po.pk, number=po.number, line_ids=line_ids, total=total)


@command(permission="purchasing.create", result=PoStates)
def submit_po(ctx: Context, req: SubmitPo) -> PoStates:
    """Ask approval for drafts; what no policy asks about becomes binding at once.

    Emits purchasing.pos_approved for those. Refuses with WrongState, RejectedBefore, DutiesConflict, AlreadyCovered.
    """
    pos = _locked(req.po_ids)
    for po in pos:
        ctx.require("purchasing.create", po.site_id)
        advance(PoState(po.state), "approve", number=po.number)
    steps_cover.refuse_late(ctx, pos)
    outcomes = steps_approvals.submit(ctx, pos, requester_id=ctx.actor_id)
    free = [po for po, outcome in zip(pos, outcomes, strict=True) if outcome.is_approved]
    approvers = queries_approvals.approvers_of([po.pk for po in free])
    for po in free:
        if approvers[po.pk] in po.writer_ids:
            raise DutiesConflict(
                f"Flowrack itself wrote {po.number}, and no policy asks a person to approve it.",
                fix="Have somebody approve it, or write a policy that asks.",
                rule="S01",
            )
    hashes = {po.pk: outcome.content_hash for po, outcome in zip(pos, outcomes, strict=True)}
    steps_approvals.bind(ctx, free, approvers, hashes)
    return _asked(ctx, req.po_ids, {po.pk for po in free})


@command(permission="purchasing.approve", result=PoStates)
def approve_po(ctx: Context, req: ApprovePo) -> PoStates:
    """Give one's approval to drafts, asking for them first where nobody has; they bind once no policy asks for more.

    The fingerprint of what was approved is kept. Emits purchasing.pos_approved. Refuses with WrongState,
    DutiesConflict (S01), ContentChanged, NotYourStep, RejectedBefore, AlreadyCovered.
    """
    pos = _locked(req.po_ids)
    hashes = queries.content_hashes(req.po_ids)
    if req.content_hashes and len(req.content_hashes) != len(req.po_ids):
        raise Invalid("Send one content hash for each PO, or none.")
    for i, po in enumerate(pos):
        ctx.require("purchasing.approve", po.site_id)
        ctx.require("approvals.decide", po.site_id)
        advance(PoState(po.state), "approve", number=po.number)
        for writer in po.writer_ids:
            ctx.require_other_person(
                writer, rule="S01", sentence=f"You wrote or changed {po.number}, so somebody else must approve it."
            )
        if req.content_hashes and req.content_hashes[i] != hashes[po.pk]:
            raise ContentChanged(f"{po.number} is not what you saw.", fix="Read it again, then approve.")
    steps_cover.refuse_late(ctx, pos)
    outcomes = steps_approvals.submit(ctx, pos)
    seen = [Seen(o.request_id, o.content_hash) for o in outcomes if not o.is_approved]
    decided = {d.request_id: d.state for d in steps_decide.decide(ctx, seen, "approve")} if seen else {}
    ready = [po for po, o in zip(pos, outcomes, strict=True) if decided.get(o.request_id, o.state) == PoState.APPROVED]
    steps_approvals.bind(ctx, ready, dict.fromkeys(req.po_ids, ctx.actor_id), hashes)
    return _asked(ctx, req.po_ids, {po.pk for po in ready})


@command(permission="purchasing.apply", result=PoStates)
def apply_approvals(ctx: Context, req: ApplyApprovals) -> PoStates:
    """Make binding what was approved elsewhere; what is bound already, or is not what was approved, is left as it is.

    What would overdraw a budget by now, by more than those who approved saw, asks again instead, with what is left now.
    Emits purchasing.pos_approved.
    """
    pos = _locked(req.po_ids)
    wanted = dict(zip(req.po_ids, req.request_ids, strict=True))
    standing = queries_approvals.approvals_of(req.po_ids)
    hashes = queries.content_hashes(req.po_ids)
    ready = [
        po
        for po in pos
        if po.state == PoState.DRAFT
        and (found := standing.get(po.pk)) is not None
        and (found.request_id, found.state, found.content_hash) == (wanted[po.pk], "approved", hashes[po.pk])
    ]
    again = steps_approvals.void_overdrawn(ctx, ready)
    asking = [po for po in ready if po.pk in again]
    outcomes = steps_approvals.submit(ctx, asking) if asking else []
    waiting = {po.pk for po, outcome in zip(asking, outcomes, strict=True) if not outcome.is_approved}
    bound = [po for po in ready if po.pk not in waiting]
    steps_approvals.bind(ctx, bound, {po.pk: standing[po.pk].last_by_id for po in bound}, hashes)
    done = _done(ctx, [po.pk for po in ready], PoState.DRAFT if waiting else PoState.APPROVED)
    return PoStates([po.pk for po in bound], done.state, sorted(waiting))


@command(permission="purchasing.create", result=PoStates)
def close_po(ctx: Context, req: ClosePo) -> PoStates:
    """Expect nothing more of POs; what is still owed is given up for the reason.

    Emits purchasing.po_closed. Refuses with WrongState.
    """
    _end(ctx, req.po_ids, "close", req.reason)
    steps_versions.end_waiting(ctx, req.po_ids, VersionState.WITHDRAWN, req.reason)
    steps_requisitions.settle(po_ids=req.po_ids)
    ctx.emit(PosClosed(po_ids=req.po_ids, reason=req.reason))
    return _done(ctx, req.po_ids, PoState.CLOSED)


@command(permission="purchasing.create", result=PoStates)
def cancel_po(ctx: Context, req: CancelPo) -> PoStates:
    """Withdraw POs of which nothing has come.

    Emits purchasing.po_cancelled. Refuses with WrongState.
    """
    _end(ctx, req.po_ids, "cancel", req.reason)
    approvals.withdraw(ctx, PO_KIND, steps_approvals.subjects(req.po_ids), reason=req.reason)
    steps_versions.end_waiting(ctx, req.po_ids, VersionState.WITHDRAWN, req.reason)
    steps_requisitions.settle(po_ids=req.po_ids)
    ctx.emit(PosCancelled(po_ids=req.po_ids, reason=req.reason))
    return _done(ctx, req.po_ids, PoState.CANCELLED)


def _locked(po_ids: Sequence[int]) -> list[Po]:
    if not po_ids:
        raise BadPo("No PO was named.", fix="Choose at least one.")
    if len(set(po_ids)) != len(po_ids):
        raise BadPo("A PO is named twice.", fix="Name each PO once.")
    return locks.pos(po_ids)


def _end(ctx: Context, po_ids: Sequence[int], action: str, reason: str) -> None:
    if not reason.strip():
        raise Invalid("A reason is needed.", fix="Say in a few words why.")
    locks.requisitions_of(po_ids)
    pos = _locked(po_ids)
    for po in pos:
        ctx.require("purchasing.create", po.site_id)
        po.state = advance(PoState(po.state), action, number=po.number)
        po.ended_by_id = ctx.actor_id
        po.ended_at = ctx.now
        po.end_reason = reason.strip()[:200]
    Po.objects.bulk_update(pos, ["state", "ended_by", "ended_at", "end_reason"])


def _asked(ctx: Context, po_ids: list[int], bound: set[int]) -> PoStates:
    """What came of asking: approved when all are binding, else draft with those that wait."""
    waiting = [po_id for po_id in po_ids if po_id not in bound]
    done = _done(ctx, po_ids, PoState.DRAFT if waiting else PoState.APPROVED)
    return PoStates(done.po_ids, done.state, waiting)


def _done(ctx: Context, po_ids: list[int], state: PoState) -> PoStates:
    ctx.about("purchasing.po", po_ids)
    return PoStates(po_ids=po_ids, state=str(state))
