"""A new zone of a site."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.tests.sites import london
from flowrack.locations.types import CodeTaken, CreateZone, PlaceRefused, Role, UnknownSite
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_zone_is_made_once() -> None:
    here = london()
    req = CreateZone(here.site, "Q", "Quarantine", Role.QUARANTINE)
    made = commands.create_zone(ctx(PAM, "k"), req)
    assert commands.create_zone(ctx(PAM, "k"), req) == made
    assert [(z.code, z.name, z.role, z.is_active) for z in queries.zones(here.site)] == [
        ("Q", "Quarantine", "quarantine", True), ("R", "Reserve", "reserve", True),
    ]  # fmt: skip


def test_a_refused_zone_leaves_no_trace() -> None:
    here = london()
    for who, req, refusal in (
        (PAM, CreateZone(here.site, "R", "Again", Role.RESERVE), CodeTaken),
        (PAM, CreateZone(999_999, "S", "Stage", Role.STAGED), UnknownSite),
        (PAM, CreateZone(here.site, "S", "", Role.STAGED), PlaceRefused),
        (PAM, CreateZone(here.site, "?", "Stage", Role.STAGED), PlaceRefused),
        (BO, CreateZone(here.site, "S", "Stage", Role.STAGED), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.create_zone(ctx(who), req)
    assert [z.code for z in queries.zones(here.site)] == ["R"]
