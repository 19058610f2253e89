"""A wave that a person releases for a cut-off, and a template that says how its waves are picked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, MAY, NOW, bearer, ctx, signed_in

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import steps_release
from flowrack.fulfilment.types import CutOffSeen, ReleaseOrders
from flowrack.platform import sql
from flowrack.shared.errors import Invalid
from flowrack.waves import commands, commands_floor
from flowrack.waves.tests import cases
from flowrack.waves.types import ReleaseWaves, TellSlips

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = "SELECT template, cut_off_at, pick_until, why FROM waves_run ORDER BY wave_id"


@pytest.fixture
def case():
    """Two orders of one line; the truck leaves at 10:30, staging and loading take 20 minutes."""
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer()
    cases.template(at, staging_minutes=15, loading_minutes=5, method="batch")
    return at, [cases.reserved(at, ("4711", 5)) for _ in range(2)]


def release(at, order, cut_off_at):
    return fulfilment.release_orders(ctx(ADA), ReleaseOrders(at.site, [order.order_id], cut_off_at=cut_off_at))


def test_the_cut_off_that_is_offered_is_the_one_of_the_plan(case):
    at, orders = case
    seen = steps_release.suggested_cut_off(at.site, [orders[0].order_id], NOW)
    assert seen == CutOffSeen(cases.CUT_OFF.replace(tzinfo=None), "")
    wave = release(at, orders[0], cases.CUT_OFF)
    until = cases.CUT_OFF - timedelta(minutes=20)
    assert sql.fetch_all(RUNS) == [("Parcels", cases.CUT_OFF, until, "released by hand")]
    assert sql.fetch_all("SELECT due_at FROM fulfilment_picklist") == [(until,)]
    from_now = ctx(MAY, now=until + timedelta(minutes=1))
    assert commands_floor.tell_slips(from_now, TellSlips()).wave_ids == [wave.wave_id]


def test_another_time_is_taken_and_one_that_is_over_refused(case):
    at, orders = case
    later = cases.CUT_OFF + timedelta(hours=1)
    release(at, orders[0], later)
    [(_, cut_off_at, pick_until, why)] = sql.fetch_all(RUNS)
    assert (cut_off_at, pick_until) == (later, later - timedelta(minutes=20))
    assert why == "released by hand, for a cut-off that a person gave"
    before = cases.books()
    with pytest.raises(Invalid):
        release(at, orders[1], NOW - timedelta(minutes=1))
    assert cases.books() == before
    release(at, orders[1], None)
    assert len(sql.fetch_all(RUNS)) == 1, "nobody said when its truck leaves"


def test_page_and_api_ask_for_it(case, client):
    at, orders = case
    told = signed_in(ADA).get(f"/orders/{orders[0].order_id}/release").content.decode()
    assert "The truck leaves at" in told
    sent = signed_in(ADA).post(f"/orders/{orders[0].order_id}/release", {"at": "2099-03-02T10:30"})
    assert sent.status_code == 303 and len(sql.fetch_all(RUNS)) == 1
    body = {"site_id": at.site, "order_ids": [orders[1].order_id], "cut_off_at": "2099-03-02T10:30:00Z"}
    headers = {**bearer(ADA), "Idempotency-Key": "k"}
    assert client.post("/api/v1/waves", body, "application/json", headers=headers).status_code == 201
    assert len(sql.fetch_all(RUNS)) == 2


def test_the_method_of_a_template_is_the_one_of_its_lists(case):
    at, _ = case
    [wave] = cases.waves_of(cases.plan(at).plan_id)
    commands.release_wave(ctx(MAY), ReleaseWaves(wave))
    [(method, why)] = sql.fetch_all("SELECT method, why FROM fulfilment_picklist")
    assert method == "batch"
    assert why.endswith("the wave's template asks for batch")
