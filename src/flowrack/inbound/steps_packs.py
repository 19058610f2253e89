"""Receiving what an ASN announced, a pack or all of it at once: what becomes of each line, and booking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.dock import steps as steps_dock
from flowrack.dock.queries import AsnLineRow
from flowrack.dock.types import ReceivedPack
from flowrack.inbound import queries, queries_asns, steps_blind, steps_receive
from flowrack.inbound.queries_packs import Delivery, Sorted
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, write_discrepancies, write_pack_counts
from flowrack.inbound.types import Received
from flowrack.inbound.types_discrepancies import (
    AlreadyReceived,
    BadDiscrepancy,
    Kind,
    PackLine,
)
from flowrack.platform.runner import Context
from flowrack.purchasing import steps as purchasing
from flowrack.purchasing.states import TAKES_RECEIPTS
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money


@dataclass(frozen=True, slots=True)
class Booked:
    """What was posted of a delivery: a receipt for each PO, units in all, units that wait for the buyer, postings."""

    receipts: list[Received]
    units: int
    held_units: int
    short_units: int
    posting_ids: list[int]


def locked_po_lines(po_ids: Sequence[int]) -> dict[int, list[LineForReceipt]]:
    """The lines of POs that take receipts, locked; by PO."""
    found: dict[int, list[LineForReceipt]] = {}
    for line in purchasing.lines_for_receipt(sorted(po_ids)) if po_ids else []:
        if line.po_state in TAKES_RECEIPTS:
            found.setdefault(line.po_id, []).append(line)
    return found


def found_of(lines: Sequence[PackLine], todo: Sequence[AsnLineRow]) -> dict[int, PackLine]:
    """What a person says of lines, by ASN line. Refuses with BadDiscrepancy."""
    known = {line.asn_line_id: line for line in todo}
    bad = [
        BadLine(n, "asn_line_id", "There is no such line to count.", "Read the ASN again.")
        for n, line in enumerate(lines, start=1)
        if line.asn_line_id not in known
    ] + [
        BadLine(n, "units", f"{line.damaged_units} of {line.units} units damaged make no sense.", "Count again.")
        for n, line in enumerate(lines, start=1)
        if not 0 <= line.damaged_units <= line.units
    ]
    if bad or len({line.asn_line_id for line in lines}) < len(lines):
        line = bad[0] if bad else BadLine(1, "asn_line_id", "A line is counted twice.", "Count it once.")
        raise BadDiscrepancy(line.message, lines=bad or [line], fix=line.fix)
    return {line.asn_line_id: line for line in lines}


def refuse_seen(delivery: Delivery) -> None:
    """Refuse with AlreadyReceived SSCCs on which goods stand already, naming each with its place."""
    seen = queries_asns.places_of_lpns(delivery.ssccs)
    if not seen:
        return
    fix = "Look at what is on it; two pallets may have one label."
    lines = [
        BadLine(line.line_no, "sscc", f"{sscc} stands at {seen[sscc]} already.", fix)
        for line in delivery.lines
        if (sscc := delivery.sscc_of[line.asn_line_id]) in seen
    ]
    raise AlreadyReceived(lines[0].message, lines=lines, fix=fix)


def book(
    ctx: Context,
    delivery: Delivery,
    sorted_: Sorted,
    po_lines: dict[int, list[LineForReceipt]],
    *,
    location_id: int,
    claimed: Any,
    is_bin_asked: bool = False,
) -> Booked:
    """Post a sorted delivery at a dock place: a receipt for each PO, quarantine, discrepancies; tells the dock.

    `is_bin_asked`: the bins of what goes on receipts are chosen at once.

    Refuses with whatever counting on a PO refuses.
    """
    place = queries.dock(location_id, po_id=0, now=ctx.now)
    steps_receive.refuse_place(place, delivery.site_id)
    refuse_seen(delivery)
    judged = []
    for po_id, counts in sorted(sorted_.by_po.items()):
        lines = po_lines[po_id]
        steps_receive.refuse_receiver(ctx, lines[0])
        at = queries.dock(location_id, po_id=po_id, now=ctx.now)
        judged.append(steps_receive.judge_counts(at, lines, [count for _, count in counts]))
    receipts = steps_receive.book_all(ctx, judged, claimed=claimed, is_bin_asked=is_bin_asked) if judged else []
    for done, (_, counts) in zip(receipts, sorted(sorted_.by_po.items()), strict=True):
        write_pack_counts(done.posting_id, [(asn_line, count.units) for asn_line, count in counts])
    postings = [done.posting_id for done in receipts]
    if sorted_.blind:
        blind = steps_blind.quarantine(
            ctx,
            place,
            [line for _, line in sorted_.blind],
            supplier_id=delivery.supplier_id,
            reason=f"announced by {delivery.asn_number}, but no order takes them",
            asn_lines=[asn_line for asn_line, _ in sorted_.blind],
        )
        write_pack_counts(blind.posting_id, [(asn_line, line.units) for asn_line, line in sorted_.blind])
        postings.append(blind.posting_id)
    counted = [(n, c.units) for counts in sorted_.by_po.values() for n, c in counts]
    counted += [(n, x.units) for n, x in sorted_.blind]
    steps_dock.mark_received(ctx, [ReceivedPack(n, units) for n, units in counted])
    write_discrepancies(ctx, _missing(delivery, sorted_, po_lines, postings))
    return Booked(
        receipts=receipts,
        units=sum(units for _, units in counted),
        held_units=sum(line.units for _, line in sorted_.blind),
        short_units=sum(units for _, units in sorted_.short),
        posting_ids=postings,
    )


def _missing(
    delivery: Delivery, sorted_: Sorted, po_lines: dict[int, list[LineForReceipt]], postings: Sequence[int]
) -> list[NewDiscrepancy]:
    cost = {line.po_line_id: line.unit_cost for lines in po_lines.values() for line in lines}
    return [
        NewDiscrepancy(
            site_id=delivery.site_id,
            supplier_id=delivery.supplier_id,
            kind=Kind.SHORT,
            reason=f"{line.sku}: {units} of {line.units} announced by {delivery.asn_number} {_where(sscc)}.",
            units=units,
            value=to_money(cost.get(line.po_line_id, 0) * units),
            po_line_id=line.po_line_id,
            asn_line_id=line.asn_line_id,
            item_id=line.item_id,
            lpn=sscc,
            posting_id=postings[0] if postings else 0,
        )
        for line, units in sorted_.short
        for sscc in (delivery.sscc_of[line.asn_line_id],)
    ]


def _where(sscc: str) -> str:
    return f"are not on {sscc}" if sscc else "did not come"
