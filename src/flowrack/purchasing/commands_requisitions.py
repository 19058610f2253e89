"""The door of requisitions: ask, change, order, cancel, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowrack.approvals import steps as approvals
from flowrack.approvals.queries import standing
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.purchasing import locks, queries_requisitions, steps, steps_cover, steps_requisitions
from flowrack.purchasing import rules_requisitions as rules
from flowrack.purchasing import steps_requisitions_asking as asking
from flowrack.purchasing.models_requisitions import Requisition
from flowrack.purchasing.queries_requisitions import RequisitionLineRow
from flowrack.purchasing.states_requisitions import RequisitionState, advance
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_requisitions import (
    REQUISITION_KIND,
    ApplyRequisitions,
    BadRequisition,
    ChangeRequisition,
    CreateRequisitions,
    EndRequisitions,
    LineToOrder,
    OrderRequisitions,
    RequisitionCreated,
    RequisitionLineGone,
    RequisitionsCreated,
    RequisitionsEnded,
    RequisitionsOrdered,
    RequisitionStates,
)
from flowrack.shared.errors import BadLine, FlowrackError, Invalid, Stale
from flowrack.shared.refs import ref


@command(permission="purchasing.request", result=RequisitionsCreated)
def create_requisition(ctx: Context, req: CreateRequisitions) -> RequisitionsCreated:
    """Ask for items: many requisitions, many lines each; approved at once where no policy asks.

    Emits purchasing.requisitions_created. Refuses with BadRequisition, AlreadyCovered.
    """
    for site_id in sorted({one.site_id for one in req.requisitions}):
        ctx.require("purchasing.request", site_id)
    created = asking.ask(ctx, req.requisitions)
    if len(created) == 1:
        ctx.subject = ref(REQUISITION_KIND, created[0].requisition_id)
    return RequisitionsCreated(created)


@command(permission="purchasing.request", result=RequisitionCreated)
def change_requisition(ctx: Context, req: ChangeRequisition) -> RequisitionCreated:
    """Replace the content of a requisition that is not approved; it asks anew.

    Only units on top of what it asked for before are held against what is coming. Refuses with WrongState, Stale,
    BadRequisition, AlreadyCovered.
    """
    [row] = locks.requisitions([req.requisition_id])
    for site_id in (row.site_id, req.requisition.site_id):
        ctx.require("purchasing.request", site_id)
    after = advance(RequisitionState(row.state), "change", number=row.number)
    if row.version != req.version:
        raise Stale(
            f"{row.number} was changed since you read it (version {row.version}, you have {req.version}).",
            fix="Read it again and repeat your change.",
        )
    line_ids = steps_requisitions.replace(ctx, row, req.requisition)
    row.version += 1
    row.state, row.site_id, row.changed_by_id = after, req.requisition.site_id, ctx.actor_id
    row.reason = req.requisition.reason.strip()[:200]
    row.save()
    approvals.void(ctx, REQUISITION_KIND, [ref(REQUISITION_KIND, row.pk)], reason="The requisition was changed.")
    states = asking.submit(ctx, [row])
    ctx.subject = ref(REQUISITION_KIND, row.pk)
    return RequisitionCreated(row.pk, row.number, states[row.pk], line_ids)


@command(permission="purchasing.apply", result=RequisitionStates)
def apply_requisitions(ctx: Context, req: ApplyRequisitions) -> RequisitionStates:
    """Approve or reject requisitions as people decided; what was changed meanwhile is left as it is."""
    rows = _locked(req.requisition_ids)
    wanted = dict(zip(req.requisition_ids, req.request_ids, strict=True))
    found = standing([ref(REQUISITION_KIND, pk) for pk in req.requisition_ids], REQUISITION_KIND)
    hashes = asking.content_hashes(req.requisition_ids)
    done = []
    for row in rows:
        one = found.get(ref(REQUISITION_KIND, row.pk))
        if one is None or one.request_id != wanted[row.pk] or one.content_hash != hashes[row.pk]:
            continue
        if row.state == RequisitionState.REQUESTED and one.state in ("approved", "rejected"):
            action = "approve" if one.state == "approved" else "reject"
            row.state = advance(RequisitionState.REQUESTED, action, number=row.number)
            row.approved_at = ctx.now if one.state == "approved" else None
            done.append(row)
    Requisition.objects.bulk_update(done, ["state", "approved_at"])
    return _done(ctx, [row.pk for row in done], "applied")


@command(permission="purchasing.create", result=RequisitionsOrdered)
def order_requisitions(ctx: Context, req: OrderRequisitions) -> RequisitionsOrdered:
    """Turn lines of approved requisitions into draft POs, one for each supplier and site; each PO line remembers its
    requisition line.

    Without other units a line orders what is open, in the quantity that the supplier takes. Emits
    purchasing.pos_created. Refuses with RequisitionLineGone, BadRequisition, AlreadyCovered (goods came under way
    since it was asked for, or cover what is ordered beyond it), and as create_po does.
    """
    chosen, found = _lines_to_order(ctx, req)
    suppliers = _suppliers(chosen, found)
    places = sorted(range(len(chosen)), key=lambda at: (suppliers[at], found[at].site_id, at))
    overridden = steps_requisitions.refuse_covered_order(ctx, req, chosen, found, suppliers)
    orders = steps_requisitions.orders_for(ctx, req, [(chosen[at], found[at], suppliers[at]) for at in places])
    try:
        drafts = steps.create_drafts(ctx, orders, is_judged=True)
    except FlowrackError as refusal:
        refusal.lines = [replace(x, line=places[x.line - 1] + 1) if x.line else x for x in refusal.lines]
        raise
    po_lines = [(line_id, draft.po_id) for draft in drafts for line_id in draft.line_ids]
    steps_requisitions.link([(found[at].line_id, po_lines[n][0]) for n, at in enumerate(places)])
    steps_requisitions.settle(requisition_ids=sorted({row.requisition_id for row in found}))
    po_of = {(row.site_id, row.item_id): po_lines[n][1] for n, row in enumerate(found[at] for at in places)}
    steps_cover.keep_overrides(
        ctx, PO_KIND, [(po_of[need.site_id, need.item_id], need, reason) for need, reason in overridden]
    )
    if len(drafts) == 1:
        ctx.subject = ref(PO_KIND, drafts[0].po_id)
    return RequisitionsOrdered([d.po_id for d in drafts], [d.number for d in drafts])


@command(permission="purchasing.request", result=RequisitionStates)
def cancel_requisitions(ctx: Context, req: EndRequisitions) -> RequisitionStates:
    """Withdraw requisitions of which nothing is ordered.

    Emits purchasing.requisitions_ended. Refuses with WrongState, Invalid.
    """
    rows = _end(ctx, req, "cancel")
    lines = queries_requisitions.lines_of(req.requisition_ids)
    bad = [
        BadLine(0, "state", f"{x.ordered_units:,} of {x.sku} on {x.number} are ordered.", "Close it instead.")
        for x in lines
        if x.ordered_units
    ]
    if bad:
        raise RequisitionLineGone(bad[0].message, lines=bad, fix=bad[0].fix)
    approvals.withdraw(ctx, REQUISITION_KIND, [ref(REQUISITION_KIND, row.pk) for row in rows], reason=req.reason)
    return _done(ctx, req.requisition_ids, RequisitionState.CANCELLED)


@command(permission="purchasing.request", result=RequisitionStates)
def close_requisitions(ctx: Context, req: EndRequisitions) -> RequisitionStates:
    """Expect nothing more of approved requisitions; what is ordered stays ordered.

    Emits purchasing.requisitions_ended. Refuses with WrongState, Invalid.
    """
    _end(ctx, req, "close")
    return _done(ctx, req.requisition_ids, RequisitionState.CLOSED)


def _end(ctx: Context, req: EndRequisitions, action: str) -> list[Requisition]:
    if not req.reason.strip():
        raise Invalid("A reason is needed.", fix="Say in a few words why.")
    rows = _locked(req.requisition_ids)
    for row in rows:
        ctx.require("purchasing.request", row.site_id)
        row.state = advance(RequisitionState(row.state), action, number=row.number)
        row.ended_by_id, row.ended_at, row.end_reason = ctx.actor_id, ctx.now, req.reason.strip()[:200]
    Requisition.objects.bulk_update(rows, ["state", "ended_by", "ended_at", "end_reason"])
    ctx.emit(RequisitionsEnded(req.requisition_ids, req.reason))
    return rows


def _locked(requisition_ids: Sequence[int]) -> list[Requisition]:
    if not requisition_ids or len(set(requisition_ids)) != len(requisition_ids):
        raise BadRequisition("Name each requisition once, and at least one.", fix="Choose from the list.")
    return locks.requisitions(requisition_ids)


def _lines_to_order(ctx: Context, req: OrderRequisitions) -> tuple[list[LineToOrder], list[RequisitionLineRow]]:
    """What is to be ordered, and the open lines behind it, their requisitions locked."""
    if req.lines:
        known = queries_requisitions.lines([x.line_id for x in req.lines])
        locks.requisitions(sorted({row.requisition_id for row in known.values()}))
        found = queries_requisitions.lines([x.line_id for x in req.lines])
        chosen = req.lines
    else:
        _locked(req.requisition_ids)
        every = queries_requisitions.lines_of(req.requisition_ids)
        found = {row.line_id: row for row in every}
        chosen = [LineToOrder(row.line_id) for row in every if row.open_units]
    if not chosen or len({x.line_id for x in chosen}) != len(chosen):
        raise BadRequisition("Name each line once, and at least one that is open.", fix="Choose from the requisition.")
    gone = [
        BadLine(n, "line", rules.gone(found.get(x.line_id)), "Look at the requisition again.")
        for n, x in enumerate(chosen, start=1)
        if rules.gone(found.get(x.line_id))
    ]
    if gone:
        raise RequisitionLineGone(gone[0].message, lines=gone, fix=gone[0].fix)
    rows = [found[x.line_id] for x in chosen]
    for site_id in sorted({row.site_id for row in rows}):
        ctx.require("purchasing.create", site_id)
    return chosen, rows


def _suppliers(chosen: Sequence[LineToOrder], found: Sequence[RequisitionLineRow]) -> list[int]:
    """From whom each line is bought: as chosen now, as asked for, else from the preferred supplier."""
    preferred = parties.preferred_suppliers([row.item_id for row in found])
    suppliers: list[int] = []
    bad = []
    for n, (x, row) in enumerate(zip(chosen, found, strict=True), start=1):
        usual = preferred.get(row.item_id)
        supplier_id = x.supplier_id or row.supplier_id or (usual.supplier_id if usual else 0)
        if not supplier_id:
            bad.append(BadLine(n, "supplier", f"No supplier sells {row.sku}.", "Choose a supplier."))
        suppliers.append(supplier_id)
    if bad:
        raise BadRequisition(bad[0].message, lines=bad, fix=bad[0].fix)
    return suppliers


def _done(ctx: Context, requisition_ids: list[int], state: str) -> RequisitionStates:
    if len(requisition_ids) == 1:
        ctx.subject = ref(REQUISITION_KIND, requisition_ids[0])
    return RequisitionStates(requisition_ids, str(state))
