from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from flowrack.dock import rules, rules_heads
from flowrack.dock.rules import Known, KnownItem, KnownLot, KnownPo, PoOffer
from flowrack.dock.rules_heads import AsnFacts
from flowrack.dock.tests.yard import sscc
from flowrack.dock.types import NewAsn, NewAsnLine, NewPack, PackKind

HOSE = KnownItem(1, "V-200", "none", False, True, "EA", 1, {"case": 20, "pallet": 600}, 20)
MILK = KnownItem(2, "MILK", "lot", True, True, "EA", 1, {}, 1)
TAP = KnownItem(3, "TAP", "serial", False, True, "EA", 1, {}, 1)
OLD = replace(HOSE, item_id=4, sku="OLD", is_active=False)
KNOWN = Known(
    items={"V-200": [HOSE], "MILK": [MILK], "TAP": [TAP], "OLD": [OLD], "TWO": [HOSE, MILK]},
    lots={"L1": [KnownLot(2, "MILK", date(2026, 9, 1))], "L2": [KnownLot(1, "V-200", None)]},
    pos={
        "PO-1": KnownPo(1, "approved", 7, 1, True),
        "PO-2": KnownPo(2, "closed", 7, 1, False),
        "PO-3": KnownPo(3, "approved", 8, 1, True),
        "PO-4": KnownPo(4, "approved", 7, 2, True),
    },
)
ARRIVES = date(2026, 3, 3)


def line(code: str = "V-200", quantity: str = "1", uom: str = "", **more) -> NewAsnLine:
    return NewAsnLine(code, Decimal(quantity), uom, **more)


def read(*lines: NewAsnLine, packs: list[NewPack] | None = None):
    return rules.read_lines(NewAsn(7, 1, "DN-1", list(lines), packs or []), KNOWN, arrives_on=ARRIVES)


def fault(*lines: NewAsnLine, packs: list[NewPack] | None = None) -> list[tuple[int, str, str, str]]:
    return [(b.line, b.field, b.message, b.fix) for b in read(*lines, packs=packs)[1]]


def test_quantities_are_read_in_the_unit_that_the_line_names():
    lines, bad = read(line(quantity="48", uom="case"), line(quantity="2.5", uom="Case"), line(quantity="7", uom="ea"))
    assert bad == []
    assert [(x.units, x.case_units) for x in lines] == [(960, 20), (50, 20), (7, 20)]


