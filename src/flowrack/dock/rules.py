"""What an ASN must be, and which PO lines its lines fill. Plain values in, read lines or bad lines out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flowrack.dock.types import Flag, NewAsn, NewAsnLine, NewPack, PackKind
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.gs1 import SSCC_LENGTH, check_digit
from flowrack.shared.quantity import parse_units

MOST_UNITS = 10**12


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What one code of a line stands for: the item, the units of the scanned level, and all its units of measure."""

    item_id: int
    sku: str
    tracking: str
    has_expiry: bool
    is_active: bool
    base_uom: str
    factor: int  # base units of what the code names
    levels: Mapping[str, int]  # pack level or its name, lower case -> base units
    case_units: int = 1


@dataclass(frozen=True, slots=True)
class KnownLot:
    """A lot on file."""

    item_id: int
    sku: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class KnownPo:
    """A PO that a line names."""

    po_id: int
    state: str
    supplier_id: int
    site_id: int
    takes_receipts: bool


@dataclass(frozen=True, slots=True)
class PoOffer:
    """A PO line that may be filled: units still owed, and owed with tolerance, less what other open ASNs announced."""

    po_line_id: int
    po_number: str
    line_no: int
    item_id: int
    left: int
    most: int
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of an ASN in base units, with its match and flags."""

    line_no: int
    item_id: int
    sku: str
    units: int
    case_units: int
    sscc: str
    lot: str
    produced_on: date | None
    expires_on: date | None
    po_number: str
    po_line_no: int
    po_line_id: int = 0
    match_reason: str = ""
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file for one ASN: items by code, lots by code, named POs by number."""

    items: Mapping[str, Sequence[KnownItem]] = field(default_factory=dict)
    lots: Mapping[str, Sequence[KnownLot]] = field(default_factory=dict)
    pos: Mapping[str, KnownPo] = field(default_factory=dict)


def packs_of(asn: NewAsn) -> list[NewPack]:
    """The packs of an ASN, those that only lines name added as pallets, parents before what stands on them."""
    packs = {pack.sscc: pack for pack in asn.packs}
    for line in asn.lines:
        if line.sscc:
            packs.setdefault(line.sscc, NewPack(line.sscc))
    return sorted(packs.values(), key=lambda pack: bool(pack.parent))


def pack_faults(asn: NewAsn) -> list[BadLine]:
    """SSCCs that cannot be right, packs named twice, and trees that are none. Line 0 is the list of packs."""
    bad: list[BadLine] = []
    seen: set[str] = set()
    for number, pack in enumerate(asn.packs, start=1):
        if fault := sscc_fault(number, "packs", pack.sscc):
            bad.append(fault)
        if pack.sscc in seen:
            bad.append(BadLine(number, "packs", f"Pack {pack.sscc} is named twice.", "Name each pack once."))
        seen.add(pack.sscc)
        if pack.kind not in list(PackKind):
            bad.append(BadLine(number, "packs", f"“{pack.kind}” is no kind of pack.", "Use pallet or carton."))
    parents = {pack.sscc: pack.parent for pack in asn.packs}
    for number, pack in enumerate(asn.packs, start=1):
        if pack.parent and pack.parent not in parents:
            bad.append(
                BadLine(
                    number, "packs", f"{pack.sscc} stands on {pack.parent}, which is not named.", "Name it as well."
                )
            )
        elif pack.parent and _goes_in_circles(pack.sscc, parents):
            bad.append(BadLine(number, "packs", f"{pack.sscc} would stand on itself.", "Correct what it stands on."))
    return bad


def _goes_in_circles(sscc: str, parents: Mapping[str, str]) -> bool:
    at, passed = parents.get(sscc, ""), 0
    while at and passed <= len(parents):
        if at == sscc:
            return True
        at, passed = parents.get(at, ""), passed + 1
    return passed > len(parents)


def sscc_fault(number: int, place: str, sscc: str) -> BadLine | None:
    """What is wrong with an SSCC as such."""
    if len(sscc) != SSCC_LENGTH or not (sscc.isascii() and sscc.isdigit()):
        return BadLine(number, place, f"“{sscc}” is no SSCC.", "An SSCC has 18 digits.")
    expected = check_digit(sscc[:-1])
    if expected != sscc[-1]:
        return BadLine(
            number,
            place,
            f"{sscc} is no SSCC: its last digit is {sscc[-1]} but must be {expected}.",
            "Compare it with the label digit by digit.",
        )
    return None


