"""Hazardous goods keep their distance: when bins are suggested, and when people choose others."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, ctx
from tests.supply import item

from flowrack.catalog.types import StorageClass
from flowrack.ledger.tests.house import receive
from flowrack.locations.types import STORAGE_CLASSES
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands
from flowrack.storage.tests.house import at_dock, plans, shelves
from flowrack.storage.types import Carried, ConfirmPutaway, NotAllowedThere, PlanPutaways, PutawayNeed

pytestmark = pytest.mark.django_db


def hazardous(sku, hazard_class, division=""):
    """An item of a hazard class."""
    made = item(sku)
    sql.execute(
        "UPDATE catalog_item SET hazard_class = %s, hazard_division = %s WHERE id = %s", (hazard_class, division, made)
    )
    return made


@pytest.fixture
def scene():
    here = shelves(bins=5, max_lpns=1)
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    sql.execute("UPDATE locations_location SET hazard_classes = '{3,5}', aisle = '01' WHERE code LIKE 'R-%%'")
    paint, bleach = hazardous("PAINT", "3"), hazardous("BLEACH", "5", "5.1")
    at_dock(here, paint, 20)
    at_dock(here, bleach, 20)
    return here, paint, bleach


def plan(here, *item_ids):
    needs = [PutawayNeed("test:1", here.places["receiving1"], i, Units(10)) for i in item_ids]
    return commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, needs)).moves


def test_an_oxidizer_is_never_sent_beside_a_flammable_not_even_in_one_receipt(scene):
    here, paint, bleach = scene
    moves = plan(here, paint, bleach)
    assert [p[3] for p in plans()] == ["R-01", "R-03"]
    [decision] = why(ref("storage.planned_move", moves[1].planned_move_id))
    assert decision.detail["removed"]["segregation"] == {
        "bins": 1,
        "nearest": "Hazard 5.1 must stay separated from 3, which lies in R-01; R-02 is too near.",
    }


def test_what_lies_there_and_what_is_under_way_both_count(scene):
    here, paint, bleach = scene
    receive(here, paint, 5, "1", "R-03")
    plan(here, bleach)
    assert plans()[0][3] == "R-01"
    plan(here, paint)
    assert plans()[1][3] == "R-03"  # the same item; R-02 lies beside the bleach that is on its way


def test_a_person_may_not_put_it_there_either(scene):
    here, paint, bleach = scene
    receive(here, paint, 5, "1", "R-03")
    [planned] = plan(here, bleach)
    wrong = Carried(planned.planned_move_id, here.places["R-04"], reason="nearer")
    with pytest.raises(NotAllowedThere, match="separated from 3"):
        commands.confirm_putaway(ctx(CY), ConfirmPutaway([wrong]))
    commands.confirm_putaway(
        ctx(CY), ConfirmPutaway([Carried(planned.planned_move_id, here.places["R-05"], reason="nearer")])
    )
    assert plans() == [("done", 10, 10, "R-01", "R-05")]


def test_a_beam_that_is_taken_by_its_neighbour_is_not_chosen_and_not_used_by_hand():
    here, hose = shelves(bins=3, max_lpns=1), item("V-200")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    sql.execute(
        "UPDATE locations_location SET max_beam_weight_g = 100000, aisle = '01', bay = '01', level = '2'"
        " WHERE code IN ('R-01', 'R-02')"
    )
    sql.execute(
        "INSERT INTO catalog_packlevel (item_id, level, factor, weight_g) VALUES (%s, 'each', 1, 6000)", (hose,)
    )
    at_dock(here, hose, 20)
    moves = plan(here, hose, hose)
    assert [p[3] for p in plans()] == ["R-01", "R-03"]
    with pytest.raises(Exception, match="The beam of R-02 carries 100000 g"):
        line = Carried(moves[1].planned_move_id, here.places["R-02"], reason="nearer")
        commands.confirm_putaway(ctx(CY), ConfirmPutaway([line]))


def test_places_and_items_know_the_same_storage_classes():
    assert set(STORAGE_CLASSES) == {str(one) for one in StorageClass}
