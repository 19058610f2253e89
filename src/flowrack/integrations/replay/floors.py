"""The floor of the first site as somebody measured it: pick faces beside the racks, staging and doors in front."""

from __future__ import annotations

from datetime import timedelta

from flowrack.integrations.replay.house import House, Site, moment
from flowrack.walks.commands import set_floor
from flowrack.walks.types import AisleOf, Heading, PlaceOf, SetFloor

DEPTH, MARGIN = 60_000, 3_000  # aisles from the front cross aisle to the back one; the first bay from the front
FACE_BAY, RACK_BAY = 1_350, 2_700  # a bay of flow rack, and of three pallets
APART, FACES_AT, FIRST_RACK_AT = 5_200, 2_600, 9_000
AT_ONCE = 4  # people in the aisle of the pick faces


def measure(house: House, site: Site, racks: list[str], faces: int, doors: list[str]) -> None:
    """Enter the plan: `racks` are the aisles of the reserve, `faces` the bays of the pick faces' aisle (none: 0)."""
    width = FIRST_RACK_AT + APART * len(racks)
    depth = max(DEPTH, 2 * MARGIN + faces * FACE_BAY)
    aisles = [
        AisleOf("FRONT", 0, 0, Heading.EAST, width, is_cross=True),
        AisleOf("BACK", 0, depth, Heading.EAST, width, is_cross=True),
    ]
    if faces:
        aisles.append(AisleOf("F", FACES_AT, 0, Heading.NORTH, depth, "FWD", FACE_BAY, MARGIN, most_people=AT_ONCE))
    for n, code in enumerate(racks):
        x = FIRST_RACK_AT + APART * n
        aisles.append(AisleOf(code, x, 0, Heading.NORTH, depth, "RSV", RACK_BAY, MARGIN))
    places = [PlaceOf("STAGE-1", FIRST_RACK_AT, -6_000)]
    places += [PlaceOf(door, FIRST_RACK_AT + APART * n, -12_000) for n, door in enumerate(doors)]
    desk = (FACES_AT, -3_000)
    at = moment(house.world.first_on - timedelta(days=3), 8)
    asked = SetFloor(site.site_id, 0, aisles, places, desk, (FIRST_RACK_AT, -6_000))
    house.do(set_floor, "warehouse_manager", asked, key=f"floor:{site.code}", at=at)
