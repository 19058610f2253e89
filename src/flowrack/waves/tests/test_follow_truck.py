"""follow_truck: waves leave with the departure that their orders have now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, EVE, MAY, NOW, ctx, signed_in

from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands as shipping
from flowrack.shipping.types_loads import CancelLoad, ChangeLoad, PlanLoad, Truck
from flowrack.waves import commands
from flowrack.waves.commands_floor import move_cut_off
from flowrack.waves.commands_trucks import follow_truck
from flowrack.waves.tests import cases
from flowrack.waves.types import MoveCutOff, ReleaseWaves
from flowrack.waves.types_trucks import FollowTruck, WaveTooLate

pytestmark = pytest.mark.django_db(transaction=True)
TRUCK_AT = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
RUN = "SELECT cut_off_at, pick_until, why FROM waves_run"
PLANNED = "SELECT cut_off_at, pick_until, why FROM waves_planwave"


def on_truck(*, orders: int = 2):
    """Orders that are planned on a truck that leaves an hour after the house's cut-off, and a plan of them."""
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer()
    cases.template(at, staging_minutes=10)
    placed = [cases.reserved(at, ("4711", 5)) for _ in range(orders)]
    ids = [one.order_id for one in placed]
    load = shipping.plan_load(ctx(ADA), PlanLoad(at.site, ids, Truck(cut_off_at=TRUCK_AT)))
    return at, placed, load, cases.plan(at)


def test_a_wave_on_the_floor_leaves_as_its_orders_do_when_its_truck_is_called_off():
    _, orders, load, plan = on_truck()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(plan.plan_id)[0]))
    before = TRUCK_AT - timedelta(minutes=10)
    assert sql.fetch_all(RUN) == [(TRUCK_AT, before, f"planned in {plan.number} for its cut-off")]
    shipping.cancel_load(ctx(ADA), CancelLoad(load.load_id, "broke down"))
    outbox.drain()
    why = f"{load.number} was called off: broke down; cut-off 10:30 instead of 11:30"
    assert sql.fetch_all(RUN) == [(cases.CUT_OFF, cases.CUT_OFF - timedelta(minutes=10), why)]
    assert sql.fetch_all("SELECT DISTINCT due_at FROM fulfilment_picklist") == [
        (cases.CUT_OFF - timedelta(minutes=10),)
    ]
    told = "SELECT sentence FROM platform_decision WHERE subject = %s ORDER BY id DESC LIMIT 1"
    assert sql.fetch_value(told, (f"fulfilment.wave:{wave.wave_id}",)) == f"{why}."
    assert outbound.counts(orders[0].line_ids[0]) == {"units": 5, "allocated": 5, "released": 5}


def test_a_planned_wave_its_lines_and_its_glass_follow_a_truck_that_leaves_earlier():
    _, orders, load, plan = on_truck()
    earlier = TRUCK_AT - timedelta(minutes=30)
    change = ChangeLoad(load.load_id, [one.order_id for one in orders], Truck(cut_off_at=earlier))
    shipping.change_load(ctx(ADA), change)
    outbox.drain()
    until = earlier - timedelta(minutes=10)
    why = f"{load.number} leaves at another time; cut-off 11:00 instead of 11:30"
    assert sql.fetch_all(PLANNED) == [(earlier, until, why)]
    assert sql.fetch_all("SELECT DISTINCT pick_until, why FROM waves_planline") == [(until, why)]
    # From 9:00 to 10:50 one person works 6,600 seconds.
    assert sql.fetch_all("SELECT cut_off_at, pick_until, hands, floor FROM waves_planwindow") == [
        (earlier, until, 6_600, 0)
    ]
    assert why in signed_in(MAY).get(f"/waves/plans/{plan.plan_id}").content.decode()
    commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(plan.plan_id)[0]))
    assert sql.fetch_all(RUN) == [(earlier, until, why)]


