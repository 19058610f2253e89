"""drop_suggestions: people may know better, and say why."""

from __future__ import annotations

import pytest
from tests.cast import ADA, ctx

from flowrack.allocation import commands_modes
from flowrack.allocation.tests import modebook
from flowrack.allocation.types_modes import BadMode, DropSuggestions, NoSuchSuggestion
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_dropped_suggestion_says_why_and_promises_nothing():
    scene = modebook.Scene()
    modebook.force(scene.site, "suggest")
    scene.cancel()
    ids = modebook.open_ids()
    with pytest.raises(BadMode):
        commands_modes.drop_suggestions(ctx(ADA), DropSuggestions(ids, " "))
    done = commands_modes.drop_suggestions(ctx(ADA), DropSuggestions(ids, "they go to the trade fair"))
    assert (done.states, done.units) == (["dropped"], 0)
    assert scene.promised() == [0, 0]
    assert sql.fetch_value("SELECT reason FROM allocation_suggestion") == "they go to the trade fair"
    with pytest.raises(NoSuchSuggestion):
        commands_modes.drop_suggestions(ctx(ADA), DropSuggestions(ids, "again"))
