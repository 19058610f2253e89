"""What is printed can be read: every label is drawn twice, by the office printer and the label printer, and scanned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrack.labels import (
    drawing,
    house,
    rules,
    rules_check,
    rules_code128,
    rules_fields,
    rules_file,
    rules_layout,
    rules_table,
)
from flowrack.labels.rules import Medium
from flowrack.labels.tests.printer import print_out
from flowrack.labels.tests.specs import BARS, CARTON, scanned, spec
from flowrack.labels.types import BadLabelSpec, Element, LabelNotPrintable

SPECS = {one.kind: one for one in house.house_specs()}
SSCC = "(00)095200000000000011"
READS = {
    "carton": [(SSCC, "]C1")],
    "pallet": [(SSCC, "]C1")],
    "tote": [("A-03-12-B", "]C0")],
    "bin": [("A-03-12-B", "]C0")],
    "item": [("4711", "]C0")],
    "receipt": [("095200000000000011", "]C0")],
}


def made(one, **values):
    size = Medium(one.width_mm, one.height_mm, one.dpi)
    return rules.make(one.elements, rules_fields.samples_of(one.kind) | values, size, copies=one.copies), size


@pytest.mark.parametrize("kind", list(SPECS))
def test_every_label_of_the_house_is_good_and_both_printers_drawings_scan(kind):
    one = SPECS[kind]
    assert rules_check.check(one) == []
    label, size = made(one)
    assert print_out(label.zpl).scanned() == READS[kind]
    assert scanned(drawing.pages([label.drawn], size, title="t", output="png")) == READS[kind]


def test_the_same_label_is_the_same_bytes():
    first, size = made(CARTON)
    again, _ = made(CARTON)
    assert (first.zpl, first.sha256) == (again.zpl, again.sha256)
    assert drawing.pages([first.drawn], size, title="t") == drawing.pages([again.drawn], size, title="t")
    assert made(CARTON, order="SO-2")[0].sha256 != first.sha256


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("symbology", ["gs1-128", "gs1-datamatrix"])
def test_a_turned_barcode_with_lot_and_expiry_is_read_back(rotation, symbology):
    content = "(01){gtin}(17){expires_yymmdd}(10){lot}"
    long, short = (74, 12) if symbology == "gs1-128" else (20, 20)
    wide, high = (long, short) if rotation in (0, 180) else (short, long)
    bars = Element("bars", "barcode", 2, 4, wide, high, content=content, symbology=symbology, rotation=rotation)
    label, size = made(spec(bars, width_mm=80, height_mm=80))
    want = [("(01)09520123456788(17)270131(10)L2611A", "]C1" if symbology == "gs1-128" else "]d2")]
    assert print_out(label.zpl).scanned() == want
    assert scanned(drawing.pages([label.drawn], size, title="t", output="png")) == want


@settings(max_examples=50)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_any_plain_text_survives_the_printer(text):
    """What would be a command of the printer's language is text, in bars and in words."""
    said = Element("said", "text", 2, 2, 290, 10, content="{content_1}")
    one = spec(said, width_mm=300, height_mm=15)
    label, _ = made(one, content_1=text)
    words = " ".join(text.split())
    printed = [text for *_, text in print_out(label.zpl).texts]
    assert printed == ([words] if words else [])
    assert rules_code128.said_to_printer(rules_code128.symbols(text))[0] == ">"


@given(st.text(st.sampled_from("0123456789ABCab->^~\\\x1d"), min_size=1, max_size=24))
def test_the_symbols_say_the_text_and_no_shorter_row_is_missed(text):
    row = rules_code128.symbols(text)
    assert _said(row) == text
    assert len(row) <= len(text) + 3


def _said(row: list[int]) -> str:
    """The text of symbols, read by the standard's tables."""
    subset, out = {104: "B", 105: "C"}[row[0]], ""
    for symbol in row[1:-2]:
        if symbol == 102:
            out += "\x1d"
        elif subset == "B" and symbol == 99:
            subset = "C"
        elif subset == "C" and symbol == 100:
            subset = "B"
        else:
            out += f"{symbol:02d}" if subset == "C" else chr(symbol + 32)
    return out


