"""What planners do: have POs proposed."""

from __future__ import annotations

from itertools import groupby

from flowrack.planning import queries, rules
from flowrack.planning.types import RULE, BadPlan, OrdersProposed, Proposal, Proposed, ProposedPo, ProposeOrders
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.types import NewPo, NewPoLine
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@command(permission="planning.run", result=Proposed)
def propose_orders(ctx: Context, req: ProposeOrders) -> Proposed:
    """Draft a PO for each supplier whose items run low at the site, and store why each line is as large as it is.

    Posts nothing; emits purchasing.pos_created and planning.orders_proposed. What is on order or drafted
    already counts, so a second run proposes nothing twice. Refuses with BadPlan.
    """
    ctx.require("planning.run", req.site_id)
    if not 0 < req.review_days <= 365 or not 50 <= req.service < 100:
        raise BadPlan(
            "The review takes 1 to 365 days and the service is 50 to 99 percent.", fix="Mend the settings of the run."
        )
    needs = queries.needs(req.site_id, req.supplier_ids, now=ctx.now)
    proposals = rules.propose_all(needs, review_days=req.review_days, service=req.service)
    by_supplier = [(s, list(of)) for s, of in groupby(proposals, key=lambda p: p.need.supplier_id)]
    if not by_supplier:
        return Proposed(pos=[], items=len(needs))
    orders = [
        NewPo(
            supplier_id=supplier_id,
            site_id=req.site_id,
            lines=[NewPoLine(item_id=p.need.item_id, units=Units(p.units)) for p in of],
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
    decisions.record(ctx, [_why(line_id, p, req.review_days) for line_id, p in lines])
    ctx.emit(OrdersProposed(req.site_id, [po.po_id for po in created]))
    return Proposed(
        pos=[
            ProposedPo(po.po_id, po.number, supplier_id, len(of), po.total)
            for po, (supplier_id, of) in zip(created, by_supplier, strict=True)
        ],
        items=len(needs),
    )


def _why(line_id: int, proposal: Proposal, review_days: int) -> DecisionRow:
    need = proposal.need
    return DecisionRow(
        kind="reorder",
        subject=ref("purchasing.po_line", line_id),
        sentence=rules.sentence(proposal, review_days=review_days),
        rule=RULE,
        detail={
            "item": need.item_id,
            "on_hand": need.on_hand,
            "on_order": need.on_order,
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
