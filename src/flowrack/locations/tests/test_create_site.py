"""A new site comes with the places of the books."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.models import Location, Site
from flowrack.locations.types import CodeTaken, CreateSite, PlaceRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
LONDON = CreateSite("LDN", "London", "Europe/London", "GB")


def test_a_site_is_made_with_its_virtual_places() -> None:
    made = commands.create_site(ctx(PAM), LONDON)
    assert (made.noun, made.version) == ("site", 1)
    site = queries.site(made.id)
    assert (site.code, site.name, site.timezone, site.country, site.is_active) == (
        "LDN", "London", "Europe/London", "GB", True,
    )  # fmt: skip
    places = Location.objects.filter(site_id=made.id).order_by("code").values_list("code", "account", "role")
    assert list(places) == [
        ("ADJUSTMENT", "adjustment", ""), ("CLEARING", "clearing", ""), ("CUSTOMER", "cogs", ""),
        ("OPENING", "opening", ""), ("SCRAP", "scrap", ""), ("STOCK-VALUE", "inventory", ""),
        ("SUPPLIER", "grni", ""), ("TRANSIT", "in_transit", "in_transit"), ("VARIANCE", "variance", ""),
    ]  # fmt: skip


def test_a_retry_makes_no_second_site() -> None:
    assert commands.create_site(ctx(PAM, "k"), LONDON) == commands.create_site(ctx(PAM, "k"), LONDON)
    assert Site.objects.count() == 1


def test_a_refused_site_leaves_no_trace() -> None:
    commands.create_site(ctx(PAM), LONDON)
    for who, req, refusal in (
        (PAM, LONDON, CodeTaken),
        (PAM, CreateSite("a b", "Blank"), PlaceRefused),
        (PAM, CreateSite("B", " "), PlaceRefused),
        (PAM, CreateSite("B", "Bee", "Europe/Londn"), PlaceRefused),
        (BO, CreateSite("B", "Bee"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.create_site(ctx(who), req)
    assert list(Site.objects.values_list("code", flat=True)) == ["LDN"]
