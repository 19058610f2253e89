"""What planners do: have POs proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from flowrack.planning import locks, queries, queries_orders, rules, steps
from flowrack.planning.models import Proposal as ProposalRecord
from flowrack.planning.states import TRANSITIONS, ProposalState
from flowrack.planning.steps import counted_of
from flowrack.planning.types import (
    RULE,
    BadPlan,
    Dismissed,
    DismissProposals,
    Drafted,
    Need,
    OrderProposals,
    OrdersProposed,
    Proposal,
    ProposalGone,
    ProposalsMade,
    Propose,
    Proposed,
    ProposedPo,
    ProposeOrders,
    Requested,
    RequestProposals,
)
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing import steps_requisitions_asking as asking
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.queries_offers import offers
from flowrack.purchasing.types import Counted, NewPo, NewPoLine
from flowrack.purchasing.types_requisitions import NewRequisition, NewRequisitionLine
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@command(permission="planning.run", result=Proposed)
def propose_orders(ctx: Context, req: ProposeOrders) -> Proposed:
    """Draft a PO for each supplier whose items run low at the site, and store why each line is as large as it is.

    Posts nothing; emits purchasing.pos_created and planning.orders_proposed. What is on order or drafted
    already counts, so a second run proposes nothing twice. Refuses with BadPlan.
    """
    ctx.require("planning.run", req.site_id)
    needs, proposals = _look(ctx, req)
    by_supplier = [(s, list(of)) for s, of in groupby(proposals, key=lambda p: p.need.supplier_id)]
    if not by_supplier:
        return Proposed(pos=[], items=len(needs))
    orders = [
        NewPo(
            supplier_id=supplier_id,
            site_id=req.site_id,
            lines=[
                NewPoLine(p.need.item_id, Units(p.units), counted=Counted(p.need.on_order, p.need.until)) for p in of
            ],
            note="Proposed by planning",
        )
        for supplier_id, of in by_supplier
    ]
    created = purchasing.create_drafts(ctx, orders)
    lines = [
        (line_id, p)
        for po, (_, of) in zip(created, by_supplier, strict=True)
        for line_id, p in zip(po.line_ids, of, strict=True)
    ]
    decisions.record(ctx, [_why(ref("purchasing.po_line", line_id), p, req.review_days) for line_id, p in lines])
    ctx.emit(OrdersProposed(req.site_id, [po.po_id for po in created]))
    return Proposed(
        pos=[
            ProposedPo(po.po_id, po.number, supplier_id, len(of), po.total)
            for po, (supplier_id, of) in zip(created, by_supplier, strict=True)
        ],
        items=len(needs),
    )


def _look(ctx: Context, req: ProposeOrders | Propose) -> tuple[list[Need], list[Proposal]]:
    if not 0 < req.review_days <= 365 or not 50 <= req.service < 100:
        raise BadPlan(
            "The review takes 1 to 365 days and the service is 50 to 99 percent.", fix="Mend the settings of the run."
        )
    needs = queries.needs(req.site_id, req.supplier_ids, now=ctx.now, review_days=req.review_days)
    return needs, rules.propose_all(needs, review_days=req.review_days, service=req.service)


def _why(subject: str, proposal: Proposal, review_days: int) -> DecisionRow:
    need = proposal.need
    return DecisionRow(
        kind="reorder",
        subject=subject,
        sentence=rules.sentence(proposal, review_days=review_days),
        rule=RULE,
        detail={
            "item": need.item_id,
            "on_hand": need.on_hand,
            "on_order": need.on_order,
            "coming": [[c.number, c.units, c.due_on.isoformat() if c.due_on else "under way"] for c in need.covers],
            "until": need.until.isoformat(),
            "asked_for": need.promised_and_waiting,
            "demand": [need.demand_units, need.days],
            "lead_days": need.lead_days,
            "review_days": review_days,
            "reorder_point": proposal.reorder_point,
            "order_up_to": proposal.order_up_to,
            "safety": proposal.safety,
            "multiple": need.multiple,
            "moq": need.moq,
        },
    )


@command(permission="planning.run", result=ProposalsMade)
def propose(ctx: Context, req: Propose) -> ProposalsMade:
    """Fill the worklist of a site with what runs low there, each with its reason; a person orders or dismisses it.

    Supersedes the open proposals of what it looks at. Refuses with BadPlan.
    """
    ctx.require("planning.run", req.site_id)
    needs, proposals = _look(ctx, req)
    costs = queries_orders.unit_costs(proposals, req.site_id, now=ctx.now)
    made = steps.replace_proposals(ctx, req, proposals, costs)
    decisions.record(
        ctx,
        [
            _why(ref("planning.proposal", proposal_id), p, req.review_days)
            for proposal_id, p in zip(made, proposals, strict=True)
        ],
    )
    return ProposalsMade(items=len(needs), proposal_ids=made)


@command(permission="purchasing.create", result=Drafted)
def order_proposals(ctx: Context, req: OrderProposals) -> Drafted:
    """Turn open proposals into draft POs, one for each supplier and site.

    Emits purchasing.pos_created. Refuses with ProposalGone, and as purchasing does.
    """
    found = _open(ctx, [p.proposal_id for p in req.proposals], "purchasing.create", "order")
    units = {p.proposal_id: p.units for p in req.proposals}
    groups: dict[tuple[int, int], list[ProposalRecord]] = {}
    for proposal in found:
        groups.setdefault((proposal.supplier_id, proposal.site_id), []).append(proposal)
    wanted = [
        NewPo(
            supplier_id=supplier_id,
            site_id=site_id,
            lines=[NewPoLine(p.item_id, Units(units[p.pk] or p.units), counted=counted_of(p)) for p in group],
            override_reason=req.override_reason,
            cover_reason=req.cover_reason,
        )
        for (supplier_id, site_id), group in groups.items()
    ]
    drafts = purchasing.create_drafts(ctx, wanted)
    ordered = [p for group in groups.values() for p in group]
    line_ids = [line_id for draft in drafts for line_id in draft.line_ids]
    steps.end_proposals(
        ctx,
        [p.pk for p in ordered],
        state=ProposalState.ORDERED,
        po_line_ids=line_ids,
        requisition_ids=[None for _ in ordered],
    )
    return Drafted(po_ids=[d.po_id for d in drafts], numbers=[d.number for d in drafts])


@command(permission="purchasing.request", result=Requested)
def request_proposals(ctx: Context, req: RequestProposals) -> Requested:
    """Turn open proposals into requisitions, one for each site; each asks for approval.

    Emits purchasing.requisitions_created. Refuses with ProposalGone, and as requisitions do.
    """
    found = _open(ctx, [p.proposal_id for p in req.proposals], "purchasing.request", "request")
    units = {p.proposal_id: p.units for p in req.proposals}
    today = business_days(sorted({p.site_id for p in found}), now=ctx.now)
    offered = offers([(p.supplier_id, p.site_id, p.item_id) for p in found], today=today)
    groups: dict[int, list[ProposalRecord]] = {}
    for proposal in found:
        groups.setdefault(proposal.site_id, []).append(proposal)
    wanted = [
        NewRequisition(
            site_id,
            [
                NewRequisitionLine(
                    p.item_id,
                    Units(units[p.pk] or p.units),
                    today[site_id] + timedelta(days=offered[p.supplier_id, site_id, p.item_id].lead_days),
                    p.supplier_id,
                    counted_of(p),
                )
                for p in group
            ],
            req.reason,
            req.cover_reason,
        )
        for site_id, group in groups.items()
    ]
    made = asking.ask(ctx, wanted)
    for one, group in zip(made, groups.values(), strict=True):
        steps.end_proposals(
            ctx,
            [p.pk for p in group],
            state=ProposalState.REQUESTED,
            po_line_ids=[None for _ in group],
            requisition_ids=[one.requisition_id for _ in group],
        )
    return Requested([one.requisition_id for one in made], [one.number for one in made])


@command(permission="planning.run", result=Dismissed)
def dismiss_proposals(ctx: Context, req: DismissProposals) -> Dismissed:
    """Take proposals off the worklist for a reason. Refuses with ProposalGone, Invalid."""
    if not req.reason.strip():
        raise Invalid("A reason is needed.", fix="Say in a few words why.")
    found = _open(ctx, req.proposal_ids, "planning.run", "dismiss")
    steps.end_proposals(
        ctx,
        [p.pk for p in found],
        state=ProposalState.DISMISSED,
        po_line_ids=[None for _ in found],
        requisition_ids=[None for _ in found],
        reason=req.reason.strip(),
    )
    return Dismissed(count=len(found))


def _open(ctx: Context, ids: Sequence[int], permission: str, action: str) -> list[ProposalRecord]:
    if not ids or len(set(ids)) != len(ids):
        raise Invalid("Name each proposal once, and at least one.", fix="Choose from the worklist.")
    found = locks.proposals(ids)
    gone = [
        BadLine(i, "proposal", f"Proposal {proposal_id} is not open any more.", "Look at the worklist again.")
        for i, proposal_id in enumerate(ids, start=1)
        if (p := found.get(proposal_id)) is None or (ProposalState(p.state), action) not in TRANSITIONS
    ]
    if gone:
        raise ProposalGone(gone[0].message, lines=gone, fix=gone[0].fix)
    for proposal in found.values():
        ctx.require(permission, proposal.site_id)
    return [found[proposal_id] for proposal_id in ids]
