from datetime import date

import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import house, item, standing, supplier

from flowrack.inbound import commands, commands_packs
from flowrack.inbound.tests.dockside import on_record, rows_of
from flowrack.inbound.types import BadCount, LotNeeded, NotADock, NothingCounted, TakeBack
from flowrack.inbound.types_discrepancies import BadDiscrepancy, BlindLine, ReceiveBlind
from flowrack.ledger import queries as stock
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
