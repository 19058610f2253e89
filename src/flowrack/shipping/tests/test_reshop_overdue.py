"""reshop_overdue: what is still here when its departure is over is chosen for anew, without an event that says so."""

from __future__ import annotations

from datetime import date, timedelta
from datetime import time as at

import pytest
from tests import outbound
from tests.cast import ADA, CY, GUS, NOW, ctx

from flowrack.carriers import queries_choices
from flowrack.platform import sql
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, jobs, queries_carriers
from flowrack.shipping.tests.carriers import Case, promised
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_carriers import ChooseCarriers, OverrideCarrier, ReshopCarriers, ReshopOverdue
from flowrack.shipping.types_loads import PlanLoad, Truck

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)
[ROUND] = [one for one in all_periodic() if one.run is jobs.reshop_overdue]
LATER = NOW.replace(hour=14, minute=1)


@pytest.fixture
def case() -> Case:
    made = Case()
    made.cut_offs(AIR=at(14), GROUND=at(14))
    return made


def chosen(case: Case) -> outbound.EnteredOrder:
    order = case.order(("BOLT", 2))
    wave = outbound.release(case.site, order)
    promised(order, TODAY, TOMORROW)
    [done] = commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id], wave.wave_id)).choices
    assert (done.service, done.leaves_on) == ("Air service", TODAY)
    return order


def test_the_worker_chooses_again_once_the_departure_is_over_and_says_it_once(case):
    order = chosen(case)
    run_round(ROUND, NOW)
    assert sql.fetch_value("SELECT count(*) FROM carriers_choice") == 1
    run_round(ROUND, LATER)
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert (latest.stage, latest.service, latest.leaves_on, latest.arrives_on) == (
        "again", "Air service", TOMORROW, date(2026, 3, 4)
    )  # fmt: skip
    assert latest.reason == "North Freight Air service left at 14:00 on Mon 2 Mar without it"
    risks = sql.fetch_all("SELECT covered_on, arrives_on, days_late, reason FROM allocation_promiseexception")
    assert risks == [
        (TOMORROW, date(2026, 3, 4), 1, f"{latest.reason}: North Freight Air service arrives Wed 4 Mar, 1 day late")
    ]
    run_round(ROUND, LATER + timedelta(minutes=1))
    assert sql.fetch_value("SELECT count(*) FROM carriers_choice") == 2
    run_round(ROUND, LATER + timedelta(days=1))
    [(covered, arrives)] = sql.fetch_all("SELECT covered_on, arrives_on FROM allocation_promiseexception")
    assert (covered, arrives) == (date(2026, 3, 4), date(2026, 3, 5)), "the promise at risk says the newest departure"


def test_what_a_person_took_stays_taken_for_its_next_departure(case):
    order = chosen(case)
    choice = queries_choices.latest_of([order.order_id])[order.order_id].choice_id
    ground = case.services["GROUND"]
    commands.override_carrier(ctx(ADA), OverrideCarrier(choice, ground, "the customer asked"))
    run_round(ROUND, LATER)
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert (latest.stage, latest.service, latest.leaves_on, latest.reason) == (
        "person", "Ground service", TOMORROW, "the customer asked"
    )  # fmt: skip


def test_what_has_left_and_what_is_on_a_truck_that_leaves_later_keeps_its_choice(case):
    on_truck, gone = chosen(case), case.order(("BOLT", 1))
    outbound.pick_all(outbound.release(case.site, gone))
    commands.choose_carriers(ctx(ADA), ChooseCarriers([gone.order_id]))
    commands.ship_confirm(ctx(GUS), ShipConfirm(case.site, [Departure(order_ids=(gone.order_id,))]))
    carrier = sql.fetch_value("SELECT id FROM parties_party WHERE is_carrier ORDER BY id LIMIT 1")
    truck = Truck(carrier_id=carrier, cut_off_at=LATER + timedelta(hours=1))
    commands.plan_load(ctx(ADA), PlanLoad(case.site, [on_truck.order_id], truck))
    assert queries_carriers.overdue(LATER, limit=9) == {}
    assert list(queries_carriers.overdue(LATER + timedelta(hours=2), limit=9)) == [on_truck.order_id]


def test_without_a_card_in_force_the_choice_ends_and_denied_means_nothing_changed(case):
    order = chosen(case)
    with pytest.raises(NotPermitted):
        commands.reshop_overdue(ctx(CY, now=LATER), ReshopOverdue([order.order_id]))
    assert queries_choices.latest_of([order.order_id])
    sql.execute("UPDATE carriers_ratecard SET state = 'withdrawn'")
    done = commands.reshop_overdue(ctx(ADA, "k", now=LATER), ReshopOverdue([order.order_id]))
    assert (done.choices, queries_choices.latest_of([order.order_id])) == ([], {})
    assert queries_carriers.overdue(LATER, limit=9) == {}
    assert commands.reshop_overdue(ctx(ADA, "k", now=LATER), ReshopOverdue([order.order_id])) == done


def test_a_picked_line_is_at_risk_no_more_when_a_carrier_is_chosen_that_keeps_its_day(case):
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    promised(order, TODAY, TODAY)
    again = ReshopCarriers("the truck went without it", [order.order_id])
    commands.reshop_carriers(ctx(ADA), again)
    open_ = "SELECT count(*) FROM allocation_promiseexception WHERE closed_at IS NULL"
    assert sql.fetch_value(open_) == 1, "nobody is there on the day itself"
    sql.execute("UPDATE promise_linepromise SET arrives_on = %s", (TOMORROW,))
    commands.reshop_carriers(ctx(ADA), again)
    assert sql.fetch_value(open_) == 0
    said = sql.fetch_value("SELECT closing FROM allocation_promiseexception")
    assert said == "A carrier was chosen that is in time."
