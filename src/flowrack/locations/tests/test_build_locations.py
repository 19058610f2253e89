"""Building a warehouse from a pattern."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.locations import commands
from flowrack.locations.models import Location
from flowrack.locations.types import (
    BinTemplate,
    BuildLocations,
    CreateSite,
    CreateZone,
    Pattern,
    PatternRefused,
    Role,
    UnknownLocation,
)
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def zone_id() -> int:
    ensure_zero_rows()
    site = commands.create_site(ctx(PAM), CreateSite("LDN", "London", "Europe/London", "GB"))
    return commands.create_zone(ctx(PAM), CreateZone(site.id, "R", "Reserve", Role.RESERVE)).id


def test_ten_thousand_bins_in_one_statement(zone_id: int, django_assert_max_num_queries) -> None:
    template = BinTemplate(max_lpns=2, max_weight_g=1_000_000, hazard_classes=["3", "8"])
    pattern = Pattern("01-20", "01-50", "1-5", "A-B")
    who = ctx(PAM)
    with django_assert_max_num_queries(8):
        built = commands.build_locations(who, BuildLocations(zone_id, pattern, template))
    assert (built.created, built.existed, built.first, built.last) == (10_000, 0, "01-01-1A", "20-01-5B")
    bin_ = Location.objects.get(code="02-50-1A")
    assert (bin_.aisle, bin_.bay, bin_.level, bin_.slot, bin_.role, bin_.max_lpns) == (
        "02",
        "50",
        "1",
        "A",
        "reserve",
        2,
    )
    assert bin_.pick_sequence == 501
    assert bin_.hazard_classes == ["3", "8"]


def test_building_again_makes_only_what_is_missing(zone_id: int) -> None:
    commands.build_locations(ctx(PAM), BuildLocations(zone_id, Pattern("1", "1-3", "1", code="{bay}")))
    again = commands.build_locations(ctx(PAM), BuildLocations(zone_id, Pattern("1", "1-5", "1", code="{bay}")))
    assert (again.created, again.existed) == (2, 3)


def test_a_refused_pattern_builds_nothing(zone_id: int) -> None:
    with pytest.raises(PatternRefused):
        commands.build_locations(ctx(PAM), BuildLocations(zone_id, Pattern("1", "1-3", "1", code="X")))
    with pytest.raises(UnknownLocation):
        commands.build_locations(ctx(PAM), BuildLocations(999, Pattern("1", "1", "1")))
    with pytest.raises(NotPermitted):
        commands.build_locations(ctx(BO), BuildLocations(zone_id, Pattern("1", "1", "1")))
    assert not Location.objects.exclude(kind="virtual").exists()
