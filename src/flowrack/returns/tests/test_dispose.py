from decimal import Decimal

import pytest
from tests.cast import ADA, CY, FAY, JO, KIM, ctx

from flowrack.ledger.tests import house as h
from flowrack.returns import commands
from flowrack.returns.models import Disposition, ReturnedLot, Rma
from flowrack.returns.tests.scene import sold
from flowrack.returns.tests.test_create_rma import announce
from flowrack.returns.tests.test_receive_blind import blind
from flowrack.returns.tests.test_receive_return import receive
from flowrack.returns.types import BlindLine, CloseRma, Dispose, NotInReview, ReturnRefused, Split
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db


def dispose(s, *splits, person=JO, key=None):
    return commands.dispose(ctx(person, key), Dispose(list(splits)))


def restock(s, lot, units, reason=""):
    return Split(lot, units, "restock", s.house.places["receiving1"], reason)


def test_a_return_is_split_by_condition_and_each_part_goes_its_way():
    s = sold(10, "2.00")
    done = receive(s, announce(s, 10), 10)
    [lot] = done.returned_lot_ids
    result = dispose(
        s,
        restock(s, lot, 4),
        Split(lot, 3, "damaged", reason="box torn"),
        Split(lot, 2, "scrap", reason="broken"),
        Split(lot, 1, "supplier", reason="faulty"),
    )
    pool = h.sql.fetch_one("SELECT receiving, damaged, return_review FROM ledger_pool WHERE item_id = %s", (s.item,))
    assert pool == (4, 3, 0)
    assert h.book(s.house, s.item) == (7, Decimal("14.0000"))
    assert h.book(s.house, s.item, "scrap") == (2, Decimal("4.0000"))
    assert h.book(s.house, s.item, "grni") == (-9, Decimal("-18.0000"))
    assert [(d.verdict, d.units, d.value) for d in Disposition.objects.order_by("pk")] == [
        ("restock", 4, 0),
        ("damaged", 3, 0),
        ("scrap", 2, Decimal("4")),
        ("supplier", 1, Decimal("2")),
    ]
    assert result.closed_rma_ids == [Rma.objects.get().pk]
    assert Rma.objects.get().state == "closed"


def test_the_return_stays_open_while_units_are_missing_or_wait():
    s = sold(10)
    rma = announce(s, 5)
    [lot] = receive(s, rma, 4).returned_lot_ids
    assert dispose(s, restock(s, lot, 3)).closed_rma_ids == []
    with pytest.raises(ReturnRefused):
        commands.close_rma(ctx(KIM), CloseRma(rma.rma_id, "lost on the way"))
    dispose(s, restock(s, lot, 1))
    closed = commands.close_rma(ctx(KIM), CloseRma(rma.rma_id, "lost on the way"))
    assert (closed.state, closed.missing_units) == ("closed", 1)


def test_who_announced_a_return_does_not_dispose_of_it():
    s = sold(10)
    [lot] = receive(s, announce(s, 2, person=JO), 2).returned_lot_ids
    [mine] = blind(s, BlindLine(s.item, 1, "A")).returned_lot_ids
    for returned in (lot, mine):
        with pytest.raises(DutiesConflict) as refusal:
            dispose(s, restock(s, returned, 1))
        assert refusal.value.details["rule"] == "S13"
    assert Disposition.objects.count() == 0
    dispose(s, restock(s, lot, 2), person=FAY)


def test_overruling_the_proposal_needs_a_reason_and_restocking_a_place():
    s = sold(10)
    [lot] = receive(s, announce(s, 4), 4).returned_lot_ids
    bad = [Split(lot, 1, "scrap"), Split(lot, 1, "restock"), Split(lot, 0, "damaged", reason="x"), Split(lot, 1, "eat")]
    with pytest.raises(ReturnRefused) as refusal:
        dispose(s, *bad)
    assert [(x.line, x.field) for x in refusal.value.lines] == [
        (1, "reason"),
        (2, "location_id"),
        (3, "units"),
        (4, "verdict"),
    ]
    assert h.on_hand(s.house, s.item, "return_review1") == 4


def test_no_more_is_decided_on_than_lies_in_review():
    s = sold(10)
    [lot] = receive(s, announce(s, 4), 4).returned_lot_ids
    with pytest.raises(NotInReview):
        dispose(s, restock(s, lot, 3), restock(s, lot, 2))
    assert ReturnedLot.objects.get().left_units == 4


def test_scrapping_much_needs_the_warehouse_manager():
    s = sold(10, "60.00")
    [lot] = receive(s, announce(s, 10), 10, "D").returned_lot_ids
    with pytest.raises(NotPermitted):
        dispose(s, Split(lot, 9, "scrap"))
    dispose(s, Split(lot, 9, "scrap"), person=ADA)
    dispose(s, Split(lot, 1, "scrap"))
    assert h.book(s.house, s.item, "scrap") == (10, Decimal("600.0000"))


def test_a_retry_disposes_once_and_a_stranger_not_at_all():
    s = sold(10)
    [lot] = receive(s, announce(s, 4), 4).returned_lot_ids
    assert dispose(s, restock(s, lot, 2), key="same") == dispose(s, restock(s, lot, 2), key="same")
    with pytest.raises(NotPermitted):
        dispose(s, restock(s, lot, 2), person=CY)
    assert ReturnedLot.objects.get().left_units == 2


def test_restocked_goods_that_wait_in_receiving_get_a_putaway():
    s = sold(10)
    [lot] = receive(s, announce(s, 4), 4).returned_lot_ids
    done = dispose(s, restock(s, lot, 4))
    row = h.sql.fetch_one("SELECT origin, units, from_location_id, state FROM storage_plannedmove")
    origin = f"returns.disposition:{done.splits[0].disposition_id}"
    assert row == (origin, 4, s.house.places["receiving1"], "open")


def test_goods_restocked_straight_into_a_bin_need_none():
    s = sold(10)
    [lot] = receive(s, announce(s, 4), 4).returned_lot_ids
    dispose(s, Split(lot, 4, "restock", s.house.places["reserve2"]))
    assert h.value("SELECT count(*) FROM storage_plannedmove") == 0
    assert h.on_hand(s.house, s.item, "reserve2") == 4
