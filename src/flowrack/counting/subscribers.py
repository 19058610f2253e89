"""What counting does when other stages report something: a bin that held less than the books said is counted."""

from __future__ import annotations

from flowrack.counting import commands
from flowrack.counting.types import Cause, RequestCounts
from flowrack.fulfilment.types import PickShort
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.replenishment.types import LeftoverFound


@subscriber("fulfilment.pick_short")
def count_short_bin(ctx: Context, message: OutboxMessage) -> None:
    """A picker found too little: have the bin counted."""
    event = message.as_type(PickShort)
    commands.request_counts(
        ctx,
        RequestCounts(
            site_id=event.site_id,
            location_ids=[event.location_id],
            cause=Cause.SHORT_PICK,
            note=f"{event.found_units} of {event.expected_units} found by a picker",
        ),
    )


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
