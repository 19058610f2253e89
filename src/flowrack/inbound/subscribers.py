"""What inbound does when the dock ends an ASN: what did not come is put on record."""

from __future__ import annotations

from flowrack.dock.types import AsnEndedEvent
from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound.types_discrepancies import SettleAsn
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context


@subscriber("dock.asn_ended")
def settle_closed_asn(ctx: Context, message: OutboxMessage) -> None:
    """An ASN was closed with units missing. One that was cancelled announced nothing."""
    event = message.as_type(AsnEndedEvent)
    if event.missing_units and event.state == "closed":
        commands.settle_asn(ctx, SettleAsn(event.asn_id))
