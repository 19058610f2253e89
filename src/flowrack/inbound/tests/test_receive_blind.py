from datetime import date
from decimal import Decimal

import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import approved, house, item, receive, standing, supplier

from flowrack.inbound import commands, commands_discrepancies, commands_packs
from flowrack.inbound.tests.dockside import on_record, rows_of
from flowrack.inbound.types import (
    BadCount,
    CountedLine,
    LotNeeded,
    LotOfAnotherItem,
    NotADock,
    NothingCounted,
    TakeBack,
)
from flowrack.inbound.types_discrepancies import BadDiscrepancy, BlindLine, PutOnPo, ReceiveBlind
from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.locations.types import LpnRefused
from flowrack.platform import sql
from flowrack.platform.photos import PhotoRefused
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def dock():
    return house()


def test_goods_without_a_reference_wait_in_quarantine_worth_nothing_and_the_buyer_is_told(dock):
    hose = item("V-200")
    done = commands_packs.receive_blind(
        ctx(BO), ReceiveBlind(dock.places["receiving1"], [BlindLine(hose, Units(40), lpn="LP-7")], supplier())
    )
    assert standing(hose) == {("receiving-1", "quarantine"): 40}
    assert [row for row in stock.trial_balance() if row.value] == []
    assert on_record() == [("no_po", "open", 40, "0.00", "supplier", "hold")]
    assert done.numbers[0].startswith("DC-")
    kinds = [row[0] for row in sql.fetch_all("SELECT kind FROM platform_outboxevent ORDER BY id")]
    assert kinds == ["inbound.discrepancies_recorded", "inbound.received_blind"]

    commands.take_back(ctx(BO), TakeBack(done.posting_id))
    assert (standing(hose), on_record()[0][1]) == ({}, "withdrawn")


def test_goods_without_a_reference_leave_the_unit_cost_as_it_is_until_an_order_says_their_price(dock):
    hose, seller = item("V-200"), supplier()
    receive(approved(dock.site, seller, (hose, 3, "0.2133")), dock, CountedLine(units=Units(3), item_id=hose))

    def books():
        return {row.account: row.value for row in stock.trial_balance()}

    def blind(item_id, units):
        req = ReceiveBlind(dock.places["receiving1"], [BlindLine(item_id, Units(units))], seller)
        return commands_packs.receive_blind(ctx(BO), req)

    assert books() == {"inventory": Decimal("0.64"), "grni": Decimal("-0.64")}
    done = blind(hose, 192)  # at 0.64 / 3
    assert books() == {"inventory": Decimal("41.60"), "grni": Decimal("-41.60")}
    assert stock.unit_costs([hose], dock.site) == {hose: Decimal("0.213333")}
    assert on_record() == [("no_po", "open", 192, "40.96", "supplier", "hold")], "at stake is what the books say"
    dear = approved(dock.site, seller, (hose, 192, "0.50"))
    commands_discrepancies.put_on_po(ctx(BO), PutOnPo(done.discrepancy_ids[0], dear.po_id))
    assert books() == {"inventory": Decimal("96.64"), "grni": Decimal("-96.64")}
    # Of an item by standard cost no price variance is booked for a price that nobody said.
    cup = item("CUP")
    sql.execute("UPDATE catalog_item SET costing = 'standard', standard_cost = 2 WHERE id = %s", (cup,))
    blind(cup, 5)
    assert books() == {"inventory": Decimal("106.64"), "grni": Decimal("-106.64")}
    assert not verify()


def test_bad_input_is_named_and_leaves_no_trace(dock):
    hose, milk = item("V-200"), item("MILK", tracking="lot")
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    sql.execute("INSERT INTO locations_lpn (code, kind, site_id, closed_at) VALUES ('OLD', 'pallet', %s, now())",
                (dock.site,))  # fmt: skip
    door = dock.places["receiving1"]
    one = BlindLine(hose, Units(1))
    made, end = date(2026, 3, 1), date(2026, 2, 1)

    def refused(kind, *lines, by=BO, at=door, seller=0):
        who, before = ctx(by), rows_of()
        with pytest.raises(kind) as caught:
            commands_packs.receive_blind(who, ReceiveBlind(at, list(lines), seller))
        assert rows_of() == before
        return [(b.line, b.field) for b in caught.value.lines]

    assert refused(NothingCounted) == []
    assert refused(BadCount, one, BlindLine(hose, Units(0)), BlindLine(999_999, Units(1))) == [
        (3, "item"),
        (2, "units"),
    ]
    assert refused(BadCount, BlindLine(milk, Units(1), "A", end, made)) == [(1, "expires_on")]
    assert refused(BadCount, BlindLine(hose, Units(1), "A")) == [(1, "lot")]
    assert refused(LotNeeded, BlindLine(milk, Units(1))) == [(1, "lot")]
    assert refused(NotADock, one, at=dock.places["reserve1"]) == []
    assert refused(BadDiscrepancy, one, seller=999_999) == []
    assert refused(NotPermitted, one, by=EVE) == []
    assert refused(PhotoRefused, BlindLine(hose, Units(1), photos=("0" * 64,))) == []
    assert refused(LpnRefused, BlindLine(hose, Units(1), lpn="OLD")) == [(1, "lpn")]


def test_a_lot_that_only_another_item_has_is_asked_about_once(dock):
    milk, tea = item("MILK", tracking="lot"), item("TEA", tracking="lot")
    sql.execute("INSERT INTO catalog_lot (item_id, code, is_serial) VALUES (%s, 'L-7', false)", (tea,))
    lines = [BlindLine(milk, Units(2), "L-8"), BlindLine(milk, Units(3), "L-7")]
    who, before = ctx(BO), rows_of()
    with pytest.raises(LotOfAnotherItem, match="Lot L-7 is on file for TEA, not for MILK") as refused:
        commands_packs.receive_blind(who, ReceiveBlind(dock.places["receiving1"], lines))
    assert [(b.line, b.field) for b in refused.value.lines] == [(2, "lot")] and rows_of() == before
    sure = [lines[0], BlindLine(milk, Units(3), "L-7", is_lot_confirmed=True)]
    commands_packs.receive_blind(who, ReceiveBlind(dock.places["receiving1"], sure))
    assert standing(milk) == {("receiving-1", "quarantine"): 5}
    commands_packs.receive_blind(ctx(BO), ReceiveBlind(dock.places["receiving1"], lines))  # MILK has the lot now
