"""A place is changed and blocked; it is archived only when it is empty."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.tests.sites import clear, fill, london
from flowrack.locations.types import BinTemplate, PlaceHoldsStock, PlaceRefused, UpdateLocation
from flowrack.platform import sql
from flowrack.shared.errors import NotFound, NotPermitted, Stale

pytestmark = pytest.mark.django_db


def test_a_place_changes_and_is_blocked() -> None:
    here = london()
    template = BinTemplate(max_weight_g=5_000, max_lpns=1, temperature="chilled", hazard_classes=["3"])
    req = UpdateLocation(here.bins[0], 1, 70, template, blocked_reason="Beam bent")
    changed = commands.update_location(ctx(PAM, "k"), req)
    assert commands.update_location(ctx(PAM, "k"), req) == changed
    place = queries.location(here.bins[0])
    assert (place.pick_sequence, place.max_weight_g, place.max_volume_ml, place.max_lpns) == (70, 5_000, None, 1)
    assert (place.temperature, place.hazard_classes, place.blocked_reason) == ("chilled", ["3"], "Beam bent")
    assert queries.version_of("location", here.bins[0]) == 2


def test_a_place_with_stock_is_archived_only_when_empty() -> None:
    here = london()
    mug = fill(here)
    archive = UpdateLocation(here.bins[0], 1, 1, BinTemplate(), is_active=False)
    with pytest.raises(PlaceHoldsStock, match="Stock lies in R-1"):
        commands.update_location(ctx(PAM), archive)
    assert queries.location(here.bins[0]).is_active
    assert commands.update_location(ctx(PAM), UpdateLocation(here.bins[1], 1, 1, BinTemplate(), is_active=False))
    clear(here, mug)
    assert commands.update_location(ctx(PAM), archive).version == 2
    assert not queries.location(here.bins[0]).is_active


def test_a_refused_change_leaves_no_trace() -> None:
    here = london()
    books = queries.virtual(here.site, "SUPPLIER")
    for who, req, refusal in (
        (PAM, UpdateLocation(here.bins[0], 7, 9, BinTemplate()), Stale),
        (PAM, UpdateLocation(999_999, 1, 9, BinTemplate()), NotFound),
        (PAM, UpdateLocation(books, 1, 9, BinTemplate()), PlaceRefused),
        (BO, UpdateLocation(here.bins[0], 1, 9, BinTemplate()), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.update_location(ctx(who), req)
    assert queries.location(here.bins[0]).pick_sequence == 1


def test_a_place_that_takes_nothing_is_refused_and_a_beam_carries_its_limit() -> None:
    here = london()
    for nothing in (
        BinTemplate(max_weight_g=0),
        BinTemplate(max_volume_ml=0),
        BinTemplate(max_lpns=0),
        BinTemplate(max_height_mm=0),
        BinTemplate(max_beam_weight_g=0),
    ):
        with pytest.raises(PlaceRefused, match="takes nothing"):
            commands.update_location(ctx(PAM), UpdateLocation(here.bins[0], 1, 1, nothing))
    beam = BinTemplate(max_height_mm=1_500, max_beam_weight_g=100_000, storage_classes=["bulky", "general"])
    commands.update_location(ctx(PAM), UpdateLocation(here.bins[0], 1, 1, beam))
    place = queries.location(here.bins[0])
    assert (place.max_height_mm, place.max_beam_weight_g, place.storage_classes) == (
        1_500,
        100_000,
        ["bulky", "general"],
    )


def test_any_change_of_a_place_makes_the_layout_newer() -> None:
    here = london()
    layout = "SELECT layout_version FROM locations_site WHERE id = %s"
    before = sql.fetch_value(layout, (here.site,))
    commands.update_location(ctx(PAM), UpdateLocation(here.bins[0], 1, 1, BinTemplate(), blocked_reason="Beam bent"))
    assert sql.fetch_value(layout, (here.site,)) == before + 1
