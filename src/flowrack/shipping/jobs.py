"""What comes round by the clock in shipping: bookings that count no more, EDI 856, departures that are over."""

from __future__ import annotations

from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.shipping import booking, commands, queries_bookings, queries_carriers, queries_sending, sending
from flowrack.shipping.live import WORKER_MS, ask_for_orders
from flowrack.shipping.types_carriers import ReshopOverdue

FILES = 100  # messages of a round
OVERDUE = 200  # orders of a round
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


@periodic("shipping.reshop_overdue", every_seconds=60)
def reshop_overdue(ctx: Context) -> None:
    """Choose again for orders whose chosen departure is over and that are still here: no event tells of that."""
    due = sorted(queries_carriers.overdue(ctx.now, limit=OVERDUE))
    if due:
        ask_for_orders(ctx, due, keep_carrier_answers, budget_ms=WORKER_MS)
        commands.reshop_overdue(ctx, ReshopOverdue(due))
