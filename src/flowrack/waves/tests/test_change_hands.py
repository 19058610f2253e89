"""change_hands: one picker leaves, and plans know it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import EVE, MAY, NOW, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_setup as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import BadTemplate, ChangeHands

pytestmark = pytest.mark.django_db(transaction=True)


def test_when_one_leaves_the_hands_until_the_cut_off_are_fewer():
    case = cases.planned(people=6)
    hands = "SELECT hands FROM waves_planwindow w JOIN waves_plan p ON p.id = w.plan_id ORDER BY p.id DESC LIMIT 1"
    assert sql.fetch_value(hands) == 6 * 90 * 60
    assert commands.change_hands(ctx(MAY), ChangeHands(case.at.site, -1, "sent home ill")).people == 5
    cases.plan(case.at)
    assert sql.fetch_value(hands) == 5 * 90 * 60


def test_a_change_has_a_beginning_and_an_end():
    case = cases.planned(people=2)
    at = ChangeHands(case.at.site, 1, "help from receiving", "", NOW + timedelta(minutes=30), NOW + timedelta(hours=1))
    assert commands.change_hands(ctx(MAY), at).people == 3
    cases.plan(case.at)
    hands = sql.fetch_value("SELECT max(hands) FROM waves_planwindow")
    assert hands == 2 * 90 * 60 + 30 * 60


def test_a_change_says_how_many_and_why():
    case = cases.planned()
    before = cases.books()
    with pytest.raises(BadTemplate) as refused:
        commands.change_hands(ctx(MAY), ChangeHands(case.at.site, 0, " ", "NOWHERE", None, NOW - timedelta(hours=1)))
    assert [line.field for line in refused.value.lines] == ["people", "reason", "zone", "until_at"]
    assert cases.books() == before


def test_no_more_leave_than_are_there():
    case = cases.planned(people=2)
    before = cases.books()
    with pytest.raises(BadTemplate) as refused:
        commands.change_hands(ctx(MAY), ChangeHands(case.at.site, -3, "sent home ill"))
    assert [line.message for line in refused.value.lines] == ["2 people pick then: no 3 can leave."]
    assert cases.books() == before
    assert commands.change_hands(ctx(MAY), ChangeHands(case.at.site, -2, "sent home ill")).people == 0


def test_an_outsider_changes_nothing():
    case = cases.planned()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.change_hands(ctx(EVE), ChangeHands(case.at.site, -1, "no"))
    assert cases.books() == before
