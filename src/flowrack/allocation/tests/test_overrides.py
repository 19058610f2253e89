"""Overrides that other decisions bring about: each is written with the rule, the losers and the value at stake."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, KIM, MAY, NOW, ctx

from flowrack.allocation import commands, commands_modes, queries_overrides
from flowrack.allocation.queries_overrides import OverrideRow
from flowrack.allocation.tests import instead, modebook, rulebook, urgent
from flowrack.allocation.tests.byhand import TODAY, shelf
from flowrack.allocation.types import ReleaseAllocation
from flowrack.allocation.types_modes import DropSuggestions
from flowrack.allocation.types_overrides import BadOverride
from flowrack.allocation.types_rules import RuleSet
from flowrack.platform import decisions, sql
from flowrack.platform.web.query import ListQuery
from flowrack.sales import commands_holds
from flowrack.sales.tests import desk
from flowrack.sales.types_holds import PlaceHolds, ReleaseHolds
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def overrides() -> list[OverrideRow]:
    return queries_overrides.overrides_after([0], now=NOW)


def units(one: OverrideRow) -> list[tuple[str, int]]:
    return [(line.number, line.units) for line in queries_overrides.fates(one.id, NOW)]


def test_stock_that_is_taken_back():
    at = shelf()
    outbound.allocate(at.at.site)
    done = commands.release_allocation(ctx(ADA), ReleaseAllocation([at.line("big")], "He does not pay", TODAY))
    [one] = overrides()
    assert done.overrides == [one.number]
    assert (one.kind, one.broken, one.value, one.standing) == (
        "taken_back", f"By the rules as shipped {at.big.number} (tier A) keeps 50.", Decimal("500.00"), "standing",
    )  # fmt: skip
    assert units(one) == [(at.big.number, -50)]


def test_stock_that_is_taken_back_for_now_is_over_at_once_and_needs_a_reason():
    at = shelf()
    outbound.allocate(at.at.site)
    before = outbound.books()
    with pytest.raises(BadOverride):
        commands.release_allocation(ctx(ADA), ReleaseAllocation([at.line("big")], " "))
    assert outbound.books() == before
    commands.release_allocation(ctx(ADA), ReleaseAllocation([at.line("big")], "Count first"))
    [one] = overrides()
    assert (one.standing, one.ended_reason) == ("over", "at once")
    outbound.allocate(at.at.site)
    assert at.promised() == (50, 10, 0)


def test_an_urgent_order_and_what_was_allowed_for_it_by_somebody_else():
    at = urgent.pilot()
    done = urgent.ask(at.urgent)
    [one] = overrides()
    assert (one.kind, one.made_by, one.reason, one.review) == ("urgent", "Kim Service", "A hospital waits", "to review")
    assert one.broken == f"By the rules as shipped {at.low.number} (tier C) keeps 50."
    assert units(one) == [(at.urgent.number, 50), (at.low.number, -50)]
    urgent.decide(done.approval)
    two = overrides()[1]
    assert (two.made_by, two.review, two.reviewed_by) == ("Kim Service", "confirmed", "Lou Sales")
    assert two.review_note == f"allowed as {done.number}"
    assert (units(two), two.value) == ([(at.urgent.number, 10), (at.mid.number, -10)], Decimal("100.00"))


def test_an_urgent_order_that_gets_only_what_is_free_breaks_no_promise():
    at = urgent.pilot()
    outbound.receive(at.at, at.item_id, 60, "6")
    urgent.ask(at.urgent)
    assert overrides() == []


def test_a_suggestion_that_is_dropped():
    scene = modebook.Scene()
    modebook.force(scene.site, "suggest")
    scene.cancel()
    commands_modes.drop_suggestions(ctx(ADA), DropSuggestions(modebook.open_ids(), "They go to the fair"))
    [one] = overrides()
    number = sql.fetch_value(
        "SELECT o.number FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id WHERE l.id = %s", (scene.big,)
    )
    assert (one.kind, one.reason, one.broken) == (
        "dropped", "They go to the fair", f"By the rules as shipped they go 10 to {number} (tier A).",
    )  # fmt: skip


def test_a_substitute_that_others_wait_for_names_them_and_one_that_nobody_waits_for_is_no_override():
    here = instead.short()
    rulebook.in_force(here.at.site, RuleSet(promises="rank"))  # else what was promised to others is not offered
    instead.accept(here, "A")
    assert overrides() == []
    outbound.customer("FIRST", tier="A")
    first = outbound.order(here.at.site, "FIRST", ("S2", 80), on=TODAY)
    instead.accept(here, "B", reason="They need them on Friday")
    number = sql.fetch_value("SELECT number FROM approvals_request WHERE state = 'waiting'")
    urgent.decide(number)
    [one] = overrides()
    assert (one.kind, one.made_by, one.reviewed_by) == ("substitute", "Kim Service", "Lou Sales")
    assert one.broken == f"By rules version 1 they go 20 to {first.number} (tier A), before {here.order.number}."
    assert units(one) == [(here.order.number, 36), (first.number, -20)]


def test_a_command_that_comes_twice_writes_one():
    at = shelf()
    outbound.allocate(at.at.site)
    req = ReleaseAllocation([at.line("big")], "He does not pay")
    assert commands.release_allocation(ctx(KIM, "k"), req) == commands.release_allocation(ctx(KIM, "k"), req)
    assert len(overrides()) == 1


def test_a_hold_of_the_rules_that_somebody_releases_and_one_by_hand_that_is_no_override():
    at = desk.house()
    order = outbound.order(at.site, "ACME", (desk.ITEM, desk.SLIP))
    commands_holds.release_holds(ctx(MAY), ReleaseHolds(desk.ids(), "they confirmed it"))
    [one] = overrides()
    assert (one.kind, one.made_by, one.reason, one.standing) == ("hold", "May Planner", "they confirmed it", "over")
    assert one.broken.startswith(f"By order holds/1 they wait: {order.number}: ")
    assert units(one) == [(order.number, desk.SLIP)]
    said = decisions.why(ref("sales.line", order.line_ids[0]))[0].sentence
    assert said.startswith(f"Hold released by hand ({one.number}, May Planner): they confirmed it.")
    usual = outbound.order(at.site, "ACME", (desk.ITEM, 1))
    placed = commands_holds.place_holds(ctx(KIM), PlaceHolds("wait for the call", [usual.order_id], []))
    commands_holds.release_holds(ctx(MAY), ReleaseHolds(placed.hold_ids, "they called"))
    assert len(overrides()) == 1


def looked_up(query: ListQuery) -> tuple[list[str], int]:
    """The overrides of a page of the list, and how often the ledger was looked at for it."""
    asked = "SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'ledger_move'"
    before = sql.fetch_value(asked)
    page = queries_overrides.override_page(query, NOW)
    assert (page.total, page.totals["lost"]) == (3, 110)
    return [row.number for row in page.rows], sql.fetch_value(asked) - before


def test_the_list_works_out_what_came_of_those_it_shows():
    at = shelf()
    for name in ("big", "mid", "big"):
        outbound.allocate(at.at.site)
        commands.release_allocation(ctx(ADA), ReleaseAllocation([at.line(name)], "He does not pay", None))
    numbers = [one.number for one in overrides()]
    assert looked_up(ListQuery(sort=("-id",), limit=1)) == ([numbers[2]], 1)
    assert looked_up(ListQuery(sort=("id",), limit=2)) == (numbers[:2], 2)
