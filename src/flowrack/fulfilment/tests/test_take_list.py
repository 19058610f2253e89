"""take_list: one person has a pick list, until it is given back, taken over or not heard of any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import BO, CY, EVE, NOW, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries_lists, rules_walks
from flowrack.fulfilment.types_lists import ListClosed, ListIsTaken, ListNotFound, TakeList
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 100, "1", "forward_pick1")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", units)) for units in (12, 5)]
    outbound.allocate(at.site, *orders)
    return at, orders, outbound.release(at.site, *orders)


def who_has(list_id: int):
    return sql.fetch_one("SELECT state, taken_by_id, device FROM fulfilment_picklist WHERE id = %s", (list_id,))


def test_a_list_is_taken_for_an_hour_and_by_nobody_else(case):
    _, _, wave = case
    [list_id] = wave.list_ids
    done = commands.take_list(ctx(CY), TakeList(list_id))
    assert (done.lease_until, done.was_taken_from) == (NOW + timedelta(minutes=60), 0)
    assert who_has(list_id) == ("taken", CY.id, "test")
    with pytest.raises(ListIsTaken, match=rf"Cy Picker has {done.number} on test\."):
        commands.take_list(ctx(BO), TakeList(list_id))
    with pytest.raises(ListIsTaken, match=r"^You have"):
        commands.take_list(ctx(CY, device="the other"), TakeList(list_id))
    assert who_has(list_id) == ("taken", CY.id, "test")
    later = commands.take_list(ctx(CY, now=NOW + timedelta(minutes=30)), TakeList(list_id, lease_seconds=600))
    assert later.lease_until == NOW + timedelta(minutes=40)


def test_a_colleague_takes_over_when_he_says_so_or_when_the_device_died(case):
    _, _, wave = case
    [list_id] = wave.list_ids
    commands.take_list(ctx(CY), TakeList(list_id))
    assert commands.take_list(ctx(BO), TakeList(list_id, take_over=True)).was_taken_from == CY.id
    assert who_has(list_id) == ("taken", BO.id, "test")
    late = NOW + timedelta(minutes=61)
    assert commands.take_list(ctx(CY, now=late), TakeList(list_id)).was_taken_from == 0
    assert who_has(list_id) == ("taken", CY.id, "test")


def test_who_goes_on_picking_keeps_the_list_and_the_last_pick_ends_it(case):
    _, _, wave = case
    [list_id] = wave.list_ids
    commands.take_list(ctx(CY), TakeList(list_id, lease_seconds=60))
    later = NOW + timedelta(seconds=50)
    first, second = wave.pick_ids
    commands.confirm_picks(ctx(CY, now=later), outbound.ConfirmPicks([outbound.Pick(first)]))
    assert queries_lists.head(list_id, frozenset({0})).lease_until == later + timedelta(minutes=15)
    commands.confirm_picks(ctx(CY, now=later), outbound.ConfirmPicks([outbound.Pick(second)]))
    head = queries_lists.head(list_id, frozenset({0}))
    assert (head.state, head.finished_at, head.started_at, head.lease_until) == ("done", later, NOW, None)
    with pytest.raises(ListClosed):
        commands.take_list(ctx(CY), TakeList(list_id))


def test_what_cannot_be_taken_is_refused_and_changes_nothing(case):
    _, _, wave = case
    [list_id] = wave.list_ids
    with pytest.raises(NotPermitted):
        commands.take_list(ctx(EVE), TakeList(list_id))
    with pytest.raises(ListNotFound):
        commands.take_list(ctx(CY), TakeList(999_999))
    with pytest.raises(ListNotFound):
        commands.take_list(replace(ctx(CY), grants={"fulfilment.pick": frozenset({99})}), TakeList(list_id))
    with pytest.raises(Invalid):
        commands.take_list(ctx(CY), TakeList(list_id, lease_seconds=90_000))
    assert who_has(list_id) == ("open", None, "")


def test_a_device_gets_the_list_with_all_it_needs_to_pick_without_the_network(case):
    _, orders, wave = case
    [list_id] = wave.list_ids
    item = sql.fetch_value("SELECT id FROM catalog_item")
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, gtin) VALUES (%s, 'case', 5, '04012345678901')", (item,)
    )
    path = f"/api/v1/pick-lists/{list_id}"
    client = signed_in(CY)
    taken = client.post(f"{path}/take", {"lease_seconds": 7200}, content_type="application/json", headers=bearer(CY))
    assert taken.status_code == 200
    got = client.get(path, headers=bearer(CY)).json()
    assert (got["head"]["state"], got["head"]["method"], got["head"]["taken_by"]) == ("taken", "cluster", "Cy Picker")
    assert got["scan"] == {"bin": False, "item": True, "lot": False, "qty": False, "tote": True}
    assert [(x["location"], x["units"], x["order"], x["letter"]) for x in got["lines"]] == [
        ("forward_pick-1", 12, orders[0].number, "A"),
        ("forward_pick-1", 5, orders[1].number, "B"),
    ]
    assert got["items"][0]["codes"] == [{"code": "4711", "units": 1}, {"code": "04012345678901", "units": 5}]
    assert [(t["letter"], t["order"], t["tote"]) for t in got["totes"]] == [
        ("A", orders[0].number, ""),
        ("B", orders[1].number, ""),
    ]
    assert client.get("/api/v1/pick-lists/999999", headers=bearer(CY)).status_code == 404


def test_a_list_that_was_not_walked_at_the_release_is_when_it_is_taken(case, monkeypatch):
    at, _, _ = case
    monkeypatch.setattr(rules_walks, "MOST_STOPS", 0)
    order = outbound.order(at.site, "ACME", ("4711", 3))
    outbound.allocate(at.site, order)
    [list_id] = outbound.release(at.site, order).list_ids
    assert queries_lists.head(list_id, frozenset({0})).walk_mm is None
    commands.take_list(ctx(CY), TakeList(list_id))
    head = queries_lists.head(list_id, frozenset({0}))
    ways = dict(sql.fetch_all("SELECT method, mm FROM fulfilment_picklistwalk WHERE pick_list_id = %s", (list_id,)))
    assert head.walk_mm == min(ways.values()) == ways[head.walk_method]