def faults(*elements, **more):
    return [(line.line, line.field) for line in rules_check.check(spec(*elements, **more))]


@pytest.mark.parametrize(
    ("element", "field"),
    [
        (replace(BARS, width_mm=60), "width_mm"),
        (replace(BARS, x_mm=20), "x_mm"),
        (replace(BARS, rotation=45), "rotation"),
        (replace(BARS, height_mm=3), "height_mm"),
        (replace(BARS, symbology="ean"), "symbology"),
        (replace(BARS, content="(00){sscc}(10){batch}"), "content"),
        (replace(BARS, content="{sscc}"), "content"),
        (replace(BARS, content="(00){order}"), "content"),
        (replace(BARS, content="(00){sscc"), "content"),
        (replace(BARS, name="Bars!"), "name"),
        (replace(BARS, shape="photo"), "shape"),
        (Element("a", "text", 1, 1, 50, 5, content="x", size_pt=200), "size_pt"),
    ],
)
def test_a_bad_element_is_named(element, field):
    good = replace(BARS, name="good", y_mm=60)
    assert faults(good, element) == [(2, field)]
    told = rules_check.check(spec(good, element))[0].message
    assert element.name in told


TEXT = Element("order", "text", 2, 30, 60, 6, content="Order {order}")
FRAME = Element("frame", "box", 1, 1, 98, 22)


@pytest.mark.parametrize(
    ("element", "field", "told"),
    [
        (replace(TEXT, y_mm=17), "y_mm", "order: it lies over the barcode bars"),
        (replace(BARS, name="two", y_mm=21), "y_mm", "two: it lies over the barcode bars"),
        (Element("rule", "line", 2, 10, 90, 1), "y_mm", "rule: it lies over the barcode bars"),
        (replace(FRAME, width_mm=50), "y_mm", "frame: it lies over the barcode bars"),
        (
            replace(TEXT, content="{customer}", size_pt=60, height_mm=8),
            "size_pt",
            "letters of 60 pt are higher than its 8",
        ),
        (replace(TEXT, content="{customer}", size_pt=18, height_mm=9), "width_mm", "is cut to “Beacon Outdoor…”"),
        (replace(TEXT, width_mm=9, height_mm=30, rotation=90, size_pt=22), "width_mm", "is cut to"),
    ],
)
def test_what_has_no_room_is_refused_with_its_name(element, field, told):
    """A label whose text lies in the bars is a carton that nobody can scan."""
    found = rules_check.check(spec(BARS, element))
    assert (2, field) in [(line.line, line.field) for line in found]
    assert any(told in line.message for line in found)


def test_what_stands_beside_a_barcode_or_around_it_is_good():
    above = Element("above", "text", 2, 24, 96, 10, content="{customer}", size_pt=14)
    assert rules_check.check(spec(BARS, replace(TEXT, y_mm=22))) == []
    assert rules_check.check(spec(BARS, FRAME, above)) == []


def test_a_carton_label_without_its_sscc_is_refused_and_the_head_is_checked():
    text = Element("order", "text", 1, 1, 50, 5, content="{order}")
    assert faults(text) == [(0, "elements")]
    assert faults(replace(BARS, content="{sscc}", symbology="code-128")) == [(0, "elements")]
    assert faults(replace(BARS, symbology="code-128", width_mm=250), width_mm=300) == [(0, "elements")]
    assert faults(BARS, dpi=96, copies=0, width_mm=400) == [(0, "width_mm"), (0, "dpi"), (0, "copies")]
    assert faults(BARS, kind="poster") == [(0, "kind")]
    assert faults(text, text, BARS) == [(1, "name"), (2, "name")]


