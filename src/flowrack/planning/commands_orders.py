"""The door of the order builder: proposals of a supplier become one draft, filled to his minimum."""

from __future__ import annotations

from flowrack.planning import locks, queries_orders, steps
from flowrack.planning.states import ProposalState
from flowrack.planning.types import BadPlan
from flowrack.planning.types_orders import BuildOrder, OrderBuilt, OrderChanged
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps_builder
from flowrack.shared.refs import ref


@command(permission="purchasing.create", result=OrderBuilt)
def build_order(ctx: Context, req: BuildOrder) -> OrderBuilt:
    """Draft one order of a site to a supplier: what is proposed, filled up to the minimum by what runs out first.

    Each line keeps what it buys; the proposals are ordered by it. Emits purchasing.pos_created. Refuses with BadPlan,
    NotFound, BadPo, OrderChanged, AlreadyCovered.
    """
    ctx.require("purchasing.create", req.site_id)
    if not 1 <= req.max_cover_days <= 999:
        raise BadPlan("The most cover is 1 to 999 days.", fix="Type how long stock may last at most.")
    order = queries_orders.built_order(req.supplier_id, req.site_id, now=ctx.now, max_cover_days=req.max_cover_days)
    held = locks.proposals(list(order.proposals.values()))
    if any(p.state != ProposalState.OPEN for p in held.values()) or (req.seen and req.seen != order.fingerprint):
        raise OrderChanged("What would be ordered has changed since you looked.", fix="Look again, then write it.")
    counted = {p.item_id: steps.counted_of(p) for p in held.values()}
    po = steps_builder.write(ctx, req.supplier_id, req.site_id, order.built, counted, cover_reason=req.cover_reason)
    line_of = {line.item_id: line_id for line, line_id in zip(order.built.lines, po.line_ids, strict=True)}
    steps.end_proposals(
        ctx,
        list(order.proposals.values()),
        state=ProposalState.ORDERED,
        po_line_ids=[line_of[item_id] for item_id in order.proposals],
        requisition_ids=[None for _ in order.proposals],
    )
    ctx.subject = ref("purchasing.po", po.po_id)
    return OrderBuilt(
        po_id=po.po_id,
        number=po.number,
        total=po.total,
        share_pct=order.built.share_pct,
        is_reached=order.built.is_reached,
        proposal_ids=list(order.proposals.values()),
    )
