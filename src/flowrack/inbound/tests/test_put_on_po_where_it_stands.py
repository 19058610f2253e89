"""Goods without an order that were moved, sold or used: an order prices them anew, and what is left goes back."""

from decimal import Decimal

import pytest
from tests.cast import ADA, BO, ED, ctx
from tests.supply import approved, house, item, po_state, receive, standing, supplier

from flowrack.inbound import commands, commands_packs
from flowrack.inbound import commands_discrepancies as discrepancies
from flowrack.inbound.tests.dockside import ids, on_record, rows_of
from flowrack.inbound.types import CountedLine, TakeBack
from flowrack.inbound.types_discrepancies import (
    BadDiscrepancy,
    BlindLine,
    DecideDiscrepancies,
    PutOnPo,
    ReceiveBlind,
)
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import context
from flowrack.ledger.types import Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.shared.errors import Invalid, NotFound
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def came_blind(at, item_id, units, seller, *, lpn=""):
    line = BlindLine(item_id, Units(units), lpn=lpn)
    return commands_packs.receive_blind(ctx(BO), ReceiveBlind(at.places["receiving1"], [line], seller))


def in_stock(at, item_id, units, cost, seller, *, place="reserve1"):
    """Units of an order that lie in a bin; its number."""
    po = approved(at.site, seller, (item_id, units, cost))
    receive(po, at, CountedLine(units=Units(units), item_id=item_id))
    ledger.post(context(), [Move(item_id, units, at["receiving1"], at[place], "PUTAWAY")])
    return po.number


def sold(at, item_id, units, place="reserve1"):
    ledger.post(context(), [Move(item_id, units, at[place], at.virtual("CUSTOMER"), "SHIP")])


def quarantine(at, place="receiving1"):
    return Place(at.places[place], 0, "quarantine")


def owed():
    """What is owed for goods received, by the number of the PO ("" = goods without an order)."""
    return {
        row[0]: row[1]
        for row in sql.fetch_all(
            """
            SELECT coalesce(po.number, ''), sum(CASE WHEN f.account = 'grni' THEN m.value ELSE -m.value END)
            FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
            LEFT JOIN inbound_receipt r ON m.origin = 'inbound.receipt:' || r.id
            LEFT JOIN purchasing_po po ON po.id = r.po_id
            WHERE 'grni' IN (f.account, t.account) GROUP BY 1
            """
        )
        if row[1]
    }


def books():
    found = {row.account: row.value for row in stock.trial_balance() if row.value}
    assert sum(found.values()) == 0
    return found


@pytest.mark.parametrize(
    ("costing", "inventory", "cogs"),
    [
        # 10 at 2 and 30 blind at 2; 16 sold. FIFO: the 10, then 6 of the blind ones: 24 at 5 stay.
        ("fifo", "120.00", "50.00"),
        # Average: 32 at 2 went; of the 30 blind ones 24 can still be there: 24 x 3 on stock, 6 x 3 on what was sold.
        ("average", "120.00", "50.00"),
        ("standard", "48.00", "32.00"),
    ],
)
def test_an_order_prices_blind_goods_anew_on_what_is_in_stock_and_on_what_was_sold(costing, inventory, cogs):
    here, seller = house(), supplier()
    hose = item("V-200", costing, standard_cost="2" if costing == "standard" else None)
    first = in_stock(here, hose, 10, "2", seller)
    came_blind(here, hose, 30, seller)
    ledger.post(context(), [Move(hose, 20, quarantine(here), Place(here.places["reserve1"]), "RELEASE")])
    sold(here, hose, 16)
    dear = approved(here.site, seller, (hose, 30, "5"))

    done = discrepancies.put_on_po(ctx(BO), PutOnPo(ids()[0], dear.po_id))

    assert (done.value, done.owed_units) == (150, 0)
    assert po_state(dear) == ("received", [(30, 30, 0)])
    assert standing(hose) == {("receiving-1", "receiving"): 10, ("reserve-1", "reserve"): 14}
    assert owed() == {first: 20, dear.number: 150}
    expected = {"inventory": Decimal(inventory), "cogs": Decimal(cogs), "grni": Decimal(-170)}
    if costing == "standard":
        expected["variance"] = Decimal(90)
    assert books() == expected
    assert not verify()
    assert on_record()[0][:2] == ("no_po", "settled")
    note = sql.fetch_value("SELECT note FROM inbound_discrepancy")
    assert note == f"Put on {dear.number}. Of 30 20 left quarantine before: only their price was corrected."
    outbox.drain()
    assert sql.fetch_all("SELECT units, from_location_id, quality FROM storage_plannedmove WHERE state = 'open'") == [
        (10, here.places["receiving1"], "available")
    ]


def test_goods_that_were_all_sold_change_the_cost_of_sales_alone():
    here, seller, hose = house(), supplier(), item("V-200")
    first = in_stock(here, hose, 1, "3", seller)
    came_blind(here, hose, 7, seller)
    ledger.post(context(), [Move(hose, 7, quarantine(here), Place(here.places["reserve1"]), "RELEASE")])
    sold(here, hose, 8)
    po = approved(here.site, seller, (hose, 7, "2.99"))
    discrepancies.put_on_po(ctx(BO), PutOnPo(ids()[0], po.po_id))
    assert books() == {"cogs": Decimal("23.93"), "grni": Decimal("-23.93")}
    assert owed() == {first: 3, po.number: Decimal("20.93")}
    assert not verify()


