"""The door of inbound: receive, take back, close."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.inbound import locks, queries, rules, states, steps
from flowrack.inbound.queries import Dock
from flowrack.inbound.rules import Share
from flowrack.inbound.states import ReceiptState
from flowrack.inbound.steps import NO_LOT, BookedLine, Lot
from flowrack.inbound.types import (
    BadCount,
    CloseReceipt,
    CountedLine,
    LotNeeded,
    NotADock,
    NothingCounted,
    NotOnPo,
    ReceiptClosed,
    ReceiptClosedEvent,
    Receive,
    Received,
    ReceivedEvent,
    ReceivedLine,
    ReturnToSupplier,
    SentBack,
    SentBackEvent,
    TakeBack,
    TakenBack,
    TakenBackEvent,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.rules import receipt_value
from flowrack.purchasing.states import PoState
from flowrack.purchasing.states import advance as advance_po
from flowrack.purchasing.types import LineForReceipt, OverReceipt, ShortLine
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref


@command(permission="inbound.receive", result=Received)
def receive(ctx: Context, req: Receive) -> Received:
    """Book counted lines of one PO onto a dock place.

    Posts RECEIPT from SUPPLIER to the dock place with units x unit cost; adds to the PO's open receipt there, or opens
    one; emits inbound.received. Refuses with NothingCounted, BadCount, NotOnPo, OverReceipt, LotNeeded, NotADock,
    WrongState, DutiesConflict (S02), and with the catalogue's LotRefused.
    """
    lines = _lines_of(ctx, req)
    dock = queries.dock(req.location_id, po_id=req.po_id, now=ctx.now)
    if not dock.is_dock or dock.site_id != lines[0].site_id:
        raise NotADock(
            f"{dock.code} is no receiving place of the order's site.", fix="Scan a door or a staging place there."
        )
    shares = _shares(req.lines, lines)
    lots = steps.lots_of(req.lines, shares)
    lpns = steps.lpns_of(req.lines, site_id=dock.site_id)
    booked = [_book(req.lines[s.count], s, dock, lots, lpns) for s in shares]
    receipt_id, number = steps.open_receipt(ctx, dock, lines[0], req.delivery_note)
    posting = ledger.post(ctx, [_move(line, dock, ref("inbound.receipt", receipt_id)) for line in booked])
    purchasing.record_receipts([(b.po_line_id, b.units) for b in booked])
    ids = steps.write_lines(ctx, receipt_id, posting.posting_id, booked)
    done = [
        ReceivedLine(i, b.po_line_id, b.item_id, b.lot_id, b.lpn_id, b.units, b.quality, b.discrepancy)
        for i, b in zip(ids, booked, strict=True)
    ]
    ctx.subject = ref("inbound.receipt", receipt_id)
    ctx.emit(
        ReceivedEvent(
            receipt_id=receipt_id,
            po_id=req.po_id,
            site_id=dock.site_id,
            location_id=dock.location_id,
            supplier_id=lines[0].supplier_id,
            posting_id=posting.posting_id,
            lines=done,
        )
    )
    return Received(
        receipt_id=receipt_id,
        number=number,
        po_id=req.po_id,
        posting_id=posting.posting_id,
        value=sum((b.value for b in booked), Decimal(0)),
        owed_units=sum(x.owed for x in lines) - sum(s.units for s in shares if not s.is_over),
        lines=done,
    )


def _lines_of(ctx: Context, req: Receive) -> list[LineForReceipt]:
    if not req.lines:
        raise NothingCounted("Nothing was counted.", fix="Scan or type at least one line.")
    lines = purchasing.lines_for_receipt([req.po_id])
    if not lines:
        raise NotFound(f"There is no PO with id {req.po_id}.")
    head = lines[0]
    ctx.require("inbound.receive", head.site_id)
    advance_po(PoState(head.po_state), "receive", number=head.po_number)
    for writer in (head.created_by, head.changed_by):
        ctx.require_other_person(
            writer, rule="S02", sentence=f"You wrote or changed {head.po_number}, so somebody else must receive it."
        )
    return lines


def _shares(counts: Sequence[CountedLine], lines: list[LineForReceipt]) -> list[Share]:
    bad = rules.faults(counts)
    if bad:
        raise BadCount(bad[0].message, lines=bad)
    spread = rules.spread(counts, lines)
    if spread.strangers:
        raise NotOnPo(
            spread.strangers[0].message, lines=spread.strangers + spread.too_many, fix=spread.strangers[0].fix
        )
    if spread.too_many:
        raise OverReceipt(spread.too_many[0].message, lines=spread.too_many, fix=spread.too_many[0].fix)
    needed, bad = rules.lot_faults(counts, {s.count: s.line for s in spread.shares})
    if needed:
        raise LotNeeded(needed[0].message, lines=needed + bad)
    if bad:
        raise BadCount(bad[0].message, lines=bad)
    return spread.shares


def _book(count: CountedLine, share: Share, dock: Dock, lots: dict[int, Lot], lpns: dict[str, int]) -> BookedLine:
    lot = lots.get(share.count, NO_LOT)
    quality = rules.quality_on_arrival(stated=count.quality, expires_on=lot.expires_on, today=dock.today)
    return BookedLine(
        po_line_id=share.line.po_line_id,
        item_id=share.line.item_id,
        lot_id=lot.lot_id,
        lpn_id=lpns.get(count.lpn, 0),
        units=share.units,
        value=receipt_value(before=share.before, units=share.units, unit_cost=share.line.unit_cost),
        quality=quality,
        discrepancy=rules.discrepancy(quality=quality, is_over=share.is_over, reason=count.reason),
    )


def _move(line: BookedLine, dock: Dock, origin: str) -> Move:
    return Move(
        item_id=line.item_id,
        units=line.units,
        source=Place(dock.supplier_location_id),
        target=Place(dock.location_id, line.lpn_id, line.quality),
        reason="RECEIPT",
        lot_id=line.lot_id,
        value=line.value,
        origin=origin,
    )


@command(permission="inbound.receive", result=TakenBack)
def take_back(ctx: Context, req: TakeBack) -> TakenBack:
    """Undo one `receive` as long as the goods stand where they were counted.

    Posts the reverse; the PO owes the units again; emits inbound.taken_back. Refuses with WrongState, NotFound, and
    with the ledger's InsufficientStock when the goods have moved on.
    """
    posted = queries.of_posting(req.posting_id)
    ctx.require("inbound.receive", posted.site_id)
    purchasing.lines_for_receipt([posted.po_id])
    receipt = locks.receipt(posted.receipt_id)
    states.advance(ReceiptState(receipt.state), "take_back", number=receipt.number)
    struck = steps.strike_lines(ctx, req.posting_id)
    if not struck:
        raise Invalid("This count was taken back already.", fix="Nothing needs to be done.")
    reversal = ledger.reverse(ctx, req.posting_id)
    purchasing.record_receipts([(po_line_id, -units) for _, po_line_id, units in struck])
    ids = [line_id for line_id, _, _ in struck]
    ctx.subject = ref("inbound.receipt", receipt.pk)
    ctx.emit(TakenBackEvent(receipt_id=receipt.pk, posting_id=req.posting_id, receipt_line_ids=ids))
    return TakenBack(
        receipt_id=receipt.pk, posting_id=req.posting_id, reversal_id=reversal.posting_id, receipt_line_ids=ids
    )


@command(permission="inbound.send_back", result=SentBack)
def return_to_supplier(ctx: Context, req: ReturnToSupplier) -> SentBack:
    """Send units in stock back to their supplier, at the cost of the receipt when it is named.

    Posts SUPPLIER_RETURN from the place to SUPPLIER; emits inbound.sent_back. Refuses with NothingCounted, Invalid, and
    with the ledger's InsufficientStock or CommittedStock.
    """
    ctx.require("inbound.send_back", req.site_id)
    if not req.lines:
        raise NothingCounted("Nothing goes back.", fix="Name at least one line.")
    if not req.reason.strip():
        raise Invalid("Goods need a reason to go back.", fix="Say why.")
    _check_places(req)
    target = Place(locations.virtual(req.site_id, "SUPPLIER"))
    origin = ref("parties.party", req.supplier_id)
    moves = [
        Move(
            item_id=line.item_id,
            units=line.units,
            source=Place(line.location_id, line.lpn_id, line.quality),
            target=target,
            reason="SUPPLIER_RETURN",
            lot_id=line.lot_id,
            origin=origin,
            of_move=line.receipt_move_id,
        )
        for line in req.lines
    ]
    posting = ledger.post(ctx, moves)
    done = SentBack(posting.posting_id, sum(m.units for m in moves), sum(posting.values, Decimal(0)))
    ctx.subject = origin
    ctx.emit(SentBackEvent(posting.posting_id, req.site_id, req.supplier_id, done.units, done.value))
    return done


def _check_places(req: ReturnToSupplier) -> None:
    """Goods leave from physical places of the site: the ledger alone would also take them from a virtual one."""
    places = locations.locations(line.location_id for line in req.lines)
    bad = [
        BadLine(n, "location_id", "This is no place of the site.", "Scan where the goods stand.")
        for n, line in enumerate(req.lines, start=1)
        if (at := places.get(line.location_id)) is None or at.site_id != req.site_id or at.kind == "virtual"
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)


@command(permission="inbound.close", result=ReceiptClosed)
def close_receipt(ctx: Context, req: CloseReceipt) -> ReceiptClosed:
    """End a receipt. What is still owed stays open on the PO, unless it is given up here with a reason.

    Emits inbound.receipt_closed. Refuses with WrongState, Invalid.
    """
    head = queries.receipt(req.receipt_id)
    ctx.require("inbound.close", head.site_id)
    before = {line.po_line_id: line for line in purchasing.lines_for_receipt([head.po_id])}
    receipt = locks.receipt(req.receipt_id)
    receipt.state = states.advance(ReceiptState(receipt.state), "close", number=receipt.number)
    bad = [
        BadLine(i, "po_line", "The PO has no such line.", "Choose a line of this PO.")
        for i, line in enumerate(req.give_up, start=1)
        if line.po_line_id not in before
    ] + [
        BadLine(i, "reason", "Say why nothing more will come.", "Choose a reason.")
        for i, line in enumerate(req.give_up, start=1)
        if not line.reason.strip()
    ]
    if bad:
        raise Invalid(bad[0].message, lines=bad)
    if req.give_up:
        purchasing.give_up_short(ctx, [ShortLine(x.po_line_id, x.reason.strip()[:200]) for x in req.give_up])
    receipt.closed_by_id = ctx.actor_id
    receipt.closed_at = ctx.now
    receipt.save(update_fields=["state", "closed_by", "closed_at"])
    ctx.subject = ref("inbound.receipt", receipt.pk)
    ctx.emit(ReceiptClosedEvent(receipt_id=receipt.pk, po_id=head.po_id))
    given_up = sum(before[po_line_id].owed for po_line_id in {x.po_line_id for x in req.give_up})
    return ReceiptClosed(
        receipt_id=receipt.pk,
        number=receipt.number,
        po_id=head.po_id,
        counted_units=head.units,
        owed_units=sum(line.owed for line in before.values()) - given_up,
        given_up_units=given_up,
    )
