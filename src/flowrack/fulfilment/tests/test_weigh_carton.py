"""weigh_carton: the scale beside what goods and carton should weigh."""

from __future__ import annotations

import pytest
from tests.cast import CY, GUS, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_packing, rules_packing
from flowrack.fulfilment.rules_packing import Inside
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import AlreadyPacked, UnpackCarton
from flowrack.fulfilment.types_packing import CartonNotFound, WeighCarton
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_percent_either_way_is_right_and_every_weighing_is_kept():
    carton = packing.packed(packing.staged().order).carton_id
    # 8 units of 250 g and a carton of 300 g: 2,300 g, and 46 g either way
    said = [(2_300, "ok"), (2_346, "ok"), (2_347, "off"), (2_254, "ok"), (2_253, "off")]
    for weight, state in said:
        done = commands.weigh_carton(ctx(GUS), WeighCarton(carton, weight))
        assert (done.state, done.expected_g, done.tolerance_g) == (state, 2_300, 46)
    rows = sql.fetch_all("SELECT weight_g, state FROM fulfilment_cartonweighing ORDER BY id")
    assert rows == said
    assert sql.fetch_value("SELECT weight_g FROM fulfilment_carton") == 2_253


def test_what_was_never_weighed_is_not_judged():
    at = packing.staged()
    sql.execute("UPDATE catalog_packlevel SET weight_g = NULL WHERE item_id = %s", (at.items[1],))
    carton = packing.packed(at.order).carton_id
    done = commands.weigh_carton(ctx(GUS), WeighCarton(carton, 5))
    assert (done.state, done.expected_g) == ("unknown", None)


@pytest.mark.parametrize(
    ("content", "tare", "expected"),
    [
        ([Inside(3, 100)], 50, 350),
        ([Inside(3, 100), Inside(1, 0)], 50, None),
        ([Inside(24, 0, 0, 12, 1_300)], None, 2_600),
        ([Inside(13, 0, 0, 12, 1_300)], None, None),
        ([Inside(3, 100)], None, None),
    ],
)
def test_expected_weight(content, tare, expected):
    assert rules_packing.expected_g(content, tare) == expected


def test_refusals_leave_no_weight():
    carton = packing.packed(packing.staged().order).carton_id
    for who, req, refusal in (
        (GUS, WeighCarton(carton, 0), Invalid),
        (GUS, WeighCarton(carton, 2_000_001), Invalid),
        (GUS, WeighCarton(carton + 99, 100), CartonNotFound),
        (CY, WeighCarton(carton, 2_300), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.weigh_carton(ctx(who), req)
    commands.unpack_carton(ctx(GUS), UnpackCarton(carton))
    with pytest.raises(AlreadyPacked):
        commands.weigh_carton(ctx(GUS), WeighCarton(carton, 2_300))
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_cartonweighing") == 0


def test_a_scale_sends_it_by_api_and_the_page_shows_it(client):
    carton = packing.packed(packing.staged().order).carton_id
    sent = client.post(f"/api/v1/cartons/{carton}/weigh", {"weight_g": 2_500}, "application/json", headers=bearer(GUS))
    assert sent.json()["state"] == "off"
    browser = signed_in(GUS)
    page = browser.get(f"/cartons/{carton}").content.decode()
    assert "2,500 g" in page and "2,300 g expected" in page
    assert browser.post(f"/cartons/{carton}/weigh", {"weight_g": "2310"}).status_code == 303
    assert queries_packing.cartons_now([carton])[carton].weight_state == "ok"
    listed = browser.get("/cartons?weight_state=ok").content.decode()
    assert sql.fetch_value("SELECT sscc FROM fulfilment_carton") in listed
