"""What is known of a site's bins follows the ledger and the layout, and is only a hint."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import ADA, NOW, ctx
from tests.supply import item

from flowrack.ledger.tests.house import receive, ship
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands, steps_census
from flowrack.storage.tests.house import at_dock, plans, shelves
from flowrack.storage.types import (
    CancelPutaways,
    PickFaceSetting,
    PlanPutaways,
    PutawayNeed,
    ReplanPutaways,
    SetPickFaces,
)

pytestmark = pytest.mark.django_db


def known(site):
    """Bin -> filling of the reserve bins in use, and (empty, filled, faces) of all shapes together."""
    bins = sql.fetch_all(
        """
        SELECT l.code, s.filling FROM storage_binstate s JOIN locations_location l ON l.id = s.location_id
        WHERE l.site_id = %s AND l.code LIKE 'R-%%' ORDER BY l.code
        """,
        (site,),
    )
    counts = sql.fetch_one(
        "SELECT sum(empty)::int, sum(filled)::int, sum(faces)::int FROM storage_binshape WHERE site_id = %s", (site,)
    )
    return dict(bins), counts


def test_it_follows_the_moves_and_the_faces():
    here, hose = shelves(), item("V-200")
    by = ctx(ADA)
    steps_census.follow(by, here.site)
    assert known(here.site) == ({"R-01": 0, "R-02": 0, "R-03": 0}, (11, 0, 0))
    receive(here, hose, 10, "4", "R-02")
    steps_census.follow(by, here.site)
    assert known(here.site) == ({"R-01": 0, "R-02": 1, "R-03": 0}, (10, 1, 0))
    ship(here, hose, 10, "R-02")
    receive(here, hose, 10, "4", "R-03")
    steps_census.follow(by, here.site)
    assert known(here.site) == ({"R-01": 0, "R-02": 0, "R-03": 1}, (10, 1, 0))
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    commands.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    assert known(here.site)[1] == (9, 1, 1)


def test_it_is_counted_anew_when_the_layout_changed_and_every_hour():
    here = shelves()
    assert steps_census.follow(ctx(ADA), here.site) is True
    assert steps_census.follow(ctx(ADA), here.site) is False
    sql.execute("UPDATE locations_location SET blocked_reason = 'repair' WHERE code = 'R-01'")
    assert steps_census.follow(ctx(ADA), here.site) is True
    assert sql.fetch_value("SELECT sum(empty) FROM storage_binshape WHERE is_blocked") == 3  # two of the house itself
    held, counts = known(here.site)
    sql.execute("UPDATE storage_binstate SET filling = 1 - filling")
    sql.execute("UPDATE storage_binshape SET empty = 5, filled = 7")
    assert steps_census.follow(ctx(ADA, now=NOW + timedelta(hours=2)), here.site) is True
    assert known(here.site) == (held, counts)


def test_stops_count_bays_and_zones_that_are_walked_one_behind_the_other():
    here = shelves(bins=4)
    sql.execute("UPDATE locations_location SET aisle = '01', bay = '01' WHERE code IN ('R-01', 'R-02')")
    sql.execute("UPDATE locations_location SET aisle = '01', bay = '02' WHERE code IN ('R-03', 'R-04')")
    sql.execute("UPDATE locations_location SET pick_sequence = pick_sequence + 100 WHERE role = 'forward_pick'")
    steps_census.follow(ctx(ADA), here.site)
    stops = dict(
        sql.fetch_all(
            "SELECT l.code, s.stop FROM storage_binstate s JOIN locations_location l ON l.id = s.location_id"
            " WHERE l.code LIKE 'R-%%' OR l.code LIKE 'forward%%'"
        )
    )
    # The house's own reserve-1 and reserve-2 stand at 1 and 2 as well, so that the first bays are passed in turn.
    assert stops["R-03"] == stops["R-04"] == stops["R-02"] + 1
    assert stops["forward_pick-1"] == stops["R-04"] + 1
    assert stops["forward_pick-2"] == stops["R-04"] + 2


def test_a_wrong_hint_costs_a_second_look_and_never_a_wrong_bin():
    here, hose, tap = shelves(max_lpns=1), item("V-200"), item("TAP")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    receive(here, tap, 10, "4", "R-01")
    receive(here, tap, 10, "4", "R-02")
    at_dock(here, hose, 10)
    steps_census.follow(ctx(ADA), here.site)
    sql.execute("UPDATE storage_binstate SET filling = 1 - filling")  # all of it is wrong now
    sql.execute("UPDATE storage_bincensus SET counted_at = counted_at - interval '2 minutes'")
    sql.execute("UPDATE storage_binshape SET empty = 2, filled = 1 WHERE NOT is_blocked AND role = 'reserve'")
    need = PutawayNeed("test:1", here.places["receiving1"], hose, Units(10))
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, [need]))
    assert plans() == [("open", 10, 0, "R-03", "")]


def coming():
    """The bins of which it is known that something comes, and those of which it is true."""
    known_of = sql.fetch_all(
        """
        SELECT l.code FROM storage_binstate s JOIN locations_location l ON l.id = s.location_id
        WHERE s.is_coming ORDER BY l.code
        """
    )
    true_of = sql.fetch_all(
        """
        SELECT DISTINCT l.code FROM storage_plannedmove m JOIN locations_location l ON l.id = m.to_location_id
        JOIN storage_binstate s ON s.location_id = l.id AND s.filling = 0 WHERE m.state = 'open' ORDER BY l.code
        """
    )
    assert known_of == true_of
    return [code for (code,) in known_of]


def test_an_empty_bin_knows_what_is_coming_until_it_came_or_is_called_off():
    here, hose, tap = shelves(max_lpns=1), item("V-200"), item("TAP")
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'forward_pick'")
    at_dock(here, hose, 10)
    at_dock(here, tap, 10)
    dock = here.places["receiving1"]
    needs = [PutawayNeed(f"test:{n}", dock, one, Units(5)) for n, one in enumerate((hose, tap, hose))]
    first = commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, needs[:2])).moves
    assert coming() == ["R-01", "R-02"]
    commands.plan_putaways(ctx(ADA), PlanPutaways(here.site, needs[2:]))
    assert coming() == ["R-01", "R-02"], "more of the item goes where it is expected"
    again = commands.replan_putaways(ctx(ADA), ReplanPutaways(here.site, [first[1].planned_move_id]))
    assert again.moves == [first[1]], "what is planned anew does not stand in its own way"
    commands.cancel_putaways(ctx(ADA), CancelPutaways(["test:1"], "not here"))
    assert coming() == ["R-01"]
    receive(here, hose, 1, "4", "R-01")
    steps_census.follow(ctx(ADA), here.site)
    assert coming() == [], "it is not empty any more"
    ship(here, hose, 1, "R-01")
    steps_census.follow(ctx(ADA), here.site)
    assert coming() == ["R-01"], "and empty again, and still expected"
    sql.execute("UPDATE storage_binstate SET is_coming = NOT is_coming")
    steps_census.follow(ctx(ADA, now=NOW + timedelta(hours=2)), here.site)
    assert coming() == ["R-01"]
