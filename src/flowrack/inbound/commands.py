"""The door of inbound: receive, take back, close."""

from __future__ import annotations

from decimal import Decimal

from flowrack.inbound import (
    locks,
    queries,
    queries_discrepancies,
    queries_tolerance,
    states,
    steps_cross_docks,
    steps_receive,
    steps_take_back,
)
from flowrack.inbound.models import Receipt
from flowrack.inbound.rules_tolerance import missing
from flowrack.inbound.states import ReceiptState
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, of_finding, write_discrepancies
from flowrack.inbound.types import (
    CloseReceipt,
    DeliveryTakenBack,
    GiveUp,
    NothingCounted,
    ReceiptClosed,
    ReceiptClosedEvent,
    Receive,
    Received,
    ReturnToSupplier,
    SentBack,
    SentBackEvent,
    TakeBack,
    TakeBackDelivery,
    TakenBack,
)
from flowrack.inbound.types_discrepancies import NotTolerated, Outcome
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.types import LineForReceipt, ShortLine
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref


@command(permission="inbound.receive", result=Received, is_small=lambda req: len(req.lines) <= 100)
def receive(ctx: Context, req: Receive) -> Received:
    """Book counted lines of one PO onto a dock place; the availability policy says in which quality, or where instead.

    Posts RECEIPT from SUPPLIER to the dock place with units x unit cost; adds to the PO's open receipt there, or opens
    one; records what is over, damaged, expired, short-dated, early or late as a discrepancy; emits inbound.received.
    Refuses with NothingCounted, BadCount, NotOnPo, OverReceipt, NotTolerated, LotNeeded, LotOfAnotherItem, NotADock,
    WrongState, DutiesConflict (S02), and with the catalogue's LotRefused.
    """
    if not req.lines:
        raise NothingCounted("Nothing was counted.", fix="Scan or type at least one line.")
    at = queries.ask_dock(req.location_id, po_id=req.po_id, now=ctx.now)
    *locked, place = sql.fetch_together([*purchasing.ask_lines_for_receipt([req.po_id]), at])
    lines = purchasing.lines_of_locked(locked)
    if not lines:
        raise NotFound(f"There is no PO with id {req.po_id}.")
    steps_receive.refuse_receiver(ctx, lines[0])
    dock = queries.dock_of(place, req.location_id)
    claimed = steps_cross_docks.claim(ctx, dock.site_id, [line.item_id for line in lines])
    return steps_receive.book(
        ctx, dock, lines, req.lines, req.delivery_note, claimed=claimed, is_bin_asked=req.is_bin_asked
    )


@command(permission="inbound.receive", result=TakenBack)
def take_back(ctx: Context, req: TakeBack) -> TakenBack:
    """Undo one `receive` as long as the goods stand where they were counted.

    Posts the reverse; the PO owes the units again; emits inbound.taken_back. Refuses with WrongState, NotFound, and
    with the ledger's InsufficientStock when the goods have moved on.
    """
    return steps_take_back.take_back(ctx, req.posting_id)


@command(permission="inbound.receive", result=DeliveryTakenBack)
def take_back_delivery(ctx: Context, req: TakeBackDelivery) -> DeliveryTakenBack:
    """Undo all counts of one delivery, as long as all its goods stand where they were counted; all or none.

    Locks all its POs first. Refuses and emits as take_back does for each.
    """
    steps_take_back.lock_orders(req.posting_ids)
    done = [steps_take_back.take_back(ctx, posting_id) for posting_id in req.posting_ids]
    ctx.about("inbound.receipt", sorted({one.receipt_id for one in done} - {0}))
    return DeliveryTakenBack(done)


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
    before = {line.po_line_id: line for line in purchasing.lines_for_receipt([head.po_id], giving_up=bool(req.give_up))}
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
        write_discrepancies(ctx, _missing(receipt, before, req.give_up))
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


def _missing(receipt: Receipt, before: dict[int, LineForReceipt], given_up: list[GiveUp]) -> list[NewDiscrepancy]:
    """What will not come any more, less what is on record as short already, as the tolerance sees it."""
    lines = {x.po_line_id: before[x.po_line_id] for x in given_up}
    tolerances = queries_tolerance.in_force(receipt.po_id, [line.item_id for line in lines.values()])
    known = queries_discrepancies.short_of_po_lines(list(lines))
    reasons = {x.po_line_id: x.reason.strip() for x in given_up}
    found: list[NewDiscrepancy] = []
    refused: list[BadLine] = []
    for po_line_id, line in lines.items():
        under_units, recorded = known[po_line_id]
        units = line.owed - recorded
        if units <= 0:
            continue
        tolerance = tolerances[line.item_id]
        finding = missing(
            sku=line.sku,
            ordered=line.ordered,
            missing_units=units,
            line_under_units=under_units,
            tolerance=tolerance,
        )
        if finding.outcome == Outcome.REFUSE:
            refused.append(BadLine(len(found) + 1, "po_line", finding.sentence, "Leave the line open; ask the buyer."))
        found.append(
            of_finding(
                finding,
                site_id=receipt.site_id,
                supplier_id=receipt.supplier_id,
                value=to_money(line.unit_cost * units),
                tolerance_id=tolerance.tolerance_id,
                receipt_id=receipt.pk,
                po_line_id=po_line_id,
                item_id=line.item_id,
                location_id=receipt.location_id,
                note=reasons[po_line_id],
            )
        )
    if refused:
        raise NotTolerated(refused[0].message, lines=refused, fix=refused[0].fix)
    return found