def read_lines(asn: NewAsn, known: Known, *, arrives_on: date) -> tuple[list[ReadLine], list[BadLine]]:
    """The lines in base units with their flags, and all that is wrong with them. Not matched yet."""
    bad = pack_faults(asn)
    if not asn.lines:
        bad.append(BadLine(0, "lines", "The ASN has no lines.", "Say what is on the way."))
    named = {pack.sscc for pack in asn.packs}
    dates: dict[tuple[int, str], date] = {}
    lines: list[ReadLine] = []
    for number, line in enumerate(asn.lines, start=1):
        if line.sscc and line.sscc not in named and (fault := sscc_fault(number, "sscc", line.sscc)):
            bad.append(fault)
        bad += _po_faults(number, line, asn, known)
        item = _item_of(number, line, known, bad)
        if item is None:
            bad += _date_faults(number, line, arrives_on)
            continue
        units = _units_of(number, line, item, bad)
        bad += _date_faults(number, line, arrives_on) + _lot_faults(number, line, item, units, known, dates)
        lines.append(
            ReadLine(
                line_no=number,
                item_id=item.item_id,
                sku=item.sku,
                units=units,
                case_units=item.case_units,
                sscc=line.sscc,
                lot=line.lot.strip(),
                produced_on=line.produced_on,
                expires_on=line.expires_on,
                po_number=line.po_number.strip(),
                po_line_no=line.po_line_no,
                flags=_flags(line, item, known, arrives_on),
            )
        )
    return lines, sorted(bad, key=lambda fault: fault.line)


def _item_of(number: int, line: NewAsnLine, known: Known, bad: list[BadLine]) -> KnownItem | None:
    hits = known.items.get(line.item.strip(), ())
    if len(hits) == 1 and hits[0].is_active:
        return hits[0]
    if not line.item.strip():
        bad.append(BadLine(number, "item", "The item is missing.", "Name its SKU, GTIN or barcode."))
    elif not hits:
        bad.append(BadLine(number, "item", f"No item has the code “{line.item}”.", "Check it, or add it to the item."))
    elif len(hits) > 1:
        bad.append(BadLine(number, "item", f"“{line.item}” stands for several items.", "Use the SKU."))
    else:
        bad.append(BadLine(number, "item", f"{hits[0].sku} is out of use.", "Ask the buyer what it was replaced by."))
    return None


def _units_of(number: int, line: NewAsnLine, item: KnownItem, bad: list[BadLine]) -> int:
    """Base units of the line; 0 when they cannot be told."""
    uom = line.uom.strip().lower()
    factor = item.factor if not uom else 1 if uom == item.base_uom.lower() else item.levels.get(uom, 0)
    if not factor:
        has = ", ".join(dict.fromkeys([item.base_uom, *item.levels]))
        bad.append(
            BadLine(number, "uom", f"{item.sku} is not counted in “{line.uom}”.", f"Its units of measure are: {has}.")
        )
        return 0
    try:
        units = int(parse_units(line.quantity, factor=factor, pack=line.uom or item.base_uom))
    except FlowrackError as refusal:
        bad.append(BadLine(number, "quantity", refusal.message, refusal.fix))
        return 0
    if not 0 < units <= MOST_UNITS:
        bad.append(BadLine(number, "quantity", f"{line.quantity} is no quantity.", "Name 1 or more."))
        return 0
    return units


def _date_faults(number: int, line: NewAsnLine, arrives_on: date) -> list[BadLine]:
    bad = []
    if line.produced_on and line.expires_on and line.expires_on < line.produced_on:
        bad.append(
            BadLine(
                number,
                "expires_on",
                f"It would expire on {line.expires_on}, before it was made on {line.produced_on}.",
                "Check whether the two dates are swapped.",
            )
        )
    if line.produced_on and line.produced_on > arrives_on:
        bad.append(
            BadLine(
                number,
                "produced_on",
                f"It would be made on {line.produced_on}, after it arrives on {arrives_on}.",
                "Check day, month and year.",
            )
        )
    return bad


def _lot_faults(
    number: int, line: NewAsnLine, item: KnownItem, units: int, known: Known, dates: dict[tuple[int, str], date]
) -> list[BadLine]:
    lot, bad = line.lot.strip(), []
    if item.tracking == "serial" and lot and units > 1:
        bad.append(
            BadLine(number, "lot", f"Serial number {lot} is one unit, not {units}.", "Give each unit its own line.")
        )
    known_as = {other.item_id: other.sku for other in known.lots.get(lot, ())} if lot else {}
    if known_as and item.item_id not in known_as and not line.is_lot_confirmed:
        bad.append(
            BadLine(
                number,
                "lot",
                f"Lot {lot} is on file for {min(known_as.values())}, not for {item.sku}.",
                "Correct the lot or the item; if both items really have this lot, confirm it.",
            )
        )
    if not lot or line.expires_on is None:
        return bad
    first = dates.setdefault((item.item_id, lot), line.expires_on)
    if first != line.expires_on:
        bad.append(
            BadLine(
                number,
                "expires_on",
                f"Lot {lot} of {item.sku} expires on {first} in an earlier line.",
                "A lot has one expiry date: correct one of them.",
            )
        )
    for other in known.lots.get(lot, ()):
        if other.item_id == item.item_id and other.expires_on not in (None, line.expires_on):
            bad.append(
                BadLine(
                    number,
                    "expires_on",
                    f"Lot {lot} of {item.sku} is on file with expiry {other.expires_on}, not {line.expires_on}.",
                    "Compare with the label; correct the lot if the file is wrong.",
                )
            )
    return bad


