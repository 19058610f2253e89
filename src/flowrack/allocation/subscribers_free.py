"""Stock became free, or somebody new waits for it: what allocation does by itself, as its modes say."""

from __future__ import annotations

from collections.abc import Iterable

from flowrack.allocation import queries_modes
from flowrack.allocation.commands_modes import follow_free
from flowrack.allocation.types_modes import FollowFree
from flowrack.allocation.types_substitutes import SubstitutesTakenBack
from flowrack.inbound.types import ReceivedEvent
from flowrack.inspection.types import DecidedEvent, ReleasedEvent
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.sales.types import OrderEntered, UnitsCancelled
from flowrack.sales.types_changes import LinesAddedEvent
from flowrack.sales.types_sites import LinesMoved
from flowrack.storage.types import PutAway, QualityChanged, StockAdjusted, StockMoved
from flowrack.storage.types_transfer_plans import TransferChanged

AVAILABLE = "available"


def _follow(ctx: Context, site_id: int, item_ids: Iterable[int], cause: str) -> None:
    items = sorted(set(item_ids))
    if items and queries_modes.is_watched(site_id):
        follow_free(ctx.keyed(f"free-{site_id}"), FollowFree(site_id, items, cause))


@subscriber("storage.put_away")
def serve_what_was_put_away(ctx: Context, message: OutboxMessage) -> None:
    """Goods stand where they can be promised from."""
    event = message.as_type(PutAway)
    _follow(ctx, event.site_id, (line.item_id for line in event.lines), "goods were put away")


@subscriber("inbound.received")
def serve_what_was_received(ctx: Context, message: OutboxMessage) -> None:
    """Goods that stand in their bin at once."""
    event = message.as_type(ReceivedEvent)
    lines = (line.item_id for line in event.lines if line.location_id and line.quality == AVAILABLE)
    _follow(ctx, event.site_id, lines, "goods were received")


@subscriber("storage.moved")
def serve_what_was_moved(ctx: Context, message: OutboxMessage) -> None:
    """Somebody carried goods by hand."""
    event = message.as_type(StockMoved)
    _follow(ctx, event.site_id, event.item_ids, "stock was moved")


@subscriber("storage.transfer_changed")
def serve_what_does_not_go(ctx: Context, message: OutboxMessage) -> None:
    """Stock that was kept for another site is free."""
    event = message.as_type(TransferChanged)
    if event.freed:
        _follow(ctx, event.site_id, event.item_ids, "a transfer was changed or called off")


@subscriber("storage.quality_changed")
def serve_what_was_freed(ctx: Context, message: OutboxMessage) -> None:
    """Held goods are available again."""
    event = message.as_type(QualityChanged)
    if event.quality == AVAILABLE:
        _follow(ctx, event.site_id, event.item_ids, "a hold was released")


@subscriber("storage.adjusted")
def serve_what_was_found(ctx: Context, message: OutboxMessage) -> None:
    """Stock was found."""
    event = message.as_type(StockAdjusted)
    _follow(ctx, event.site_id, event.item_ids, "stock was found or lost")


@subscriber("counting.posted")
def serve_what_was_counted(ctx: Context, message: OutboxMessage) -> None:
    """A count found more. Counting lies downstream: its event is read as it stands."""
    items = (line["item_id"] for line in message.body["variances"] if line["units"] > 0)
    _follow(ctx, message.body["site_id"], items, "a count found stock")


@subscriber("fulfilment.short_found")
def serve_what_a_picker_found(ctx: Context, message: OutboxMessage) -> None:
    """A picker found after all what was in doubt, and other bins give less."""
    _follow(ctx, message.body["site_id"], message.body["item_ids"], "a picker found what was short")


@subscriber("inspection.released")
def serve_what_was_released(ctx: Context, message: OutboxMessage) -> None:
    """Goods may be sold now."""
    event = message.as_type(ReleasedEvent)
    _follow(ctx, event.site_id, (x.item_id for x in event.lines if x.quality == AVAILABLE), "goods were released")


@subscriber("inspection.decided")
def serve_what_was_judged(ctx: Context, message: OutboxMessage) -> None:
    """A verdict let goods go."""
    event = message.as_type(DecidedEvent)
    _follow(ctx, event.site_id, (x.item_id for x in event.lines if x.quality == AVAILABLE), "an inspection passed")


@subscriber("sales.units_cancelled")
def serve_what_was_given_back(ctx: Context, message: OutboxMessage) -> None:
    """A cancellation freed promised units."""
    event = message.as_type(UnitsCancelled)
    if event.unpromised_units:
        for site_id, item_ids in queries_modes.items_of(event.line_ids).items():
            _follow(ctx, site_id, item_ids, "an order was cancelled")


@subscriber("sales.order_entered")
def serve_who_came(ctx: Context, message: OutboxMessage) -> None:
    """A new order wants stock."""
    event = message.as_type(OrderEntered)
    for site_id, item_ids in queries_modes.items_of(event.line_ids).items():
        _follow(ctx, site_id, item_ids, "an order came in")


@subscriber("sales.lines_moved")
def serve_who_ships_from_here(ctx: Context, message: OutboxMessage) -> None:
    """Lines ship from another site: they want its stock, and what they had at the other is free."""
    event = message.as_type(LinesMoved)
    for site_id, item_ids in queries_modes.items_of(event.line_ids).items():
        _follow(ctx, site_id, item_ids, "an order ships from here now")
        if event.unpromised_units and event.from_site_id != site_id:
            _follow(ctx, event.from_site_id, item_ids, "an order ships from another site now")


@subscriber("sales.lines_added")
def serve_what_was_added(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more lines on an order."""
    event = message.as_type(LinesAddedEvent)
    for site_id, item_ids in queries_modes.items_of(event.line_ids).items():
        _follow(ctx, site_id, item_ids, "lines were added to an order")


@subscriber("allocation.substitutes_taken_back")
def serve_who_waits_again(ctx: Context, message: OutboxMessage) -> None:
    """A line waits for the ordered item again."""
    for site_id, item_ids in queries_modes.items_of([message.as_type(SubstitutesTakenBack).line_id]).items():
        _follow(ctx, site_id, item_ids, "a substitute was taken back")
