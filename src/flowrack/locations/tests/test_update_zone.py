"""A zone may change its role only while no stock lies there, since stock is counted by it."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.ledger import queries as stock
from flowrack.ledger.verify import verify
from flowrack.locations import commands, queries
from flowrack.locations.models import Location
from flowrack.locations.tests.sites import clear, fill, london
from flowrack.locations.types import PlaceHoldsStock, PlaceRefused, Role, UpdateZone
from flowrack.shared.errors import NotPermitted, Stale

pytestmark = pytest.mark.django_db


def test_an_empty_zone_takes_another_role_and_its_places_with_it() -> None:
    here = london()
    req = UpdateZone(here.zone, 1, "Pick", Role.FORWARD_PICK)
    changed = commands.update_zone(ctx(PAM, "k"), req)
    assert commands.update_zone(ctx(PAM, "k"), req) == changed
    zone = queries.zone(here.zone)
    assert (zone.name, zone.role, zone.version) == ("Pick", "forward_pick", 2)
    assert set(Location.objects.filter(zone_id=here.zone).values_list("role", flat=True)) == {"forward_pick"}


def test_a_zone_with_stock_keeps_its_role_until_it_is_empty() -> None:
    here = london()
    mug = fill(here)
    req = UpdateZone(here.zone, 1, "Quarantine", Role.QUARANTINE)
    with pytest.raises(PlaceHoldsStock, match="Stock lies there"):
        commands.update_zone(ctx(PAM), req)
    assert (queries.zone(here.zone).role, queries.zone(here.zone).name) == ("reserve", "Reserve")
    assert [{s: n for s, n in row.units.items() if n} for row in stock.by_state([mug], here.site)] == [{"reserve": 5}]
    assert commands.update_zone(ctx(PAM), UpdateZone(here.zone, 1, "High reserve", Role.RESERVE)).version == 2
    clear(here, mug)
    assert commands.update_zone(ctx(PAM), UpdateZone(here.zone, 2, "Quarantine", Role.QUARANTINE)).version == 3
    assert verify() == []


def test_a_refused_change_leaves_no_trace() -> None:
    here = london()
    for who, req, refusal in (
        (PAM, UpdateZone(here.zone, 7, "Pick", Role.FORWARD_PICK), Stale),
        (PAM, UpdateZone(here.zone, 1, " ", Role.FORWARD_PICK), PlaceRefused),
        (BO, UpdateZone(here.zone, 1, "Pick", Role.FORWARD_PICK), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.update_zone(ctx(who), req)
    assert (queries.zone(here.zone).name, queries.zone(here.zone).version) == ("Reserve", 1)
