"""What counting does when other stages report something: a bin that held less than the books said is counted."""

from __future__ import annotations

from flowrack.counting import commands, queries
from flowrack.counting.types import CancelCount, Cause, RequestCounts
from flowrack.fulfilment import queries_short
from flowrack.fulfilment.types import PickShort
from flowrack.fulfilment.types_short import ShortFound
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.replenishment.types import LeftoverFound


@subscriber("fulfilment.pick_short")
def count_short_bin(ctx: Context, message: OutboxMessage) -> None:
    """A picker found too little: have the bin counted."""
    event = message.as_type(PickShort)
    if queries_short.was_found(event.pick_id):
        return
    commands.request_counts(
        ctx,
        RequestCounts(
            site_id=event.site_id,
            location_ids=[event.location_id],
            cause=Cause.SHORT_PICK,
            note=f"{event.found_units} of {event.expected_units} found by a picker",
        ),
    )


@subscriber("fulfilment.short_found")
def call_off_count(ctx: Context, message: OutboxMessage) -> None:
    """The picker found the units after all: the count of the bin is not needed, unless somebody has begun it."""
    event = message.as_type(ShortFound)
    task_id = queries.due_for(event.location_id, Cause.SHORT_PICK) if event.is_bin_clear else 0
    if task_id:
        commands.cancel_count(ctx, CancelCount(task_id, "the picker found the units after all"))


@subscriber("replenishment.leftover_found")
def count_bin_with_leftover(ctx: Context, message: OutboxMessage) -> None:
    """A driver took the last units by the books, and something is left: have the bin counted."""
    event = message.as_type(LeftoverFound)
    commands.request_counts(
        ctx,
        RequestCounts(
            site_id=event.site_id,
            location_ids=[event.location_id],
            cause=Cause.REQUEST,
            note="a driver took the last units and saw more",
        ),
    )
