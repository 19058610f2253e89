"""Sites from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.models import Location, Site
from flowrack.locations.tests.sites import file_of, london
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Site,Name,Time zone,Country\nLDN,London East,,\nPAR,Paris,Europe/Paris,fr\n"


def test_sites_come_with_their_virtual_places_and_again_change_nothing() -> None:
    here = london()
    report = commands.import_sites(ctx(PAM), file_of(GOOD))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 0)
    assert [(s.code, s.name, s.timezone, s.country) for s in queries.sites(include_archived=True)] == [
        ("LDN", "London East", "Europe/London", "GB"), ("PAR", "Paris", "Europe/Paris", "FR"),
    ]  # fmt: skip
    assert Location.objects.filter(site__code="PAR", kind="virtual").count() == 9
    assert queries.version_of("site", here.site) == 2
    again = commands.import_sites(ctx(PAM), file_of(GOOD))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_bad_sites_are_named_row_by_row_and_nothing_is_written() -> None:
    bad = "Site,Name,Time zone\nA B,Blank,UTC\nPAR,,Europe/Pari\nLIL,,\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_sites(ctx(PAM), file_of(bad))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Site", "This code has other signs."),
        (3, "Time zone", "“Europe/Pari” is not a time zone."),
        (4, "Name", "A new site needs a name."),
    }
    with pytest.raises(NotPermitted):
        commands.import_sites(ctx(BO), file_of(GOOD))
    assert not Site.objects.exists()
