"""The places' door: sites, zones, locations, the builder and imports."""

from __future__ import annotations

import zoneinfo

from flowrack.locations import locks, queries, rules, steps
from flowrack.locations.imports import LOCATIONS, SITES, ZONES
from flowrack.locations.models import Location, Site, SsccRange, Zone
from flowrack.locations.types import (
    BuildLocations,
    CreateSite,
    CreateZone,
    LocationsBuilt,
    MakeTotes,
    PlaceHoldsStock,
    PlaceRefused,
    PlaceSaved,
    SetSsccRange,
    SsccRangeRow,
    TotesMade,
    UpdateLocation,
    UpdateSite,
    UpdateZone,
)
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="locations.edit", result=PlaceSaved)
def create_site(ctx: Context, req: CreateSite) -> PlaceSaved:
    """Add a site with its virtual locations. Emits locations.saved. Refuses with PlaceRefused or CodeTaken."""
    _check_site(req.name, req.timezone)
    site = Site(code=req.code, name=req.name, timezone=req.timezone, country=req.country)
    site.save()
    return _saved(ctx, site)


@command(permission="locations.edit", result=PlaceSaved)
def update_site(ctx: Context, req: UpdateSite) -> PlaceSaved:
    """Change or archive a site. Refuses with Stale or PlaceRefused."""
    ctx.require("locations.edit", req.site_id)
    _check_site(req.name, req.timezone)
    site = locks.place(Site, req.site_id, req.version)
    site.name, site.timezone, site.country, site.is_active = req.name, req.timezone, req.country, req.is_active
    return _change(ctx, site)


@command(permission="locations.edit", result=PlaceSaved)
def create_zone(ctx: Context, req: CreateZone) -> PlaceSaved:
    """Add a zone to a site. Emits locations.saved. Refuses with UnknownSite, PlaceRefused or CodeTaken."""
    ctx.require("locations.edit", req.site_id)
    site = queries.site(req.site_id)
    _check_name(req.name, "zone")
    zone = Zone(site_id=site.site_id, code=req.code, name=req.name, role=req.role)
    zone.save()
    return _saved(ctx, zone)


@command(permission="locations.edit", result=PlaceSaved)
def update_zone(ctx: Context, req: UpdateZone) -> PlaceSaved:
    """Change a zone; its places take over a new role. Refuses with Stale, or PlaceHoldsStock while stock lies there."""
    zone = locks.place(Zone, req.zone_id, req.version)
    ctx.require("locations.edit", zone.site_id)
    _check_name(req.name, "zone")
    zone.name, zone.role, zone.is_active = req.name, req.role, req.is_active
    return _change(ctx, zone)


@command(permission="locations.edit", result=PlaceSaved)
def update_location(ctx: Context, req: UpdateLocation) -> PlaceSaved:
    """Change, block or archive a place. Refuses with Stale, PlaceRefused, or PlaceHoldsStock when archived in use."""
    place = locks.place(Location, req.location_id, req.version)
    ctx.require("locations.edit", place.site_id)
    if place.kind == "virtual":
        raise PlaceRefused(
            "This place belongs to the books and stays as it is.", fix="Choose a bin, door or staging place."
        )
    if not req.is_active and queries.holds_stock([place.pk]):
        raise PlaceHoldsStock(f"Stock lies in {place.code}.", fix="Move it elsewhere, then archive the place.")
    for column, value in steps.columns_of(req.template).items():
        setattr(place, column, value)
    place.pick_sequence, place.is_active, place.blocked_reason = req.pick_sequence, req.is_active, req.blocked_reason
    return _change(ctx, place)


@command(permission="locations.edit", result=LocationsBuilt)
def build_locations(ctx: Context, req: BuildLocations) -> LocationsBuilt:
    """Make thousands of places from a pattern, in one statement. Emits locations.built. Refuses with PatternRefused."""
    zone = queries.zone(req.zone_id)
    ctx.require("locations.edit", zone.site_id)
    planned = rules.plan(req.pattern)
    created = steps.insert_planned(zone, planned, req.template)
    ctx.subject = ref("locations.zone", zone.zone_id)
    built = LocationsBuilt(zone.zone_id, created, len(planned) - created, planned[0].code, planned[-1].code)
    ctx.emit(built)
    return built


@command(permission="locations.edit", result=SsccRangeRow)
def set_sscc_range(ctx: Context, req: SetSsccRange) -> SsccRangeRow:
    """Number SSCCs from the company's own GS1 prefix from now on; labels that are out stay good.

    The serial number goes on, so that no SSCC is ever given out twice. Refuses with PlaceRefused.
    """
    bad = rules.check_sscc_range(req, used=queries.sscc_range().used)
    if bad:
        raise PlaceRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    SsccRange.objects.filter(is_active=True).update(is_active=False)
    SsccRange.objects.update_or_create(prefix=req.prefix, defaults={"extension": req.extension, "is_active": True})
    ctx.subject = "locations.sscc_range:1"
    return queries.sscc_range()


@command(permission="locations.edit", result=TotesMade)
def make_totes(ctx: Context, req: MakeTotes) -> TotesMade:
    """Number new totes on from the last. Emits locations.totes_made. Refuses with PlaceRefused or CodeTaken."""
    ctx.require("locations.edit", req.site_id)
    site = queries.site(req.site_id)
    bad = rules.check_totes(req)
    if bad:
        raise PlaceRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    codes = rules.tote_codes(req.prefix, queries.last_tote_number(req.prefix), req.count)
    steps.insert_totes(site.site_id, codes)
    ctx.subject = ref("locations.site", site.site_id)
    made = TotesMade(site.site_id, len(codes), codes[0], codes[-1])
    ctx.emit(made)
    return made


@command(permission="locations.edit", result=ImportReport)
def import_sites(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring sites in line with a file."""
    return load(SITES, req)


@command(permission="locations.edit", result=ImportReport)
def import_zones(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring zones in line with a file."""
    return load(ZONES, req)


@command(permission="locations.edit", result=ImportReport)
def import_locations(ctx: Context, req: ImportFile) -> ImportReport:
    """Bring bins, doors and staging places in line with a file."""
    return load(LOCATIONS, req)


def _check_site(name: str, timezone: str) -> None:
    _check_name(name, "site")
    if timezone not in zoneinfo.available_timezones():
        line = BadLine(0, "timezone", f"“{timezone}” is not a time zone.", "Write for example Europe/London.")
        raise PlaceRefused(line.message, lines=[line], fix=line.fix)


def _check_name(name: str, noun: str) -> None:
    if not name.strip():
        line = BadLine(0, "name", f"A {noun} needs a name.", "Fill it in.")
        raise PlaceRefused(line.message, lines=[line], fix=line.fix)


def _change(ctx: Context, place: Site | Zone | Location) -> PlaceSaved:
    place.version += 1
    place.updated_at = ctx.now
    place.save()
    return _saved(ctx, place)


def _saved(ctx: Context, place: Site | Zone | Location) -> PlaceSaved:
    noun = type(place).__name__.lower()
    ctx.subject = ref(f"locations.{noun}", place.pk)
    saved = PlaceSaved(noun=noun, id=place.pk, version=place.version)
    ctx.emit(saved)
    return saved
