"""What comes round by the clock in shipping: carriers are told of bookings that count no more, EDI 856 go out."""

from __future__ import annotations

from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.shipping import booking, commands, queries_bookings, queries_sending, sending

FILES = 100  # messages of a round
AT_ONCE = 10  # calls of a round, one after the other


@periodic("shipping.call_off_bookings", every_seconds=30)
def call_off_bookings(ctx: Context) -> None:
    """Call off what a later choice of a carrier replaced; who did not answer is told again later."""
    due = queries_bookings.to_call_off(ctx.now, limit=AT_ONCE)
    if due:
        commands.keep_call_offs(ctx, booking.call_off(ctx, due, keep_carrier_answers))


@periodic("shipping.send_notices", every_seconds=15)
def send_notices(ctx: Context) -> None:
    """Put EDI 856 into the folders of their customers; what fails is tried again later."""
    due = queries_sending.to_put(ctx.now, limit=FILES)
    if due:
        commands.keep_notice_puts(ctx, sending.put(due))
