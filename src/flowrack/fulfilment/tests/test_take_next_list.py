"""take_next_list: the first to leave, then the nearest, and no aisle with too many people in it."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction
from tests import outbound
from tests.cast import ADA, BO, CY, EVE, NOW, bearer, ctx, signed_in
from tests.races.together import at_the_same_time

from flowrack.fulfilment import commands, locks
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.fulfilment.types_lists import PickRule, SetPickRules, TakeNextList
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.walks.commands import set_floor
from flowrack.walks.types import AisleOf, Heading, SetFloor

pytestmark = pytest.mark.django_db(transaction=True)


def lists(*days: int, rule: PickRule | None = None):
    """One order a list, each from a bin of its own, wanted on these days of March; the site and (list id, number)."""
    at = outbound.house()
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [rule or PickRule(method="discrete")]))
    outbound.customer()
    found = []
    for n, day in enumerate(days, 1):
        place = f"{'forward_pick' if n <= 2 else 'reserve'}{(n - 1) % 2 + 1}"
        sql.execute("UPDATE locations_location SET pick_sequence = %s, aisle = %s WHERE id = %s",
                    (n * 10, f"A{n}", at.places[place]))  # fmt: skip
        outbound.receive(at, outbound.item(f"SKU-{n}"), 50, "1", place)
        order = outbound.order(at.site, "ACME", (f"SKU-{n}", 2), on=date(2026, 3, day))
        outbound.allocate(at.site, order)
        found.append(outbound.release(at.site, order))
    return at, found


def test_the_first_to_leave_is_taken_first_then_the_nearest_to_the_last_pick():
    at, waves = lists(6, 4, 6, 6)
    first = commands.take_next_list(ctx(CY), TakeNextList(at.site))
    assert first.list_id == waves[1].list_ids[0]
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(waves[1].pick_ids[0])]))
    second = commands.take_next_list(ctx(CY, now=NOW + timedelta(minutes=1)), TakeNextList(at.site))
    assert second.list_id in (waves[0].list_ids[0], waves[2].list_ids[0]), "10 away, the fourth is 20 away"
    assert second.list_id == min(waves[0].list_ids[0], waves[2].list_ids[0])


def test_when_none_waits_the_answer_is_no_list_until_a_lease_is_over():
    at, waves = lists(4)
    assert commands.take_next_list(ctx(CY), TakeNextList(at.site)).list_id == waves[0].list_ids[0]
    assert commands.take_next_list(ctx(BO), TakeNextList(at.site)).list_id == 0
    late = NOW + timedelta(minutes=61)
    assert commands.take_next_list(ctx(BO, now=late), TakeNextList(at.site)).list_id == waves[0].list_ids[0]


def test_a_full_aisle_comes_after_all_others():
    at, waves = lists(4, 4, 5, rule=PickRule(method="discrete", aisle_limit=1))
    sql.execute("UPDATE locations_location SET aisle = 'A1', zone_id = (SELECT min(zone_id) FROM locations_location "
                "WHERE aisle = 'A1') WHERE aisle = 'A2'")  # fmt: skip
    assert commands.take_next_list(ctx(CY), TakeNextList(at.site)).list_id == waves[0].list_ids[0]
    second = commands.take_next_list(ctx(BO), TakeNextList(at.site))
    assert (second.list_id, second.is_crowded) == (waves[2].list_ids[0], False)
    third = commands.take_next_list(ctx(ADA), TakeNextList(at.site))
    assert (third.list_id, third.is_crowded) == (waves[1].list_ids[0], True)


@pytest.mark.parametrize(("rule", "plan", "is_full"), [(0, 1, True), (1, 2, False), (0, 0, False)])
def test_what_the_floor_plan_says_of_an_aisle_comes_before_the_rule(rule, plan, is_full):
    at, waves = lists(4, 4, 5, rule=PickRule(method="discrete", aisle_limit=rule))
    sql.execute("UPDATE locations_location SET aisle = 'A1', zone_id = (SELECT min(zone_id) FROM locations_location "
                "WHERE aisle = 'A1') WHERE aisle = 'A2'")  # fmt: skip
    zone = sql.fetch_value("SELECT z.code FROM locations_zone z JOIN locations_location l ON l.zone_id = z.id "
                           "WHERE l.aisle = 'A1' LIMIT 1")  # fmt: skip
    front = AisleOf("FRONT", 0, 0, Heading.EAST, 9_000, is_cross=True)
    aisle = AisleOf("A1", 5_000, 0, Heading.NORTH, 9_000, zone, 1_000, most_people=plan)
    set_floor(ctx(ADA), SetFloor(at.site, 0, [front, aisle]))
    assert commands.take_next_list(ctx(CY), TakeNextList(at.site)).list_id == waves[0].list_ids[0]
    second = commands.take_next_list(ctx(BO), TakeNextList(at.site))
    assert (second.list_id, second.is_crowded) == (waves[2 if is_full else 1].list_ids[0], False)


def test_without_the_guard_two_people_get_the_same_list():
    lists(4, 4)
    seen = threading.Barrier(2, timeout=20)

    def naive() -> int:
        found = sql.fetch_value("SELECT id FROM fulfilment_picklist WHERE state = 'open' ORDER BY id LIMIT 1")
        seen.wait()
        sql.execute("UPDATE fulfilment_picklist SET first_sequence = 1 WHERE id = %s", (found,))
        return int(found)

    one, other = at_the_same_time([naive, naive])
    assert one == other


def test_two_people_who_ask_at_once_get_two_lists():
    at, waves = lists(4, 4)
    asked = [ctx(CY), ctx(BO)]
    got = at_the_same_time([partial(commands.take_next_list, one, TakeNextList(at.site)) for one in asked])
    assert sorted(one.list_id for one in got) == sorted(wave.list_ids[0] for wave in waves)


@pytest.mark.parametrize(("looked_at", "got"), [(1, 0), (1_000, 1)])
def test_behind_all_who_take_one_at_this_moment_waits_another_list(monkeypatch, looked_at, got):
    """The first row shows the race: who looks at the first hundred alone, while others take these, is told that none
    waits."""
    at, waves = lists(4, 4)
    monkeypatch.setattr(locks, "AT_ONCE", 1)
    monkeypatch.setattr(locks, "MOST_TAKERS", looked_at)
    held, done = threading.Event(), threading.Event()

    def taker() -> bool:
        with transaction.atomic():
            locks.pick_list(waves[0].list_ids[0])
            held.set()
            return done.wait(20)

    def next_one() -> int:
        held.wait(20)
        try:
            return commands.take_next_list(ctx(CY), TakeNextList(at.site)).list_id
        finally:
            done.set()

    ctx(CY)
    assert at_the_same_time([taker, next_one])[1] == (waves[1].list_ids[0] if got else 0)


def test_an_outsider_takes_nothing_and_a_zone_without_lists_has_none():
    at, _ = lists(4)
    with pytest.raises(NotPermitted):
        commands.take_next_list(ctx(EVE), TakeNextList(at.site))
    assert sql.fetch_value("SELECT state FROM fulfilment_picklist") == "open"
    body = {"site_id": at.site, "zone_id": 1}
    answer = signed_in(CY).post("/api/v1/pick-lists/next", body, content_type="application/json", headers=bearer(CY))
    assert answer.json() == {"list_id": 0, "number": "", "is_crowded": False}
