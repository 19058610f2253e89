"""Changing and archiving a site."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, PAM, ctx, user_id

from flowrack.locations import commands, queries
from flowrack.locations.tests.sites import london
from flowrack.locations.types import CreateSite, PlaceRefused, UpdateSite
from flowrack.shared.errors import NotFound, NotPermitted, Stale

pytestmark = pytest.mark.django_db


def test_a_site_changes_and_is_archived() -> None:
    here = london()
    req = UpdateSite(here.site, 1, "Leeds", "Europe/Paris", "FR", is_active=False)
    changed = commands.update_site(ctx(PAM, "k"), req)
    assert (changed.id, changed.version) == (here.site, 2)
    assert commands.update_site(ctx(PAM, "k"), req) == changed
    site = queries.site(here.site)
    assert (site.name, site.timezone, site.country, site.is_active) == ("Leeds", "Europe/Paris", "FR", False)
    assert [s.site_id for s in queries.sites(include_archived=False)] == []


def test_a_refused_change_leaves_no_trace() -> None:
    here = london()
    elsewhere = commands.create_site(ctx(PAM), CreateSite("MAN", "Manchester"))
    user_id(ADA, site_id=elsewhere.id)
    for who, req, refusal in (
        (PAM, UpdateSite(here.site, 7, "Leeds", "UTC"), Stale),
        (PAM, UpdateSite(999_999, 1, "Leeds", "UTC"), NotFound),
        (PAM, UpdateSite(here.site, 1, "", "UTC"), PlaceRefused),
        (PAM, UpdateSite(here.site, 1, "Leeds", "Mars/Base"), PlaceRefused),
        (BO, UpdateSite(here.site, 1, "Leeds", "UTC"), NotPermitted),
        (ADA, UpdateSite(here.site, 1, "Leeds", "UTC"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.update_site(ctx(who), req)
    assert (queries.site(here.site).name, queries.version_of("site", here.site)) == ("London", 1)