def _po_faults(number: int, line: NewAsnLine, asn: NewAsn, known: Known) -> list[BadLine]:
    name = line.po_number.strip()
    if not name:
        return []
    po = known.pos.get(name)
    if po is None or po.supplier_id != asn.supplier_id:
        return [
            BadLine(number, "po_number", f"This supplier has no PO {name}.", "Check the number, or leave it empty.")
        ]
    if po.site_id != asn.site_id:
        return [BadLine(number, "po_number", f"{name} is for another site.", "Send it to that site, or correct it.")]
    if not po.takes_receipts:
        return [
            BadLine(
                number, "po_number", f"{name} is {po.state} and takes no goods.", "Ask the buyer for the PO to use."
            )
        ]
    return []


def _flags(line: NewAsnLine, item: KnownItem, known: Known, arrives_on: date) -> tuple[Flag, ...]:
    lot, flags = line.lot.strip(), []
    known_as = {other.item_id: other for other in known.lots.get(lot, ())} if lot else {}
    if item.tracking != "none" and not lot:
        flags.append(Flag.LOT_MISSING)
    if known_as and item.item_id not in known_as:
        flags.append(Flag.LOT_OF_ANOTHER_ITEM)
    on_file = known_as.get(item.item_id)
    expires_on = line.expires_on or (on_file.expires_on if on_file else None)
    if item.has_expiry and expires_on is None:
        flags.append(Flag.EXPIRY_MISSING)
    if expires_on is not None and expires_on <= arrives_on:
        flags.append(Flag.EXPIRED_ON_ARRIVAL)
    return tuple(flags)


def match(lines: Sequence[ReadLine], offers: Sequence[PoOffer]) -> list[ReadLine]:
    """Each line with the PO line that it fills, or the reason why there is none. `offers` are soonest due first."""
    left = {offer.po_line_id: offer.left for offer in offers}
    most = {offer.po_line_id: offer.most for offer in offers}
    done = []
    for line in lines:
        fits = [offer for offer in offers if _may_fill(line, offer)]
        if not fits:
            done.append(_unmatched(line))
            continue
        best = next((offer for offer in fits if left[offer.po_line_id] > 0), fits[0])
        name, owed = f"{best.po_number} line {best.line_no}", left[best.po_line_id]
        reason = f"{name} waited for {max(owed, 0):,} units then"
        flags = line.flags
        if line.units > most[best.po_line_id]:
            reason = f"{name} waited for {max(owed, 0):,} units then and this line announces {line.units:,}"
            flags = (*flags, Flag.MORE_THAN_OWED)
        left[best.po_line_id] -= line.units
        most[best.po_line_id] -= line.units
        done.append(replace(line, po_line_id=best.po_line_id, match_reason=reason, flags=flags))
    return done


def _may_fill(line: ReadLine, offer: PoOffer) -> bool:
    if offer.item_id != line.item_id:
        return False
    if not line.po_number:
        return offer.is_open
    return offer.po_number == line.po_number and line.po_line_no in (0, offer.line_no)


def _unmatched(line: ReadLine) -> ReadLine:
    if line.po_number:
        at = f"{line.po_number} line {line.po_line_no}" if line.po_line_no else line.po_number
        return replace(line, match_reason=f"{at} has no {line.sku}", flags=(*line.flags, Flag.NOT_ON_PO))
    reason = f"no order of this supplier waits for {line.sku} here"
    return replace(line, match_reason=reason, flags=(*line.flags, Flag.NO_OPEN_PO))


MATCH_FLAGS = frozenset({Flag.NO_OPEN_PO, Flag.NOT_ON_PO, Flag.MORE_THAN_OWED, Flag.PO_CHANGED})


def match_again(lines: Sequence[ReadLine], offers: Sequence[PoOffer], ended: frozenset[str]) -> list[ReadLine]:
    """Lines of an ASN after POs changed: what named an ended PO is flagged `po_changed`, the rest is matched anew."""
    bare = [
        replace(
            line, po_line_id=0, match_reason="", flags=tuple(flag for flag in line.flags if flag not in MATCH_FLAGS)
        )
        for line in lines
    ]
    gone = {
        line.line_no: replace(
            line, match_reason=f"{line.po_number} takes no goods any more", flags=(*line.flags, Flag.PO_CHANGED)
        )
        for line in bare
        if line.po_number in ended
    }
    again = match([line for line in bare if line.line_no not in gone], offers)
    return sorted([*gone.values(), *again], key=lambda line: line.line_no)
