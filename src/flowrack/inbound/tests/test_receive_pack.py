from decimal import Decimal

import pytest
from tests.cast import BO, CY, DI, EVE, ctx, signed_in
from tests.supply import approved, item, po_state, standing

from flowrack.dock import commands as commands_dock
from flowrack.dock import queries as dock
from flowrack.dock.tests.yard import announced, line, sscc, yard
from flowrack.dock.types import CloseAsn, NewPack, PackKind
from flowrack.inbound import commands, commands_packs, queries_asns
from flowrack.inbound.tests.dockside import on_record, pallet, rows_of, tolerate
from flowrack.inbound.types import CountedLine, LotNeeded, NotADock, Receive, TakeBack
from flowrack.inbound.types_discrepancies import (
    AlreadyReceived,
    BadDiscrepancy,
    PackLine,
    ReceivePack,
    UnknownPack,
)
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ClosePo, OverReceipt
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return yard()


def test_two_pallets_of_an_asn_one_case_short_as_in_m1(at):
    made = announced(at, line(quantity="600", sscc=sscc(1)), line(quantity="360", sscc=sscc(2)))

    first = pallet(at, sscc(1))
    second = pallet(at, sscc(2), PackLine(made.line_ids[1], 340))

    assert (first.units, first.short_units, second.units, second.short_units) == (600, 0, 340, 20)
    assert [r.value for r in first.receipts + second.receipts] == [Decimal("2400.00"), Decimal("1360.00")]
    assert first.receipts[0].receipt_id == second.receipts[0].receipt_id
    assert po_state(at.po) == ("receiving", [(1_000, 940, 0)])
    assert on_record() == [("short", "open", 20, "80.00", "supplier", "flag")]
    assert [(x.received_units, x.due_units) for x in dock.lines_of_asn(made.asn_id)] == [(600, 0), (340, 20)]
    codes = sql.fetch_all(
        "SELECT p.code, c.on_hand FROM ledger_cell c JOIN locations_lpn p ON p.id = c.lpn_id"
        " WHERE NOT c.is_virtual AND c.on_hand > 0 ORDER BY 1"
    )
    assert codes == [(sscc(1), 600), (sscc(2), 340)]


def test_cartons_on_a_pallet_come_with_it_by_lot_on_one_plate(at):
    milk = item("MILK", tracking="lot")
    po = approved(at.site, at.supplier, (milk, 100, "1"))
    packs = [NewPack(sscc(1)), NewPack(sscc(2), PackKind.CARTON, sscc(1)), NewPack(sscc(3), PackKind.CARTON, sscc(1))]
    announced(
        at,
        line("MILK", "40", sscc=sscc(2), lot="A1"),
        line("MILK", "60", sscc=sscc(3), lot="A2"),
        packs=packs,
    )
    assert pallet(at, sscc(2)).units == 40  # one carton first, then the rest of the pallet
    rest = pallet(at, sscc(1))
    assert (rest.units, [x.lot_id > 0 for x in rest.receipts[0].lines]) == (60, [True])
    assert po_state(po) == ("received", [(100, 100, 0)])


def test_a_pallet_is_counted_once_and_its_count_can_be_taken_back(at):
    made = announced(at, line(quantity="600", sscc=sscc(1)))
    done = pallet(at, sscc(1), PackLine(made.line_ids[0], 590))
    before = rows_of()
    with pytest.raises(AlreadyReceived) as refused:
        pallet(at, sscc(1))
    assert refused.value.message == f"{sscc(1)} was received on 2 Mar at 09:00 by Bo Receiver."
    sql.execute("UPDATE locations_site SET timezone = 'Asia/Tokyo'")
    with pytest.raises(AlreadyReceived) as told:
        pallet(at, sscc(1))
    assert told.value.message == f"{sscc(1)} was received on 2 Mar at 18:00 by Bo Receiver."
    assert rows_of() == before

    commands.take_back(ctx(BO), TakeBack(done.posting_ids[0]))

    assert on_record() == [("short", "withdrawn", 10, "40.00", "supplier", "flag")]
    assert (po_state(at.po)[1], standing(at.hose)) == ([(1_000, 0, 0)], {})
    assert pallet(at, sscc(1)).units == 600