@pytest.mark.parametrize(
    ("bad_line", "field", "message", "fix"),
    [
        (line(uom="drum"), "uom", "V-200 is not counted in “drum”.", "Its units of measure are: EA, case, pallet."),
        (line(quantity="2.03", uom="case"), "quantity", "2.03 case is not a whole number of base units.",
         "Use 40 or 41 base units."),
        (line(quantity="0"), "quantity", "0 is no quantity.", "Name 1 or more."),
        (line(quantity="-4"), "quantity", "-4 is no quantity.", "Name 1 or more."),
        (line("NOPE"), "item", "No item has the code “NOPE”.", "Check it, or add it to the item."),
        (line("OLD"), "item", "OLD is out of use.", "Ask the buyer what it was replaced by."),
        (line("TWO"), "item", "“TWO” stands for several items.", "Use the SKU."),
        (line("MILK", lot="L9", produced_on=date(2026, 3, 1), expires_on=date(2026, 2, 1)), "expires_on",
         "It would expire on 2026-02-01, before it was made on 2026-03-01.",
         "Check whether the two dates are swapped."),
        (line("MILK", lot="L9", produced_on=date(2026, 3, 4), expires_on=date(2026, 9, 1)), "produced_on",
         "It would be made on 2026-03-04, after it arrives on 2026-03-03.", "Check day, month and year."),
        (line("MILK", lot="L1", expires_on=date(2026, 9, 2)), "expires_on",
         "Lot L1 of MILK is on file with expiry 2026-09-01, not 2026-09-02.",
         "Compare with the label; correct the lot if the file is wrong."),
        (line("TAP", quantity="2", lot="SN-1"), "lot", "Serial number SN-1 is one unit, not 2.",
         "Give each unit its own line."),
        (line(po_number="PO-2"), "po_number", "PO-2 is closed and takes no goods.",
         "Ask the buyer for the PO to use."),
        (line(po_number="PO-3"), "po_number", "This supplier has no PO PO-3.",
         "Check the number, or leave it empty."),
        (line(po_number="PO-4"), "po_number", "PO-4 is for another site.", "Send it to that site, or correct it."),
        (line(sscc="123"), "sscc", "“123” is no SSCC.", "An SSCC has 18 digits."),
        (line(sscc=sscc(1)[:-1] + "9"), "sscc",
         f"{sscc(1)[:-1]}9 is no SSCC: its last digit is 9 but must be {sscc(1)[-1]}.",
         "Compare it with the label digit by digit."),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_its_field_and_the_way_out(bad_line, field, message, fix):
    assert fault(line(), bad_line) == [(2, field, message, fix)]


def test_every_bad_line_is_named_not_only_the_first():
    found = fault(line("NOPE"), line(), line(uom="drum"), line(po_number="PO-2"))
    assert [(number, field) for number, field, _, _ in found] == [(1, "item"), (3, "uom"), (4, "po_number")]


def test_the_29th_of_february_is_a_day_in_leap_years():
    made, good_until = date(2024, 2, 29), date(2028, 2, 29)
    assert fault(line("MILK", lot="L9", produced_on=made, expires_on=good_until)) == []


def test_one_lot_has_one_date_within_a_notice():
    one, other = (line("MILK", lot="L9", expires_on=date(2026, 9, d)) for d in (1, 2))
    assert fault(one, one, other) == [
        (3, "expires_on", "Lot L9 of MILK expires on 2026-09-01 in an earlier line.",
         "A lot has one expiry date: correct one of them.")
    ]  # fmt: skip


def test_packs_form_a_tree():
    pallet, carton = NewPack(sscc(1)), NewPack(sscc(2), PackKind.CARTON, sscc(1))
    assert fault(line(sscc=sscc(2)), packs=[pallet, carton]) == []
    assert [m for _, _, m, _ in fault(line(), packs=[carton])] == [
        f"{sscc(2)} stands on {sscc(1)}, which is not named."
    ]
    assert [m for _, _, m, _ in fault(line(), packs=[pallet, pallet])] == [f"Pack {sscc(1)} is named twice."]
    ring = [NewPack(sscc(1), parent=sscc(2)), NewPack(sscc(2), parent=sscc(1))]
    assert [m for _, _, m, _ in fault(line(), packs=ring)] == [
        f"{sscc(1)} would stand on itself.",
        f"{sscc(2)} would stand on itself.",
    ]


@pytest.mark.parametrize(
    ("flagged", "flags"),
    [
        (line("MILK", lot="L9", expires_on=date(2026, 9, 1)), ()),
        (line("MILK"), ("lot_missing", "expiry_missing")),
        (line("MILK", lot="L9"), ("expiry_missing",)),
        (line("MILK", lot="L1"), ()),
        (line("MILK", lot="L9", expires_on=date(2026, 3, 3)), ("expired_on_arrival",)),
        (line("MILK", lot="L2", expires_on=date(2026, 9, 1), is_lot_confirmed=True), ("lot_of_another_item",)),
    ],
)
def test_what_a_person_should_look_at_is_flagged(flagged, flags):
    lines, bad = read(flagged)
    assert (lines[0].flags, bad) == (flags, [])


def offer(po_line: int, po: str = "PO-1", no: int = 1, left: int = 100, most: int = 102, is_open: bool = True):
    return PoOffer(po_line, po, no, 1, left, most, is_open)


def matched(*lines: NewAsnLine, offers: list[PoOffer]):
    return [(x.po_line_id, x.flags) for x in rules.match(read(*lines)[0], offers)]


def test_lines_fill_the_soonest_order_until_nothing_is_owed_then_the_next():
    offers = [offer(11), offer(12, "PO-9")]
    assert matched(line(quantity="100"), line(quantity="40"), offers=offers) == [(11, ()), (12, ())]


def test_the_tolerance_is_cumulative_over_the_lines_of_a_notice():
    twenty = [line(quantity="5.1", uom="case")] * 20
    once = matched(line(quantity="102"), line(quantity="1"), offers=[offer(11)])
    assert once == [(11, ()), (11, ("more_than_owed",))]
    assert [flags for _, flags in matched(*twenty, offers=[offer(11, left=2_040, most=2_039)])][-1] == (
        "more_than_owed",
    )


def test_a_line_without_an_order_is_kept_and_flagged_with_the_reason():
    lines = rules.match(read(line("MILK", lot="L1"), line(po_number="PO-1", po_line_no=9))[0], [offer(11)])
    assert [(x.po_line_id, x.match_reason, x.flags) for x in lines] == [
        (0, "no order of this supplier waits for MILK here", ("no_open_po",)),
        (0, "PO-1 line 9 has no V-200", ("not_on_po",)),
    ]


def test_a_received_order_is_used_only_when_it_is_named():
    received = offer(11, left=0, most=2, is_open=False)
    assert matched(line(), line(po_number="PO-1", quantity="3"), offers=[received]) == [
        (0, ("no_open_po",)),
        (11, ("more_than_owed",)),
    ]


def test_lines_of_an_ended_order_are_flagged_and_the_others_matched_anew():
    named, free = rules.match(read(line(po_number="PO-1"), line())[0], [offer(11)])
    again = rules.match_again([named, free], [offer(12, "PO-9")], frozenset({"PO-1"}))
    assert [(x.po_line_id, x.flags) for x in again] == [(0, ("po_changed",)), (12, ())]
    assert again[0].match_reason == "PO-1 takes no goods any more"


def test_an_asn_has_at_most_ten_thousand_lines_and_says_so():
    facts = AsnFacts({7}, set(), [ARRIVES], KNOWN, {}, {})
    many = [line()] * 10_001
    read_lines, bad = rules_heads.examine([NewAsn(7, 1, "DN-1", many[:10_000], [])], facts)
    assert (len(read_lines[0]), bad) == (10_000, [])

    _, bad = rules_heads.examine([NewAsn(7, 1, "DN-1", many, [])], facts)
    assert [(b.field, b.message, b.fix) for b in bad] == [
        ("lines", "The ASN has 10,001 lines; 10,000 are the most.", "Split it into parts of at most 10,000 lines.")
    ]
