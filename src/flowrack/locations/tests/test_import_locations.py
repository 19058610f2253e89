"""Bins, doors and staging places from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.models import Location
from flowrack.locations.tests.sites import clear, file_of, fill, london
from flowrack.locations.types import CreateZone, Role
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = """Site,Bin,Zone,Sequence,Max weight g,Pallets,Temperature,Hazard classes,Blocked
LDN,R-1,,50,5000,2,chilled,3|8,
LDN,D-1,D,1,,,,,Door stuck
"""


def test_places_come_and_change_and_empty_cells_leave_what_is_stored() -> None:
    here = london()
    commands.create_zone(ctx(PAM), CreateZone(here.site, "D", "Dock", Role.RECEIVING))
    report = commands.import_locations(ctx(PAM), file_of(GOOD))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 0)
    bin_, door = queries.location(here.bins[0]), Location.objects.get(code="D-1")
    assert (bin_.zone_code, bin_.role, bin_.pick_sequence, bin_.max_weight_g, bin_.max_lpns) == (
        "R", "reserve", 50, 5_000, 2,
    )  # fmt: skip
    assert (bin_.temperature, bin_.hazard_classes) == ("chilled", ["3", "8"])
    assert (door.role, door.blocked_reason, door.temperature, door.max_lpns) == (
        "receiving", "Door stuck", "ambient", None,
    )  # fmt: skip
    again = commands.import_locations(ctx(PAM), file_of(GOOD))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_a_place_with_stock_stays_in_use_and_in_its_role() -> None:
    here = london()
    mug = fill(here)
    commands.create_zone(ctx(PAM), CreateZone(here.site, "Q", "Quarantine", Role.QUARANTINE))
    commands.create_zone(ctx(PAM), CreateZone(here.site, "R2", "More reserve", Role.RESERVE))
    for text, field, fix in (
        ("Site,Bin,Zone\nLDN,R-1,Q\nLDN,R-2,Q\n", "Zone", "Move it out before the role changes."),
        ("Site,Bin,Active\nLDN,R-1,no\nLDN,R-2,no\n", "Active", "Move it elsewhere, then archive the place."),
    ):
        with pytest.raises(ImportRefused) as refused:
            commands.import_locations(ctx(PAM), file_of(text))
        assert [(line.line, line.field, line.fix) for line in refused.value.lines] == [(2, field, fix)]
    assert commands.import_locations(ctx(PAM), file_of("Site,Bin,Zone\nLDN,R-1,R2\n")).updated == 1
    clear(here, mug)
    assert commands.import_locations(ctx(PAM), file_of("Site,Bin,Zone,Active\nLDN,R-1,Q,no\n")).updated == 1
    place = queries.location(here.bins[0])
    assert (place.role, place.is_active) == ("quarantine", False)


def test_bad_places_are_named_row_by_row_and_nothing_is_written() -> None:
    here = london()
    before = Location.objects.count()
    bad = """Site,Bin,Zone,Pallets,Temperature
LDN,R-3,S,1,ambient
LDN,R-4,,1,ambient
LDN,SUPPLIER,R,1,ambient
LDN,R 5,R,1,ambient
LDN,R-6,R,0,hot
LDX,R-7,R,1,ambient
"""
    with pytest.raises(ImportRefused) as refused:
        commands.import_locations(ctx(PAM), file_of(bad))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} >= {
        (2, "Zone", "There is no zone “S”."),
        (3, "Zone", "A new location needs a zone."),
        (4, "Bin", "A place of the books."),
        (5, "Bin", "This code has other signs."),
        (6, "Pallets", "“0” is less than 1."),
        (6, "Temperature", "“hot” is not known here."),
        (7, "Site", "There is no site “LDX”."),
    }
    with pytest.raises(NotPermitted):
        commands.import_locations(ctx(BO), file_of(GOOD))
    assert Location.objects.count() == before
    assert queries.location(here.bins[0]).pick_sequence == 1