def test_a_value_that_is_missing_or_too_long_is_refused_with_the_element():
    with pytest.raises(LabelNotPrintable, match="bars: There is nothing to print: sscc is empty"):
        made(spec(BARS), sscc="")
    lot = Element("lot", "barcode", 2, 30, 60, 10, content="(10){lot}", symbology="gs1-128")
    made(spec(BARS, lot))
    with pytest.raises(LabelNotPrintable, match="lot: The barcode is too wide"):
        made(spec(BARS, lot), lot="ABCDEFGHIJKLMNOPQRST")
    with pytest.raises(LabelNotPrintable, match="bars: The check digit of this SSCC is wrong"):
        made(spec(BARS), sscc="095200000000000014")
    # an element of a barcode that is not its first one is left out when it is empty
    two = replace(lot, content="(01){gtin}(10){lot}", width_mm=96)
    assert print_out(made(spec(BARS, two), lot="")[0].zpl).scanned()[1] == ("(01)09520123456788", "]C1")


def test_text_is_broken_between_words_and_cut_where_there_is_no_room():
    lines = rules_layout.wrapped("Beacon Outdoor Supply Ltd and Sons", size=30, width=320, rows=2)
    assert lines == ["Beacon Outdoor Supply", "Ltd and Sons"]
    assert rules_layout.wrapped("Beacon Outdoor Supply", size=30, width=150, rows=1) == ["Beacon…"]


def test_a_spec_survives_its_file_and_a_bad_file_names_the_entry():
    for one in SPECS.values():
        assert rules_file.read(rules_file.written(one)) == one
    text = rules_file.written(CARTON)
    with pytest.raises(BadLabelSpec, match="the head has an unknown entry colour") as refused:
        rules_file.read(text.replace("x_mm: 5", "x_mm: wide", 1).replace("copies: 1", "colour: red"))
    assert [(line.line, line.field) for line in refused.value.lines] == [(0, "colour"), (1, "x_mm")]
    for bad in ("a: [", "just words", "code: A"):
        with pytest.raises(BadLabelSpec):
            rules_file.read(bad)


def test_a_file_of_references_is_refused_before_it_is_written_out():
    """Seven lines of nine references each stand for five million words."""
    levels = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 8))]
    for text in ("\n".join([*levels, "elements: []"]), "[" * 5_000, "code: 2026-99-99\nelements: []"):
        with pytest.raises(BadLabelSpec, match="is no YAML"):
            rules_file.read(text)
    text = rules_file.written(CARTON)
    with pytest.raises(BadLabelSpec, match="valid_from cannot be “2026-01-01 10:00:00”"):
        rules_file.read(f"valid_from: 2026-01-01 10:00:00\n{text}")
    with pytest.raises(BadLabelSpec, match="name cannot be “a list”"):
        rules_file.read(text.replace(f"name: {CARTON.name}", "name: [a, b]", 1))


def test_a_field_without_a_value_takes_its_unit_along():
    content = "{weight_kg} kg  {carton_type}"
    assert rules_fields.filled(content, {"carton_type": "M"}) == "M"
    assert rules_fields.filled(content, {"weight_kg": "4.2", "carton_type": "M"}) == "4.2 kg  M"


def test_a_long_text_of_a_table_goes_on_in_its_row_and_the_next_row_begins_below_it():
    table = Element("lines", "table", 10, 60, 60, 18, content="Item:20:{row.sku}|Description:40:{row.name}", size_pt=9)
    values = {
        "1.sku": "22338",
        "2.sku": "35958",
        "1.name": "Star decoration, painted zinc, set of six",
        "2.name": "Egg",
    }
    [(shown, said)] = rules_table.pages([table], values)
    places = {one.content: (one.y_mm, one.height_mm) for one in shown if one.shape == "text"}
    assert places["{1.name}"] == places["{1.sku}"] == (65, 8)
    assert places["{2.sku}"] == (73, 4)
    assert said["pages"] == "1"
    low = replace(table, height_mm=14)  # two lines below the heading
    assert [said["page"] for _, said in rules_table.pages([low], values)] == ["1", "2"]
    drawn = rules_table.drawn_of([table], values, dpi=203)[0]
    words = [one.text for one in drawn if isinstance(one, rules_layout.Words)]
    assert "".join(words).count("…") == 0 and "six" in " ".join(words)
