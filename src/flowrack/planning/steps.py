"""Writes of planning that its commands share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.planning.models import Proposal as ProposalRecord
from flowrack.planning.types import Proposal, Propose
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing.types import Counted


def replace_proposals(
    ctx: Context, req: Propose, new: Sequence[Proposal], costs: dict[tuple[int, int], Decimal]
) -> list[int]:
    """Supersede the open proposals that a run looked at and write new ones; their ids in order. Two statements."""
    sql.execute(
        """
        UPDATE planning_proposal SET state = 'superseded', ended_at = %s, ended_by_id = %s
        WHERE site_id = %s AND state = 'open' AND (%s::bigint[] = '{}' OR supplier_id = ANY(%s::bigint[])
              OR item_id = ANY(%s::bigint[]))
        """,
        (ctx.now, ctx.actor_id, req.site_id, req.supplier_ids, req.supplier_ids, [p.need.item_id for p in new]),
    )
    rows = sql.fetch_all(
        """
        INSERT INTO planning_proposal
               (site_id, state, proposed_at, reason, item_id, supplier_id, units, unit_cost, position_units,
                reorder_point, order_up_to, counted_units, counted_until)
        SELECT %s, 'open', %s, '', n.item_id, n.supplier_id, n.units, n.unit_cost, n.position, n.point, n.up_to,
               n.counted, n.until
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::bigint[], %s::date[])
             WITH ORDINALITY AS n(item_id, supplier_id, units, unit_cost, position, point, up_to, counted, until,
                                  place)
        ORDER BY n.place
        RETURNING id
        """,
        (
            req.site_id,
            ctx.now,
            [p.need.item_id for p in new],
            [p.need.supplier_id for p in new],
            [p.units for p in new],
            [costs[p.need.supplier_id, p.need.item_id] for p in new],
            [p.need.position for p in new],
            [p.reorder_point for p in new],
            [p.order_up_to for p in new],
            [p.need.on_order for p in new],
            [p.need.until for p in new],
        ),
    )
    return [row[0] for row in rows]


def end_proposals(
    ctx: Context,
    ids: Sequence[int],
    *,
    state: str,
    po_line_ids: Sequence[int | None],
    requisition_ids: Sequence[int | None],
    reason: str = "",
) -> None:
    """End open proposals, each with the PO line or requisition it became (or none). One statement."""
    sql.execute(
        """
        UPDATE planning_proposal AS p
        SET state = %s, ended_at = %s, ended_by_id = %s, reason = %s, po_line_id = n.po_line_id,
            requisition_id = n.requisition_id
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(id, po_line_id, requisition_id)
        WHERE p.id = n.id AND p.state = 'open'
        """,
        (state, ctx.now, ctx.actor_id, reason[:200], list(ids), list(po_line_ids), list(requisition_ids)),
    )


def counted_of(proposal: ProposalRecord) -> Counted | None:
    """What was coming when it was proposed; None for a proposal from before that was kept."""
    return Counted(proposal.counted_units, proposal.counted_until) if proposal.counted_until else None
