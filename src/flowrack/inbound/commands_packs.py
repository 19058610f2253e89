"""The door for goods that come as a whole pallet with its SSCC, and for goods without a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flowrack.dock import queries as dock
from flowrack.dock import steps as steps_dock
from flowrack.dock.queries import AsnLineRow, PackRow
from flowrack.dock.types import Flag, ReceivedPack
from flowrack.inbound import (
    queries,
    queries_discrepancies,
    queries_tolerance,
    steps_blind,
    steps_cross_docks,
    steps_receive,
)
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, write_discrepancies, write_pack_counts
from flowrack.inbound.types import CountedLine, Received
from flowrack.inbound.types_discrepancies import (
    AlreadyReceived,
    BadDiscrepancy,
    BlindLine,
    BlindReceived,
    Kind,
    Outcome,
    PackLine,
    PackReceived,
    ReceiveBlind,
    ReceivePack,
    UnknownPack,
)
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.states import TAKES_RECEIPTS
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@dataclass(slots=True)
class Sorted:
    """The lines of a pack by what becomes of them: counts by PO, lines for quarantine, lines with units missing."""

    by_po: dict[int, list[tuple[int, CountedLine]]] = field(default_factory=dict)  # (ASN line, count)
    blind: list[tuple[int, BlindLine]] = field(default_factory=list)
    short: list[tuple[AsnLineRow, int]] = field(default_factory=list)


@command(permission="inbound.receive", result=PackReceived)
def receive_pack(ctx: Context, req: ReceivePack) -> PackReceived:
    """Count a whole pallet or carton of an ASN by its SSCC, which becomes the LPN of all that stands on it.

    Lines go to the receipts of their POs; what no PO takes waits in quarantine for the buyer; what is missing is a
    discrepancy of the supplier. Tells the dock. Refuses with UnknownPack, AlreadyReceived, NotADock, and with whatever
    counting on the PO refuses. POs are locked before the ASN, so that of two receivers one is refused.
    """
    pack = _pack(req.sscc)
    ctx.require("inbound.receive", pack.site_id)
    po_lines = _locked_po_lines(pack)
    claimed = steps_cross_docks.claim(ctx, pack.site_id, [line.item_id for line in pack.lines])
    steps_dock.mark_received(ctx, [ReceivedPack(line.asn_line_id, 0) for line in pack.lines])
    pack = _pack(req.sscc)  # as it stands now that nobody else can count it
    todo = _todo(pack)
    place = queries.dock(req.location_id, po_id=0, now=ctx.now)
    steps_receive.refuse_place(place, pack.site_id)
    _refuse_seen(pack)
    sort = _sort(pack, todo, _found(req, todo), po_lines, _held_when_over(po_lines))
    receipts, postings = _book(ctx, req, sort, po_lines, claimed)
    held = 0
    if sort.blind:
        blind = steps_blind.quarantine(
            ctx,
            place,
            [line for _, line in sort.blind],
            supplier_id=pack.supplier_id,
            reason=f"announced by {pack.asn_number}, but no order takes them",
            asn_lines=[asn_line for asn_line, _ in sort.blind],
        )
        write_pack_counts(blind.posting_id, [(asn_line, line.units) for asn_line, line in sort.blind])
        postings.append(blind.posting_id)
        held = sum(line.units for _, line in sort.blind)
    counted = [(n, c.units) for counts in sort.by_po.values() for n, c in counts]
    counted += [(n, x.units) for n, x in sort.blind]
    steps_dock.mark_received(ctx, [ReceivedPack(n, units) for n, units in counted])
    write_discrepancies(ctx, _missing(pack, sort, po_lines, postings))
    ctx.subject = ref("dock.asn", pack.asn_id)
    return PackReceived(
        sscc=pack.sscc,
        asn_id=pack.asn_id,
        asn_number=pack.asn_number,
        receipts=receipts,
        units=sum(units for _, units in counted),
        held_units=held,
        short_units=sum(units for _, units in sort.short),
        posting_ids=postings,
    )


def _pack(sscc: str) -> PackRow:
    pack = dock.pack_by_sscc(sscc)
    if pack is None:
        raise UnknownPack(
            f"No delivery that is on its way has the pallet {sscc}.",
            fix="Receive it by its order, or without a reference.",
        )
    return pack


def _locked_po_lines(pack: PackRow) -> dict[int, list[LineForReceipt]]:
    """The lines of the POs that the pack fills and that take receipts, locked; by PO."""
    po_ids = sorted({line.po_id for line in pack.lines if line.po_id})
    found: dict[int, list[LineForReceipt]] = {}
    for line in purchasing.lines_for_receipt(po_ids) if po_ids else []:
        if line.po_state in TAKES_RECEIPTS:
            found.setdefault(line.po_id, []).append(line)
    return found


def _todo(pack: PackRow) -> list[AsnLineRow]:
    todo = [line for line in pack.lines if line.received_units == 0]
    if todo:
        return todo
    before = queries_discrepancies.counted_before([line.asn_line_id for line in pack.lines])
    when = f" on {before[0]:%d %b at %H:%M} UTC by {before[1]}" if before else ""
    raise AlreadyReceived(
        f"{pack.sscc} was received{when}." if pack.lines else f"{pack.sscc} has no lines on {pack.asn_number}.",
        fix="Take the next pallet; undo takes a count back.",
    )


def _found(req: ReceivePack, todo: Sequence[AsnLineRow]) -> dict[int, PackLine]:
    known = {line.asn_line_id: line for line in todo}
    bad = [
        BadLine(n, "asn_line_id", "The pack has no such line to count.", "Read the pack again.")
        for n, line in enumerate(req.lines, start=1)
        if line.asn_line_id not in known
    ] + [
        BadLine(n, "units", f"{line.damaged_units} of {line.units} units damaged make no sense.", "Count again.")
        for n, line in enumerate(req.lines, start=1)
        if not 0 <= line.damaged_units <= line.units
    ]
    if bad or len({line.asn_line_id for line in req.lines}) < len(req.lines):
        line = bad[0] if bad else BadLine(1, "asn_line_id", "A line is counted twice.", "Count it once.")
        raise BadDiscrepancy(line.message, lines=bad or [line], fix=line.fix)
    return {line.asn_line_id: line for line in req.lines}


def _sort(
    pack: PackRow,
    todo: Sequence[AsnLineRow],
    found: dict[int, PackLine],
    po_lines: dict[int, list[LineForReceipt]],
    held_when_over: set[int],
) -> Sorted:
    """What becomes of each line. Units beyond what the PO takes are held where the tolerance says so, else they stay
    with the count, which is then refused with the figures."""
    result = Sorted()
    room = {line.po_line_id: line.most for lines in po_lines.values() for line in lines}
    for line in todo:
        said = found.get(line.asn_line_id)
        units = line.units if said is None else said.units
        if units < line.units:
            result.short.append((line, line.units - units))
        lot = (said.lot if said else "") or line.lot
        expires_on = (said.expires_on if said else None) or line.expires_on
        photos = said.photos if said else ()
        on_po = units if line.po_line_id in room else 0
        if on_po > room.get(line.po_line_id, 0) and line.po_line_id in held_when_over:
            on_po = room[line.po_line_id]
        damaged = min(said.damaged_units, on_po) if said else 0
        if on_po:
            room[line.po_line_id] -= on_po
        good = CountedLine(
            units=Units(on_po - damaged),
            po_line_id=line.po_line_id,
            lot=lot,
            expires_on=expires_on,
            lpn=pack.sscc,
            produced_on=line.produced_on,
            is_lot_confirmed=Flag.LOT_OF_ANOTHER_ITEM in line.flags and lot == line.lot,
        )
        counts = [good] if good.units else []
        if said and damaged:
            counts.append(
                replace(
                    good,
                    units=Units(damaged),
                    lpn="",
                    quality="damaged",
                    reason=said.reason,
                    responsible=said.responsible,
                    photos=said.photos,
                )
            )
        for count in counts:
            result.by_po.setdefault(line.po_id, []).append((line.asn_line_id, count))
        if units > on_po:
            rest = BlindLine(line.item_id, Units(units - on_po), lot, expires_on, line.produced_on, pack.sscc, photos)
            result.blind.append((line.asn_line_id, rest))
    return result


def _held_when_over(po_lines: dict[int, list[LineForReceipt]]) -> set[int]:
    """The PO lines of which units beyond the order are held for the buyer. One query a PO; a pallet fills few."""
    held = set()
    for po_id, lines in po_lines.items():
        tolerances = queries_tolerance.in_force(po_id, [line.item_id for line in lines])
        held |= {line.po_line_id for line in lines if tolerances[line.item_id].on_over == Outcome.HOLD}
    return held


def _refuse_seen(pack: PackRow) -> None:
    place = queries_discrepancies.place_of_lpn(pack.sscc)
    if place:
        raise AlreadyReceived(
            f"{pack.sscc} stands at {place} already.", fix="Look at what is on it; two pallets may have one label."
        )


def _book(
    ctx: Context, req: ReceivePack, sort: Sorted, po_lines: dict[int, list[LineForReceipt]], claimed: Any
) -> tuple[list[Received], list[int]]:
    """A receipt for each PO; a pallet fills few."""
    receipts = []
    for po_id, counts in sorted(sort.by_po.items()):
        lines = po_lines[po_id]
        steps_receive.refuse_receiver(ctx, lines[0])
        place = queries.dock(req.location_id, po_id=po_id, now=ctx.now)
        done = steps_receive.book(ctx, place, lines, [count for _, count in counts], claimed=claimed)
        write_pack_counts(done.posting_id, [(asn_line, count.units) for asn_line, count in counts])
        receipts.append(done)
    return receipts, [done.posting_id for done in receipts]


def _missing(
    pack: PackRow, sort: Sorted, po_lines: dict[int, list[LineForReceipt]], postings: Sequence[int]
) -> list[NewDiscrepancy]:
    cost = {line.po_line_id: line.unit_cost for lines in po_lines.values() for line in lines}
    return [
        NewDiscrepancy(
            site_id=pack.site_id,
            supplier_id=pack.supplier_id,
            kind=Kind.SHORT,
            reason=f"{line.sku}: {units} of {line.units} announced by {pack.asn_number} are not on {pack.sscc}.",
            units=units,
            value=to_money(cost.get(line.po_line_id, 0) * units),
            po_line_id=line.po_line_id,
            asn_line_id=line.asn_line_id,
            item_id=line.item_id,
            lpn=pack.sscc,
            posting_id=postings[0] if postings else 0,
        )
        for line, units in sort.short
    ]


@command(permission="inbound.receive", result=BlindReceived)
def receive_blind(ctx: Context, req: ReceiveBlind) -> BlindReceived:
    """Take in goods that no order is known for: they wait in quarantine, worth nothing yet, and the buyer is told.

    Posts RECEIPT from SUPPLIER to the dock place, quality quarantine; emits inbound.received_blind. Refuses with
    NothingCounted, BadCount, LotNeeded, NotADock, BadDiscrepancy, and with the catalogue's LotRefused.
    """
    place = queries.dock(req.location_id, po_id=0, now=ctx.now)
    ctx.require("inbound.receive", place.site_id)
    steps_receive.refuse_place(place, place.site_id)
    if req.supplier_id and req.supplier_id not in parties.parties([req.supplier_id]):
        raise BadDiscrepancy(f"There is no supplier {req.supplier_id}.", fix="Leave it out when nobody knows.")
    return steps_blind.quarantine(ctx, place, req.lines, supplier_id=req.supplier_id, reason=req.reason)
