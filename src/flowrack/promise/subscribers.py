"""Order lines get their promise when they are entered, changed or free again."""

from __future__ import annotations

from flowrack.allocation.types_displacement import LinesDisplaced, PriorityAsked, PriorityEnded
from flowrack.allocation.types_substitutes import SubstitutesAccepted, SubstitutesTakenBack
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.promise import (
    commands_lines,
    queries_entry,  # noqa: F401 - makes itself known to order entry
    queries_lines,
    queries_supply,  # noqa: F401 - makes itself known to allocation
    subscribers_changes,  # noqa: F401 - makes itself known to sales
    subscribers_first,  # noqa: F401 - registers itself
    subscribers_quotes,  # noqa: F401 - registers itself
    subscribers_sites,  # noqa: F401 - registers itself, and makes itself known to sales
)
from flowrack.promise.types import PromiseLines
from flowrack.sales.types import LineUnitsChanged, OrderEntered
from flowrack.sales.types_changes import LinesAddedEvent, OrderChangedEvent
from flowrack.sales.types_holds import HoldsEndedEvent


@subscriber("sales.order_entered")
def promise_entered(ctx: Context, message: OutboxMessage) -> None:
    """A customer ordered. What was quoted is promised already, and stays as it was told."""
    fresh = queries_lines.without_promise(message.as_type(OrderEntered).line_ids)
    if fresh:
        commands_lines.promise_lines(ctx, PromiseLines(fresh))


@subscriber("sales.lines_added")
def promise_added(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more lines. Where he takes one delivery only, all of it may leave on another day."""
    event = message.as_type(LinesAddedEvent)
    commands_lines.promise_lines(ctx, PromiseLines(queries_lines.moved_by(event.order_id, event.line_ids)))


@subscriber("sales.line_changed")
def promise_changed(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants more or fewer."""
    commands_lines.promise_lines(ctx, PromiseLines([message.as_type(LineUnitsChanged).line_id]))


@subscriber("allocation.substitutes_taken_back")
def promise_what_waits_again(ctx: Context, message: OutboxMessage) -> None:
    """A line waits again for what other items were to stand for."""
    commands_lines.promise_lines(ctx, PromiseLines([message.as_type(SubstitutesTakenBack).line_id]))


@subscriber("allocation.substituted")
def promise_substituted(ctx: Context, message: OutboxMessage) -> None:
    """Other items are sent instead, on new lines. What the customer was told of the line stays, unless he takes one
    delivery only: then all of it may leave on another day."""
    event = message.as_type(SubstitutesAccepted)
    fresh = queries_lines.without_promise([event.line_id, *event.new_line_ids])
    commands_lines.promise_lines(ctx, PromiseLines(queries_lines.moved_by(event.order_id, fresh)))


@subscriber("sales.order_changed")
def promise_other_wishes(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants the order on another day or at another place; of another day he is told what it does to the
    days that he was promised."""
    event = message.as_type(OrderChangedEvent)
    wish = next((one for one in event.changed if one.field == "requested_on"), None)
    letter = f"{event.reason.strip().rstrip('.')}; you want it on {wish.after} now" if wish else ""
    line_ids = queries_lines.lines_of_orders([event.order_id])
    commands_lines.promise_lines(ctx, PromiseLines(line_ids, letter=letter))


@subscriber("sales.holds_ended")
def promise_released(ctx: Context, message: OutboxMessage) -> None:
    """Lines wait for nobody any more."""
    commands_lines.promise_lines(ctx, PromiseLines(message.as_type(HoldsEndedEvent).free_line_ids))


@subscriber("allocation.displaced")
def promise_displaced(ctx: Context, message: OutboxMessage) -> None:
    """Lines gave way to an urgent order: what their customers were told is their promise."""
    moved = message.as_type(LinesDisplaced).moved_line_ids
    if moved:
        commands_lines.follow_promises(ctx, PromiseLines(moved))


@subscriber("allocation.priority_requested")
def promise_urgent(ctx: Context, message: OutboxMessage) -> None:
    """An order became urgent and got units at once."""
    asked = message.as_type(PriorityAsked)
    if asked.units:
        commands_lines.promise_lines(ctx, PromiseLines(queries_lines.lines_of_orders([asked.order_id])))


@subscriber("allocation.priority_ended")
def promise_granted(ctx: Context, message: OutboxMessage) -> None:
    """Somebody gave an urgent order what others had."""
    ended = message.as_type(PriorityEnded)
    if ended.units:
        commands_lines.promise_lines(ctx, PromiseLines(queries_lines.lines_of_orders([ended.order_id])))
