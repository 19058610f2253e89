"""Reading the house for a choice: few statements, and the same choice whichever plan PostgreSQL keeps for them."""

import random

import pytest
from tests.cast import ADA, ctx
from tests.supply import item

from flowrack.ledger.tests.house import receive, value
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands, known, queries, queries_bins, steps_census, steps_choose
from flowrack.storage.tests.house import measured, shelves
from flowrack.storage.types import PlanPutaways, PutawayNeed

pytestmark = pytest.mark.django_db


def chosen(here, item_id, units):
    """What is chosen for loose units of an item: bin, best candidates with their terms, and what was removed."""
    need = PutawayNeed("test:1", here.places["receiving1"], item_id, Units(units))
    facts = queries.item_needs([item_id])
    [choice] = steps_choose.choose(ctx(ADA), here.site, steps_choose.group_needs([need], facts)).choices
    return (
        choice.chosen and choice.chosen.code,
        [(place.code, ways) for place, ways in choice.candidates],
        {rule: (gone.bins, gone.sentence) for rule, gone in choice.removed.items()},
    )


def filled(seed):
    """A house of 24 bins with limits, some on weak beams, a third of them full, and four items of different sizes."""
    rng = random.Random(seed)
    here = shelves(bins=24, max_volume_ml=60_000, max_weight_g=40_000, max_lpns=3)
    sql.execute(
        """UPDATE locations_location SET aisle = 'A', bay = lpad((pick_sequence / 4)::text, 2, '0'), level = '1',
                  max_beam_weight_g = CASE WHEN pick_sequence %% 8 < 4 THEN 30000 END
           WHERE code LIKE 'R-%%'"""
    )
    goods = [item(f"ITEM-{n}") for n in range(4)]
    for n, item_id in enumerate(goods):
        measured(item_id, mm=80 + 20 * n, grams=300 + 200 * n)
    for n in rng.sample(range(1, 25), 8):
        receive(here, rng.choice(goods), rng.randint(1, 20), "4", f"R-{n:02}")
    value(
        """INSERT INTO storage_pickface (location_id, item_id, min_units, max_units) VALUES (%s, %s, 5, 40)
           RETURNING id""",
        here.places["R-20"],
        goods[0],
    )
    steps_census.follow(ctx(ADA), here.site)
    return here, goods, rng


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_the_same_with_a_plan_that_is_kept_and_with_one_made_anew(seed, monkeypatch):
    here, goods, rng = filled(seed)
    asked = [(item_id, rng.randint(1, 45)) for item_id in goods for _ in range(2)]
    kept = [chosen(here, *one) for one in asked]
    monkeypatch.setattr(sql, "FEW", 0)
    assert [chosen(here, *one) for one in asked] == kept
    assert {bin_code for bin_code, _, _ in kept} - {None}, "some found a bin"


def test_the_nearest_empty_bins_are_the_same_when_each_is_looked_for_and_when_all_are_read():
    here, goods, _ = filled(2)
    receive(here, goods[0], 9, "4", "receiving1")
    need = PutawayNeed("test:1", here.places["receiving1"], goods[0], Units(9))
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need]))
    assert sql.fetch_value("SELECT count(*) FROM storage_plannedmove WHERE state = 'open'") == 1
    shapes = [row[0] for row in sql.fetch_all("SELECT id FROM storage_binshape ORDER BY id")]
    wanted = [(shape, walk) for shape in shapes for walk in (0, 5, 13, 99)]
    few = queries_bins.empty_bins(wanted, many=3, is_all_read=False)
    assert sorted(queries_bins.empty_bins(wanted, many=3, is_all_read=True)) == sorted(few)
    assert len(few) > 6


@pytest.mark.parametrize("seed", range(3))
def test_what_a_process_remembers_changes_no_choice_and_no_reason(seed):
    here, goods, rng = filled(seed)
    asked = [(item_id, 5) for item_id in goods]
    said = []
    for n in range(6):
        remembered = [chosen(here, *one) for one in asked]
        known._kinds.clear()
        known._rules.clear()
        assert [chosen(here, *one) for one in asked] == remembered
        said.append(remembered)
        if n == 2:
            sql.execute("UPDATE locations_location SET blocked_reason = 'repair' WHERE code = 'R-24'")
        else:
            receive(here, rng.choice(goods), rng.randint(1, 20), "4", f"R-{rng.randint(1, 23):02}")
    assert len({str(one) for one in said}) > 2, "what happened was seen"


def test_one_pallet_takes_few_statements_even_where_beams_are_weak(django_assert_max_num_queries):
    here, goods, _ = filled(1)
    facts = queries.item_needs(goods)
    need = PutawayNeed("test:1", here.places["receiving1"], goods[0], Units(2))
    groups = steps_choose.group_needs([need], facts)
    by = ctx(ADA)
    with django_assert_max_num_queries(11):
        steps_choose.choose(by, here.site, groups)