def test_goods_that_were_moved_in_quarantine_stay_there_until_somebody_releases_them():
    here, seller, hose = house(), supplier(), item("V-200")
    came_blind(here, hose, 12, seller)
    ledger.post(context(), [Move(hose, 9, quarantine(here), quarantine(here, "quarantine1"), "MOVE")])
    po = approved(here.site, seller, (hose, 12, "4"))
    done = discrepancies.put_on_po(ctx(BO), PutOnPo(ids()[0], po.po_id))
    assert [(line.units, line.quality) for line in done.lines] == [(3, "available"), (9, "quarantine")]
    assert standing(hose) == {("receiving-1", "receiving"): 3, ("quarantine-1", "quarantine"): 9}
    assert books() == {"inventory": 48, "grni": -48} and owed() == {po.number: 48}
    with pytest.raises(Invalid, match="in the house before"):
        commands.take_back(ctx(BO), TakeBack(done.posting_id))
    assert not verify()


def test_each_line_of_one_count_finds_its_own_order():
    here, seller, hose, cup = house(), supplier(), item("V-200"), item("CUP")
    lines = [BlindLine(hose, Units(4)), BlindLine(cup, Units(2))]
    done = commands_packs.receive_blind(ctx(BO), ReceiveBlind(here.places["receiving1"], lines, seller))
    po = approved(here.site, seller, (cup, 2, "1.50"))
    discrepancies.put_on_po(ctx(BO), PutOnPo(ids()[1], po.po_id))
    assert standing(cup) == {("receiving-1", "receiving"): 2} and standing(hose) == {("receiving-1", "quarantine"): 4}
    assert owed() == {po.number: 3}
    with pytest.raises(Invalid, match="went back or is on an order"):
        commands.take_back(ctx(BO), TakeBack(done.posting_id))
    discrepancies.decide_discrepancies(ctx(ED), DecideDiscrepancies([ids()[0]], "send_back"))
    assert standing(hose) == {} and [row[1] for row in on_record()] == ["sent_back", "settled"]
    assert not verify()


@pytest.mark.parametrize("costing", ["fifo", "average", "standard"])
def test_what_is_still_there_goes_back_and_the_rest_stays_to_be_put_on_an_order(costing):
    here, seller = house(), supplier()
    hose = item("V-200", costing, standard_cost="2" if costing == "standard" else None)
    first = in_stock(here, hose, 10, "2", seller)
    came_blind(here, hose, 9, seller)
    ledger.post(context(), [Move(hose, 2, quarantine(here), Place(here.places["reserve1"]), "RELEASE")])
    ledger.post(context(), [Move(hose, 3, quarantine(here), quarantine(here, "quarantine1"), "MOVE")])
    sold(here, hose, 12)
    second = in_stock(here, hose, 5, "8", seller)

    [sent] = discrepancies.decide_discrepancies(ctx(ED), DecideDiscrepancies(ids(), "send_back")).decided

    assert (sent.state, sent.sent_units, sent.left_units) == ("open", 7, 2)
    assert standing(hose) == {("reserve-1", "reserve"): 5}
    assert owed() == {first: 20, second: 40, "": 4}
    assert sql.fetch_value("SELECT note FROM inbound_discrepancy") == (
        "7 went back, 2 have left quarantine: put them on an order."
    )
    with pytest.raises(BadDiscrepancy, match="Nothing of"):
        discrepancies.decide_discrepancies(ctx(ADA), DecideDiscrepancies(ids(), "send_back"))
    po = approved(here.site, seller, (hose, 2, "5"))
    discrepancies.put_on_po(ctx(BO), PutOnPo(ids()[0], po.po_id))
    assert owed() == {first: 20, second: 40, po.number: 10}
    assert books()["grni"] == -70 and not verify()


@pytest.mark.parametrize("has_order", [True, False])
@pytest.mark.parametrize("costing", ["fifo", "average"])
def test_a_count_is_taken_back_though_the_books_have_sold_of_it(costing, has_order):
    here, seller, hose = house(), supplier(), item("V-200", costing)
    first = in_stock(here, hose, 5, "1", seller)
    if has_order:
        po = approved(here.site, seller, (hose, 10, "3"))
        posting_id = receive(po, here, CountedLine(units=Units(10), item_id=hose)).posting_id
    else:
        posting_id = came_blind(here, hose, 10, seller).posting_id
    second = in_stock(here, hose, 5, "7", seller, place="reserve2")
    sold(here, hose, 5)
    sold(here, hose, 4, "reserve2")  # for the books, units of the count: they came before
    commands.take_back(ctx(BO), TakeBack(posting_id))
    assert standing(hose) == {("reserve-2", "reserve"): 1}
    assert owed() == {first: 5, second: 35}
    assert books()["grni"] == -40 and not verify()
    with pytest.raises(Invalid if has_order else NotFound):
        commands.take_back(ctx(BO), TakeBack(posting_id))


def test_what_is_refused_leaves_no_trace():
    here, seller, hose = house(), supplier(), item("V-200")
    came_blind(here, hose, 4, seller)
    ledger.post(context(), [Move(hose, 4, quarantine(here), Place(here.places["reserve1"]), "RELEASE")])
    ed, before = ctx(ED), rows_of()
    with pytest.raises(BadDiscrepancy, match="4 of V-200 have left it"):
        discrepancies.decide_discrepancies(ed, DecideDiscrepancies(ids(), "send_back"))
    assert rows_of() == before and on_record()[0][1] == "open"
