"""What inspection does when goods come in or turn out not to have come, and when people decided on a release."""

from __future__ import annotations

from flowrack.approvals.types import ApprovalsDecided
from flowrack.inbound.types import ReceivedEvent, TakenBackEvent
from flowrack.inspection import commands, commands_holds, queries
from flowrack.inspection.queries.releases import by_stock
from flowrack.inspection.types import DropLines, OpenInspections, ReceivedForInspection
from flowrack.inspection.types_holds import RELEASE, ApplyRelease
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.shared.refs import key_of


@subscriber("inbound.received")
def open_inspections_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Open an inspection for every received lot that needs one."""
    event = message.as_type(ReceivedEvent)
    lines = [
        ReceivedForInspection(
            line.receipt_line_id, line.item_id, line.lot_id, line.lpn_id, line.location_id or event.location_id,
            Units(line.units), line.quality,
        )
        for line in event.lines
        if line.quality in ("available", "inspection")
    ]  # fmt: skip
    items = sorted({line.item_id for line in lines})
    is_inspected = any(line.quality == "inspection" for line in lines) or queries.plans_for(
        event.site_id, event.supplier_id, items, day=ctx.now.date()
    )
    if is_inspected:
        commands.open_inspections(
            ctx, OpenInspections(event.receipt_id, event.po_id, event.site_id, event.supplier_id, lines)
        )


@subscriber("inbound.taken_back")
def drop_lines_of_receipt(ctx: Context, message: OutboxMessage) -> None:
    """Take counts that were undone off their inspections."""
    commands.drop_lines(ctx, DropLines(message.as_type(TakenBackEvent).receipt_line_ids))


@subscriber("approvals.decided")
def apply_decided_releases(ctx: Context, message: OutboxMessage) -> None:
    """People decided on releases of holds: each is done, or ends."""
    mine = [d for d in message.as_type(ApprovalsDecided).requests if d.document == RELEASE]
    others = by_stock([key_of(d.subject) for d in mine]) if mine else set()
    for d in mine:
        if key_of(d.subject) not in others:
            req = ApplyRelease(key_of(d.subject), d.state, d.content_hash)
            commands_holds.apply_release(ctx.keyed(d.number), req)
