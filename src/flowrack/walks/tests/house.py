"""A site with two pick aisles of three bays, a staging place and a door, made through the door."""

from __future__ import annotations

from tests.cast import PAM, ctx
from tests.zero_rows import ensure_zero_rows

from flowrack.locations import commands as places
from flowrack.locations.types import BinTemplate, BuildLocations, CreateSite, CreateZone, Kind, Pattern, Role
from flowrack.walks.types import AisleOf, Heading, SetFloor

FRONT = AisleOf("FRONT", 0, 0, Heading.EAST, 30_000, is_cross=True)
BACK = AisleOf("BACK", 0, 20_000, Heading.EAST, 30_000, is_cross=True)
FIRST = AisleOf("01", 5_000, 0, Heading.NORTH, 20_000, "PICK", 2_000, 3_000)
SECOND = AisleOf("02", 10_000, 0, Heading.NORTH, 20_000, "PICK", 2_000, 3_000)


def house(code: str = "LDN") -> int:
    """The site's id."""
    ensure_zero_rows()
    site = places.create_site(ctx(PAM), CreateSite(code, "London", "Europe/London", "GB")).id
    pick = places.create_zone(ctx(PAM), CreateZone(site, "PICK", "Pick faces", Role.FORWARD_PICK)).id
    stage = places.create_zone(ctx(PAM), CreateZone(site, "STAGE", "Staging", Role.STAGED)).id
    places.build_locations(ctx(PAM), BuildLocations(pick, Pattern("01-02", "1-3", "A", code="{aisle}-{bay}")))
    places.build_locations(
        ctx(PAM), BuildLocations(stage, Pattern("", "", "1", code="OUT-{level}"), BinTemplate(kind=Kind.STAGING))
    )
    return site


def measured(site_id: int, version: int = 0, *aisles: AisleOf) -> SetFloor:
    """The two aisles between their cross aisles; walks begin and end at the front left."""
    return SetFloor(site_id, version, list(aisles) or [FRONT, BACK, FIRST, SECOND], [], (0, 0), (0, 0))
