"""Parts of pallets wait for the refill of their pick face, where the site says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.cast import ADA, CY, KIM, NOW, ctx
from tests.outbound import allocate, counts, customer, order, release

from flowrack.fulfilment import steps_release
from flowrack.fulfilment.types import NothingToRelease
from flowrack.platform import outbox, sql
from flowrack.replenishment import commands
from flowrack.replenishment.queries_board import urgency
from flowrack.replenishment.tests.faces import moves, pilot, refills
from flowrack.replenishment.types import ConfirmRefill, PlanRefills, SetRefillPolicy
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelLine, CancelLines
from flowrack.storage.types import Carried

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    here, hose = pilot(there=10)
    policy = SetRefillPolicy(here.site, task_seconds=600, spare_seconds=0, waits_for_refill=True)
    commands.set_refill_policy(ctx(ADA), policy)
    return here, hose


def waits():
    return sql.fetch_all('SELECT units, "end", ended_at - since FROM replenishment_wait ORDER BY id')


def picks():
    return sql.fetch_all(
        """
        SELECT b.code, p.units, p.state FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id
        ORDER BY p.id
        """
    )


def test_a_part_of_a_pallet_waits_and_goes_to_a_picker_when_the_face_is_filled(house):
    here, _ = house
    one = order(here.site, customer(), ("V-200", 25), on=date(2026, 3, 4))
    allocate(here.site, one)
    wave = release(here.site, one)
    assert wave.units == 10 and picks() == [("forward_pick-1", 10, "open")]
    assert waits() == [(15, "", None)]
    assert [row[:3] for row in refills()] == [("planned", "run_out", 60)]
    assert sql.fetch_all("SELECT priority FROM tasks_task WHERE kind = 'refill'") == [(1,)]

    landed = NOW + timedelta(minutes=12)
    commands.confirm_refill(ctx(CY, now=landed), ConfirmRefill([Carried(moves()[0])]))
    outbox.drain(now=landed)

    assert picks() == [("forward_pick-1", 10, "open"), ("forward_pick-1", 15, "open")]
    assert waits() == [(15, "picked", timedelta(minutes=12))]
    assert counts(one.line_ids[0]) == {"units": 25, "allocated": 25, "released": 25}
    seen = urgency(here.site, now=landed)
    assert (seen.waited_lines, seen.waited_minutes, seen.waiting_now) == (1, 12, 0)


def test_whole_pallets_and_orders_that_go_in_one_delivery_do_not_wait(house):
    here, _ = house
    pallet = order(here.site, customer(), ("V-200", 70), on=date(2026, 3, 4))
    whole = order(here.site, customer("WHOLE", policy="complete"), ("V-200", 5), on=date(2026, 3, 4))
    allocate(here.site, pallet, whole)
    release(here.site, pallet, whole)
    assert sorted(picks()) == [("R-01", 60, "open"), ("R-02", 5, "open"), ("forward_pick-1", 10, "open")]
    assert waits() == []


def test_where_nothing_else_could_be_picked_nothing_waits(house):
    here, _ = house
    first = order(here.site, customer(), ("V-200", 10), on=date(2026, 3, 4))
    allocate(here.site, first)
    release(here.site, first)
    second = order(here.site, "ACME", ("V-200", 7), on=date(2026, 3, 4))
    allocate(here.site, second)
    release(here.site, second)
    assert picks()[-1] == ("R-01", 7, "open") and waits() == []


def test_a_cancelled_line_waits_no_more_and_its_refill_still_fills_a_low_face(house):
    here, _ = house
    one = order(here.site, customer(), ("V-200", 25), on=date(2026, 3, 4))
    allocate(here.site, one)
    release(here.site, one)
    sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(one.line_ids[0])], "changed my mind"))
    outbox.drain()
    assert [row[1] for row in waits()] == ["over"]
    assert [row[0] for row in refills()] == ["planned"] and refills()[0][1] == "run_out"
    with pytest.raises(NothingToRelease):
        release(here.site, one)


def test_a_wave_that_says_by_when_it_is_picked_times_the_refill():
    here, _ = pilot(there=60, task_seconds=600)
    one = order(here.site, customer(), ("V-200", 50), on=date(2026, 3, 4))
    allocate(here.site, one)
    wave = release(here.site, one)
    steps_release.due(ctx(ADA), wave.wave_id, NOW + timedelta(hours=1))
    assert sql.fetch_all("SELECT origin, units, until_at, is_of_orders FROM replenishment_draw") == [
        (f"fulfilment.wave:{wave.wave_id}", 50, NOW + timedelta(hours=1), True)
    ]
    assert refills() == []
    other = order(here.site, "ACME", ("V-200", 20), on=date(2026, 3, 2))
    allocate(here.site, other)
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    # 50 leave within the hour, 20 until 17:00: the face of 60 is empty at 13:00, when 10 of the 20 are gone.
    assert refills() == [("planned", "run_out", 60, 0, "09:28", "13:00", "12:50")]
