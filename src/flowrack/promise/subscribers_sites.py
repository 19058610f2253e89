"""Orders that any site may send look for a better one when they are free to, or when their items come up elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import freed, steps_bring
from flowrack.allocation.freed import Freed
from flowrack.allocation.types_substitutes import SubstitutesTakenBack
from flowrack.platform.http import now
from flowrack.platform.outbox import OutboxMessage, context_for_system, subscriber
from flowrack.platform.runner import Context
from flowrack.promise import (
    commands_lines,
    commands_sites,
    queries_sites,
    steps_sites,  # noqa: F401 - makes itself known to sales
)
from flowrack.promise.queries_grounds import from_first_to_move
from flowrack.promise.types import PromiseLines
from flowrack.promise.types_sites import SourceOrders, SourcingGoesOn
from flowrack.sales.types import LineUnitsChanged
from flowrack.sales.types_changes import LinesAddedEvent, OrderChangedEvent
from flowrack.sales.types_holds import HoldsEndedEvent
from flowrack.sales.types_sites import LinesMoved
from flowrack.shared.ids import uuid7

MOST = 50  # orders that one event may bring to another site


def bring(key: str, site_ids: Sequence[int]) -> int:
    """Before a full run: orders that any site may send go to where the rules say; how many moved.

    A run that died looks at the orders that wait now, which are others than before: it asks under new keys. To choose
    twice does no harm, for what is in time where it is stays there.
    """
    left = queries_sites.waiting_at(site_ids)
    key = f"{key}-sites-{uuid7()}"
    moved = 0
    while left := from_first_to_move(left, now()):
        part = left[: commands_sites.AT_ONCE]
        ctx = context_for_system(now(), f"{key}-{len(left)}")
        moved += len(commands_sites.source_orders(ctx, SourceOrders(part, "a full run")).moved)
        left = left[len(part) :]
    return moved


steps_bring.register(bring)


def _source(ctx: Context, order_ids: Sequence[int], cause: str) -> None:
    left = from_first_to_move(list(order_ids)[:MOST], ctx.now) if order_ids else []
    if left:
        commands_sites.source_orders(ctx.keyed("sites"), SourceOrders(left, cause))


@subscriber("promise.sourcing_goes_on")
def source_next(ctx: Context, message: OutboxMessage) -> None:
    """More orders than one transaction looks at."""
    event = message.as_type(SourcingGoesOn)
    _source(ctx, event.order_ids, event.cause)


@subscriber("sales.lines_moved")
def promise_moved(ctx: Context, message: OutboxMessage) -> None:
    """Lines ship from another site: they are promised there, and what stays of them where they were."""
    event = message.as_type(LinesMoved)
    commands_lines.promise_lines(ctx, PromiseLines(sorted({*event.line_ids, *event.from_line_ids})))


@subscriber("sales.holds_ended")
def source_released(ctx: Context, message: OutboxMessage) -> None:
    """Orders wait for nobody any more: one that any site may send was not looked at while it did."""
    lines = message.as_type(HoldsEndedEvent).free_line_ids
    _source(ctx, queries_sites.of_any_site(line_ids=lines), "a hold was released")


@subscriber("sales.lines_added")
def source_added(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more lines."""
    _source(ctx, queries_sites.of_any_site([message.as_type(LinesAddedEvent).order_id]), "lines were added")


@subscriber("sales.line_changed")
def source_changed(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more or fewer."""
    _source(ctx, queries_sites.of_any_site([message.as_type(LineUnitsChanged).order_id]), "a line was changed")


@subscriber("sales.order_changed")
def source_other_wishes(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants it on another day or at another place."""
    _source(ctx, queries_sites.of_any_site([message.as_type(OrderChangedEvent).order_id]), "the order was changed")


@subscriber("allocation.substitutes_taken_back")
def source_waits_again(ctx: Context, message: OutboxMessage) -> None:
    """A line waits again for what other items were to stand for: another site may have it."""
    _source(ctx, queries_sites.of_any_site([message.as_type(SubstitutesTakenBack).order_id]), "a substitute went back")


@freed.subscriber
def source_when_freed(ctx: Context, one: Freed) -> None:
    """Units may be free at a site: whoever waits for them at another and may ship from here."""
    _source(ctx, queries_sites.waiting_elsewhere(one.item_ids, one.site_id, most=MOST), one.cause)
