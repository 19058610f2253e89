"""What allocation does when demand or stock changes under a cross-dock, and when supply moves under promises."""

from __future__ import annotations

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import (
    commands_displacement,
    commands_exceptions,
    commands_rules,
    commands_substitutes,
    freed,
    queries,
    queries_cover,
    queries_rank,
    subscribers_changes,  # noqa: F401 - makes itself known to sales
    subscribers_free,  # noqa: F401 - registers itself
    subscribers_overrides,  # noqa: F401 - registers itself
)
from flowrack.allocation.commands import allocate
from flowrack.allocation.freed import Freed
from flowrack.allocation.types import Allocate, PromisesAtRisk, PromiseTakenBack
from flowrack.allocation.types_cross_docks import CancelledEvent, FollowDemand, FollowStock
from flowrack.allocation.types_displacement import PRIORITY, ApplyPriority, FollowUrgent
from flowrack.allocation.types_exceptions import SupplyMoved, WatchCover, WatchItems
from flowrack.allocation.types_rules import RULE_SET, ApplyRuleSet
from flowrack.allocation.types_substitutes import SUBSTITUTION, ApplySubstitution
from flowrack.approvals.types import ApprovalsDecided
from flowrack.inbound.types import ReceivedEvent
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.purchasing.types import PosCancelled, PosClosed
from flowrack.purchasing.types_versions import ForeseenMoved, PosChanged
from flowrack.sales.rules import TIERS
from flowrack.sales.types import LineUnitsChanged, UnitsCancelled
from flowrack.sales.types_holds import HoldsEndedEvent, HoldsPlacedEvent
from flowrack.shared.quantity import Units
from flowrack.shared.refs import key_of, ref
from flowrack.storage.commands import plan_putaways
from flowrack.storage.types import PlanPutaways, PutawayNeed, QualityChanged, StockAdjusted, StockMoved
from flowrack.storage.types_transfer_plans import TransferChanged

LAST_TIER = TIERS[-1]
SAID = "comes otherwise than ordered, says its supplier, and the buyer has not decided"


@subscriber("approvals.decided")
def apply_decided_rule_sets(ctx: Context, message: OutboxMessage) -> None:
    """People decided on allocation rules: they come into force, or are drafts again."""
    for decided in message.as_type(ApprovalsDecided).requests:
        if decided.document == RULE_SET:
            req = ApplyRuleSet(key_of(decided.subject), decided.state, decided.content_hash)
            commands_rules.apply_rule_set(ctx.keyed(decided.number), req)


@subscriber("allocation.cross_docks_cancelled")
def put_away_instead(ctx: Context, message: OutboxMessage) -> None:
    """Goods that do not go to the door go into a bin."""
    event = message.as_type(CancelledEvent)
    needs = [
        PutawayNeed(
            ref("inbound.line", x.receipt_line_id), x.location_id, x.item_id, Units(x.units), x.lot_id, x.lpn_id
        )
        for x in event.lines
    ]
    plan_putaways(ctx, PlanPutaways(site_id=event.site_id, needs=needs))


@subscriber("sales.units_cancelled")
def follow_cancelled_units(ctx: Context, message: OutboxMessage) -> None:
    """Customers do not want units any more."""
    event = message.as_type(UnitsCancelled)
    commands.follow_demand(ctx, FollowDemand(event.line_ids))
    commands_displacement.follow_urgent(ctx.keyed("urgent"), FollowUrgent(event.order_ids))


@subscriber("sales.line_changed")
def follow_changed_line(ctx: Context, message: OutboxMessage) -> None:
    """A customer wants fewer."""
    event = message.as_type(LineUnitsChanged)
    commands.follow_demand(ctx, FollowDemand([event.line_id]))
    commands_displacement.follow_urgent(ctx.keyed("urgent"), FollowUrgent([event.order_id]))


@subscriber("sales.holds_placed")
def follow_held_lines(ctx: Context, message: OutboxMessage) -> None:
    """Lines wait for a person, and not for goods at the dock."""
    commands.follow_demand(ctx, FollowDemand(message.as_type(HoldsPlacedEvent).line_ids))


@subscriber("sales.holds_ended")
def promise_released_lines(ctx: Context, message: OutboxMessage) -> None:
    """Lines are free again: stock is promised to all that wait for the same items, in their rank."""
    for site_id, (order_ids, item_ids) in queries.waiting_of(message.as_type(HoldsEndedEvent).free_line_ids).items():
        others = queries_rank.orders_waiting(item_ids, site_id, LAST_TIER, ctx.now)
        allocate(ctx.keyed(str(site_id)), Allocate(site_id, sorted({*order_ids, *others})))


@subscriber("storage.moved")
def follow_moved_stock(ctx: Context, message: OutboxMessage) -> None:
    """Somebody carried goods elsewhere by hand."""
    event = message.as_type(StockMoved)
    commands.follow_stock(ctx, FollowStock(event.site_id, event.item_ids))


@subscriber("storage.quality_changed")
def follow_held_stock(ctx: Context, message: OutboxMessage) -> None:
    """Goods at the dock were held."""
    event = message.as_type(QualityChanged)
    commands.follow_stock(ctx, FollowStock(event.site_id, event.item_ids))


