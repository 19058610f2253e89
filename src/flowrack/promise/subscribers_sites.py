"""Orders that any site may send look for a better one when they are free to, or when their items come up elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowrack.allocation import queries_cover, steps_bring
from flowrack.inbound.types import ReceivedEvent
from flowrack.platform.http import now
from flowrack.platform.outbox import OutboxMessage, context_for_system, subscriber
from flowrack.platform.runner import Context
from flowrack.promise import (
    commands_lines,
    commands_sites,
    queries_sites,
    steps_sites,  # noqa: F401 - makes itself known to sales
)
from flowrack.promise.types import PromiseLines
from flowrack.promise.types_sites import SourceOrders, SourcingGoesOn
from flowrack.sales.types import LineUnitsChanged, UnitsCancelled
from flowrack.sales.types_changes import LinesAddedEvent, OrderChangedEvent
from flowrack.sales.types_holds import HoldsEndedEvent
from flowrack.sales.types_sites import LinesMoved
from flowrack.shared.ids import uuid7
from flowrack.storage.types import PutAway, QualityChanged, StockAdjusted, StockMoved
from flowrack.storage.types_transfer_plans import TransferChanged

MOST = 50  # orders that one event may bring to another site


def bring(key: str, site_ids: Sequence[int]) -> int:
    """Before a full run: orders that any site may send go to where the rules say; how many moved.

    A run that died looks at the orders that wait now, which are others than before: it asks under new keys. To choose
    twice does no harm, for what is in time where it is stays there.
    """
    orders = queries_sites.waiting_at(site_ids)
    key = f"{key}-sites-{uuid7()}"
    moved = 0
    for n in range(0, len(orders), commands_sites.AT_ONCE):
        part = orders[n : n + commands_sites.AT_ONCE]
        ctx = context_for_system(now(), f"{key}-{n}")
        moved += len(commands_sites.source_orders(ctx, SourceOrders(part, "a full run")).moved)
    return moved


steps_bring.register(bring)


def _source(ctx: Context, order_ids: Sequence[int], cause: str) -> None:
    if order_ids:
        commands_sites.source_orders(ctx.keyed("sites"), SourceOrders(list(order_ids)[:MOST], cause))


def _elsewhere(ctx: Context, site_id: int, item_ids: Iterable[int], cause: str) -> None:
    """Units of items are free at a site: whoever waits for them at another and may ship from here."""
    items = sorted(set(item_ids))
    if items:
        _source(ctx, queries_sites.waiting_elsewhere(items, site_id, most=MOST), cause)


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


@subscriber("sales.units_cancelled")
def source_by_cancellation(ctx: Context, message: OutboxMessage) -> None:
    """Somebody waits no more: there is more for others, also of other sites."""
    event = message.as_type(UnitsCancelled)
    if event.unpromised_units:
        for site_id, item_ids in queries_cover.places_of(event.line_ids).items():
            _elsewhere(ctx.keyed(str(site_id)), site_id, item_ids, "an order was cancelled")


@subscriber("storage.put_away")
def source_by_putaway(ctx: Context, message: OutboxMessage) -> None:
    """Goods stand where they can be promised from."""
    event = message.as_type(PutAway)
    _elsewhere(ctx, event.site_id, (line.item_id for line in event.lines), "goods were put away")


@subscriber("inbound.received")
def source_by_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Goods came."""
    event = message.as_type(ReceivedEvent)
    _elsewhere(ctx, event.site_id, (line.item_id for line in event.lines), "goods were received")


@subscriber("storage.moved")
def source_by_move(ctx: Context, message: OutboxMessage) -> None:
    """Goods were carried to where they can be promised from."""
    event = message.as_type(StockMoved)
    _elsewhere(ctx, event.site_id, event.item_ids, "stock was moved")


@subscriber("storage.transfer_changed")
def source_what_does_not_go(ctx: Context, message: OutboxMessage) -> None:
    """Stock that was kept for another site is free."""
    event = message.as_type(TransferChanged)
    if event.freed:
        _elsewhere(ctx, event.site_id, event.item_ids, "a transfer was changed or called off")


@subscriber("storage.quality_changed")
def source_by_release(ctx: Context, message: OutboxMessage) -> None:
    """Held goods may be free again."""
    event = message.as_type(QualityChanged)
    _elsewhere(ctx, event.site_id, event.item_ids, "stock was held or released")


@subscriber("storage.adjusted")
def source_by_find(ctx: Context, message: OutboxMessage) -> None:
    """Stock was found."""
    event = message.as_type(StockAdjusted)
    _elsewhere(ctx, event.site_id, event.item_ids, "stock was found or lost")
