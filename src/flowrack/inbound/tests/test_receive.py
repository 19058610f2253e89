from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import ADA, BO, CY, DI, ED, EVE, ROB, ctx
from tests.supply import approved, case, counts_of, draft, house, item, po_state, receive, standing, supplier

from flowrack.catalog.types import LotRefused
from flowrack.inbound import commands
from flowrack.inbound.types import (
    BadCount,
    CountedLine,
    LotNeeded,
    NotADock,
    NothingCounted,
    NotOnPo,
    Receive,
)
from flowrack.ledger import queries as stock
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CancelPo, CreatePo, NewPo, NewPoLine, OverReceipt
from flowrack.shared.errors import DutiesConflict, KeyReused, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def dock():
    return house()


@pytest.fixture
def hose():
    found = item("V-200")
    case(found, 20)
    return found


def test_goods_stand_at_the_dock_at_the_price_of_the_order(dock, hose):
    po = approved(dock.site, supplier(), (hose, 1_000, "4.00"))

    done = receive(po, dock, CountedLine(units=Units(940), item_id=hose))

    assert (done.value, done.owed_units) == (Decimal("3760.00"), 60)
    assert done.number.startswith("RC-")
    assert standing(hose) == {("receiving-1", "receiving"): 940}
    assert po_state(po) == ("receiving", [(1_000, 940, 0)])
    accounts = {row.account: row.value for row in stock.trial_balance() if row.value}
    assert accounts == {"inventory": Decimal("3760.0000"), "grni": Decimal("-3760.0000")}
    line = sql.fetch_one("SELECT units, value, quality, discrepancy FROM inbound_receiptline")
    assert line == (940, Decimal("3760.0000"), "available", "")


def test_later_scans_join_the_open_receipt_and_exactly_the_tolerance_is_taken(dock, hose):
    po = approved(dock.site, supplier(), (hose, 1_000, "4.00"))
    first = receive(po, dock, CountedLine(units=Units(940), item_id=hose))

    second = receive(po, dock, CountedLine(units=Units(80), item_id=hose))

    assert second.receipt_id == first.receipt_id and second.owed_units == 0
    assert po_state(po) == ("received", [(1_000, 1_020, 0)])
    assert [x.discrepancy for x in second.lines] == ["", "over"]
    before = counts_of()
    with pytest.raises(OverReceipt) as refused:
        receive(po, dock, CountedLine(units=Units(1), item_id=hose))
    assert refused.value.message == "V-200: 1000 ordered, 1020 received, tolerance 20. 1 more are 1 too many."
    assert counts_of() == before


def test_the_values_of_all_portions_add_up_to_the_line(dock):
    bead = item("BEAD")
    po = approved(dock.site, supplier(), (bead, 3, "0.333333"))
    values = [receive(po, dock, CountedLine(units=Units(1), item_id=bead)).value for _ in range(3)]
    assert values == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]


def test_a_second_dock_place_gets_its_own_receipt(dock, hose):
    po = approved(dock.site, supplier(), (hose, 10, "4"))
    first = receive(po, dock, CountedLine(units=Units(4), item_id=hose))
    second = receive(po, dock, CountedLine(units=Units(6), item_id=hose), place="receiving2")
    assert first.receipt_id != second.receipt_id
    assert po_state(po)[0] == "received"


def test_lots_pallets_and_damage_arrive_as_they_were_found(dock):
    milk = item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    po = approved(dock.site, supplier(), (milk, 100, "2"))

    done = receive(
        po,
        dock,
        CountedLine(units=Units(60), item_id=milk, lot="A1", expires_on=date(2026, 6, 1), lpn="LP-1"),
        CountedLine(units=Units(10), item_id=milk, lot="OLD", expires_on=date(2026, 3, 1)),
        CountedLine(
            units=Units(5), item_id=milk, lot="A1", expires_on=date(2026, 6, 1), quality="damaged", reason="crushed"
        ),
    )

    assert [(x.units, x.quality, x.discrepancy) for x in done.lines] == [
        (60, "available", ""),
        (10, "expired", "expired"),
        (5, "damaged", "crushed"),
    ]
    assert standing(milk) == {
        ("receiving-1", "damaged"): 5,
        ("receiving-1", "expired"): 10,
        ("receiving-1", "receiving"): 60,
    }
    assert done.lines[0].lpn_id > 0 and done.lines[1].lpn_id == 0
    assert done.lines[0].lot_id == done.lines[2].lot_id != done.lines[1].lot_id


def test_a_retried_scan_is_answered_from_the_record_and_posts_nothing_new(dock, hose):
    po = approved(dock.site, supplier(), (hose, 10, "4"))
    req = Receive(po.po_id, dock.places["receiving1"], [CountedLine(units=Units(4), item_id=hose)])
    first = commands.receive(ctx(BO, "k1"), req)
    after = counts_of()
    assert commands.receive(ctx(BO, "k1"), req) == first
    assert counts_of() == after
    with pytest.raises(KeyReused):
        commands.receive(ctx(BO, "k1"), replace(req, lines=[CountedLine(units=Units(5), item_id=hose)]))


