"""A count that is taken back leaves its inspection; the last one cancels it, whichever event comes last."""

from __future__ import annotations

import pytest
from tests.cast import BO, FAY, ctx
from tests.supply import approved, item, receive, supplier

from flowrack.inbound import commands as inbound
from flowrack.inbound.types import CountedLine, TakeBack
from flowrack.inspection import commands
from flowrack.inspection.tests.house import latest, plan, shelves
from flowrack.inspection.types import DropLines
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def counts():
    here, hose = shelves(), item("V-200")
    plan(hose)
    po = approved(here.site, supplier(), (hose, 1_000, "4"))
    return [receive(po, here, CountedLine(units=Units(u), item_id=hose), by=ctx(BO)) for u in (600, 398)]


def state():
    return sql.fetch_all("SELECT state, lot_units, sample_units FROM inspection_inspection")


def test_the_sample_shrinks_and_the_last_count_cancels(counts):
    outbox.drain()
    inbound.take_back(ctx(BO), TakeBack(counts[0].posting_id))
    outbox.drain()
    assert state() == [("open", 398, 80)]
    inbound.take_back(ctx(BO), TakeBack(counts[1].posting_id))
    outbox.drain()
    assert state() == [("cancelled", 0, 0)]


def test_counts_taken_back_before_anybody_heard_of_them_open_none(counts):
    for count in counts:
        inbound.take_back(ctx(BO), TakeBack(count.posting_id))
    outbox.drain()
    assert state() == []


def test_only_the_system_drops_lines(counts):
    outbox.drain()
    with pytest.raises(NotPermitted):
        commands.drop_lines(ctx(FAY), DropLines([1]))
    assert latest() and state() == [("open", 998, 80)]
