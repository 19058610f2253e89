"""Which orders cannot be picked in time for their truck: on its page, and before a change of it is saved."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests import outbound
from tests.cast import ADA, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.shipping import commands as shipping
from flowrack.shipping import queries_reach, rules_reach
from flowrack.shipping.types_loads import PlanLoad, Truck
from flowrack.waves.tests import cases


def on_truck(cut_off_at: datetime):
    """Two orders of which nothing is picked, on a truck; staging and loading take half an hour."""
    at = cases.house()
    cases.stocked(at, "4711")
    outbound.customer()
    cases.template(at, staging_minutes=20, loading_minutes=10)
    orders = [cases.reserved(at, ("4711", units)) for units in (5, 1)]
    ids = [one.order_id for one in orders]
    return at, orders, shipping.plan_load(ctx(ADA), PlanLoad(at.site, ids, Truck(cut_off_at=cut_off_at)))


@pytest.mark.django_db(transaction=True)
def test_orders_that_cannot_reach_their_truck_any_more_are_those_that_are_not_staged_by_their_template():
    at = (now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    house, (first, second), _ = on_truck(at)
    ids = [first.order_id, second.order_id]
    in_time, too_late = at - timedelta(minutes=31), at - timedelta(minutes=30)
    assert queries_reach.too_late(house.site, ids, at, in_time) == []
    zone = sql.fetch_value("SELECT timezone FROM locations_site WHERE id = %s", (house.site,))
    until = sql.fetch_value("SELECT %s::timestamptz AT TIME ZONE %s", (too_late, zone))
    assert queries_reach.too_late(house.site, ids, at, too_late) == [
        (first.order_id, first.number, 5, until), (second.order_id, second.number, 1, until),
    ]  # fmt: skip
    assert queries_reach.too_late(house.site, ids, None, too_late) == []
    sql.execute("UPDATE sales_orderline SET allocated_units = 0, released_units = 0 WHERE order_id = %s",
                (first.order_id,))  # fmt: skip
    assert [one.number for one in queries_reach.too_late(house.site, ids, at, too_late)] == [second.number]


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_truck_names_them_and_a_change_is_saved_only_when_it_was_told():
    later = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    _, (first, second), load = on_truck(later)
    ada, url = signed_in(ADA), f"/loads/{load.load_id}"
    assert "cannot reach it" not in ada.get(url).content.decode()
    soon = now() + timedelta(minutes=25)
    asked = {
        "orders": f"{first.number}\n{second.number}",
        "door": "0",
        "cut_off_at": f"{soon:%Y-%m-%dT%H:%M}",
        "key": "a",
    }
    said = f"{first.number} (5 units) and {second.number} (1) are not staged and cannot reach it"
    page = ada.post(f"{url}/change", asked)
    shown = page.content.decode()
    assert (page.status_code, said in shown, "Nothing was changed" in shown) == (422, True, True)
    assert "Change load all the same" in shown and 'name="told"' in shown
    cut_off = "SELECT cut_off_at FROM shipping_load"
    assert sql.fetch_value(cut_off) == later
    sooner = {**asked, "cut_off_at": f"{soon - timedelta(minutes=9):%Y-%m-%dT%H:%M}"}
    told = shown.split('name="told" value="')[1].split('"')[0]
    assert ada.post(f"{url}/change", {**sooner, "told": told}).status_code == 422, "it was told of another time"
    assert ada.post(f"{url}/change", {**asked, "told": told}).status_code == 303
    assert sql.fetch_value(cut_off) == soon.replace(second=0, microsecond=0)
    assert said in ada.get(url).content.decode()
    named = {**asked, "trailer": "T-9", "key": "b"}
    assert ada.post(f"{url}/change", named).status_code == 303, "it is known of this time"


def test_the_sentence_names_five_and_counts_the_others():
    until = datetime(2026, 3, 2, 16, 5)
    assert rules_reach.cannot_reach([("SO-1", 1)], until) == (
        "SO-1 (1 unit) is not staged and cannot reach it: it had to be picked by Mon 16:05."
    )
    many = rules_reach.cannot_reach([(f"SO-{n}", 1_000) for n in range(7)], until)
    assert many == (
        "SO-0 (1,000 units), SO-1 (1,000), SO-2 (1,000), SO-3 (1,000), SO-4 (1,000) and 2 more are not staged and"
        " cannot reach it: they had to be picked by Mon 16:05."
    )
