"""Stock became free, or somebody new waits for it: what allocation does by itself, as its modes say."""

from __future__ import annotations

from collections.abc import Iterable

from flowrack.allocation import freed, queries_modes
from flowrack.allocation.commands_modes import follow_free
from flowrack.allocation.freed import Freed
from flowrack.allocation.types_modes import FollowFree
from flowrack.allocation.types_substitutes import SubstitutesTakenBack
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.sales.types import OrderEntered
from flowrack.sales.types_changes import LinesAddedEvent
from flowrack.sales.types_sites import LinesMoved


def _follow(ctx: Context, site_id: int, item_ids: Iterable[int], cause: str) -> None:
    items = sorted(set(item_ids))
    if items and queries_modes.is_watched(site_id):
        follow_free(ctx, FollowFree(site_id, items, cause))


def _follow_lines(ctx: Context, line_ids: list[int], cause: str) -> None:
    for site_id, item_ids in queries_modes.items_of(line_ids).items():
        _follow(ctx.keyed(f"free-{site_id}"), site_id, item_ids, cause)


@freed.subscriber
def serve_what_is_free(ctx: Context, one: Freed) -> None:
    """Units may be free. When overrides are over the rules decide at once, whatever the modes say."""
    if one.kind != freed.OVERRIDES_OVER:
        _follow(ctx, one.site_id, one.item_ids, one.cause)


@subscriber("sales.order_entered")
def serve_who_came(ctx: Context, message: OutboxMessage) -> None:
    """A new order wants stock."""
    _follow_lines(ctx, message.as_type(OrderEntered).line_ids, "an order came in")


@subscriber("sales.lines_moved")
def serve_who_ships_from_here(ctx: Context, message: OutboxMessage) -> None:
    """Lines ship from another site: they want its stock."""
    _follow_lines(ctx, message.as_type(LinesMoved).line_ids, "an order ships from here now")


@subscriber("sales.lines_added")
def serve_what_was_added(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more lines on an order."""
    _follow_lines(ctx, message.as_type(LinesAddedEvent).line_ids, "lines were added to an order")


@subscriber("allocation.substitutes_taken_back")
def serve_who_waits_again(ctx: Context, message: OutboxMessage) -> None:
    """A line waits for the ordered item again."""
    _follow_lines(ctx, [message.as_type(SubstitutesTakenBack).line_id], "a substitute was taken back")
