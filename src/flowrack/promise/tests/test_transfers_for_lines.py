"""A transfer planned for an order line is that line's, and none takes what orders of its sender were promised."""

from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import KIM, MAY, NOW, ctx

from flowrack.allocation import queries_tried
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.promise import commands_lines, queries
from flowrack.promise.rules_case import Ask, Source
from flowrack.promise.tests import given
from flowrack.sales.commands_changes import cancel_lines
from flowrack.sales.types import CancelLine, CancelLines
from flowrack.storage.commands_transfer_plans import change_transfer, plan_transfer
from flowrack.storage.types_transfer_plans import ChangeTransfer, PlanLine, PlanTransfer, PromisedThere

pytestmark = pytest.mark.django_db
DUE, FAR = date(2026, 3, 6), date(2026, 3, 20)


@pytest.fixture
def scene():
    """Thirty of SO's forty are on the way from W2 on purpose; a better customer waits for sixty; 200 are on order."""
    at, other = outbound.house(), outbound.house("W2")
    hose = outbound.item("V-200")
    outbound.customer("ACME", tier="C")
    outbound.customer("BEST", tier="A")
    receive(other, hose, 90, "4", "reserve1")
    supply.approved(at.site, supply.supplier(), (hose, 200, "4"), due=FAR)
    one = outbound.order(at.site, "ACME", ("V-200", 40), ships=date(2026, 3, 3))
    best = outbound.order(at.site, "BEST", ("V-200", 60), ships=date(2026, 3, 3))
    outbox.drain(now=NOW)
    plan = PlanTransfer(other.site, at.site, [PlanLine(hose, 45)], DUE, "waits", f"sales.line:{one.line_ids[0]}")
    made = plan_transfer(ctx(MAY), plan)
    outbox.drain(now=NOW)
    return at, hose, one, best, made


def free(at: outbound.House, on: date) -> int:
    """Units of V-200 that somebody new may be promised to leave on a day."""
    case = queries.case_of([Ask(given.item_id(), "V-200", 1, (at.site,))], NOW)
    source = Source(case, case.site(at.site), case.stock(given.item_id(), at.site), case.asks[0])
    return [step for step in source.steps(given.TODAY) if step.on <= on][-1].free


def brings(order, at, hose) -> list[tuple[str, int]]:
    found = queries_tried.standing_of(order.line_ids[0], hose, at.site, NOW)
    assert found is not None
    return [(one.name, one.units) for one in found.outlook.arrivals]


def test_the_ladder_gives_it_to_the_line_first_and_only_the_rest_to_a_better_rank(scene):
    at, hose, one, best, made = scene
    [(po,)] = sql.fetch_all("SELECT number FROM purchasing_po")
    assert brings(one, at, hose) == [(made.number, 40)]
    assert brings(best, at, hose) == [(made.number, 5), (po, 55)]


def test_its_own_promise_counts_on_it_whoever_waits_and_a_newcomer_has_nothing_of_it(scene):
    at, _, one, best, _ = scene
    days = commands_lines.foreseen([*one.line_ids, *best.line_ids], NOW)
    assert days[one.line_ids[0]] == date(2026, 3, 9), "Friday's goods are on the shelf on Saturday"
    assert days[best.line_ids[0]] == date(2026, 3, 26)
    assert (free(at, date(2026, 3, 9)), free(at, date(2026, 3, 26))) == (0, 145)


def test_when_the_line_is_cancelled_what_comes_is_for_those_who_wait(scene):
    at, hose, one, best, made = scene
    cancel_lines(ctx(KIM), CancelLines([CancelLine(one.line_ids[0], 40)], "not wanted"))
    outbox.drain(now=NOW)
    [(po,)] = sql.fetch_all("SELECT number FROM purchasing_po")
    assert brings(best, at, hose) == [(made.number, 45), (po, 15)]


def sending(units: int, *, waits: int, **more: bool):
    """So many of forty units at W1 should go to W2; an order of W1 was promised some of them for a far day."""
    at, other = outbound.house(), outbound.house("W2")
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    receive(at, hose, 40, "4", "reserve1")
    far = outbound.order(at.site, "ACME", ("V-200", waits), ships=FAR)
    outbox.drain(now=NOW)
    return far, PlanTransfer(at.site, other.site, [PlanLine(hose, units)], **more)


def test_what_an_order_of_the_sender_was_promised_does_not_go_and_it_is_named():
    far, plan = sending(26, waits=15)
    before = given.rows()
    with pytest.raises(PromisedThere) as refused:
        plan_transfer(ctx(MAY), plan)
    assert refused.value.message == (
        f"26 of V-200 wanted, 25 can go: others at the site count on the rest, such as {far.number} with 15 for 20 Mar."
    )
    assert given.rows() == before


def test_what_nobody_counts_on_goes_and_more_where_somebody_says_so():
    _, plan = sending(25, waits=15)
    assert plan_transfer(ctx(MAY), plan).units == 25


def test_more_goes_where_somebody_says_so_and_a_change_asks_only_for_more_than_before():
    _, plan = sending(26, waits=15, takes_promised=True)
    made = plan_transfer(ctx(MAY), plan)
    [line] = plan.lines
    assert made.units == 26
    assert change_transfer(ctx(MAY), ChangeTransfer(made.transfer_id, [line])).units == 26
    with pytest.raises(PromisedThere):
        change_transfer(ctx(MAY), ChangeTransfer(made.transfer_id, [PlanLine(line.item_id, 27)]))
    more = ChangeTransfer(made.transfer_id, [PlanLine(line.item_id, 27)], takes_promised=True)
    assert change_transfer(ctx(MAY), more).units == 27


def test_what_comes_before_the_promised_day_lets_the_stock_go():
    at, other = outbound.house(), outbound.house("W2")
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    receive(at, hose, 40, "4", "reserve1")
    supply.approved(at.site, supply.supplier(), (hose, 15, "4"), due=DUE)
    outbound.order(at.site, "ACME", ("V-200", 15), ships=FAR)
    outbox.drain(now=NOW)
    assert plan_transfer(ctx(MAY), PlanTransfer(at.site, other.site, [PlanLine(hose, 40)])).units == 40
