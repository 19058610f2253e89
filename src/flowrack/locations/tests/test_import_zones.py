"""Zones from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.models import Location, Zone
from flowrack.locations.tests.sites import clear, file_of, fill, london
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Site,Zone,Name,Role\nLDN,R,Picking,forward pick\nLDN,Q,Quarantine,QUARANTINE\n"


def test_zones_come_and_change_with_their_places() -> None:
    here = london()
    report = commands.import_zones(ctx(PAM), file_of(GOOD))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 0)
    assert [(z.code, z.name, z.role) for z in queries.zones(here.site)] == [
        ("Q", "Quarantine", "quarantine"), ("R", "Picking", "forward_pick"),
    ]  # fmt: skip
    assert set(Location.objects.filter(zone_id=here.zone).values_list("role", flat=True)) == {"forward_pick"}
    again = commands.import_zones(ctx(PAM), file_of(GOOD))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_a_zone_with_stock_keeps_its_role() -> None:
    here = london()
    mug = fill(here)
    with pytest.raises(ImportRefused) as refused:
        commands.import_zones(ctx(PAM), file_of(GOOD))
    assert [(line.line, line.field, line.fix) for line in refused.value.lines] == [
        (2, "Role", "Move it out before the role changes.")
    ]
    assert [z.code for z in queries.zones(here.site)] == ["R"]
    clear(here, mug)
    assert commands.import_zones(ctx(PAM), file_of(GOOD)).created == 1


def test_bad_zones_are_named_row_by_row_and_nothing_is_written() -> None:
    london()
    bad = "Site,Zone,Name,Role\nLDM,A,Aye,reserve\nLDN,B,Bee,reserved\nLDN,C,,staged\nLDN,D,Dee,\nLDN,?,Eff,hold\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_zones(ctx(PAM), file_of(bad))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} >= {
        (2, "Site", "There is no site “LDM”."),
        (3, "Role", "“reserved” is not known here."),
        (4, "Name", "A new zone needs a name."),
        (5, "Role", "A new zone needs a role."),
        (6, "Zone", "This code has other signs."),
    }
    with pytest.raises(NotPermitted):
        commands.import_zones(ctx(BO), file_of(GOOD))
    assert list(Zone.objects.values_list("code", flat=True)) == ["R"]
