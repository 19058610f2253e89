"""The notice of a departure as X12 856: shipment, order, pallet, carton, item; written, and read back.

The levels are HL segments that name the level above. What travels loose stands right under its order, goods on a pallet
without a carton under the pallet. An SSCC carries its application identifier 00, as MAN*GM asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flowrack.shared.errors import BadLine
from flowrack.shared.x12 import BadX12, Segment, Set, plain

KIND, GROUP = "856", "SH"
STRUCTURE = "0001"  # shipment, order, packaging, item
SHIPMENT, ORDER, PALLET, CARTON, ITEM = "S", "O", "T", "P", "I"
# Our names of base units, in small letters, as codes of X12 element 355.
UOMS = {
    "each": "EA", "ea": "EA", "pce": "EA", "unit": "UN", "un": "UN", "piece": "PC", "pc": "PC", "pcs": "PC",
    "pair": "PR", "pr": "PR", "set": "ST", "st": "ST", "kit": "KT", "kt": "KT", "dozen": "DZ", "dz": "DZ",
    "kg": "KG", "g": "GR", "gr": "GR", "t": "MP", "lb": "LB", "oz": "OZ", "m": "MR", "mr": "MR", "cm": "CM",
    "mm": "MM", "ft": "FT", "foot": "FT", "in": "IN", "inch": "IN", "yd": "YD", "yard": "YD", "m2": "SM", "m²": "SM",
    "sm": "SM", "m3": "CR", "m³": "CR", "cr": "CR", "l": "LT", "lt": "LT", "litre": "LT", "liter": "LT", "ml": "ML",
    "gallon": "GA", "ga": "GA", "case": "CA", "cs": "CA", "ca": "CA", "box": "BX", "bx": "BX", "carton": "CT",
    "ct": "CT", "pack": "PK", "pk": "PK", "bag": "BG", "bg": "BG", "bottle": "BO", "bo": "BO", "can": "CN",
    "cn": "CN", "roll": "RL", "rl": "RL", "reel": "RE", "re": "RE", "sheet": "SH", "sh": "SH", "tube": "TB",
    "tb": "TB", "drum": "DR", "dr": "DR", "pallet": "PL", "pl": "PL",
}  # fmt: skip
GTIN_QUALIFIERS = ("UK", "UP", "EN", "UA")


@dataclass(frozen=True, slots=True)
class Place:
    """A name with an address; `gln` or `code` say who it is."""

    name: str
    gln: str = ""
    code: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of an item of an order, in a carton, on a pallet; without an SSCC they are loose."""

    order: str
    reference: str
    sku: str
    units: int
    uom: str = "EA"
    name: str = ""
    customer_item: str = ""
    gtin: str = ""
    lot: str = ""
    expires_on: date | None = None
    carton: str = ""
    pallet: str = ""


@dataclass(frozen=True, slots=True)
class ShipNotice:
    """What left."""

    number: str
    shipped_at: datetime
    goods: list[Goods]
    carrier: str = ""
    tracking: str = ""
    load: str = ""
    trailer: str = ""
    seal: str = ""
    cartons: int = 0
    weight_kg: int = 0
    ship_from: Place | None = None
    ship_to: Place | None = None


def faults(goods: Sequence[Goods]) -> list[BadLine]:
    """What of the goods a customer's system could not understand: no number in plain letters, or an unknown unit."""
    bad: dict[tuple[str, str], BadLine] = {}
    for n, one in enumerate(goods, 1):
        if not (one.gtin or plain(one.sku, 48) or plain(one.customer_item, 48)):
            said = f"{one.sku} has no number that a message can hold."
            bad.setdefault(("item", one.sku), BadLine(n, "item", said, "Give it a GTIN, or the customer's number."))
        if one.uom.lower() not in UOMS:
            said = f"{one.sku} is counted in “{one.uom}”, for which the standard has no code here."
            bad.setdefault(("uom", one.sku), BadLine(n, "uom", said, "Name its base unit as in the list of units."))
    return list(bad.values())


def same(one: Goods) -> Goods:
    """Goods as the standard can say them: plain letters, a GTIN of 14 digits."""
    return Goods(
        plain(one.order, 30), plain(one.reference or one.order, 22), plain(one.sku, 48), one.units,
        UOMS[one.uom.lower()],
        plain(one.name, 80), plain(one.customer_item, 48), one.gtin and one.gtin.zfill(14), plain(one.lot, 48),
        one.expires_on, plain(one.carton, 48), plain(one.pallet, 48),
    )  # fmt: skip


