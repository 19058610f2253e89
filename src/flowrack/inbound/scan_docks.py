"""Receive by scan: at which dock place the person stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.inbound import queries_docks
from flowrack.locations import queries as locations
from flowrack.locations.types import LocationRow
from flowrack.platform.web.scan import Visit, WrongScan

PLACE = ("place", "place_code", "place_why", "place_said")


def said(state: dict[str, Any], place: LocationRow) -> None:
    """The person scanned the dock place: it stays until they scan another."""
    if place.role != "receiving":
        raise WrongScan(f"{place.code} is no dock place.", "Scan a door or staging place.")
    state.update(place=place.location_id, place_code=place.code, place_why="", place_said=True)


def stand_at(visit: Visit, *, asn_id: int = 0, po_ids: Sequence[int] = ()) -> None:
    """Where nobody scanned a dock place: the one where the goods' truck stands or their receipt is open, else the
    person's last; only where none of these is known, the first of the site."""
    state = visit.state
    if state.get("place_said"):
        return
    known = queries_docks.stands_at(visit.site_id, person_id=visit.viewer.user.pk, asn_id=asn_id, po_ids=po_ids)
    if known is not None:
        state.update(place=known.location_id, place_code=known.code, place_why=known.why)
    elif "place" not in state:
        first = locations.first_of_role(visit.site_id, "receiving")
        state.update(place=first.location_id, place_code=first.code, place_why="the first dock; scan yours")


def words(state: dict[str, Any]) -> str:
    """Where the goods are booked, and how the screen knows."""
    if "place" not in state:
        return ""
    why = state.get("place_why")
    return f"at {state['place_code']}, {why}" if why else f"at {state['place_code']}"
