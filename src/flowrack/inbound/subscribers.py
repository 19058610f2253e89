"""What inbound does when the dock ends an ASN, and when people decide whether more than tolerated may come in."""

from __future__ import annotations

from flowrack.approvals.types import ApprovalsDecided
from flowrack.dock.types import AsnEndedEvent
from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound import commands_over
from flowrack.inbound.types_discrepancies import SettleAsn
from flowrack.inbound.types_over import OVER, ApplyOverReceipts, DecidedOverReceipt
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shared.refs import key_of


@subscriber("dock.asn_ended")
def settle_closed_asn(ctx: Context, message: OutboxMessage) -> None:
    """An ASN was closed with units missing. One that was cancelled announced nothing."""
    event = message.as_type(AsnEndedEvent)
    if event.missing_units and event.state == "closed":
        commands.settle_asn(ctx, SettleAsn(event.asn_id))


@subscriber("approvals.decided")
def let_in_approved_units(ctx: Context, message: OutboxMessage) -> None:
    """People decided about units beyond a tolerance."""
    mine = [
        DecidedOverReceipt(key_of(one.subject), one.state, one.content_hash)
        for one in message.as_type(ApprovalsDecided).requests
        if one.document == OVER
    ]
    if mine:
        commands_over.apply_over_receipts(ctx, ApplyOverReceipts(mine))
