"""Cartons as a wave plans them and as packers fill them."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, GUS, KIM, ctx, signed_in

from flowrack.fulfilment import commands, queries_cartons
from flowrack.fulfilment.tests.test_scan import Device
from flowrack.fulfilment.types import RecallOrders, ReleaseOrders
from flowrack.fulfilment.types_cartons import BadCartonType, CartonTypeOf, SetCartonTypes
from flowrack.platform import sql
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelLine, CancelLines

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    one, two = outbound.item("4711"), outbound.item("6024")
    for item in (one, two):
        sql.execute(
            """
            INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
            VALUES (%s, 'each', 1, 100, 100, 100, 250)
            ON CONFLICT (item_id, level) DO UPDATE SET length_mm = 100, width_mm = 100, height_mm = 100, weight_g = 250
            """,
            (item,),
        )
    outbound.receive(at, one, 30, "1", "forward_pick1")
    outbound.receive(at, two, 40, "1", "forward_pick2")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 24), ("6024", 3))
    outbound.allocate(at.site, order)
    types = [CartonTypeOf("S", 200, 200, 100, 5_000, 100), CartonTypeOf("M", 400, 300, 200, 15_000, 300)]
    commands.set_carton_types(ctx(ADA), SetCartonTypes(types))
    return at, order


def planned(wave_id: int) -> list[tuple[str, str, int, int]]:
    return [(c.code, c.contents, c.filled, c.weight_g) for c in queries_cartons.planned_of_wave(wave_id)]


def test_a_wave_plans_its_cartons_and_forgets_them_when_it_is_called_back(case):
    at, order = case
    wave = outbound.release(at.site, order)
    assert wave.cartons == 2
    assert planned(wave.wave_id) == [
        ("M", "24 × 4711", 1_000, 6_300),
        ("S", "3 × 6024", 750, 850),
    ]
    page = signed_in(ADA).get(f"/waves/{wave.wave_id}").content.decode()
    assert "Cartons as planned" in page and "24 × 4711" in page
    shown = signed_in(ADA).get(f"/api/v1/waves/{wave.wave_id}/cartons").json()
    assert [(one["code"], one["number"]) for one in shown] == [("M", 1), ("S", 2)]
    commands.recall_orders(ctx(ADA), RecallOrders([order.order_id], "wrong day"))
    assert planned(wave.wave_id) == []


def test_the_packer_is_told_the_carton_and_what_was_taken_is_kept_beside_what_was_planned(case):
    at, order = case
    tote = outbound.tote(at.site, "T-03")
    outbound.pick_all(outbound.release(at.site, order), tote_id=tote)
    pack = Device(signed_in(GUS), "/scan/pack")
    assert pack.scan("T-03") == "ok"
    assert "Carton M, then 1 more" in pack.text and "M is 400 × 300 × 200 mm inside; 100 % filled, 6.3 kg." in pack.text
    assert '<svg class="carton-pic"' in pack.text and 'aria-label="24 × 4711"' in pack.text
    for _ in range(24):
        assert pack.scan("4711") == "ok"
    assert 'data-action="close"' in pack.text and "Tap Close carton" in pack.text
    assert pack.send("action", "close") == "done"
    assert pack.scan(order.number) == "ok"
    assert "Carton S" in pack.text and "then" not in pack.text.partition("Carton S")[2][:8]
    assert pack.scan("m") == "ok" and "You took M; S was planned." in pack.text
    outbound.packs_unchecked()
    assert pack.send("action", "all") == "done"
    assert pack.send("action", "close") == "done"
    assert sql.fetch_all(
        """
        SELECT t.code, p.code FROM fulfilment_carton k JOIN fulfilment_cartontype t ON t.id = k.carton_type_id
        JOIN fulfilment_cartontype p ON p.id = k.planned_type_id ORDER BY k.id
        """
    ) == [("M", "M"), ("M", "S")]
    [s, m] = queries_cartons.types_in_use()
    assert (s.code, s.packed, s.planned) == ("S", 0, 1) and (m.code, m.packed, m.planned) == ("M", 2, 1)


def test_a_carton_that_the_house_does_not_have_is_refused(case):
    at, order = case
    outbound.pick_all(outbound.release(at.site, order))
    with pytest.raises(BadCartonType) as refused:
        outbound.pack(order, carton_type="XXL")
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (1, "carton_type", "There is no carton XXL.")
    ]
    assert sql.fetch_value("SELECT count(*) FROM fulfilment_carton") == 0


def test_an_order_that_nobody_measured_is_checked_to_its_end_before_the_carton_is_closed():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 2))
    outbound.allocate(at.site, order)
    commands.set_carton_types(ctx(ADA), SetCartonTypes([CartonTypeOf("S", 200, 200, 100, 5_000, 100)]))
    outbound.pick_all(outbound.release(at.site, order), tote_id=outbound.tote(at.site, "T-03"))
    pack = Device(signed_in(GUS), "/scan/pack")
    assert pack.scan("T-03") == "ok"
    assert "Choose a carton" in pack.text and "Nobody measured 4711" in pack.text
    assert "Tap Close carton" not in pack.text
    assert pack.scan("4711") == "ok" and "Tap Close carton" not in pack.text
    assert pack.scan("4711") == "done" and "Tap Close carton" in pack.text


def test_what_joins_its_wave_later_is_planned_behind_the_cartons_that_it_has_there(case):
    at, order = case
    first, rest = ([line_id] for line_id in order.line_ids)
    wave = commands.release_orders(ctx(ADA), ReleaseOrders(at.site, [order.order_id], line_ids=first))
    joined = ReleaseOrders(at.site, [order.order_id], line_ids=rest, wave_id=wave.wave_id)
    assert commands.release_orders(ctx(ADA), joined).cartons == 1
    assert [(c.number, c.contents) for c in queries_cartons.planned_of_wave(wave.wave_id)] == [
        (1, "24 × 4711"),
        (2, "3 × 6024"),
    ]


def test_what_was_called_back_is_not_counted_in_the_cartons_as_planned(case):
    at, order = case
    wave = outbound.release(at.site, order)
    sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(order.line_ids[0], 18)], "fewer"))
    assert planned(wave.wave_id) == [
        ("M", "6 × 4711", 250, 1_800),
        ("S", "3 × 6024", 750, 850),
    ]
    sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(order.line_ids[1], 3)], "none"))
    assert planned(wave.wave_id) == [("M", "6 × 4711", 250, 1_800)]