def test_nobody_receives_what_he_ordered_and_outsiders_receive_nothing(dock, hose):
    asked = NewPo(supplier(), dock.site, [NewPoLine(hose, Units(10), Decimal(4))])
    po = purchasing.create_po(ctx(ROB), CreatePo([asked])).pos[0]
    purchasing.approve_po(ctx(ED), ApprovePo([po.po_id]))
    before = counts_of()
    for person, refusal in ((ROB, DutiesConflict), (EVE, NotPermitted), (CY, NotPermitted), (DI, NotPermitted)):
        with pytest.raises(refusal):
            receive(po, dock, CountedLine(units=Units(1), item_id=hose), by=ctx(person))
    assert counts_of() == before
    assert receive(po, dock, CountedLine(units=Units(1), item_id=hose), by=ctx(ADA)).owed_units == 9


def test_every_bad_line_is_named_and_nothing_is_left(dock, hose):
    cup, milk = item("CUP"), item("MILK", tracking="lot")
    seller = supplier()
    po = approved(dock.site, seller, (hose, 10, "4"), (milk, 10, "1"))
    unapproved = draft(dock.site, seller, (hose, 10, "4"))
    dead = approved(dock.site, seller, (hose, 10, "4"))
    purchasing.cancel_po(ctx(DI), CancelPo([dead.po_id], "not needed"))
    before = counts_of()

    def refused(kind, *lines, of=po, place="receiving1"):
        with pytest.raises(kind) as caught:
            receive(of, dock, *lines, place=place)
        assert counts_of() == before
        return [(b.line, b.field) for b in caught.value.lines]

    one = CountedLine(units=Units(1), item_id=hose)
    assert refused(NothingCounted) == []
    assert refused(BadCount, replace(one, units=Units(0)), one, replace(one, units=Units(-2))) == [
        (1, "units"),
        (3, "units"),
    ]
    assert refused(NotOnPo, one, replace(one, item_id=cup), replace(one, units=Units(99))) == [
        (2, "item"),
        (3, "units"),
    ]
    assert refused(LotNeeded, one, CountedLine(units=Units(1), item_id=milk)) == [(2, "lot")]
    assert refused(BadCount, replace(one, lot="X")) == [(1, "lot")]
    assert refused(NotADock, one, place="reserve1") == []
    assert refused(WrongState, one, of=unapproved) == []
    assert refused(WrongState, one, of=dead) == []


def test_a_lot_with_another_date_than_known_is_refused(dock):
    milk = item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    po = approved(dock.site, supplier(), (milk, 100, "2"))
    receive(po, dock, CountedLine(units=Units(1), item_id=milk, lot="A1", expires_on=date(2026, 6, 1)))
    before = counts_of()
    for line in (
        CountedLine(units=Units(1), item_id=milk, lot="A1", expires_on=date(2026, 7, 1)),
        CountedLine(units=Units(1), item_id=milk, lot="A2"),
    ):
        with pytest.raises(LotRefused) as refused:
            receive(po, dock, CountedLine(units=Units(1), item_id=milk, lot="A1"), line)
        assert [b.line for b in refused.value.lines] == [2]
    assert counts_of() == before


def test_the_number_of_queries_does_not_grow_with_the_lines(dock):
    items = [item(f"I{n}") for n in range(60)]
    seller = supplier()

    def queries(count):
        po = approved(dock.site, seller, *[(i, 10, "1") for i in items[:count]])
        lines = [CountedLine(units=Units(10), item_id=i) for i in items[:count]]
        by = ctx(BO)
        with CaptureQueriesContext(connection) as seen:
            receive(po, dock, *lines, by=by)
        return len(seen)

    assert queries(2) == queries(50)


def test_every_fault_of_every_count_is_told_at_once(dock, hose):
    milk, cup = item("MILK", tracking="lot"), item("CUP")
    po = approved(dock.site, supplier(), (hose, 100, "4"), (milk, 10, "1"))
    before = counts_of()
    with pytest.raises(BadCount) as refused:
        receive(
            po,
            dock,
            CountedLine(units=Units(500), item_id=hose),
            CountedLine(units=Units(-1), item_id=hose),
            CountedLine(units=Units(1), item_id=cup),
            CountedLine(units=Units(-2), item_id=milk),
        )
    told = [(bad.line, bad.field) for bad in refused.value.lines]
    assert told == [(1, "units"), (2, "units"), (3, "item"), (4, "units"), (4, "lot")]
    assert all(bad.message for bad in refused.value.lines)
    with pytest.raises(OverReceipt) as over:
        receive(po, dock, CountedLine(units=Units(500), item_id=hose), CountedLine(units=Units(1), item_id=milk))
    assert [(bad.line, bad.field) for bad in over.value.lines] == [(1, "units"), (2, "lot")]
    assert over.value.message.startswith("V-200: 100 ordered")
    assert counts_of() == before
