from decimal import Decimal

import pytest
from tests.cast import BO, DI, ED, MAY, ctx
from tests.supply import counts_of, draft, house, receive

from flowrack.inbound import commands as inbound
from flowrack.inbound.types import CloseReceipt, CountedLine, GiveUp
from flowrack.platform import sql
from flowrack.purchasing import commands, commands_requisitions
from flowrack.purchasing.queries_requisitions import orders_of, requisition
from flowrack.purchasing.tests.asking import WANTED, ask, decide, line, scene, state
from flowrack.purchasing.types import ApprovePo, CancelPo, ChangePo, NewPo, NewPoLine, PoCreated
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.purchasing.types_requisitions import BadRequisition, LineToOrder, OrderRequisitions, RequisitionLineGone
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_lines_become_an_order_for_each_supplier_and_each_remembers_the_other():
    here, a, b, hose, tap, nut = scene()
    made, more = ask(here.site, line(hose, 55), line(tap, 7)), ask(here.site, line(nut, 4))
    decide(made)
    decide(more)
    everything = OrderRequisitions(requisition_ids=[made.requisition_id, more.requisition_id])
    with pytest.raises(BadRequisition) as refused:
        commands_requisitions.order_requisitions(ctx(DI), everything)
    assert [(x.line, x.field) for x in refused.value.lines] == [(3, "supplier")]

    chosen = OrderRequisitions([LineToOrder(made.line_ids[0]), LineToOrder(made.line_ids[1], Units(5))])
    done = commands_requisitions.order_requisitions(ctx(DI, "k"), chosen)
    assert commands_requisitions.order_requisitions(ctx(DI, "k"), chosen) == done
    lines = sql.fetch_all(
        """
        SELECT po.state, po.supplier_id, po.due_on, l.item_id, l.units FROM purchasing_poline l
        JOIN purchasing_po po ON po.id = l.po_id ORDER BY l.id
        """
    )
    assert lines == [("draft", a, WANTED, hose, 60), ("draft", b, WANTED, tap, 5)]
    assert [(x.requisition, x.po, x.units) for x in orders_of(po_id=done.po_ids[0])] == [
        (made.number, done.numbers[0], 60)
    ]
    record = requisition(made.requisition_id, frozenset({0}))
    assert [(x.ordered_units, x.open_units) for x in record.lines] == [(60, 0), (5, 2)]
    assert [x.po for x in record.orders] == done.numbers

    rest = commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions(requisition_ids=[made.requisition_id]))
    assert state(made) == "ordered"
    with pytest.raises(RequisitionLineGone) as gone:
        commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(made.line_ids[0])]))
    assert "is ordered, so V-200 on it cannot be ordered" in gone.value.lines[0].message
    commands.cancel_po(ctx(DI), CancelPo(rest.po_ids, "dearer than thought"))
    assert state(made) == "approved"


def test_a_draft_that_loses_the_line_opens_it_again():
    here, a, _, hose, tap, _ = scene()
    made = ask(here.site, line(hose, 50))
    decide(made)
    everything = OrderRequisitions(requisition_ids=[made.requisition_id])
    done = commands_requisitions.order_requisitions(ctx(DI), everything)
    assert state(made) == "ordered"
    less = NewPo(a, here.site, [NewPoLine(hose, Units(20))])
    commands.change_po(ctx(DI), ChangePo(done.po_ids[0], 1, less))
    assert (state(made), requisition(made.requisition_id, frozenset({0})).head.open_units) == ("approved", 30)
    other = NewPo(a, here.site, [NewPoLine(tap, Units(20), Decimal(2))])
    commands.change_po(ctx(DI), ChangePo(done.po_ids[0], 2, other))
    assert requisition(made.requisition_id, frozenset({0})).head.open_units == 50
    assert orders_of(po_id=done.po_ids[0]) == []


def test_a_draft_for_another_site_orders_nothing_for_this_one():
    here, a, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    decide(made)
    done = commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(made.line_ids[0])]))
    elsewhere = NewPo(a, house("W2").site, [NewPoLine(hose, Units(50))])
    commands.change_po(ctx(DI), ChangePo(done.po_ids[0], 1, elsewhere))
    assert (state(made), requisition(made.requisition_id, frozenset({0})).head.open_units) == ("approved", 50)
    assert orders_of(po_id=done.po_ids[0]) == []


def test_units_given_up_at_a_receipt_are_open_again():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    decide(made)
    done = commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(made.line_ids[0])]))
    commands.approve_po(ctx(ED), ApprovePo(done.po_ids))
    [line_id] = [row[0] for row in sql.fetch_all("SELECT id FROM purchasing_poline")]
    po = PoCreated(done.po_ids[0], done.numbers[0], [line_id], Decimal(200))
    receipt_id = receive(po, here, CountedLine(units=Units(30), item_id=hose)).receipt_id
    assert state(made) == "ordered"
    inbound.close_receipt(ctx(BO), CloseReceipt(receipt_id, [GiveUp(line_id, "sold out")]))
    assert (state(made), requisition(made.requisition_id, frozenset({0})).head.open_units) == ("approved", 20)


def test_what_is_not_approved_or_by_whom_may_not_order_leaves_no_trace():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    di, may = ctx(DI), ctx(MAY)
    before = counts_of()
    req = OrderRequisitions([LineToOrder(made.line_ids[0])])
    for by, kind in ((di, RequisitionLineGone), (may, NotPermitted)):
        with pytest.raises(kind):
            commands_requisitions.order_requisitions(by, req)
    assert counts_of() == before


def test_units_beyond_those_asked_for_are_held_against_all_that_is_coming():
    here, a, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 10))
    decide(made)
    draft(here.site, a, (hose, 70, "4"))
    chosen = [LineToOrder(made.line_ids[0], Units(100))]
    with pytest.raises(AlreadyCovered) as refused:
        commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions(chosen))
    [told] = refused.value.lines
    assert told.message.startswith("V-200: 90 wanted, 70 come until") and told.message.endswith("Net need 20.")
    done = commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions(chosen, cover_reason="a second fair"))
    kept = sql.fetch_all("SELECT po_id, need_units, covered_units, reason FROM purchasing_coveroverride ORDER BY id")
    assert kept[-1] == (done.po_ids[0], 90, 70, "a second fair")
