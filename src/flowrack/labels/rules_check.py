"""Whether a label spec can be printed and read; every fault names its element."""

from __future__ import annotations

import re
from collections import Counter

from flowrack.labels import rules_layout as layout
from flowrack.labels import rules_room, rules_table
from flowrack.labels.rules_fields import MUST_SCAN, ROW, fields_of, names_in, samples_of
from flowrack.labels.types import DraftLabelSpec, Element, Kind, LabelNotPrintable, Shape, Symbology
from flowrack.shared.errors import BadLine

CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
NAME = re.compile(r"[a-z0-9][a-z0-9 _.-]{0,39}")
RESOLUTIONS = (203, 300, 600)
LEAST_MM, MOST_MM = 15, 300
MOST_ELEMENTS, MOST_COPIES, LONGEST = 60, 20, 200
LEAST_PT, MOST_PT = 4, 144
ROTATIONS = (0, 90, 180, 270)
LEAST_BAR_MM = 6
GS1_CONTENT = re.compile(r"(\(\d{2,4}\)[^()]+)+")


def check(req: DraftLabelSpec) -> list[BadLine]:
    """What is wrong with a spec. Line 0 is its head, other lines count the elements."""
    return undrawable(req) or rules_room.check(req)


def undrawable(req: DraftLabelSpec) -> list[BadLine]:
    """What is wrong with the head or with an element by itself, before it is asked whether all have room."""
    bad = _head(req)
    kind_is_known = req.kind in list(Kind)
    if not 1 <= len(req.elements) <= MOST_ELEMENTS:
        bad.append(BadLine(0, "elements", f"A label has 1 to {MOST_ELEMENTS} elements.", "Add a text or a barcode."))
    seen = Counter(one.name for one in req.elements)
    for number, one in enumerate(req.elements, 1):
        bad += [
            BadLine(number, field, f"{one.name or 'An element without a name'}: {said}", fix)
            for field, said, fix in _element(one, req, twice=seen[one.name] > 1, kind_is_known=kind_is_known)
        ]
    if kind_is_known and not any(line.field in ("content", "symbology") for line in bad):
        bad += _must_scan(req)
    return bad


def _head(req: DraftLabelSpec) -> list[BadLine]:
    bad = []
    if not CODE.fullmatch(req.code.strip().upper()):
        bad.append(BadLine(0, "code", f"“{req.code}” is no code for a label spec.", "Letters, digits, dot, dash."))
    if req.kind not in list(Kind):
        bad.append(BadLine(0, "kind", f"“{req.kind}” is no kind of label.", f"Use one of {', '.join(Kind)}."))
    if not req.name.strip() or len(req.name) > 120:
        bad.append(BadLine(0, "name", "A label spec needs a name of 120 letters or fewer.", "Say what it is for."))
    for field, value in (("width_mm", req.width_mm), ("height_mm", req.height_mm)):
        if not LEAST_MM <= value <= MOST_MM:
            bad.append(BadLine(0, field, f"A label is {LEAST_MM} to {MOST_MM} mm long and wide.", "Measure it in mm."))
    if req.dpi not in RESOLUTIONS:
        bad.append(BadLine(0, "dpi", f"{req.dpi} dpi is no resolution of a label printer.", "Use 203, 300 or 600."))
    if not 1 <= req.copies <= MOST_COPIES:
        bad.append(BadLine(0, "copies", f"1 to {MOST_COPIES} copies are printed.", "Change the number."))
    if len(req.placement) > LONGEST:
        bad.append(BadLine(0, "placement", "The placement is too long.", f"Use {LONGEST} letters or fewer."))
    if req.customer and req.carrier:
        bad.append(BadLine(0, "carrier", "A spec is for a customer or for a carrier.", "Leave one of them empty."))
    if req.valid_from and req.valid_until and req.valid_until < req.valid_from:
        bad.append(BadLine(0, "valid_until", "It ends before it begins.", "Change one of the days."))
    return bad


Fault = tuple[str, str, str]


def _element(one: Element, req: DraftLabelSpec, *, twice: bool, kind_is_known: bool) -> list[Fault]:
    bad: list[Fault] = []
    if not NAME.fullmatch(one.name):
        bad.append(("name", "its name is none.", "Use small letters, digits and blanks, 40 at most."))
    elif twice:
        bad.append(("name", "two elements have this name.", "Give one of them another name."))
    if one.shape not in list(Shape):
        return [*bad, ("shape", f"“{one.shape}” is nothing that is drawn.", f"Use one of {', '.join(Shape)}.")]
    bad += _place(one, req)
    if one.shape == Shape.TABLE and kind_is_known:
        return bad + _table(one, req)
    if one.shape in (Shape.TEXT, Shape.BARCODE) and kind_is_known:
        bad += _content(one, req)
    if not bad and req.dpi in RESOLUTIONS and kind_is_known:
        try:
            layout.lay(one, samples_of(req.kind), dpi=req.dpi)
        except LabelNotPrintable as refusal:
            bad.append(("width_mm" if "too wide" in refusal.message else "content", refusal.message, refusal.fix))
    return bad