def in_order(goods: Sequence[Goods]) -> list[Goods]:
    """The goods as the message lists them: by order, pallet and carton."""
    return sorted((same(one) for one in goods), key=lambda one: (one.order, one.pallet, one.carton, one.sku, one.lot))


@dataclass(slots=True)
class _Writer:
    segments: list[Segment] = field(default_factory=list)
    levels: int = 0

    def level(self, kind: str, parent: int) -> int:
        """A level under another one; its number."""
        self.levels += 1
        self.segments.append(("HL", str(self.levels), str(parent) if parent else "", kind))
        return self.levels

    def add(self, *elements: str) -> None:
        """A segment, unless it would say nothing."""
        if any(elements[1:]):
            self.segments.append(elements)


def written(notice: ShipNotice, *, control: str = "0001") -> Set:
    """The notice as a transaction set."""
    out = _Writer()
    at = notice.shipped_at
    out.add("BSN", "00", plain(notice.number, 30), f"{at:%Y%m%d}", f"{at:%H%M}", STRUCTURE)
    top = out.level(SHIPMENT, 0)
    weight = ("G", str(notice.weight_kg), "KG") if notice.weight_kg else ()
    if notice.cartons or weight:
        out.add("TD1", "CTN" if notice.cartons else "", str(notice.cartons or ""), "", "", "", *weight)
    if notice.carrier:
        out.add("TD5", "", "", "", "", plain(notice.carrier, 35))
    if notice.trailer or notice.seal:
        out.add("TD3", "TL", "", plain(notice.trailer, 10), "", "", "", "", "", plain(notice.seal, 15))
    if notice.load:
        out.add("REF", "BM", plain(notice.load, 30))
    if notice.tracking:
        out.add("REF", "CN", plain(notice.tracking, 30))
    out.add("DTM", "011", f"{at:%Y%m%d}", f"{at:%H%M}")
    for role, place in (("SF", notice.ship_from), ("ST", notice.ship_to)):
        if place is not None:
            _place(out, role, place)
    _goods(out, top, in_order(notice.goods))
    out.add("CTT", str(out.levels))
    return Set(KIND, control, out.segments)


def _place(out: _Writer, role: str, place: Place) -> None:
    who = ("UL", place.gln) if place.gln else ("92", plain(place.code, 20)) if place.code else ()
    out.add("N1", role, plain(place.name, 60), *who)
    lines = [plain(line, 55) for line in place.lines if line.strip()]
    for pair in (lines[:2], lines[2:4]):
        out.add("N3", *pair)
    # Element 2 is a code of two letters for states; a region that is longer stands in element 6.
    region = plain(place.region, 30)
    out.add(
        "N4", plain(place.city, 30), region if len(region) == 2 else "", plain(place.postcode, 15),
        plain(place.country, 3), *(("SP", region) if len(region) > 2 else ()),
    )  # fmt: skip


def _goods(out: _Writer, top: int, goods: Sequence[Goods]) -> None:
    """The levels below the shipment; a level is opened where its goods begin."""
    order = pallet = carton = 0
    before: Goods | None = None
    for one in goods:
        is_new = before is None or one.order != before.order
        if is_new:
            order = out.level(ORDER, top)
            out.add("PRF", one.reference)
            out.add("REF", "VN", one.order)
        is_new = is_new or before is None or one.pallet != before.pallet
        if is_new:
            pallet = _packed(out, PALLET, order, one.pallet)
        if is_new or before is None or one.carton != before.carton:
            carton = _packed(out, CARTON, pallet, one.carton)
        out.level(ITEM, carton)
        ids = [("UK", one.gtin), ("VP", one.sku), ("BP", one.customer_item), ("LT", one.lot)]
        out.add("LIN", "", *(part for pair in ids if pair[1] for part in pair))
        out.add("SN1", "", str(one.units), one.uom)
        if one.name:
            out.add("PID", "F", "", "", "", one.name)
        if one.expires_on:
            out.add("DTM", "036", f"{one.expires_on:%Y%m%d}")
        before = one


def _packed(out: _Writer, kind: str, above: int, sscc: str) -> int:
    """The level of a pallet or carton; of loose goods the one above."""
    if not sscc:
        return above
    level = out.level(kind, above)
    out.add("MAN", *(("GM", f"00{sscc}") if len(sscc) == 18 and sscc.isdigit() else ("ZZ", sscc)))
    return level


