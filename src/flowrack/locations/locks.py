"""The only row locks of places."""

from __future__ import annotations

from typing import TypeVar

from flowrack.locations.models import Location, Site, Zone
from flowrack.shared.errors import NotFound, Stale

Place = TypeVar("Place", Site, Zone, Location)


def place(model: type[Place], place_id: int, version: int) -> Place:
    """One site, zone or location, locked; refuses with NotFound, or Stale when it changed since it was read."""
    found = model._default_manager.select_for_update(of=("self",)).filter(pk=place_id).first()
    noun = model.__name__.lower()
    if found is None:
        raise NotFound(f"There is no {noun} {place_id}.", fix=f"Open it from the list of {noun}s.")
    if found.version != version:
        raise Stale(f"Somebody changed this {noun} since you read it.", fix="Read it again, then repeat your change.")
    return found
