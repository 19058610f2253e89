"""Lines that nobody could promise when they were entered get their first promise when units or supply are there.

Units that a person gave by hand bring none: they go back when their time is over, and a promise would keep them.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import freed, queries_cover
from flowrack.allocation.freed import Freed
from flowrack.allocation.types import AllocationRun
from flowrack.inbound.types import ReceivedEvent
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.promise import commands_lines, queries_lines
from flowrack.promise.types import PromiseLines
from flowrack.purchasing.types import PosApproved
from flowrack.purchasing.types_versions import PosChanged
from flowrack.sales.types import UnitsCancelled
from flowrack.storage.types import StockMoved
from flowrack.storage.types_transfer_plans import TransferChanged


def _first(ctx: Context, line_ids: Sequence[int]) -> None:
    if line_ids:
        commands_lines.promise_lines(ctx, PromiseLines(list(line_ids), only_first=True))


def _first_of(ctx: Context, site_id: int, item_ids: Sequence[int]) -> None:
    if item_ids:
        _first(ctx.keyed(f"first-{site_id}"), queries_lines.unpromised_of(site_id, item_ids))


@subscriber("allocation.run_finished")
def first_by_run(ctx: Context, message: OutboxMessage) -> None:
    """A run gave units to lines without a promise."""
    got = message.as_type(AllocationRun).unpromised
    if got:
        _first(ctx, queries_lines.unpromised(got))


@subscriber("purchasing.pos_approved")
def first_by_order(ctx: Context, message: OutboxMessage) -> None:
    """Goods are on order."""
    for site_id, item_ids in queries_lines.bought(message.as_type(PosApproved).po_ids).items():
        _first_of(ctx, site_id, item_ids)


@subscriber("purchasing.pos_changed")
def first_by_change(ctx: Context, message: OutboxMessage) -> None:
    """More is on order, or it comes earlier."""
    items: dict[int, set[int]] = {}
    for one in message.as_type(PosChanged).lines:
        items.setdefault(one.site_id, set()).add(one.item_id)
    for site_id in sorted(items):
        _first_of(ctx, site_id, sorted(items[site_id]))


@subscriber("inbound.received")
def first_by_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Goods came, if only to the dock."""
    event = message.as_type(ReceivedEvent)
    _first_of(ctx, event.site_id, sorted({line.item_id for line in event.lines}))


@subscriber("storage.moved")
def first_by_sending(ctx: Context, message: OutboxMessage) -> None:
    """Goods may be on their way to another site."""
    event = message.as_type(StockMoved)
    for site_id, item_ids in queries_lines.sent(event.site_id, event.item_ids).items():
        _first_of(ctx, site_id, item_ids)


@subscriber("storage.transfer_changed")
def first_by_transfer(ctx: Context, message: OutboxMessage) -> None:
    """Goods are to come from another site."""
    event = message.as_type(TransferChanged)
    _first_of(ctx, event.to_site_id, event.item_ids)


@subscriber("sales.units_cancelled")
def first_by_cancellation(ctx: Context, message: OutboxMessage) -> None:
    """Somebody waits no more, though no stock was free by that: what comes, or stands there, is for the others."""
    event = message.as_type(UnitsCancelled)
    if not event.unpromised_units:  # else it frees stock
        for site_id, item_ids in queries_cover.places_of(event.line_ids).items():
            _first_of(ctx, site_id, item_ids)


@freed.subscriber
def first_when_freed(ctx: Context, one: Freed) -> None:
    """There is more for those who wait."""
    _first_of(ctx, one.site_id, one.item_ids)
