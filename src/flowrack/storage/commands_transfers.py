"""The door of transfers: send stock to another site, receive what another site sent."""

from __future__ import annotations

from dataclasses import replace

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Place, Quality
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.storage import locks, rules_transfers, steps, steps_transfers
from flowrack.storage import steps_moves as moves
from flowrack.storage.types import StockMoved
from flowrack.storage.types_transfers import TRANSFER, ReceiveSent, SendStock, Sent, SentReceived


@command(permission="storage.move", result=Sent)
def send_stock(ctx: Context, req: SendStock) -> Sent:
    """Send stock to another site: it is on the way, and the sender's, until that site receives it.

    Posts TRANSFER place -> TRANSIT; goods leave their LPN. Emits storage.moved. Refuses with NothingThere, and with
    the ledger's CommittedStock.
    """
    ctx.require("storage.move", req.site_id)
    if req.to_site_id == req.site_id:
        raise Invalid("It is at that site already.", fix="Move it there, or choose another site.")
    locations.site(req.to_site_id)
    transit = Place(locations.virtual(req.site_id, "TRANSIT"))
    wanted = [
        moves.of_cell(cell, replace(transit, quality=Quality(cell.quality)), units=units, reason="TRANSFER")
        for cell, units in moves.cells_asked(req.lines, req.site_id)
    ]
    transfer_id, number = steps_transfers.write_transfer(ctx, req, wanted)
    origin = ref(TRANSFER, transfer_id)
    posting = ledger.post(ctx, [replace(move, origin=origin) for move in wanted])
    steps.follow_moved_stock(ctx, req.site_id, sorted({m.source.location_id for m in wanted}))
    ctx.subject = origin
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({m.item_id for m in wanted})))
    return Sent(posting.posting_id, len(wanted), sum(m.units for m in wanted), transfer_id, number)


@command(permission="storage.move", result=SentReceived)
def receive_sent(ctx: Context, req: ReceiveSent) -> SentReceived:
    """Receive what another site sent, at the value with which it left there.

    Posts TRANSFER TRANSIT of the sender -> place; emits storage.moved. Refuses with Invalid, OverCapacity,
    NotAllowedThere, and with NotOnTheWay when the transfers to this site bring less.
    """
    ctx.require("storage.move", req.site_id)
    transit = locations.virtual(req.from_site_id, "TRANSIT")
    wanted = moves.of_arrivals(req, transit)
    moves.check_room(wanted, moves.places_of(wanted))
    open_lines = locks.open_transfer_lines(req)
    taken = rules_transfers.settle(req.lines, open_lines)
    origins = steps_transfers.origins(req.lines, taken)
    posting = ledger.post(ctx, [replace(m, origin=origin) for m, origin in zip(wanted, origins, strict=True)])
    finished = steps_transfers.write_arrivals(ctx, taken)
    ctx.subject = origins[0]
    ctx.emit(StockMoved(req.site_id, posting.posting_id, sorted({m.item_id for m in wanted})))
    return SentReceived(posting.posting_id, len(wanted), sum(m.units for m in wanted), finished)