def test_what_no_order_takes_waits_in_quarantine(at):
    cup = item("CUP")
    announced(at, line(quantity="600", sscc=sscc(1)), line("CUP", "50", sscc=sscc(1)))
    done = pallet(at, sscc(1))
    assert (done.units, done.held_units, len(done.posting_ids)) == (650, 50, 2)
    assert (standing(at.hose), standing(cup)) == (
        {("receiving-1", "receiving"): 600},
        {("receiving-1", "quarantine"): 50},
    )
    assert on_record() == [("no_po", "open", 50, "0.00", "supplier", "hold")]
    for posting_id in done.posting_ids:
        commands.take_back(ctx(BO), TakeBack(posting_id))
    assert (standing(at.hose), standing(cup), on_record()[0][1]) == ({}, {}, "withdrawn")


def test_a_pallet_that_comes_after_its_order_was_closed_waits_in_quarantine(at):
    announced(at, line(quantity="600", sscc=sscc(1)))
    purchasing.close_po(ctx(DI), ClosePo([at.po.po_id], "supplier stops"))
    assert pallet(at, sscc(1)).held_units == 600
    assert standing(at.hose) == {("receiving-1", "quarantine"): 600}


def test_more_than_the_order_takes_is_refused_or_held_as_the_tolerance_says(at):
    announced(at, line(quantity="100", sscc=sscc(1)))
    count = CountedLine(units=Units(960), item_id=at.hose)
    commands.receive(ctx(BO), Receive(at.po.po_id, at.house.places["receiving1"], [count]))
    before = rows_of()
    with pytest.raises(OverReceipt) as refused:
        pallet(at, sscc(1))
    assert refused.value.lines[0].message.endswith("960 received, tolerance 20. 100 more are 40 too many.")
    assert rows_of() == before

    tolerate(supplier_id=at.supplier, on_over="hold")
    done = pallet(at, sscc(1))
    assert (done.units, done.held_units) == (100, 40)
    assert standing(at.hose) == {("receiving-1", "quarantine"): 40, ("receiving-1", "receiving"): 1_020}


def test_bad_input_is_refused_and_leaves_no_trace(at):
    item("MILK", tracking="lot")
    approved(at.site, at.supplier, (item("TEA", tracking="lot"), 10, "1"))
    made = announced(at, line("TEA", "10", sscc=sscc(1)))
    here = at.house.places["receiving1"]

    def refused(kind, req, by=BO):
        who = ctx(by)
        start = rows_of()
        with pytest.raises(kind):
            commands_packs.receive_pack(who, req)
        assert rows_of() == start

    refused(UnknownPack, ReceivePack(sscc(9), here))
    refused(NotADock, ReceivePack(sscc(1), at.house.places["reserve1"]))
    refused(NotPermitted, ReceivePack(sscc(1), here), EVE)
    refused(LotNeeded, ReceivePack(sscc(1), here))
    refused(BadDiscrepancy, ReceivePack(sscc(1), here, [PackLine(made.line_ids[0] + 99, 1)]))
    refused(BadDiscrepancy, ReceivePack(sscc(1), here, [PackLine(made.line_ids[0], -1)]))
    done = commands_packs.receive_pack(ctx(BO), ReceivePack(sscc(1), here, [PackLine(made.line_ids[0], 10, lot="L1")]))
    assert done.units == 10


def test_a_label_that_stands_here_already_is_refused(at):
    announced(at, line(quantity="100", sscc=sscc(1)))
    count = CountedLine(units=Units(5), item_id=at.hose, lpn=sscc(1))
    commands.receive(ctx(BO), Receive(at.po.po_id, at.house.places["receiving1"], [count]))
    with pytest.raises(AlreadyReceived, match="stands at receiving-1 already"):
        pallet(at, sscc(1))


def test_no_line_of_a_large_asn_is_cut_off_and_the_page_says_what_it_shows(at):
    made = announced(at, line(quantity="1", sscc=sscc(1)))
    sql.execute(
        """
        INSERT INTO dock_asnline (asn_id, line_no, pack_id, item_id, units, po_line_id)
        SELECT asn_id, 1 + n, pack_id, item_id, units, po_line_id FROM dock_asnline, generate_series(1, 6000) AS n
        """
    )
    pack = dock.pack_by_sscc(sscc(1))
    assert pack is not None
    assert [len(pack.lines), len(dock.lines_of_asn(made.asn_id))] == [6_001, 6_001]
    assert [x.line_no for x in dock.lines_of_asn(made.asn_id, limit=2)] == [1, 2]
    assert "The first 500 of 6,001 are shown." in signed_in(CY).get(f"/asns/{made.asn_id}").content.decode()

    commands_dock.close_asn(ctx(BO), CloseAsn(made.asn_id, "lost"))
    assert len(queries_asns.missing_of_asn(made.asn_id)) == 6_001
