"""drop_suggestions: people may know better, and say why."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests.cast import ADA, ctx

from flowrack.allocation import commands_modes, queries_modes
from flowrack.allocation.tests import modebook
from flowrack.allocation.types_modes import AcceptSuggestions, BadMode, DropSuggestions, NoSuchSuggestion
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


def test_what_a_colleague_accepted_since_the_list_was_read_is_not_said_to_be_dropped(monkeypatch):
    scene = modebook.Scene()
    modebook.force(scene.site, "suggest")
    scene.cancel()
    ids = modebook.open_ids()
    read = queries_modes.open_suggestions

    def accept() -> None:
        try:
            commands_modes.accept_suggestions(ctx(ADA), AcceptSuggestions(ids))
        finally:
            connection.close()

    def read_and_then_a_colleague_accepts(suggestion_ids):
        found = read(suggestion_ids)
        monkeypatch.setattr(queries_modes, "open_suggestions", read)
        colleague = threading.Thread(target=accept)
        colleague.start()
        colleague.join()
        return found

    monkeypatch.setattr(queries_modes, "open_suggestions", read_and_then_a_colleague_accepts)
    with pytest.raises(NoSuchSuggestion):
        commands_modes.drop_suggestions(ctx(ADA), DropSuggestions(ids, "they go to the trade fair"))
    assert sql.fetch_all("SELECT state, units FROM allocation_suggestion") == [("agreed", 10)]
    assert scene.promised() == [10, 0]
