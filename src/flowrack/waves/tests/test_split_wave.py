"""split_wave: orders of a wave become a wave of their own."""

from __future__ import annotations

import pytest
from tests.cast import EVE, MAY, ctx

from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError, NotPermitted
from flowrack.waves import commands, commands_floor
from flowrack.waves.tests import cases
from flowrack.waves.types import NotOnFloor, ReleaseWaves, SplitWave

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    found = cases.planned()
    (wave,) = cases.waves_of(found.plan.plan_id)
    return found, commands.release_wave(ctx(MAY), ReleaseWaves(wave))


def test_the_new_wave_has_the_same_cut_off(case):
    found, wave = case
    away = found.orders[2].order_id
    done = commands_floor.split_wave(ctx(MAY), SplitWave(wave.wave_id, [away], "does not fit on the truck"))
    assert (done.picks, done.units) == (1, 5)
    assert sql.fetch_all(
        "SELECT wave_id, order_id FROM fulfilment_pickline WHERE state = 'open' ORDER BY order_id"
    ) == [
        (wave.wave_id, found.orders[0].order_id),
        (wave.wave_id, found.orders[1].order_id),
        (done.wave_id, away),
    ]
    assert sql.fetch_one("SELECT cut_off_at, why FROM waves_run WHERE wave_id = %s", (done.wave_id,)) == (
        cases.CUT_OFF,
        f"split from {wave.number}: does not fit on the truck",
    )
    assert sql.fetch_all("SELECT DISTINCT due_at FROM fulfilment_picklist WHERE state = 'open'") == [(cases.CUT_OFF,)]
    assert not verify()


def test_an_order_that_could_not_go_to_the_floor_again_is_not_split_off(case):
    found, wave = case
    away = found.orders[2].order_id
    sql.execute("UPDATE locations_location SET blocked_reason = 'leak' WHERE id IN (SELECT location_id FROM "
                "fulfilment_pickline WHERE order_id = %s)", (away,))  # fmt: skip
    before = cases.books()
    with pytest.raises(FlowrackError):
        commands_floor.split_wave(ctx(MAY), SplitWave(wave.wave_id, [away], "no"))
    assert cases.books() == before


def test_a_held_order_stays_in_the_wave_when_another_would_be_split_off_with_it(case):
    found, wave = case
    held, other = found.orders[1].order_id, found.orders[2].order_id
    sql.execute("UPDATE sales_order SET min_shipment_value = 10000 WHERE id = %s", (held,))
    sql.execute("UPDATE sales_orderline SET units = units + 1 WHERE order_id = %s", (held,))
    before = cases.books()
    with pytest.raises(NotOnFloor, match=r"1 of the lines to pick would leave the floor: SO-.*takes shipments from"):
        commands_floor.split_wave(ctx(MAY), SplitWave(wave.wave_id, [held, other], "no"))
    assert cases.books() == before


def test_all_of_a_wave_or_none_is_no_split(case):
    found, wave = case
    before = cases.books()
    every = [one.order_id for one in found.orders]
    with pytest.raises(NotOnFloor, match="there is nothing to split"):
        commands_floor.split_wave(ctx(MAY), SplitWave(wave.wave_id, every, "no"))
    with pytest.raises(NotOnFloor, match="1 of these orders have nothing left to pick"):
        commands_floor.split_wave(ctx(MAY), SplitWave(wave.wave_id, [every[0], 0], "no"))
    assert cases.books() == before


def test_an_outsider_splits_nothing(case):
    found, wave = case
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands_floor.split_wave(ctx(EVE), SplitWave(wave.wave_id, [found.orders[0].order_id], "no"))
    assert cases.books() == before