@subscriber("storage.adjusted")
def follow_lost_stock(ctx: Context, message: OutboxMessage) -> None:
    """Goods at the dock were lost or scrapped."""
    event = message.as_type(StockAdjusted)
    commands.follow_stock(ctx, FollowStock(event.site_id, event.item_ids))


@subscriber("allocation.promise_taken_back")
def watch_lost_promises(ctx: Context, message: OutboxMessage) -> None:
    """Lines lost stock that was promised to them: to a hold, a count, scrap, or another line."""
    event = message.as_type(PromiseTakenBack)
    for site_id, item_ids in queries_cover.places_of(event.line_ids).items():
        _watch(ctx.keyed(str(site_id)), site_id, item_ids, event.reason)


@freed.subscriber
def watch_freed(ctx: Context, one: Freed) -> None:
    """Units are free: promises at risk may be covered again."""
    items = queries_cover.at_risk(one.item_ids).get(one.site_id, [])
    if items:
        commands_exceptions.watch_items(ctx, WatchItems(one.site_id, items, one.cause[:1].upper() + one.cause[1:]))


@subscriber("allocation.promises_at_risk")
def watch_at_risk(ctx: Context, message: OutboxMessage) -> None:
    """A run could not keep all promised days: those of the worst rank, or a class that guarantees came first."""
    event = message.as_type(PromisesAtRisk)
    commands_exceptions.watch_items(ctx, WatchItems(event.site_id, event.item_ids, "Stock was shared out"))


@subscriber("storage.quality_changed")
def watch_held_stock(ctx: Context, message: OutboxMessage) -> None:
    """Stock was held or released: what waited for it may be late, or in time again."""
    event = message.as_type(QualityChanged)
    _watch(ctx, event.site_id, event.item_ids, "Stock was held or released")


@subscriber("storage.moved")
def watch_sent_stock(ctx: Context, message: OutboxMessage) -> None:
    """Goods may be on their way to a site where promises are at risk."""
    item_ids = message.as_type(StockMoved).item_ids
    for site_id, items in queries_cover.at_risk(item_ids).items():
        commands_exceptions.watch_items(ctx.keyed(str(site_id)), WatchItems(site_id, items, "Goods were moved"))


@subscriber("storage.transfer_changed")
def watch_transfers(ctx: Context, message: OutboxMessage) -> None:
    """Other goods are to come from another site than before, and at that site others are free."""
    event = message.as_type(TransferChanged)
    for site_id in (event.to_site_id, event.site_id):
        _watch(ctx.keyed(str(site_id)), site_id, event.item_ids, event.cause)


@subscriber("inbound.received")
def watch_received(ctx: Context, message: OutboxMessage) -> None:
    """Goods came, all of them fit or not."""
    event = message.as_type(ReceivedEvent)
    _watch(ctx, event.site_id, sorted({line.item_id for line in event.lines}), "Goods came in otherwise than ordered")


def _watch(ctx: Context, site_id: int, item_ids: list[int], cause: str) -> None:
    if queries_cover.is_waited_for(site_id, item_ids):
        commands_exceptions.watch_items(ctx, WatchItems(site_id, item_ids, cause.rstrip(".")))


@subscriber("purchasing.pos_changed")
def watch_changed_pos(ctx: Context, message: OutboxMessage) -> None:
    """Lines owe more or less, or are expected on another day."""
    moved = [
        SupplyMoved(m.po_line_id, m.item_id, m.site_id, m.owed_before, m.expected_before)
        for m in message.as_type(PosChanged).lines
    ]
    if moved:
        commands_exceptions.watch_cover(ctx, WatchCover(moved))


@subscriber("purchasing.foreseen_moved")
def watch_said(ctx: Context, message: OutboxMessage) -> None:
    """A supplier says that lines come later or fewer, and the buyer has not decided; or that counts no more."""
    moved = [
        SupplyMoved(m.po_line_id, m.item_id, m.site_id, m.owed_before, m.expected_before)
        for m in message.as_type(ForeseenMoved).lines
    ]
    commands_exceptions.watch_cover(ctx, WatchCover(moved, SAID))


@subscriber("purchasing.po_cancelled")
def watch_cancelled_pos(ctx: Context, message: OutboxMessage) -> None:
    """Nothing will come of these POs."""
    moved = queries_cover.ended(message.as_type(PosCancelled).po_ids)
    if moved:
        commands_exceptions.watch_cover(ctx, WatchCover(moved))


@subscriber("purchasing.po_closed")
def watch_closed_pos(ctx: Context, message: OutboxMessage) -> None:
    """Nothing more will come of these POs."""
    moved = queries_cover.ended(message.as_type(PosClosed).po_ids)
    if moved:
        commands_exceptions.watch_cover(ctx, WatchCover(moved))


@subscriber("approvals.decided")
def do_what_was_allowed(ctx: Context, message: OutboxMessage) -> None:
    """People decided about urgent orders and substitutes."""
    for one in message.as_type(ApprovalsDecided).requests:
        asked_id, keyed = key_of(one.subject), ctx.keyed(str(one.request_id))
        if one.document == PRIORITY:
            commands_displacement.apply_priority(keyed, ApplyPriority(asked_id, one.state, one.content_hash))
        if one.document == SUBSTITUTION:
            commands_substitutes.apply_substitution(keyed, ApplySubstitution(asked_id, one.state, one.content_hash))
