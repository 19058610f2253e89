"""The floor of a site is entered whole, walked at once, and refused with every line that does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import ADA, BO, PAM, ctx

from flowrack.locations import commands as places
from flowrack.locations import queries as locations
from flowrack.locations.types import BuildLocations, Pattern, UnknownSite
from flowrack.platform.models import CommandRecord, OutboxEvent
from flowrack.shared.errors import NotPermitted, Stale
from flowrack.walks import commands, queries
from flowrack.walks.models import Aisle, Floor, MeasuredPlace
from flowrack.walks.rules_routes import route
from flowrack.walks.tests.house import BACK, FIRST, FRONT, SECOND, house, measured
from flowrack.walks.types import Ends, LayoutRefused, OneWay, PlaceOf, SetFloor, Spot, Stop

pytestmark = pytest.mark.django_db(transaction=True)


def walked(site_id: int, *codes: str) -> int:
    at = locations.by_code(site_id, codes)
    return route([Stop(at[code].location_id) for code in codes], queries.floor_of(site_id)).mm


def test_a_floor_is_entered_and_the_next_walk_follows_it():
    site = house()
    before = walked(site, "01-1", "02-1")
    assert not queries.layout_of(site).is_measured
    req = replace(measured(site), places=[PlaceOf("OUT-1", 30_000, 0)])
    done = commands.set_floor(ctx(PAM, "k"), req)
    assert (done.version, done.aisles, done.places) == (1, 4, 1)
    assert commands.set_floor(ctx(PAM, "k"), req) == done
    layout = queries.layout_of(site)
    assert (layout.is_measured, [aisle.code for aisle in layout.aisles]) == (True, ["BACK", "FRONT", "01", "02"])
    assert walked(site, "01-1", "02-1") == 5_000 + 3_000 + 3_000 + 5_000 + 3_000 + 3_000 + 10_000 != before
    assert walked(site, "01-1", "OUT-1") == 30_000 + 30_000 + 6_000
    assert OutboxEvent.objects.filter(kind="walks.floor_set").count() == 1


def test_a_changed_floor_and_a_moved_place_are_seen_by_the_next_walk():
    site = house()
    commands.set_floor(ctx(PAM), measured(site))
    assert walked(site, "02-1") == 26_000
    longer = replace(SECOND, first_bay_mm=5_000, one_way=OneWay.BOTH)
    assert commands.set_floor(ctx(ADA), measured(site, 1, FRONT, BACK, FIRST, longer)).version == 2
    assert walked(site, "02-1") == 30_000
    assert queries.floor_of(site) is queries.floor_of(site)
    pick = next(zone.zone_id for zone in locations.zones(site) if zone.code == "PICK")
    places.build_locations(ctx(PAM), BuildLocations(pick, Pattern("02", "4", "A", code="{aisle}-{bay}")))
    assert walked(site, "02-4") == 2 * (10_000 + 5_000 + 3 * 2_000)
    assert commands.set_floor(ctx(PAM), SetFloor(site, 2)).version == 3
    assert (queries.layout_of(site).is_measured, queries.ends_of(site)) == (False, Ends((0, 0), (0, 0)))
    assert queries.layout_of(site).start == Spot(0, 0)


def test_who_read_an_older_floor_is_refused():
    site = house()
    commands.set_floor(ctx(PAM), measured(site))
    for version in (0, 2):
        with pytest.raises(Stale):
            commands.set_floor(ctx(PAM), measured(site, version, FRONT, FIRST))
    assert Aisle.objects.count() == 4


def test_every_line_that_does_not_fit_is_named_and_nothing_changes():
    site = house()
    wrong = [
        FRONT, BACK, FIRST, FIRST,
        replace(SECOND, zone="NOWHERE", length_mm=0),
        replace(SECOND, code="", bay_mm=0, most_people=-1),
        replace(BACK, code="X", zone="PICK", bay_mm=5),
    ]  # fmt: skip
    req = replace(measured(site, 0, *wrong), places=[PlaceOf("NONE", 0, 0), PlaceOf("OUT-1", 99_000_000, 0)])
    with pytest.raises(LayoutRefused) as refused:
        commands.set_floor(ctx(PAM), req)
    assert sorted((line.line, line.field) for line in refused.value.lines) == [
        (1, "places"), (2, "places"), (4, "code"), (5, "length_mm"), (5, "zone"), (6, "bay_mm"), (6, "code"),
        (6, "most_people"), (7, "bay_mm"), (7, "zone"),
    ]  # fmt: skip
    assert not Floor.objects.exists()


def test_an_aisle_that_no_way_leads_to_or_out_of_is_refused():
    site = house()
    alone = replace(SECOND, y_mm=1_000)
    trap = replace(FIRST, length_mm=19_000, one_way=OneWay.FORWARD)
    for aisles, line in (([FRONT, FIRST, alone], 3), ([FRONT, BACK, trap], 2)):
        with pytest.raises(LayoutRefused, match="No way leads into aisle") as refused:
            commands.set_floor(ctx(PAM), measured(site, 0, *aisles))
        assert line in [bad.line for bad in refused.value.lines]
    assert not Aisle.objects.exists()


def test_who_may_not_changes_nothing():
    site = house()
    records = CommandRecord.objects.count()
    with pytest.raises(NotPermitted):
        commands.set_floor(ctx(BO), measured(site))
    with pytest.raises(UnknownSite):
        commands.set_floor(ctx(PAM), measured(site + 999))
    assert (Floor.objects.count(), MeasuredPlace.objects.count(), CommandRecord.objects.count()) == (0, 0, records)
