"""What purchasing does when others report something: what people decided in the inbox counts for its document."""

from __future__ import annotations

from flowrack.approvals.types import ApprovalsDecided
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.purchasing import commands, commands_agreements, commands_requisitions, commands_versions
from flowrack.purchasing.types import PO_KIND, ApplyApprovals
from flowrack.purchasing.types_agreements import AGREEMENT_KIND, ApplyAgreements
from flowrack.purchasing.types_requisitions import REQUISITION_KIND, ApplyRequisitions
from flowrack.purchasing.types_versions import PO_CHANGE_KIND, SettleChanges
from flowrack.shared.refs import key_of


@subscriber("approvals.decided")
def bind_approved_pos(ctx: Context, message: OutboxMessage) -> None:
    """People approved POs: make them binding. A rejected one stays the draft that it is."""
    decided = message.as_type(ApprovalsDecided).requests
    mine = [d for d in decided if d.document == PO_KIND and d.state == "approved"]
    if mine:
        commands.apply_approvals(ctx, ApplyApprovals([key_of(d.subject) for d in mine], [d.request_id for d in mine]))


@subscriber("approvals.decided")
def settle_decided_changes(ctx: Context, message: OutboxMessage) -> None:
    """People approved or rejected changes of POs: make them binding, or end them."""
    decided = message.as_type(ApprovalsDecided).requests
    mine = [d for d in decided if d.document == PO_CHANGE_KIND]
    if mine:
        commands_versions.settle_changes(
            ctx,
            SettleChanges([key_of(d.subject) for d in mine], [d.request_id for d in mine], [d.state for d in mine]),
        )


@subscriber("approvals.decided")
def apply_decided_requisitions(ctx: Context, message: OutboxMessage) -> None:
    """People approved or rejected requisitions: they stand as decided."""
    decided = message.as_type(ApprovalsDecided).requests
    mine = [d for d in decided if d.document == REQUISITION_KIND]
    if mine:
        commands_requisitions.apply_requisitions(
            ctx, ApplyRequisitions([key_of(d.subject) for d in mine], [d.request_id for d in mine])
        )


@subscriber("approvals.decided")
def put_approved_agreements_in_force(ctx: Context, message: OutboxMessage) -> None:
    """People approved supplier agreements: they count now. A rejected one stays the draft that it is."""
    decided = message.as_type(ApprovalsDecided).requests
    mine = [d for d in decided if d.document == AGREEMENT_KIND and d.state == "approved"]
    if mine:
        commands_agreements.apply_agreements(
            ctx, ApplyAgreements([key_of(d.subject) for d in mine], [d.request_id for d in mine])
        )
