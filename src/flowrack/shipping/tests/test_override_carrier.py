"""override_carrier: a person takes another service, and says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, CY, GUS, KIM, LOU, bearer, ctx, signed_in

from flowrack.carriers import commands as carriers
from flowrack.carriers import queries_choices
from flowrack.carriers.types import ChoiceNotFound, GuideLineOf, NoCarrierOption, SetRoutingGuide
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import Departure, ShipConfirm, ShipmentNotFound
from flowrack.shipping.types_carriers import CarrierReasonMissing, ChooseCarriers, OverrideCarrier

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Case:
    return Case()


def chosen(case: Case, *lines: tuple[str, int]) -> tuple[int, int]:
    order = case.released(*lines)
    [done] = commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id])).choices
    return order.order_id, done.choice_id


def test_the_dearer_service_goes_and_the_record_says_who_and_why(case):
    order_id, choice_id = chosen(case, ("BOLT", 2))
    req = OverrideCarrier(choice_id, case.services["GROUND"], "The customer has no one at the airport")
    [done] = commands.override_carrier(ctx(KIM), req).choices
    latest = queries_choices.latest_of([order_id])[order_id]
    assert (latest.choice_id, latest.stage, latest.service, latest.cost) == (
        done.choice_id, "person", "Ground service", Decimal("7.04"),
    )  # fmt: skip
    [made_by, reason] = sql.fetch_one("SELECT made_by_id, reason FROM carriers_choice ORDER BY id DESC LIMIT 1")
    assert (made_by, reason) == (KIM.id, "The customer has no one at the airport")
    assert [one.is_chosen for one in queries_choices.options_of(done.choice_id)] == [True, False]
    assert why(ref("sales.order", order_id))[0].sentence.startswith("North Freight Ground service for 7.04")
    assert queries_choices.differences(done.choice_id) == []


def test_a_routing_guide_may_be_set_aside_but_never_what_a_service_takes(case):
    carriers.set_routing_guide(ctx(LOU), SetRoutingGuide("ACME", [GuideLineOf("NORTH", "AIR", "barred")]))
    order_id, choice_id = chosen(case, ("BOLT", 2))
    assert queries_choices.latest_of([order_id])[order_id].service == "Ground service"
    [done] = commands.override_carrier(ctx(KIM), OverrideCarrier(choice_id, case.services["AIR"], "He agreed")).choices
    assert (done.service, done.cost) == ("Air service", Decimal("6.49"))

    _, sprays = chosen(case, ("SPRAY", 1))
    carriers.set_routing_guide(ctx(LOU), SetRoutingGuide("ACME"))
    with pytest.raises(NoCarrierOption) as refused:
        commands.override_carrier(ctx(KIM), OverrideCarrier(sprays, case.services["AIR"], "He agreed"))
    assert "Air service" in refused.value.message


def test_refused_means_nothing_changed(case):
    _, choice_id = chosen(case, ("BOLT", 2))
    ground = case.services["GROUND"]
    for who, req, refusal in (
        (KIM, OverrideCarrier(choice_id, ground, " x"), CarrierReasonMissing),
        (KIM, OverrideCarrier(choice_id, 999_999, "because"), NoCarrierOption),
        (KIM, OverrideCarrier(999_999, ground, "because"), ChoiceNotFound),
        (CY, OverrideCarrier(choice_id, ground, "because"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.override_carrier(ctx(who), req)
    assert sql.fetch_value("SELECT count(*) FROM carriers_choice") == 1


def test_what_has_left_takes_no_other_carrier_though_the_order_has_more_to_come(case):
    order = case.order(("BOLT", 2), ("SPRAY", 3))
    wave = outbound.release(case.site, order)
    [done] = commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id])).choices
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0)]))
    left = commands.ship_confirm(ctx(GUS), ShipConfirm(case.site, [Departure(order_ids=(order.order_id,))]))
    assert outbound.order_state(order) == "released"
    with pytest.raises(ShipmentNotFound) as refused:
        commands.override_carrier(ctx(KIM), OverrideCarrier(done.choice_id, case.services["GROUND"], "He asked"))
    assert refused.value.message == f"Goods of this choice left with {left.shipments[0].number}."
    assert queries_choices.latest_of([order.order_id])[order.order_id].choice_id == done.choice_id


def test_pages_and_api_show_every_option_and_take_another(case, client):
    order_id, choice_id = chosen(case, ("BOLT", 2))
    kim, url = signed_in(KIM), f"/carrier-choices/{choice_id}"
    shown = kim.get(url).content.decode()
    assert "Ground service" in shown and "7.04" in shown and "the same answer" in shown and "308 × 208 × 158" in shown
    assert "Air service" in kim.get("/carrier-choices?is_latest=yes").content.decode()
    assert "No carriers" not in kim.get("/carrier-choices?out=hazard").content.decode()
    assert f'href="{url}"' in kim.get(f"/orders/{order_id}").content.decode()
    assert "Ground service, 7.04 freight (landed 0.55 dearer)" in kim.get(f"{url}/override").content.decode()
    form = {"service": str(case.services["GROUND"]), "reason": "No one there by day"}
    taken = kim.post(f"{url}/override", form)
    assert taken.status_code == 303
    new_id = int(taken["Location"].rsplit("/", 1)[1])
    read = client.get(f"/api/v1/carrier-choices/{new_id}", headers=bearer(KIM)).json()
    assert (read["stage"], read["service"], read["differences"]) == ("person", "North Freight Ground service", [])
    assert [one["is_chosen"] for one in read["options"]] == [True, False]
    assert [row["is_latest"] for row in client.get("/api/v1/carrier-choices", headers=bearer(KIM)).json()["items"]] == [
        False, True,
    ]  # fmt: skip
    body = {"reason": "a look", "order_ids": [order_id]}
    again = client.post(
        "/api/v1/carrier-choices/again", body, content_type="application/json", headers=bearer(ADA)
    ).json()
    assert again["changed"][0]["after"].startswith("North Freight Air service ")
    page = signed_in(ADA).post(f"/carrier-choices/{new_id}/again", {"reason": "once more"})
    assert page.status_code == 303
    body = {"order_ids": [order_id]}
    made = client.post("/api/v1/carrier-choices", body, content_type="application/json", headers=bearer(ADA)).json()
    assert made["choices"][0]["service"] == "Air service"
    body = {"service_id": case.services["GROUND"], "reason": "no"}
    refused = client.post(f"/api/v1{url}/override", body, content_type="application/json", headers=bearer(CY))
    assert refused.status_code == 403
