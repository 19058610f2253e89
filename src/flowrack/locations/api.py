"""The places' endpoints: sites, zones, locations, the builder and imports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from ninja.responses import Status

from flowrack.locations import commands, imports, queries
from flowrack.locations.types import (
    BinTemplate,
    BuildLocations,
    CreateSite,
    CreateZone,
    LocationRow,
    LocationsBuilt,
    MakeTotes,
    PlaceSaved,
    Role,
    SiteRow,
    TotesMade,
    UpdateLocation,
    UpdateSite,
    UpdateZone,
    ZoneRow,
)
from flowrack.platform.etags import etag, version_from
from flowrack.platform.http import context_from, requires
from flowrack.platform.importing.api import add_import

router = Router(tags=["locations"])


class LocationsOut(Schema):
    """One page of locations; `next` is the cursor of the following page, empty on the last."""

    locations: list[LocationRow]
    next: str


class SiteIn(Schema):
    """A site as it should be."""

    name: str
    timezone: str
    country: str = ""
    is_active: bool = True


class ZoneIn(Schema):
    """A zone as it should be."""

    name: str
    role: Role
    is_active: bool = True


class LocationIn(Schema):
    """A place as it should be; a reason blocks it."""

    pick_sequence: int
    template: BinTemplate
    is_active: bool = True
    blocked_reason: str = ""


@router.get("/sites", response=list[SiteRow])
@requires("locations.view")
def list_sites(request: HttpRequest, include_archived: bool = False) -> list[SiteRow]:
    """All sites by code."""
    return queries.sites(include_archived=include_archived)


@router.get("/sites/{int:site_id}", response=SiteRow)
@requires("locations.view")
def get_site(request: HttpRequest, response: HttpResponse, site_id: int) -> SiteRow:
    """One site; its ETag is needed to change it."""
    found = queries.site(site_id)
    response["ETag"] = etag(queries.version_of("site", site_id))
    return found


@router.post("/sites", response={201: PlaceSaved})
@requires("locations.edit")
def create_site(request: HttpRequest, body: Body[CreateSite]) -> Status[PlaceSaved]:
    """Add a site with its virtual locations."""
    return Status(201, commands.create_site(context_from(request), body))


@router.put("/sites/{int:site_id}", response=PlaceSaved)
@requires("locations.edit")
def update_site(request: HttpRequest, site_id: int, body: SiteIn) -> PlaceSaved:
    """Change or archive a site. Send its ETag as `If-Match`."""
    req = UpdateSite(site_id, version_from(request), body.name, body.timezone, body.country, body.is_active)
    return commands.update_site(context_from(request), req)


@router.get("/sites/{int:site_id}/zones", response=list[ZoneRow])
@requires("locations.view")
def list_zones(request: HttpRequest, site_id: int) -> list[ZoneRow]:
    """The zones of a site; the version of each is its ETag."""
    return queries.zones(queries.site(site_id).site_id)


@router.post("/zones", response={201: PlaceSaved})
@requires("locations.edit")
def create_zone(request: HttpRequest, body: Body[CreateZone]) -> Status[PlaceSaved]:
    """Add a zone to a site."""
    return Status(201, commands.create_zone(context_from(request), body))


@router.put("/zones/{int:zone_id}", response=PlaceSaved)
@requires("locations.edit")
def update_zone(request: HttpRequest, zone_id: int, body: ZoneIn) -> PlaceSaved:
    """Change a zone. Send its version as `If-Match`; a role changes only while no stock lies there."""
    req = UpdateZone(zone_id, version_from(request), body.name, body.role, body.is_active)
    return commands.update_zone(context_from(request), req)


@router.get("/sites/{int:site_id}/locations", response=LocationsOut)
@requires("locations.view")
def list_locations(request: HttpRequest, site_id: int, cursor: int = 0, limit: int = 100) -> LocationsOut:
    """Bins, doors and staging places of a site by id; `next` is the `cursor` of the following page."""
    limit = max(1, min(limit, 100))
    rows = queries.locations_after(queries.site(site_id).site_id, cursor, limit=limit)
    return LocationsOut(locations=rows, next=str(rows[-1].location_id) if len(rows) == limit else "")


@router.get("/locations/{int:location_id}", response=LocationRow)
@requires("locations.view")
def get_location(request: HttpRequest, response: HttpResponse, location_id: int) -> LocationRow:
    """One place; its ETag is needed to change it."""
    found = queries.location(location_id)
    response["ETag"] = etag(queries.version_of("location", location_id))
    return found


@router.put("/locations/{int:location_id}", response=PlaceSaved)
@requires("locations.edit")
def update_location(request: HttpRequest, location_id: int, body: LocationIn) -> PlaceSaved:
    """Change, block or archive a place. Send its ETag as `If-Match`."""
    req = UpdateLocation(
        location_id, version_from(request), body.pick_sequence, body.template, body.is_active, body.blocked_reason
    )
    return commands.update_location(context_from(request), req)


@router.post("/locations/build", response={201: LocationsBuilt})
@requires("locations.edit")
def build_locations(request: HttpRequest, body: Body[BuildLocations]) -> Status[LocationsBuilt]:
    """Make the places of a pattern; those that are there already stay."""
    return Status(201, commands.build_locations(context_from(request), body))


@router.post("/totes", response={201: TotesMade})
@requires("locations.edit")
def make_totes(request: HttpRequest, body: Body[MakeTotes]) -> Status[TotesMade]:
    """Number new totes on from the last with the same first letters."""
    return Status(201, commands.make_totes(context_from(request), body))


for _definition, _command in (
    (imports.SITES, commands.import_sites),
    (imports.ZONES, commands.import_zones),
    (imports.LOCATIONS, commands.import_locations),
):
    add_import(router, _definition, _command)
