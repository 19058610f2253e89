"""move_lines: the planner decides, and the rest of the draft follows."""

from __future__ import annotations

from datetime import time

import pytest
from tests import outbound
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.waves import commands
from flowrack.waves.tests import cases
from flowrack.waves.types import DropPlan, MoveLines, PlanNotFound, PlanOver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    """Time for one line; gold goes, tin waits."""
    at = cases.house(cut_off=time(9, 2))
    cases.stocked(at, "4711")
    outbound.customer("GOLD", tier="A")
    outbound.customer("TIN", tier="C")
    cases.template(at)
    gold, tin = (cases.reserved(at, ("4711", 5), who=who).line_ids[0] for who in ("GOLD", "TIN"))
    return at, cases.plan(at).plan_id, gold, tin


def test_what_is_sent_goes_and_the_cheapest_of_the_others_waits(case):
    _, plan_id, gold, tin = case
    assert cases.fates(plan_id) == {gold: "goes", tin: "waits"}
    done = commands.move_lines(ctx(MAY), MoveLines(plan_id, [tin], True, "the driver waits for it"))
    assert (done.lines, done.over_seconds) == (1, 0)
    assert cases.fates(plan_id) == {gold: "waits", tin: "goes"}
    assert why(f"sales.line:{gold}")[0].sentence.startswith("the hands do not reach until 09:02")
    assert sql.fetch_value("SELECT why FROM waves_planline WHERE line_id = %s", (tin,)) == (
        "the planner decided that it goes: the driver waits for it; to wait costs 150 "
        "(100 for tier C + 50 for 1 day late)"
    )


def test_what_is_sent_beyond_the_hands_overdraws_them(case):
    _, plan_id, gold, tin = case
    commands.move_lines(ctx(MAY), MoveLines(plan_id, [tin], True, "first"))
    done = commands.move_lines(ctx(MAY), MoveLines(plan_id, [gold], True, "too"))
    assert (done.lines, done.over_seconds) == (1, 60)
    assert cases.fates(plan_id) == {gold: "goes", tin: "goes"}


def test_a_reason_is_needed_and_the_lines_must_be_of_the_plan(case):
    _, plan_id, gold, _ = case
    before = cases.books()
    with pytest.raises(Invalid, match="Say why"):
        commands.move_lines(ctx(MAY), MoveLines(plan_id, [gold], False, " "))
    with pytest.raises(PlanNotFound, match="1 of these lines"):
        commands.move_lines(ctx(MAY), MoveLines(plan_id, [gold, 0], False, "no"))
    assert cases.books() == before


def test_a_dropped_plan_is_not_changed(case):
    _, plan_id, gold, _ = case
    commands.drop_plan(ctx(MAY), DropPlan(plan_id))
    with pytest.raises(PlanOver, match="is no draft any more"):
        commands.move_lines(ctx(MAY), MoveLines(plan_id, [gold], False, "no"))


def test_an_outsider_decides_nothing(case):
    _, plan_id, gold, _ = case
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.move_lines(ctx(EVE), MoveLines(plan_id, [gold], False, "no"))
    assert cases.books() == before
