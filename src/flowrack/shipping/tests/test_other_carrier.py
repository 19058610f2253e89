"""plan_load, change_load and start_load on a truck of another carrier than the one that was chosen."""

from __future__ import annotations

import pytest
from tests.cast import ADA, GUS, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.refs import ref
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types_carriers import ChooseCarriers
from flowrack.shipping.types_loads import (
    ChangeLoad,
    LoadPolicy,
    OtherCarrier,
    PlanLoad,
    SetLoadPolicy,
    StartLoad,
    Truck,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Case:
    return Case()


def swift() -> int:
    made: int = sql.fetch_value(
        "INSERT INTO parties_party (code, name, is_carrier) VALUES ('SWIFT', 'Swift Freight', true) RETURNING id"
    )
    return made


def chosen(case: Case) -> tuple[int, str]:
    """An order on the floor for which North Freight was chosen."""
    order = case.released(("BOLT", 2))
    commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id]))
    return order.order_id, order.number


def test_another_carrier_needs_words_which_stand_with_the_order_and_the_load(case):
    other = swift()
    order_id, number = chosen(case)
    before = trucks.books()
    with pytest.raises(OtherCarrier) as refused:
        commands.plan_load(ctx(ADA), PlanLoad(case.site, [order_id], Truck(carrier_id=other)))
    assert refused.value.message == f"Swift Freight was not chosen for {number}."
    assert trucks.books() == before
    truck = Truck(carrier_id=other, carrier_reason="North is on strike")
    plan = commands.plan_load(ctx(ADA), PlanLoad(case.site, [order_id], truck))
    assert plan.warnings == [
        f"North Freight was chosen for {number}.",
        "Swift Freight has no rate card: what the truck costs is not known.",
    ]
    assert why(ref("sales.order", order_id))[0].sentence == (
        f"Goes on {plan.number} though North Freight was chosen: North is on strike."
    )
    with pytest.raises(OtherCarrier):
        commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [order_id], Truck(carrier_id=other)))
    reason = sql.fetch_value("SELECT carrier_reason FROM shipping_load WHERE id = %s", (plan.load_id,))
    assert reason == "North is on strike"


def test_the_chosen_carrier_is_proposed_and_takes_the_order_without_words(case):
    order_id, number = chosen(case)
    north = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    assert 'value="NORTH"' in signed_in(ADA).get(f"/loads/new?orders={number}").content.decode()
    assert commands.plan_load(ctx(ADA), PlanLoad(case.site, [order_id], Truck(carrier_id=north))).warnings == []


def test_what_was_chosen_after_the_plan_keeps_the_truck_from_its_door_as_the_site_says(case):
    other = swift()
    order = case.released(("BOLT", 2))
    door = sql.fetch_value(
        """
        INSERT INTO locations_location (site_id, zone_id, code, role, kind, pick_sequence)
        SELECT site_id, id, 'D1', 'staged', 'door', 9 FROM locations_zone WHERE site_id = %s AND role = 'staged'
        RETURNING id
        """,
        (case.site,),
    )
    plan = commands.plan_load(ctx(ADA), PlanLoad(case.site, [order.order_id], Truck(door, other)))
    commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id]))
    with pytest.raises(OtherCarrier):
        commands.start_load(ctx(GUS), StartLoad(plan.load_id))
    assert trucks.load_state(plan.load_id) == "open"
    commands.set_load_policy(ctx(ADA), SetLoadPolicy(case.site, LoadPolicy(carrier_else="warn")))
    assert commands.start_load(ctx(GUS), StartLoad(plan.load_id)).door == "D1"


def test_where_only_the_chosen_carrier_may_go_a_truck_of_nobody_is_not_loaded(case):
    order_id, number = chosen(case)
    commands.set_load_policy(ctx(ADA), SetLoadPolicy(case.site, LoadPolicy(carrier_else="refuse")))
    plan = commands.plan_load(ctx(ADA), PlanLoad(case.site, [order_id], Truck()))
    before = trucks.books()
    with pytest.raises(OtherCarrier, match="Nobody said whose truck this is") as refused:
        commands.start_load(ctx(GUS), StartLoad(plan.load_id))
    assert [bad.message for bad in refused.value.lines] == [f"North Freight was chosen for {number}."]
    assert (trucks.books(), trucks.load_state(plan.load_id)) == (before, "open")


def test_the_api_takes_the_reason_and_shows_it(case, client):
    other = swift()
    order_id, _ = chosen(case)
    body = {"site_id": case.site, "order_ids": [order_id], "truck": {"carrier_id": other}}
    said = {"content_type": "application/json"}
    refused = client.post("/api/v1/loads", body, headers=bearer(ADA), **said)
    assert (refused.status_code, refused.json()["code"]) == (409, "other_carrier")
    body["truck"]["carrier_reason"] = "North is on strike"
    made = client.post("/api/v1/loads", body, headers=bearer(ADA), **said)
    assert made.status_code == 201
    load = client.get(f"/api/v1/loads/{made.json()['load_id']}", headers=bearer(ADA)).json()
    assert (load["carrier"], load["carrier_reason"]) == ("Swift Freight", "North is on strike")
