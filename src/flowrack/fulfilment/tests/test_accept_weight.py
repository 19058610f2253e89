"""accept_weight: a lead lets a carton go whose weight is off."""

from __future__ import annotations

import pytest
from tests.cast import ADA, GUS, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types_packing import AcceptWeight, PrintCartonLabels, WeighCarton, WeightOff
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_label_waits_until_a_lead_says_why_it_may_go(client):
    carton = packing.packed(packing.staged().order).carton_id
    with pytest.raises(Invalid):
        commands.accept_weight(ctx(ADA), AcceptWeight(carton, "nothing is off"))
    commands.weigh_carton(ctx(GUS), WeighCarton(carton, 2_500))
    with pytest.raises(WeightOff, match="weighs 2,500 g, and 2,300 g were expected"):
        commands.print_carton_labels(ctx(GUS), PrintCartonLabels([carton]))
    with pytest.raises(NotPermitted):
        commands.accept_weight(ctx(GUS), AcceptWeight(carton, "it is fine"))
    with pytest.raises(Invalid):
        commands.accept_weight(ctx(ADA), AcceptWeight(carton, " "))
    assert queries_packing.cartons_now([carton])[carton].weight_state == "off"
    sent = client.post(
        f"/api/v1/cartons/{carton}/accept-weight", {"reason": "Two sheets of foam"}, "application/json",
        headers=bearer(ADA),
    )  # fmt: skip
    assert sent.json()["state"] == "accepted"
    assert sql.fetch_all("SELECT reason FROM fulfilment_cartonweighing WHERE state = 'accepted'") == [
        ("Two sheets of foam",)
    ]
    assert commands.print_carton_labels(ctx(GUS), PrintCartonLabels([carton])).prints[0].copy_of == 1


def test_the_page_asks_for_the_reason():
    carton = packing.packed(packing.staged().order).carton_id
    commands.weigh_carton(ctx(GUS), WeighCarton(carton, 2_500))
    browser = signed_in(ADA)
    assert "Accept weight" in browser.get(f"/cartons/{carton}").content.decode()
    assert browser.post(f"/cartons/{carton}/accept-weight", {"reason": "foam"}).status_code == 303
    assert queries_packing.cartons_now([carton])[carton].weight_state == "accepted"
