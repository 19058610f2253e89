"""What storage does when goods come in or turn out not to have come, and when people decided on a release."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.approvals.types import ApprovalsDecided
from flowrack.inbound.types import ReceivedEvent, TakenBackEvent
from flowrack.inspection.queries.releases import by_stock
from flowrack.inspection.types import INSPECTION, DecidedEvent, JudgedLine, ReleasedEvent
from flowrack.inspection.types_holds import RELEASE, ApplyRelease
from flowrack.locations import queries as locations
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.purchasing.types_cover import CoverSource, register_source
from flowrack.shared.quantity import Units
from flowrack.shared.refs import key_of, ref
from flowrack.storage import commands, commands_releases, commands_transfers
from flowrack.storage.queries_transfers import coming
from flowrack.storage.rules import ROLES_OF_QUALITY
from flowrack.storage.types import CancelPutaways, PlanPutaways, PutawayNeed
from flowrack.storage.types_transfers import TRANSFER, TRANSFER_CLAIM, ApplyLoss

register_source(CoverSource(TRANSFER, "Transfer", "storage_transfer", coming))


@subscriber("inbound.received")
def plan_putaways_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Plan a putaway for what of received lines was not taken back, stands in no bin, has none planned and goes to no
    order."""
    event = message.as_type(ReceivedEvent)
    at_dock = [
        line
        for line in event.lines
        if not line.location_id and not line.planned_move_id and line.units > line.cross_dock_units
    ]
    if not at_dock:
        return
    commands.plan_putaways(
        ctx,
        PlanPutaways(
            site_id=event.site_id,
            needs=[
                PutawayNeed(
                    origin=ref("inbound.line", line.receipt_line_id),
                    location_id=event.location_id,
                    item_id=line.item_id,
                    units=Units(line.units - line.cross_dock_units),
                    lot_id=line.lot_id,
                    lpn_id=line.lpn_id,
                    quality=line.quality,
                )
                for line in at_dock
            ],
        ),
    )


@subscriber("inbound.taken_back")
def cancel_putaways_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Cancel the putaways of lines that were taken back."""
    event = message.as_type(TakenBackEvent)
    origins = [ref("inbound.line", line_id) for line_id in event.receipt_line_ids]
    commands.cancel_putaways(ctx, CancelPutaways(origins=origins, reason="the count was taken back"))


@subscriber("inspection.decided")
def plan_putaways_of_verdict(ctx: Context, message: OutboxMessage) -> None:
    """Plan for inspected goods where they belong now; what was planned for them before is over."""
    event = message.as_type(DecidedEvent)
    _plan_judged(ctx, event.site_id, ref(INSPECTION, event.inspection_id), event.lines)


@subscriber("inspection.released")
def plan_putaways_of_release(ctx: Context, message: OutboxMessage) -> None:
    """Plan putaways for goods that came free."""
    event = message.as_type(ReleasedEvent)
    _plan_judged(ctx, event.site_id, event.origin, event.lines)


def _plan_judged(ctx: Context, site_id: int, origin: str, lines: Sequence[JudgedLine]) -> None:
    """Goods that stand in a bin of their kind already stay there."""
    places = locations.locations([line.location_id for line in lines])
    needs = [
        PutawayNeed(origin, x.location_id, x.item_id, Units(x.units), x.lot_id, x.lpn_id, x.quality)
        for x in lines
        if places[x.location_id].role not in ROLES_OF_QUALITY.get(x.quality, ())
    ]
    if needs:
        commands.plan_putaways(ctx, PlanPutaways(site_id=site_id, needs=needs))


@subscriber("approvals.decided")
def give_up_what_is_lost(ctx: Context, message: OutboxMessage) -> None:
    """People decided on losses of goods on the way: each is posted, or ends."""
    for d in message.as_type(ApprovalsDecided).requests:
        if d.document == TRANSFER_CLAIM:
            req = ApplyLoss(key_of(d.subject), d.state, d.content_hash)
            commands_transfers.apply_transfer_loss(ctx.keyed(d.number), req)


@subscriber("approvals.decided")
def apply_decided_stock_releases(ctx: Context, message: OutboxMessage) -> None:
    """People decided on releases of stock by its places: each is done, or ends."""
    mine = {key_of(d.subject): d for d in message.as_type(ApprovalsDecided).requests if d.document == RELEASE}
    for release_id in sorted(by_stock(list(mine)) if mine else ()):
        d = mine[release_id]
        req = ApplyRelease(release_id, d.state, d.content_hash)
        commands_releases.apply_stock_release(ctx.keyed(d.number), req)
