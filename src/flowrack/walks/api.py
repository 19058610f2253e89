"""The floor for other systems: its plan, and the walk through some places."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from flowrack.locations import queries as locations
from flowrack.platform.etags import etag, version_from
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import NotFound
from flowrack.walks import commands, queries
from flowrack.walks.rules_routes import route
from flowrack.walks.types import (
    Aisle,
    AisleOf,
    FloorSet,
    Method,
    PlaceOf,
    Point,
    SetFloor,
    Stop,
    TripRefused,
)

router = Router(tags=["walks"])
MOST_STOPS = 300


class FloorIn(Schema):
    """The measured plan of a site as it should be; without aisles it is drawn from the codes of the places."""

    aisles: list[AisleOf] = Field(default=[], max_length=1_000)
    places: list[PlaceOf] = Field(default=[], max_length=20_000)
    start: Point = (0, 0)
    end: Point = (0, 0)


class FloorOut(FloorIn):
    """The plan of a site; `is_measured` is false while it is drawn from the codes of its places."""

    site_id: int
    is_measured: bool


class WalkOut(Schema):
    """The order in which to visit the places, its length, and what every other method would walk."""

    locations: list[str]
    mm: int
    method: Method
    alternatives: dict[str, int]
    why: str


@router.get("/sites/{int:site_id}/floor", response=FloorOut)
@requires("walks.view")
def get_floor(request: HttpRequest, response: HttpResponse, site_id: int) -> FloorOut:
    """The plan of a site; its ETag is needed to change it."""
    _see(request, site_id)
    layout = queries.layout_of(site_id)
    zones = {zone.zone_id: zone.code for zone in locations.zones(site_id)}
    points = [(place.code, place.point) for place in queries.places_of(site_id)]
    response["ETag"] = etag(queries.version_of(site_id))
    return FloorOut(
        site_id=site_id,
        is_measured=layout.is_measured,
        aisles=[_shown(aisle, zones) for aisle in layout.aisles],
        places=[PlaceOf(location=code, x_mm=at[0], y_mm=at[1]) for code, at in points if at is not None],
        start=(layout.start.x_mm, layout.start.y_mm),
        end=(layout.end.x_mm, layout.end.y_mm),
    )


@router.put("/sites/{int:site_id}/floor", response=FloorSet)
@requires("walks.edit")
def set_floor(request: HttpRequest, site_id: int, body: FloorIn) -> FloorSet:
    """Enter the measured plan of a site, all of it. Send the ETag of what was read as `If-Match`."""
    req = SetFloor(site_id, version_from(request), body.aisles, body.places, body.start, body.end)
    return commands.set_floor(context_from(request), req)


@router.get("/sites/{int:site_id}/walk", response=WalkOut)
@requires("walks.view")
def get_walk(request: HttpRequest, site_id: int, places: str = "") -> WalkOut:
    """The walk through places (their codes with commas between) from where walks begin to where they end."""
    _see(request, site_id)
    codes = [code for code in places.replace(",", " ").split() if code][: MOST_STOPS + 1]
    if not codes:
        raise TripRefused("A walk goes to places.", fix="Name them: places=A-01-1,A-02-1.")
    if len(codes) > MOST_STOPS:
        raise TripRefused(f"A walk has at most {MOST_STOPS} places.", fix="Leave some out.")
    at = locations.by_code(site_id, codes)
    stops = [Stop(at[code].location_id) for code in codes]
    found = route(stops, queries.floor_of(site_id))
    return WalkOut(
        locations=[codes[n] for n in found.order], mm=found.mm, method=found.method,
        alternatives=dict(found.alternatives), why=found.why,
    )  # fmt: skip


def _shown(aisle: Aisle, zones: dict[int, str]) -> AisleOf:
    return AisleOf(
        code=aisle.code, x_mm=aisle.x_mm, y_mm=aisle.y_mm, heading=aisle.heading, length_mm=aisle.length_mm,
        zone=zones.get(aisle.zone_id, ""), bay_mm=aisle.bay_mm, first_bay_mm=aisle.first_bay_mm,
        width_mm=aisle.width_mm, is_cross=aisle.is_cross, one_way=aisle.one_way, most_people=aisle.most_people,
    )  # fmt: skip


def _see(request: HttpRequest, site_id: int) -> None:
    """Refuse with NotFound where the person may not look; refuses with UnknownSite where there is no site."""
    caller = caller_of(request)
    if caller is None or not caller.may("walks.view", site_id):
        raise NotFound("There is no such floor plan.", fix="See the list of sites.")
    locations.site(site_id)
