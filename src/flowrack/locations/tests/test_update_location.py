"""A place is changed and blocked; it is archived only when it is empty."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.locations import commands, queries
from flowrack.locations.tests.sites import clear, fill, london
from flowrack.locations.types import BinTemplate, PlaceHoldsStock, PlaceRefused, UpdateLocation
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