@dataclass(slots=True)
class _Level:
    kind: str
    above: str
    said: list[Segment] = field(default_factory=list)

    def value(self, name: str, qualifier: str = "", place: int = 2) -> str:
        """An element of the first segment of this name (and qualifier)."""
        for segment in self.said:
            if segment[0] == name and (not qualifier or segment[1:2] == (qualifier,)):
                return segment[place].strip() if place < len(segment) else ""
        return ""

    def pairs(self, name: str, first: int) -> dict[str, str]:
        """Qualifiers with their values, of segments that list them by twos."""
        found: dict[str, str] = {}
        for segment in self.said:
            if segment[0] == name:
                found |= dict(zip(segment[first::2], segment[first + 1 :: 2], strict=False))
        return found


def read(said: Set) -> ShipNotice:
    """The notice that a transaction set tells. Refuses with BadX12 what hangs together badly."""
    if said.kind != KIND:
        raise BadX12(f"This is {said.kind[:6]}, no notice of a departure (856).", fix="Send the 856.")
    head = next((segment for segment in said.segments if segment[0] == "BSN"), ())
    if len(head) < 5:
        raise BadX12("The notice does not say which shipment it tells of.", fix="It needs a segment BSN.")
    levels = _levels(said.segments)
    top = next((level for level in levels.values() if level.kind == SHIPMENT), None)
    if top is None:
        raise BadX12("The notice has no shipment.", fix="Its first level is HL*1**S.")
    seal = top.value("TD3", place=9)
    weight = top.value("TD1", place=7)
    cartons = top.value("TD1", place=2)
    return ShipNotice(
        head[2], _time(head[3], head[4]), [_item(level, levels) for level in levels.values() if level.kind == ITEM],
        top.value("TD5", place=5), top.value("REF", "CN"), top.value("REF", "BM"), top.value("TD3", place=3), seal,
        int(cartons) if cartons.isdigit() else 0, int(weight) if weight.isdigit() else 0,
    )  # fmt: skip


def _levels(segments: Sequence[Segment]) -> dict[str, _Level]:
    levels: dict[str, _Level] = {}
    now: _Level | None = None
    for segment in segments:
        if segment[0] == "HL":
            if len(segment) < 4 or segment[1] in levels:
                raise BadX12("A level of the notice has no number of its own.", fix="Each HL needs one.")
            above = segment[2].strip()
            if above and above not in levels:
                raise BadX12(
                    f"Level {segment[1][:9]} hangs under {above[:9]}, which is not there.", fix="Send it whole."
                )
            now = levels[segment[1]] = _Level(segment[3].strip(), above)
        elif now is not None and segment[0] != "CTT":
            now.said.append(segment)
    return levels


def _item(item: _Level, levels: dict[str, _Level]) -> Goods:
    """An item with what stands above it."""
    above: dict[str, _Level] = {}
    at = item.above
    while at:
        above.setdefault(levels[at].kind, levels[at])
        at = levels[at].above
    order = above.get(ORDER) or _Level(ORDER, "")
    ids = item.pairs("LIN", 2)
    units = item.value("SN1")
    if not (units.isascii() and units.isdigit()):
        raise BadX12(f"“{units[:20]}” is no number of units.", fix="SN1 holds whole units.")
    expires = item.value("DTM", "036")
    gtin = next((ids[name] for name in GTIN_QUALIFIERS if ids.get(name)), "")
    return Goods(
        order.value("REF", "VN"), order.value("PRF", place=1), ids.get("VP", ""), int(units),
        item.value("SN1", place=3), item.value("PID", "F", 5), ids.get("BP", ""), gtin and gtin.zfill(14),
        ids.get("LT", ""), _time(expires, "").date() if expires else None,
        _sscc(above.get(CARTON)), _sscc(above.get(PALLET)),
    )  # fmt: skip


def _sscc(level: _Level | None) -> str:
    code = level.value("MAN") if level else ""
    return code[2:] if len(code) == 20 and code.startswith("00") else code


def _time(day: str, clock: str) -> datetime:
    try:
        return datetime.strptime(f"{day}{clock[:4] or '0000'}", "%Y%m%d%H%M")  # noqa: DTZ007 - by the sender's own clock
    except ValueError:
        raise BadX12(f"“{day[:12]} {clock[:8]}” is no day and time.", fix="Write 20260302 and 0930.") from None
