"""What an ASN announced as receiving takes it: lines on their pallets, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flowrack.dock import queries as dock
from flowrack.dock import queries_deliveries as deliveries
from flowrack.dock.queries import AsnLineRow, AsnRow
from flowrack.dock.types import Flag
from flowrack.inbound import queries_asns, queries_tolerance
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import BlindLine, Outcome, PackLine
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.quantity import Units


@dataclass(frozen=True, slots=True)
class Delivery:
    """Lines of one ASN that are counted together, and the SSCC on which each stands ("" = loose), by ASN line."""

    asn_id: int
    asn_number: str
    site_id: int
    supplier_id: int
    lines: Sequence[AsnLineRow]
    sscc_of: Mapping[int, str]

    @property
    def ssccs(self) -> list[str]:
        """The SSCCs that become LPNs."""
        return sorted({sscc for line in self.lines if (sscc := self.sscc_of[line.asn_line_id])})


@dataclass(slots=True)
class Sorted:
    """The lines of a delivery by what becomes of them: counts by PO, lines for quarantine, lines with units missing."""

    by_po: dict[int, list[tuple[int, CountedLine]]] = field(default_factory=dict)  # (ASN line, count)
    blind: list[tuple[int, BlindLine]] = field(default_factory=list)
    short: list[tuple[AsnLineRow, int]] = field(default_factory=list)


def delivery_of(head: AsnRow, lines: Sequence[AsnLineRow]) -> Delivery:
    """Lines of an ASN, each on the pallet on which its pack stands. One query."""
    pallet = deliveries.pallets_of_asn(head.id)
    on = {line.asn_line_id: pallet.get(line.pack_id, line.sscc) for line in lines}
    return Delivery(head.id, head.number, head.site_id, head.supplier_id, lines, on)


def waiting_lines(asn_id: int) -> list[AsnLineRow]:
    """The lines of an ASN of which nothing was counted and that are not on record as missing. Two queries."""
    missing = queries_asns.missing_lines_of_asn(asn_id)
    lines = dock.lines_of_asn(asn_id)
    return [line for line in lines if line.received_units == 0 and line.asn_line_id not in missing]


def sort(
    delivery: Delivery,
    found: dict[int, PackLine],
    po_lines: dict[int, list[LineForReceipt]],
) -> Sorted:
    """What becomes of each line. Units beyond what the PO takes are held where the tolerance says so, else they stay
    with the count, which is then refused with the figures."""
    result = Sorted()
    room = {line.po_line_id: line.most for lines in po_lines.values() for line in lines}
    held_when_over = _held_when_over(po_lines)
    for line in delivery.lines:
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
            lpn=delivery.sscc_of[line.asn_line_id],
            produced_on=line.produced_on,
            is_lot_confirmed=(said is not None and said.is_lot_confirmed)
            or (Flag.LOT_OF_ANOTHER_ITEM in line.flags and lot == line.lot),
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
            rest = BlindLine(line.item_id, Units(units - on_po), lot, expires_on, line.produced_on, good.lpn, photos)
            result.blind.append((line.asn_line_id, rest))
    return result


def _held_when_over(po_lines: dict[int, list[LineForReceipt]]) -> set[int]:
    """The PO lines of which units beyond the order are held for the buyer. One query a PO; a pallet fills few."""
    held = set()
    for po_id, lines in po_lines.items():
        tolerances = queries_tolerance.in_force(po_id, [line.item_id for line in lines])
        held |= {line.po_line_id for line in lines if tolerances[line.item_id].on_over == Outcome.HOLD}
    return held