def _table(one: Element, req: DraftLabelSpec) -> list[Fault]:
    if req.kind != Kind.SLIP:
        return [("shape", f"a {req.kind} label has no lines for a table.", "Use text, barcode, box or line.")]
    if len(one.content) > LONGEST:
        return [("content", "it says too much.", f"Use {LONGEST} letters or fewer.")]
    known = {field.name for field in fields_of(req.kind) if field.name.startswith(ROW)}
    return rules_table.faults(one, known)


def _place(one: Element, req: DraftLabelSpec) -> list[Fault]:
    bad: list[Fault] = []
    if one.rotation not in ROTATIONS:
        bad.append(("rotation", f"it is turned by {one.rotation}.", "Use 0, 90, 180 or 270."))
    for field, value in (("width_mm", one.width_mm), ("height_mm", one.height_mm)):
        if value < 1:
            bad.append((field, "it has no size.", "Give its width and height in mm."))
    if one.x_mm < 0 or one.x_mm + one.width_mm > req.width_mm:
        bad.append(("x_mm", f"it reaches beyond the label, which is {req.width_mm} mm wide.", "Move or narrow it."))
    if one.y_mm < 0 or one.y_mm + one.height_mm > req.height_mm:
        bad.append(("y_mm", f"it reaches beyond the label, which is {req.height_mm} mm high.", "Move or lower it."))
    if one.shape in (Shape.BOX, Shape.LINE) and not 1 <= one.thick_tenths_mm <= 50:
        bad.append(("thick_tenths_mm", "its lines are 0.1 to 5 mm thick.", "Give tenths of a mm, 1 to 50."))
    if one.shape in (Shape.TEXT, Shape.TABLE) and not LEAST_PT <= one.size_pt <= MOST_PT:
        bad.append(("size_pt", f"letters are {LEAST_PT} to {MOST_PT} pt.", "Change the size."))
    return bad


def _content(one: Element, req: DraftLabelSpec) -> list[Fault]:
    if not one.content.strip() or len(one.content) > LONGEST:
        return [("content", "it says nothing, or too much.", f"1 to {LONGEST} letters, with fields such as {{sku}}.")]
    known = {field.name for field in fields_of(req.kind) if not field.name.startswith(ROW)}
    unknown = [name for name in names_in(one.content) if name not in known]
    if unknown:
        told = ", ".join(f"{{{name}}}" for name in unknown)
        return [("content", f"a {req.kind} label has no field {told}.", f"Its fields are {', '.join(sorted(known))}.")]
    if one.content.count("{") != len(names_in(one.content)) or one.content.count("}") != len(names_in(one.content)):
        return [("content", "a brace has no partner.", "Write fields as {sku}.")]
    if one.shape == Shape.TEXT:
        return []
    bad: list[Fault] = []
    if one.symbology not in list(Symbology):
        bad.append(("symbology", f"“{one.symbology}” is no barcode.", f"Use one of {', '.join(Symbology)}."))
    elif one.symbology != Symbology.CODE_128 and not GS1_CONTENT.fullmatch(one.content.strip()):
        bad.append(("content", "a GS1 barcode is written as (00){sscc}.", "Put every part behind its identifier."))
    across = one.height_mm if one.rotation in (0, 180) else one.width_mm
    if one.symbology in (Symbology.GS1_128, Symbology.CODE_128) and across < LEAST_BAR_MM:
        bad.append(("height_mm", "no scanner finds bars this low.", f"Give them {LEAST_BAR_MM} mm or more."))
    return bad


def _must_scan(req: DraftLabelSpec) -> list[BadLine]:
    """The barcode without which nobody can tell what the label is on."""
    must = MUST_SCAN.get(Kind(req.kind))
    if must is None or any(_says(one, must) for one in req.elements):
        return []
    what = "its SSCC" if "sscc" in must else "its code" if "code" in must else "its plate"
    return [
        BadLine(0, "elements", f"A {req.kind} label must carry {what} as a barcode.", f"Add a barcode with {must}.")
    ]


def _says(one: Element, must: str) -> bool:
    """Whether an element is a barcode with the field; an identifier in brackets is one in a GS1 barcode only."""
    is_gs1 = one.symbology != Symbology.CODE_128
    return one.shape == Shape.BARCODE and must in one.content and (is_gs1 or not must.startswith("("))