def test_a_wave_keeps_the_cut_off_that_a_person_gave_it():
    _, _, load, plan = on_truck()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(plan.plan_id)[0]))
    by_hand = TRUCK_AT + timedelta(hours=1)
    move_cut_off(ctx(MAY), MoveCutOff(wave.wave_id, by_hand, "waits for the driver"))
    shipping.cancel_load(ctx(ADA), CancelLoad(load.load_id, "broke down"))
    outbox.drain()
    assert sql.fetch_value("SELECT cut_off_at FROM waves_run") == by_hand


def test_the_earliest_departure_of_its_orders_is_the_cut_off_of_a_wave():
    _, orders, load, plan = on_truck()
    commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(plan.plan_id)[0]))
    later = TRUCK_AT + timedelta(hours=1)
    shipping.change_load(ctx(ADA), ChangeLoad(load.load_id, [orders[0].order_id], Truck(cut_off_at=later)))
    outbox.drain()
    assert sql.fetch_value("SELECT cut_off_at FROM waves_run") == cases.CUT_OFF


def test_an_outsider_moves_nothing():
    at, orders, _, _ = on_truck()
    before = cases.books()
    with pytest.raises(NotPermitted):
        follow_truck(ctx(EVE), FollowTruck(at.site, [orders[0].order_id], TRUCK_AT, "late"))
    assert cases.books() == before


def test_a_wave_whose_time_is_over_goes_only_when_it_was_told_what_misses_what():
    case = cases.planned(orders=2)
    late = cases.CUT_OFF + timedelta(minutes=5)
    plan_wave = cases.waves_of(case.plan.plan_id)[0]
    before = cases.books()
    with pytest.raises(WaveTooLate, match="2 of 2 orders of this wave can not be picked in time") as refused:
        commands.release_wave(ctx(MAY, now=late), ReleaseWaves(plan_wave))
    assert [line.message for line in refused.value.lines] == [
        f"{one.number} misses the cut-off at 10:30; its next departure is Tue 10:30." for one in case.orders
    ]
    assert cases.books() == before
    commands.release_wave(ctx(MAY, now=late), ReleaseWaves(plan_wave, although_late=True))
    tomorrow = cases.CUT_OFF + timedelta(days=1)
    why = f"released too late for what it was planned for in {case.plan.number}"
    assert sql.fetch_all(RUN) == [(tomorrow, tomorrow, why)]
    assert sql.fetch_value("SELECT DISTINCT due_at FROM fulfilment_picklist") == tomorrow


def test_an_order_whose_truck_should_have_left_is_named_before_its_wave_goes():
    _, orders, load, plan = on_truck()
    gone = ChangeLoad(load.load_id, [orders[0].order_id], Truck(cut_off_at=NOW - timedelta(minutes=6)))
    shipping.change_load(ctx(ADA), gone)
    outbox.drain()
    plan_wave = cases.waves_of(plan.plan_id)[0]
    with pytest.raises(WaveTooLate, match="1 of 2 orders") as refused:
        commands.release_wave(ctx(MAY), ReleaseWaves(plan_wave))
    assert [line.message for line in refused.value.lines] == [
        f"{orders[0].number} misses {load.number} at 08:54; its next departure is 10:30."
    ]
    may = signed_in(MAY)
    url = f"/waves/plans/{plan.plan_id}/waves/{plan_wave}/release"
    page = may.post(url, {"key": "one"}).content.decode()
    assert "misses" in page and 'name="late" value="1"' in page and "Release all the same" in page


def test_a_wave_that_was_dragged_onto_a_truck_follows_it_though_the_drag_knows_no_seconds():
    _, orders, load, plan = on_truck()
    exact = TRUCK_AT + timedelta(seconds=20, microseconds=7)
    shipping.change_load(ctx(ADA), ChangeLoad(load.load_id, [one.order_id for one in orders], Truck(cut_off_at=exact)))
    outbox.drain()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(plan.plan_id)[0]))
    move_cut_off(ctx(MAY), MoveCutOff(wave.wave_id, TRUCK_AT, f"leaves with {load.number}"))
    shipping.cancel_load(ctx(ADA), CancelLoad(load.load_id, "broke down"))
    outbox.drain()
    assert sql.fetch_value("SELECT cut_off_at FROM waves_run") == cases.CUT_OFF
