"""reshop_carriers: a wave slips, the carrier changes, and customer service hears of promises that break."""

from __future__ import annotations

from datetime import date, timedelta
from datetime import time as at

import pytest
from tests import outbound
from tests.cast import ADA, CY, NOW, ctx

from flowrack.carriers import queries_choices
from flowrack.platform import sql
from flowrack.platform.models import OutboxEvent
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case, promised
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_carriers import CarrierReasonMissing, ChooseCarriers, ReshopCarriers

pytestmark = pytest.mark.django_db(transaction=True)
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def case() -> Case:
    made = Case()
    made.cut_offs(AIR=at(14), GROUND=at(17))
    return made


def chosen(case: Case) -> tuple[outbound.EnteredOrder, int]:
    """An order for tomorrow that the air service has, and its wave."""
    order = case.order(("BOLT", 2))
    wave = outbound.release(case.site, order)
    promised(order, TODAY, TOMORROW)
    [done] = commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id], wave.wave_id)).choices
    assert done.service == "Air service"
    return order, wave.wave_id


def test_a_later_cut_off_takes_what_slipped_and_nothing_is_late(case):
    order, wave_id = chosen(case)
    req = ReshopCarriers("the wave is two hours behind", wave_id=wave_id, ready_at=NOW + timedelta(hours=6))
    done = commands.reshop_carriers(ctx(ADA, "k"), req)
    assert commands.reshop_carriers(ctx(ADA, "k"), req) == done
    [change] = done.changed
    assert (change.before, change.after) == (
        "North Freight Air service 2026-03-03", "North Freight Ground service 2026-03-03"
    )  # fmt: skip
    assert (str(change.cost_before), str(change.cost_after)) == ("6.4900", "7.04")
    assert done.late_line_ids == []
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    assert (latest.stage, latest.service) == ("again", "Ground service")
    assert queries_choices.differences(latest.choice_id) == []
    assert OutboxEvent.objects.filter(kind="shipping.carriers_reshopped").count() == 1


def test_past_every_cut_off_the_promise_is_at_risk(case):
    order, _ = chosen(case)
    req = ReshopCarriers("the belt stands still", [order.order_id], ready_at=NOW + timedelta(hours=9))
    done = commands.reshop_carriers(ctx(ADA), req)
    assert done.late_line_ids == order.line_ids
    [reason] = sql.fetch_all("SELECT reason FROM allocation_promiseexception WHERE closed_at IS NULL")
    assert reason == ("the belt stands still: North Freight Air service arrives Wed 4 Mar, 1 day late",)


def test_the_same_answer_is_no_change(case):
    order, _ = chosen(case)
    done = commands.reshop_carriers(ctx(ADA), ReshopCarriers("a look", [order.order_id]))
    assert (done.changed, done.late_line_ids, len(done.choices)) == ([], [], 1)


def test_refused_means_nothing_changed(case):
    order, _ = chosen(case)
    for who, req, refusal in (
        (ADA, ReshopCarriers(" ", [order.order_id]), CarrierReasonMissing),
        (ADA, ReshopCarriers("late", [999_999]), ShipmentNotFound),
        (CY, ReshopCarriers("late", [order.order_id]), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.reshop_carriers(ctx(who), req)
    assert sql.fetch_value("SELECT count(*) FROM carriers_choice") == 1
