"""The door for goods that come as a whole: a pallet with its SSCC, all of an ASN, and goods without a reference."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flowrack.catalog.types import LotRefused
from flowrack.dock import queries as dock
from flowrack.dock import queries_deliveries as deliveries
from flowrack.dock import steps as steps_dock
from flowrack.dock.queries import AsnLineRow, PackRow
from flowrack.inbound import (
    queries,
    queries_asns,
    queries_outlook,
    queries_packs,
    steps_blind,
    steps_cross_docks,
    steps_packs,
    steps_receive,
)
from flowrack.inbound.queries_packs import Delivery
from flowrack.inbound.types import BadCount, LotNeeded, LotOfAnotherItem, NotOnPo
from flowrack.inbound.types_deliveries import MOST_BINS_ASKED, AsnReceived, NeedsDecision, ReceiveAsn
from flowrack.inbound.types_discrepancies import (
    AlreadyReceived,
    BadDiscrepancy,
    BlindReceived,
    NotTolerated,
    PackReceived,
    ReceiveBlind,
    ReceivePack,
    UnknownPack,
)
from flowrack.locations import queries as locations
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.purchasing.types import OverReceipt
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shared.refs import ref

REFUSED_LINES = (
    AlreadyReceived,
    BadCount,
    LotNeeded,
    LotOfAnotherItem,
    LotRefused,
    NotOnPo,
    NotTolerated,
    OverReceipt,
)


@command(permission="inbound.receive", result=PackReceived)
def receive_pack(ctx: Context, req: ReceivePack) -> PackReceived:
    """Count a whole pallet or carton of an ASN by its SSCC, which becomes the LPN of all that stands on it.

    Lines go to the receipts of their POs; what no PO takes waits in quarantine for the buyer; what is missing is a
    discrepancy of the supplier. Tells the dock. Refuses with UnknownPack, AlreadyReceived, NotADock, and with whatever
    counting on the PO refuses. POs are locked before the ASN, so that of two receivers one is refused.
    """
    coming = deliveries.coming_on_pack(req.sscc)
    if coming is None:
        pack = _pack(req.sscc)
        raise AlreadyReceived(f"{pack.sscc} has no lines on {pack.asn_number}.", fix="Take the next pallet.")
    ctx.require("inbound.receive", coming.site_id)
    po_lines = steps_packs.locked_po_lines(coming.po_ids)
    claimed = steps_cross_docks.claim(ctx, coming.site_id, coming.item_ids)
    steps_dock.begin_receiving(coming.asn_id)
    pack = _pack(req.sscc)  # as it stands now that nobody else can count it
    todo = _todo(pack.sscc, pack.lines)
    delivery = Delivery(
        pack.asn_id, pack.asn_number, pack.site_id, pack.supplier_id, todo, dict.fromkeys(_ids(todo), pack.sscc)
    )
    sorted_ = queries_packs.sort(delivery, steps_packs.found_of(req.lines, todo), po_lines)
    done = steps_packs.book(
        ctx, delivery, sorted_, po_lines, location_id=req.location_id, claimed=claimed, is_bin_asked=req.is_bin_asked
    )
    ctx.subject = ref("dock.asn", pack.asn_id)
    return PackReceived(
        sscc=pack.sscc,
        asn_id=pack.asn_id,
        asn_number=pack.asn_number,
        receipts=done.receipts,
        units=done.units,
        held_units=done.held_units,
        short_units=done.short_units,
        posting_ids=done.posting_ids,
    )


def _pack(sscc: str) -> PackRow:
    pack = dock.pack_by_sscc(sscc)
    if pack is None:
        raise UnknownPack(
            f"No delivery that is on its way has the pallet {sscc}.",
            fix="Receive it by its order, or without a reference.",
        )
    return pack


def _ids(lines: Sequence[AsnLineRow]) -> list[int]:
    return [line.asn_line_id for line in lines]


def _todo(what: str, lines: Sequence[AsnLineRow]) -> list[AsnLineRow]:
    todo = [line for line in lines if line.received_units == 0]
    if not todo:
        raise _received(what, lines)
    return todo


def _received(what: str, lines: Sequence[AsnLineRow]) -> AlreadyReceived:
    before = queries_asns.counted_before(_ids(lines))
    zone = ZoneInfo(locations.site(dock.asn(lines[0].asn_id).site_id).timezone) if before else None
    at = before[0].astimezone(zone) if before else None
    when = f" on {at.day} {at:%b at %H:%M} by {before[1]}" if before and at else ""
    return AlreadyReceived(f"{what} was received{when}.", fix="Take the next pallet; undo takes a count back.")


@command(permission="inbound.receive", result=AsnReceived)
def receive_asn(ctx: Context, req: ReceiveAsn) -> AsnReceived:
    """Count all of an ASN that nobody has counted yet, as announced: every pack by its SSCC, and what is loose.

    Receipts, quarantine and discrepancies are those of scanning pack by pack. Lines in `leave` stay to be counted by
    themselves. Refuses with NotFound, WrongState, AlreadyReceived, NotADock, and with NeedsDecision naming every line
    that cannot be taken in as it was announced.
    """
    coming = deliveries.coming_with_asn(req.asn_id)
    if coming is None:
        raise NotFound(f"There is no ASN with id {req.asn_id}.")
    ctx.require("inbound.receive", coming.site_id)
    po_lines = steps_packs.locked_po_lines(coming.po_ids)
    claimed = steps_cross_docks.claim(ctx, coming.site_id, coming.item_ids)
    steps_dock.begin_receiving(coming.asn_id)
    todo, delivery = _delivery(req)
    sorted_ = queries_packs.sort(delivery, steps_packs.found_of(req.lines, delivery.lines), po_lines)
    try:
        done = steps_packs.book(
            ctx,
            delivery,
            sorted_,
            po_lines,
            location_id=req.location_id,
            claimed=claimed,
            is_bin_asked=req.is_bin_asked and len(delivery.lines) <= MOST_BINS_ASKED,
        )
    except REFUSED_LINES as refusal:
        place = queries.dock(req.location_id, po_id=0, now=ctx.now)
        matters = queries_outlook.matters(place, delivery, sorted_, po_lines)
        bad = [BadLine(m.line_no, m.field, m.sentence, m.fix) for m in matters if m.is_blocking]
        if not bad:
            raise
        sentence = f"{len(bad)} of {len(todo)} lines of {delivery.asn_number} need a decision: {bad[0].message}"
        raise NeedsDecision(sentence, lines=bad, fix="Answer for these lines, or leave them out.") from refusal
    ctx.subject = ref("dock.asn", req.asn_id)
    return AsnReceived(
        asn_id=req.asn_id,
        asn_number=delivery.asn_number,
        receipts=done.receipts,
        units=done.units,
        held_units=done.held_units,
        short_units=done.short_units,
        left_lines=len(todo) - len(delivery.lines),
        posting_ids=done.posting_ids,
    )


def _delivery(req: ReceiveAsn) -> tuple[list[AsnLineRow], Delivery]:
    """The lines that wait to be counted, and those of them that are counted now."""
    head = dock.asn(req.asn_id)
    todo = queries_packs.waiting_lines(req.asn_id)
    if not todo:  # also where lines are on record as missing: what turns up of them is counted by itself
        raise _received(head.number, dock.lines_of_asn(req.asn_id))
    leave = set(req.leave)
    unknown = leave - set(_ids(todo))
    if unknown:
        line = BadLine(0, "leave", f"Line {min(unknown)} does not wait to be counted.", "Read the ASN again.")
        raise BadDiscrepancy(line.message, lines=[line], fix=line.fix)
    lines = [line for line in todo if line.asn_line_id not in leave]
    if not lines:
        raise BadDiscrepancy("No line is left to be received.", fix="Receive these lines by scan.")
    return todo, queries_packs.delivery_of(head, lines)


@command(permission="inbound.receive", result=BlindReceived)
def receive_blind(ctx: Context, req: ReceiveBlind) -> BlindReceived:
    """Take in goods that no order is known for: they wait in quarantine, at their present unit cost, and
    the buyer is told.

    Posts RECEIPT from SUPPLIER to the dock place, quality quarantine; emits inbound.received_blind. Refuses with
    NothingCounted, BadCount, LotNeeded, LotOfAnotherItem, NotADock, BadDiscrepancy, and with the catalogue's
    LotRefused.
    """
    place = queries.dock(req.location_id, po_id=0, now=ctx.now)
    ctx.require("inbound.receive", place.site_id)
    steps_receive.refuse_place(place, place.site_id)
    if req.supplier_id and req.supplier_id not in parties.parties([req.supplier_id]):
        raise BadDiscrepancy(f"There is no supplier {req.supplier_id}.", fix="Leave it out when nobody knows.")
    steps_blind.refuse_lots_of_others(req.lines)
    return steps_blind.quarantine(ctx, place, req.lines, supplier_id=req.supplier_id, reason=req.reason)
