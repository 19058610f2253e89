"""What freight does when people decide whether an invoice is released."""

from __future__ import annotations

from flowrack.approvals.types import ApprovalsDecided
from flowrack.freight import commands
from flowrack.freight.types import INVOICE, ApplyFreightApprovals, DecidedFreight
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shared.refs import key_of


@subscriber("approvals.decided")
def release_approved_invoices(ctx: Context, message: OutboxMessage) -> None:
    """People decided on the release of carriers' invoices."""
    mine = [
        DecidedFreight(key_of(one.subject), one.state, one.content_hash)
        for one in message.as_type(ApprovalsDecided).requests
        if one.document == INVOICE
    ]
    if mine:
        commands.apply_freight_approvals(ctx, ApplyFreightApprovals(mine))
