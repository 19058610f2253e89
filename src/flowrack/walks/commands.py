"""The floor's door."""

from __future__ import annotations

from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.shared.refs import ref
from flowrack.walks import queries, rules_entry, steps
from flowrack.walks.types import FloorSet, LayoutRefused, SetFloor


@command(permission="walks.edit", result=FloorSet)
def set_floor(ctx: Context, req: SetFloor) -> FloorSet:
    """Enter the measured floor of a site, all of it. Walks of lists that are made from now on follow it.

    Emits walks.floor_set. Refuses with UnknownSite, Stale, or LayoutRefused naming every line that does not fit: zones
    and places that are not known, measures, and aisles that no way leads to and from.
    """
    ctx.require("walks.edit", req.site_id)
    site = locations.site(req.site_id)
    zones = {zone.code: zone.zone_id for zone in locations.zones(site.site_id)}
    places = queries.places_of(site.site_id)
    bad = rules_entry.check(req, zones, places)
    if bad:
        raise LayoutRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    floor_id, version = steps.take_floor(req)
    ids = {place.code: place.location_id for place in places}
    points = {ids[point.location]: (point.x_mm, point.y_mm) for point in req.places}
    steps.replace_floor(floor_id, [rules_entry.aisle_of(one, zones) for one in req.aisles], points)
    ctx.subject = ref("walks.floor", site.site_id)
    done = FloorSet(site.site_id, version, len(req.aisles), len(points))
    ctx.emit(done)
    return done
