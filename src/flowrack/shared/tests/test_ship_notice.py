"""The 856 is read back as it was written, and a file that is not whole is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from flowrack.shared import ship_notice, x12
from flowrack.shared.ship_notice import Goods, Place, ShipNotice

AT = datetime(2026, 3, 2, 9, 5)
PALLET, ONE, TWO = "095200000000000011", "095200000000000028", "095200000000000035"
GOODS = [
    Goods(
        "SO-1", "PO-1", "4711", 6, name="Hose 25 m", gtin="9520123456788", lot="L1", expires_on=date(2027, 1, 31),
        carton=ONE, pallet=PALLET,
    ),
    Goods("SO-1", "PO-1", "4712", 2, customer_item="BC-7", carton=ONE, pallet=PALLET),
    Goods("SO-1", "PO-1", "4711", 4, name="Hose 25 m", carton=TWO),
    Goods("SO-2", "", "4713", 1, "KG"),
]  # fmt: skip
NOTICE = ShipNotice(
    "SH-1001", AT, GOODS, "Northline Parcels", "1Z-7", "LD-1001", "TR 77", "SEAL-1", 2, 13, Place("Main", code="MAIN"),
    Place("Beacon", "9520123456788", lines=("Dock 4", "North Gate"), city="Leeds", postcode="LS1 4AP", country="GB"),
)  # fmt: skip


def message(notice: ShipNotice = NOTICE) -> str:
    said = ship_notice.written(notice)
    to = x12.Interchange(x12.Address("FLOWRACK"), x12.Address("BEACON", "14"), 7, True, [said])
    return x12.write(ship_notice.GROUP, to, at=notice.shipped_at)


def test_the_levels_are_shipment_order_pallet_carton_item():
    lines = message().splitlines()
    assert lines[0] == (
        "ISA*00*          *00*          *ZZ*FLOWRACK       *14*BEACON         *260302*0905*U*00401*000000007*0*T*>~"
    )
    assert lines[1] == "GS*SH*FLOWRACK*BEACON*20260302*0905*7*X*004010~"
    assert [line for line in lines if line.startswith("HL")] == [
        "HL*1**S~", "HL*2*1*O~", "HL*3*2*P~", "HL*4*3*I~", "HL*5*2*T~", "HL*6*5*P~", "HL*7*6*I~", "HL*8*6*I~",
        "HL*9*1*O~", "HL*10*9*I~",
    ]  # fmt: skip
    assert f"MAN*GM*00{PALLET}~" in lines and "TD1*CTN*2****G*13*KG~" in lines and "N4*Leeds**LS1 4AP*GB~" in lines
    assert "LIN**UK*09520123456788*VP*4711*LT*L1~" in lines and "DTM*036*20270131~" in lines
    assert lines[-4:] == ["CTT*10~", f"SE*{len(lines) - 4}*0001~", "GE*1*7~", "IEA*1*000000007~"]


def test_our_own_reader_reads_the_same():
    envelope = x12.read(message())
    assert (envelope.sender.id, envelope.receiver, envelope.control, envelope.is_test) == (
        "FLOWRACK", x12.Address("BEACON", "14"), 7, True,
    )  # fmt: skip
    again = ship_notice.read(envelope.sets[0])
    assert again.goods == ship_notice.in_order(GOODS)
    assert replace(again, goods=[], ship_from=NOTICE.ship_from, ship_to=NOTICE.ship_to) == replace(NOTICE, goods=[])


def test_what_would_end_a_segment_is_no_part_of_a_name():
    evil = replace(
        NOTICE, carrier="A*B~IEA*1", goods=[Goods("SO~1", "PÖ*1", "4*7", 1, name="Größe > 5\nm", carton="T-1")]
    )
    [goods] = ship_notice.read(x12.read(message(evil)).sets[0]).goods
    assert (goods.order, goods.reference, goods.sku, goods.name, goods.carton) == (
        "SO 1", "PO 1", "4 7", "Grosse 5 m", "T-1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "told"),
    [
        (("SE*", "SE*9"), "segments, and has"),
        (("GE*1", "GE*2"), "2 sets"),
        (("IEA*1*000000007", "IEA*1*000000008"), "not that of its head"),
        (("IEA*1*000000007~", ""), "has no end"),
        (("ISA", "UNB"), "no X12 interchange"),
        (("HL*3*2*P", "HL*3*99*P"), "hangs under 99"),
        (("SN1**6", "SN1**six"), "no number of units"),
        (("BSN*00*SH-1001*20260302", "BSN*00*SH-1001*20261302"), "no day and time"),
    ],
)
def test_a_file_that_is_cut_or_changed_is_refused_with_the_reason(was, told):
    with pytest.raises(x12.BadX12, match=told):
        ship_notice.read(x12.read(message().replace(*was, 1)).sets[0])


def test_other_signs_than_ours_are_read_by_the_head_of_the_file():
    other = message().replace("*", "|").replace("~\n", "'\r\n").replace(">", ":")
    assert ship_notice.read(x12.read("\ufeff" + other).sets[0]).goods == ship_notice.in_order(GOODS)


def test_an_item_without_a_number_in_plain_letters_and_an_unknown_unit_are_faults_with_the_item_named():
    nameless, roll = replace(GOODS[2], sku="Болт"), replace(GOODS[2], sku="4720", uom="roll")
    assert [(bad.line, bad.field, bad.message) for bad in ship_notice.faults([
        *GOODS, nameless, nameless, replace(nameless, gtin="9520123456788"), replace(nameless, customer_item="B-1"),
        roll, replace(roll, uom="Bündel"),
    ])] == [
        (5, "item", "Болт has no number that a message can hold."),
        (10, "uom", "4720 is counted in “Bündel”, for which the standard has no code here."),
    ]  # fmt: skip
    told = [ship_notice.same(replace(roll, uom=uom)).uom for uom in ("roll", "M2", "PR", "SET", "FT", "each")]
    assert told == ["RL", "SM", "PR", "ST", "FT", "EA"]
