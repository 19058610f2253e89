"""Two pallets are planned at the same moment, and there is one place left."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands, queries, queries_bins, queries_rules, queries_site, steps_census, steps_choose
from flowrack.storage.rules_house import choose_bins
from flowrack.storage.tests.house import at_dock, measured, plans, shelves
from flowrack.storage.types import PlanPutaways, PutawayNeed
from tests.cast import ADA, BO, HAL, ctx
from tests.races.together import at_the_same_time
from tests.supply import item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene():
    """Twice ten units of one item at the dock, and two bins for ten each."""
    here, hose = shelves(bins=2, max_volume_ml=10_000), item("V-200")
    measured(hose)
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    at_dock(here, hose, 20)
    needs = [PutawayNeed("test:1", here.places["receiving1"], hose, Units(10)) for _ in range(2)]
    for person in (ADA, BO, HAL):
        assert person.id
    steps_census.follow(ctx(ADA), here.site)
    return here, hose, needs


def test_without_the_lock_both_pallets_get_the_last_place(scene):
    """The naive twin chooses as the command does, and writes without looking again under a lock."""
    here, hose, needs = scene
    both_have_chosen = threading.Barrier(2, timeout=10)

    def naive(n: int) -> int:
        with transaction.atomic():
            goods = steps_choose.goods_of([needs[n]], queries.item_needs([hose]))
            now = queries_site.site_now_of(sql.fetch_all(*queries_site.ask_site_now(here.site, [hose])))
            house = steps_choose.load_house(here.site, [goods], queries_rules.in_use(here.site), now, look=3)
            [choice] = choose_bins([goods], house)
            both_have_chosen.wait()
            return choice.chosen.location_id

    assert at_the_same_time([lambda: naive(0), lambda: naive(1)]) == [here.places["R-01"]] * 2


def test_with_the_lock_one_gets_it_and_the_other_the_runner_up_both_explained(scene):
    here, _, needs = scene
    contexts = [ctx(ADA), ctx(HAL)]

    def plan(n: int) -> int:
        return commands.plan_putaways(contexts[n], PlanPutaways(here.site, [needs[n]])).moves[0].planned_move_id

    moves = at_the_same_time([lambda: plan(0), lambda: plan(1)])
    assert sorted(p[3] for p in plans()) == ["R-01", "R-02"]
    sentences = sorted(why(ref("storage.planned_move", m))[0].sentence.split(",")[0] for m in moves)
    assert sentences == ["R-01", "R-02"]


def test_eight_pallets_and_five_places(scene):
    here, hose, _ = scene
    sql.execute(
        """
        INSERT INTO locations_location (site_id, zone_id, code, role, pick_sequence, max_volume_ml)
        SELECT site_id, zone_id, 'R-1' || g, role, 10 + g, 1000 FROM locations_location, generate_series(1, 3) g
        WHERE code = 'R-01'
        """
    )
    sql.execute("UPDATE locations_location SET max_volume_ml = 1000 WHERE code LIKE 'R-%%'")
    needs = [PutawayNeed("test:1", here.places["receiving1"], hose, Units(1)) for _ in range(8)]
    contexts = [ctx(ADA) for _ in range(8)]

    def plan(n: int) -> int:
        return commands.plan_putaways(contexts[n], PlanPutaways(here.site, [needs[n]])).moves[0].location_id

    placed = at_the_same_time([lambda n=n: plan(n) for n in range(8)])
    bins = [place for place in placed if place]
    assert len(bins) == len(set(bins)) == 5 and placed.count(0) == 3
    assert {place.code for place in queries_bins.bins(bins) if place.under_way.volume_ml != 1_000} == set()
