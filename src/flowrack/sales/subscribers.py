"""What sales does when a customer's addresses change."""

from __future__ import annotations

from flowrack.parties.types import PartySaved
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.sales import commands_holds, queries_holds
from flowrack.sales.types_holds import CheckAddresses


@subscriber("parties.saved")
def check_addresses(ctx: Context, message: OutboxMessage) -> None:
    """An address was mended, or marked to be checked: orders that go there are free, or wait."""
    customer_id = message.as_type(PartySaved).party_id
    if queries_holds.orders_to_check(customer_id):
        commands_holds.check_addresses(ctx, CheckAddresses(customer_id))
