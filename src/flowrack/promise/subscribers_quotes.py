"""Open quotes are looked at anew when what they were given from moves: supply, stock, or the promises beside them."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import freed
from flowrack.allocation.freed import Freed
from flowrack.inbound.types import ReceivedEvent
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.promise import commands, queries_kept
from flowrack.promise.types import WatchQuotes
from flowrack.purchasing.types import PosCancelled, PosClosed
from flowrack.purchasing.types_versions import ForeseenMoved, PosChanged
from flowrack.storage.types import QualityChanged
from flowrack.storage.types_transfer_plans import TransferChanged


def _look(ctx: Context, quote_ids: Sequence[int], cause: str) -> None:
    if quote_ids:
        commands.watch_quotes(ctx, WatchQuotes(list(quote_ids), cause))


@subscriber("purchasing.pos_changed")
def watch_changed(ctx: Context, message: OutboxMessage) -> None:
    """Lines owe more or less, or are expected on another day."""
    moved = [one.po_line_id for one in message.as_type(PosChanged).lines]
    _look(ctx, queries_kept.open_for_lines(moved), "A purchase order was changed")


@subscriber("purchasing.foreseen_moved")
def watch_said(ctx: Context, message: OutboxMessage) -> None:
    """A supplier says that lines come later or fewer, and the buyer has not decided; or that counts no more."""
    moved = [one.po_line_id for one in message.as_type(ForeseenMoved).lines]
    _look(ctx, queries_kept.open_for_lines(moved), "A supplier confirmed otherwise than ordered")


@subscriber("purchasing.po_cancelled")
def watch_cancelled(ctx: Context, message: OutboxMessage) -> None:
    """Nothing will come of these POs."""
    found = queries_kept.open_for_pos(message.as_type(PosCancelled).po_ids)
    _look(ctx, found, "A purchase order was cancelled")


@subscriber("purchasing.po_closed")
def watch_closed(ctx: Context, message: OutboxMessage) -> None:
    """Nothing more will come of these POs."""
    _look(ctx, queries_kept.open_for_pos(message.as_type(PosClosed).po_ids), "A purchase order was closed")


@subscriber("inbound.received")
def watch_received(ctx: Context, message: OutboxMessage) -> None:
    """Goods came, all of them fit or not."""
    event = message.as_type(ReceivedEvent)
    items = sorted({line.item_id for line in event.lines})
    _look(ctx, queries_kept.open_of([event.site_id], items), "Goods came in")


@subscriber("storage.transfer_changed")
def watch_transfers(ctx: Context, message: OutboxMessage) -> None:
    """Other goods are to come from another site, or leave for it; what is free again by that is heard as freed."""
    event = message.as_type(TransferChanged)
    sites = [event.to_site_id] if event.freed else [event.site_id, event.to_site_id]
    _look(ctx, queries_kept.open_of(sites, event.item_ids), event.cause)


@subscriber("storage.quality_changed")
def watch_held(ctx: Context, message: OutboxMessage) -> None:
    """Stock was held; what is available again is heard as freed."""
    event = message.as_type(QualityChanged)
    if event.quality != freed.AVAILABLE:
        _look(ctx, queries_kept.open_of([event.site_id], event.item_ids), "Stock was held")


@freed.subscriber
def watch_freed(ctx: Context, one: Freed) -> None:
    """Stock became free, was carried elsewhere, or was found or lost: quotes that could not be kept may stand again."""
    _look(ctx, queries_kept.open_of([one.site_id], one.item_ids), one.cause[:1].upper() + one.cause[1:])
