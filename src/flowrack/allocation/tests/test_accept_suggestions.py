"""accept_suggestions: what is suggested is promised; what came otherwise is told from what was agreed."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, EVE, bearer, ctx

from flowrack.allocation import commands_modes
from flowrack.allocation.tests import modebook, rulebook
from flowrack.allocation.types_modes import AcceptSuggestions, NoSuchSuggestion
from flowrack.allocation.types_rules import RuleSet
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def suggested() -> modebook.Scene:
    scene = modebook.Scene()
    modebook.force(scene.site, "approve")
    scene.cancel()
    return scene


def test_what_is_accepted_is_promised_and_counts_as_agreed():
    scene = suggested()
    ids = modebook.open_ids()
    done = commands_modes.accept_suggestions(ctx(ADA), AcceptSuggestions(ids))
    assert (done.states, done.units) == (["agreed"], 10)
    assert scene.promised() == [10, 0]
    with pytest.raises(NoSuchSuggestion):
        commands_modes.accept_suggestions(ctx(ADA), AcceptSuggestions(ids))
    assert not verify()


def better_comes() -> tuple[modebook.Scene, list[str], int]:
    """A better rank comes after a suggestion; what its acceptance came to."""
    scene = suggested()
    urgent = outbound.order(scene.site, "FIRST", ("4711", 4)).line_ids[0]

    sql.execute(
        "UPDATE sales_order SET requested_on = requested_on - 1 WHERE id = "
        "(SELECT order_id FROM sales_orderline WHERE id = %s)",
        (urgent,),
    )
    done = commands_modes.accept_suggestions(ctx(ADA), AcceptSuggestions(modebook.open_ids()))
    return scene, done.states, done.units


def test_where_somebody_better_came_meanwhile_it_goes_there_and_counts_as_changed():
    rulebook.in_force(0, RuleSet(promises="rank"))
    scene, states, units = better_comes()
    assert (states, units) == (["changed"], 10)
    assert scene.promised() == [6, 0]


def test_who_was_promised_a_day_keeps_it_though_somebody_better_came_meanwhile():
    scene, states, units = better_comes()
    assert (states, units) == (["agreed"], 10)
    assert scene.promised() == [10, 0]


def test_other_systems_see_what_is_suggested_and_accept_it(client):
    scene = suggested()
    [row] = client.get("/api/v1/allocation-suggestions", headers=bearer(ADA)).json()
    assert (row["sku"], row["units"], row["lines"], row["cause"]) == ("4711", 10, 1, "an order was cancelled")
    body = {"suggestion_ids": [row["id"]]}
    done = client.post(
        "/api/v1/allocation-suggestions/accept", body, content_type="application/json", headers=bearer(ADA)
    )
    assert done.json()["states"] == ["agreed"] and scene.promised() == [10, 0]


def test_an_outsider_accepts_nothing():
    suggested()
    with pytest.raises(NotPermitted):
        commands_modes.accept_suggestions(ctx(EVE), AcceptSuggestions(modebook.open_ids()))
