"""Received lots are taken up with their sample and the reason for it; later counts join; skip-lot releases at once."""

from __future__ import annotations

import pytest
from tests.cast import BO, FAY, ctx
from tests.supply import approved, item, receive, standing, supplier

from flowrack.inbound.types import CountedLine
from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, inspect, latest, plan, shelves
from flowrack.inspection.types import StartInspection
from flowrack.platform import outbox, sql
from flowrack.platform.decisions import why
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def rows():
    return sql.fetch_all(
        "SELECT state, mode, lot_units, sample_units, accept, reject FROM inspection_inspection ORDER BY id"
    )


def test_a_lot_that_comes_on_two_pallets_is_one_inspection_with_the_sample_of_both():
    here, hose = shelves(), item("V-200")
    plan(hose)
    po = approved(here.site, supplier(), (hose, 1_000, "4"))
    for lpn, units in (("LP-1", 600), ("LP-2", 398)):
        receive(po, here, CountedLine(units=Units(units), item_id=hose, lpn=lpn), by=ctx(BO))
        outbox.drain()
    assert rows() == [("open", "sample", 998, 80, 2, 3)]
    assert sorted(d.sentence for d in why(f"inspection.inspection:{latest()}")) == [
        "Lot of 600, level II, AQL 1, normal: letter J, look at 80; up to 2 defective pass, 3 reject.",
        "Lot of 998, level II, AQL 1, normal: letter J, look at 80; up to 2 defective pass, 3 reject.",
    ]
    commands.start_inspection(ctx(FAY), StartInspection(latest()))
    receive(po, here, CountedLine(units=Units(2), item_id=hose), by=ctx(BO))
    outbox.drain()
    assert rows() == [("started", "sample", 998, 80, 2, 3), ("open", "all", 2, 2, 0, 1)]


def test_goods_booked_for_inspection_without_a_plan_are_inspected_unit_by_unit():
    here, hose = shelves(), item("V-200")
    po = approved(here.site, supplier(), (hose, 30, "4"))
    count = CountedLine(units=Units(30), item_id=hose, quality="inspection", reason="new supplier")
    receive(po, here, count, by=ctx(BO))
    outbox.drain()
    assert rows() == [("open", "all", 30, 30, 0, 1)]
    assert inspect(latest()).released_units == 30


def test_goods_that_no_plan_covers_need_none():
    here, hose = shelves(), item("V-200")
    deliver(here, hose, 30)
    assert rows() == [] and standing(hose) == {("receiving-1", "receiving"): 30}


def test_events_told_twice_open_one_inspection():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    sql.execute("UPDATE platform_outboxevent SET done_at = NULL WHERE kind = 'inbound.received'")
    outbox.drain()
    assert rows() == [("open", "sample", 398, 50, 1, 2)]


def test_after_enough_good_lots_one_in_two_is_drawn_and_the_others_are_released_at_once():
    here, hose, seller = shelves(), item("V-200"), supplier()
    plan(hose, skip_after=2, skip_one_in=2)
    for _ in range(2):
        deliver(here, hose, 20, by=seller)
        inspect(latest())
    outbox.drain()
    states = []
    for _ in range(8):
        deliver(here, hose, 20, by=seller)
        row = queries.inspection_row(latest())
        states.append(row.state)
        if row.state == "open":
            inspect(latest())
    outbox.drain()
    assert set(states) == {"open", "skipped"}
    assert {state for _, state in standing(hose)} == {"receiving"} and sum(standing(hose).values()) == 200
    skipped = sql.fetch_value("SELECT max(id) FROM inspection_inspection WHERE state = 'skipped'")
    assert "one lot in 2 is inspected; this one was not drawn" in why(f"inspection.inspection:{skipped}")[0].sentence
    assert (
        sql.fetch_value("SELECT count(*) FROM storage_plannedmove WHERE state = 'open' AND quality <> 'available'") == 0
    )
