"""What returns does when a delivery was not taken whole: the goods that come back are announced."""

from __future__ import annotations

from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.returns import commands, queries
from flowrack.returns.types import CreateRma, NewRmaLine
from flowrack.shipping.types_proofs import DeliveryTold, Kept

REASONS = {Kept.REFUSED: "refused", Kept.DAMAGED: "damaged_in_transit"}


@subscriber("shipping.delivery_proved")
def announce_what_comes_back(ctx: Context, message: OutboxMessage) -> None:
    """One return for each order and reason; what was missing at the door does not come back."""
    event = message.as_type(DeliveryTold)
    wanted: dict[tuple[int, str], dict[int, int]] = {}
    order_of = queries.order_of_lines([line.order_line_id for line in event.not_taken])
    for line in event.not_taken:
        if line.reason in REASONS and line.order_line_id in order_of:
            units = wanted.setdefault((order_of[line.order_line_id][0], line.reason), {})
            units[line.order_line_id] = units.get(line.order_line_id, 0) + line.units
    for (order_id, reason), units in sorted(wanted.items()):
        lines = [NewRmaLine(count, line_id) for line_id, count in sorted(units.items())]
        note = f"From the proof of delivery of {event.number}"
        commands.create_rma(
            ctx.keyed(f"{order_id}:{reason}"),
            CreateRma(event.site_id, REASONS[Kept(reason)], lines, order_id, note=note),
        )
