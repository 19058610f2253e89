"""choose_carriers for what a truck left behind: a shipment of its own, and what a person took stays."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import ADA, GUS, NOW, ctx

from flowrack.carriers import queries_choices
from flowrack.platform import outbox, sql
from flowrack.shipping import commands, queries_behind
from flowrack.shipping.tests.carriers import Case, promised
from flowrack.shipping.types_carriers import ChooseCarriers, OverrideCarrier
from flowrack.shipping.types_loads import CloseLoad, LoadPlate, PlanLoad, StartLoad, Truck

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 3, 9)


@pytest.mark.parametrize("by_person", [False, True])
def test_the_rest_of_a_truck_is_chosen_for_anew_and_what_a_person_took_stays(by_person):
    case = Case()
    door = outbound.value(
        """INSERT INTO locations_location (site_id, zone_id, code, role, kind, pick_sequence)
           SELECT site_id, id, 'D1', 'staged', 'door', 9 FROM locations_zone
           WHERE site_id = %s AND role = 'staged' RETURNING id""",
        case.site,
    )
    goes, stays = case.order(("BOLT", 2)), case.order(("BOLT", 4))
    outbound.pick_all(outbound.release(case.site, goes, stays))
    [carton], _ = outbound.pack(goes), outbound.pack(stays)
    for order in (goes, stays):
        promised(order, DAY, DAY)
    [both] = commands.choose_carriers(ctx(ADA), ChooseCarriers([goes.order_id, stays.order_id])).choices
    assert len(queries_choices.parcels_of(both.choice_id)) == 2
    if by_person:
        ground = case.services["GROUND"]
        commands.override_carrier(ctx(ADA), OverrideCarrier(both.choice_id, ground, "the customer asked"))
    carrier = sql.fetch_value("SELECT id FROM parties_party WHERE is_carrier ORDER BY id LIMIT 1")
    plan = commands.plan_load(ctx(ADA), PlanLoad(case.site, [goes.order_id, stays.order_id], Truck(door, carrier)))
    commands.start_load(ctx(GUS), StartLoad(plan.load_id))
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, carton.sscc))
    outbox.drain(now=NOW)
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1", "no_room"))
    outbox.drain(now=NOW)
    latest = queries_choices.latest_of([stays.order_id])[stays.order_id]
    assert latest.choice_id > both.choice_id
    assert [parcel.weight_g for parcel in queries_choices.parcels_of(latest.choice_id)] == [2_000]
    told = (latest.stage, latest.service, latest.reason)
    if by_person:
        assert told == ("person", "Ground service", "the customer asked")
    else:
        assert told == ("again", "Air service", f"{plan.number} left without it")
    [row] = queries_behind.left_behind(frozenset({0}), NOW, limit=9)
    assert (row.order, row.arrives_on) == (stays.number, latest.arrives_on)
