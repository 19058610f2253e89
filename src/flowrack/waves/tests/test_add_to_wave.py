"""add_to_wave: an urgent order joins a wave that is being picked."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.waves import commands as waves
from flowrack.waves import commands_floor as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import AddToWave, PlanNotFound, ReleaseWaves

pytestmark = pytest.mark.django_db(transaction=True)


def test_its_picks_stand_behind_those_of_the_wave():
    case = cases.planned(orders=2)
    wave = outbound.release(case.at.site, *case.orders)
    urgent = cases.reserved(case.at, ("4711", 9))
    done = commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id, urgent.order_id, "a ward waits"))
    assert (done.wave_id, done.picks, done.units) == (wave.wave_id, 1, 9)
    assert sql.fetch_all("SELECT sequence, units FROM fulfilment_pickline ORDER BY sequence") == [
        (1, 5),
        (2, 5),
        (3, 9),
    ]
    assert why(f"sales.line:{urgent.line_ids[0]}")[0].sentence == (
        f"joined {wave.number} while it was picked: a ward waits"
    )


def test_an_order_that_is_in_the_wave_already_is_told_so():
    case = cases.planned(orders=2)
    wave = outbound.release(case.at.site, case.orders[0])
    other = outbound.release(case.at.site, case.orders[1])
    before = cases.books()
    for into, way_out in (
        (wave.wave_id, "Look at the picks of the wave."),
        (other.wave_id, f"Split it from {wave.number}, or recall it."),
    ):
        with pytest.raises(Invalid) as refused:
            commands.add_to_wave(ctx(MAY), AddToWave(into, case.orders[0].order_id, "now"))
        [line] = refused.value.lines
        words = f"{case.orders[0].number} is in {wave.number} already: no more of it is reserved."
        assert (line.field, line.message, line.fix) == ("order", words, way_out)
    assert cases.books() == before


def test_a_wave_that_is_not_there_takes_nothing_and_an_outsider_adds_nothing():
    case = cases.planned(orders=1)
    wave = outbound.release(case.at.site, *case.orders)
    urgent = cases.reserved(case.at, ("4711", 9))
    before = cases.books()
    with pytest.raises(PlanNotFound):
        commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id + 1, urgent.order_id, "now"))
    with pytest.raises(NotPermitted):
        commands.add_to_wave(ctx(EVE), AddToWave(wave.wave_id, urgent.order_id, "now"))
    assert cases.books() == before


def test_it_is_due_with_the_wave_and_its_second_part_too():
    case = cases.planned(orders=1)
    cases.stocked(case.at, "6024")
    (planned,) = cases.waves_of(case.plan.plan_id)
    wave = waves.release_wave(ctx(MAY), ReleaseWaves(planned))
    urgent = cases.reserved(case.at, ("4711", 9))
    assert commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id, urgent.order_id, "a ward waits")).lines_left == 0
    assert sql.fetch_all("SELECT due_at, count(*) FROM fulfilment_picklist GROUP BY 1") == [(cases.CUT_OFF, 2)]
    rest = outbound.order(case.at.site, "ACME", ("4711", 1), ("6024", 3), ships=cases.DUE)
    outbound.allocate(case.at.site, rest)
    fulfilment.release_orders(
        ctx(MAY), ReleaseOrders(case.at.site, [rest.order_id], line_ids=rest.line_ids[:1], wave_id=wave.wave_id)
    )
    assert commands.add_to_wave(ctx(MAY), AddToWave(wave.wave_id, rest.order_id, "the rest too")).picks == 1
    assert sql.fetch_all("SELECT due_at, count(*) FROM fulfilment_picklist GROUP BY 1") == [(cases.CUT_OFF, 4)]
    assert (
        why(f"sales.line:{rest.line_ids[1]}")[0].sentence == f"joined {wave.number} while it was picked: the rest too"
    )


def test_what_was_planned_and_found_no_bin_has_the_cut_off_of_its_plan_when_it_goes_later():
    case = cases.planned(orders=1)
    outbound.receive(case.at, outbound.item("6024"), 30, "1", "forward_pick1")
    both = cases.reserved(case.at, ("6024", 3))
    (planned,) = cases.waves_of(cases.plan(case.at).plan_id)
    blocked = (
        "UPDATE locations_location b SET blocked_reason = %s FROM ledger_cell c JOIN catalog_item i ON i.id = c.item_id"
        " WHERE c.location_id = b.id AND i.sku = '6024' AND c.state = 'forward_pick'"
    )
    sql.execute(blocked, ("leak",))
    wave = waves.release_wave(ctx(MAY), ReleaseWaves(planned))
    assert wave.orders == 1 and outbound.order_state(both) == "confirmed"
    sql.execute(blocked, ("",))
    rest = outbound.release(case.at.site, both)
    assert sql.fetch_one("SELECT cut_off_at, why FROM waves_run WHERE wave_id = %s", (rest.wave_id,)) == (
        cases.CUT_OFF,
        f"the rest of what left with {wave.number}",
    )
    assert sql.fetch_all("SELECT DISTINCT due_at FROM fulfilment_picklist") == [(cases.CUT_OFF,)]
