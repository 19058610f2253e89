"""Lines that were promised later than they were wanted: what comes sooner is theirs before it is anybody new's."""

from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import CY, KIM, NOW, ctx, signed_in

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery
from flowrack.promise import pages_sooner, queries
from flowrack.promise.commands import release_quote
from flowrack.promise.commands_lines import move_promises
from flowrack.promise.rules_case import Ask, Source
from flowrack.promise.tests import given
from flowrack.promise.types import EndQuote, MovePromise, MovePromises

pytestmark = pytest.mark.django_db
TUE, THU, FAR = date(2026, 3, 3), date(2026, 3, 12), date(2026, 3, 27)


def free(at: outbound.House, on: date) -> int:
    """Units of V-200 that somebody new may be promised to leave on a day."""
    ask = Ask(given.item_id(), "V-200", 1, (at.site,))
    case = queries.case_of([ask], NOW)
    source = Source(case, case.site(at.site), case.stock(ask.item_id, at.site), ask)
    return [step for step in source.steps(given.TODAY) if step.on <= on][-1].free


def buy(at: outbound.House, *orders: tuple[int, date]) -> None:
    """Approved orders of V-200 of one supplier: units, due on a day."""
    who = supply.supplier()
    for units, due in orders:
        supply.approved(at.site, who, (given.item_id(), units, "4"), due=due)


def late_order(at: outbound.House, units: int):
    """An order for tomorrow that is promised for the far day: what comes sooner was taken by a quote, and is free
    again."""
    buy(at, (50, date(2026, 3, 5)), (100, date(2026, 3, 20)))
    held = given.quote(50)
    made = outbound.order(at.site, "ACME", ("V-200", units), ships=TUE)
    given.drain()
    [(_, told)] = given.promises()
    assert told is not None and told > THU
    release_quote(ctx(KIM), EndQuote(held.quote_id, "not wanted"))
    return made


def test_nobody_new_is_promised_what_a_late_line_could_use_and_the_rest_is_free():
    at = given.house(0)
    late_order(at, 30)
    assert (free(at, TUE), free(at, THU), free(at, FAR)) == (0, 20, 120)


def test_a_line_that_was_promised_the_day_it_was_wanted_claims_on_that():
    at = given.house(0)
    buy(at, (50, date(2026, 3, 5)), (100, date(2026, 3, 16)))
    outbound.order(at.site, "ACME", ("V-200", 30), ships=date(2026, 3, 25))
    given.drain()
    assert (free(at, THU), free(at, date(2026, 3, 27))) == (50, 120)


def test_an_order_in_one_delivery_claims_for_its_promised_day():
    at = given.house(0, policy="complete")
    late_order(at, 30)
    assert free(at, THU) == 50


def test_it_stands_in_the_list_of_those_that_can_leave_sooner_until_its_promise_moved(monkeypatch):
    monkeypatch.setattr(pages_sooner, "now", lambda: NOW)
    at = given.house(0)
    made = late_order(at, 30)
    [row] = pages_sooner.SOONER.rows(ListQuery(site_id=at.site)).rows
    assert (row.order, row.units, row.promised_on, row.can_ship_on, row.days) == (
        made.number, 30, date(2026, 3, 26), date(2026, 3, 11), 15,
    )  # fmt: skip
    move_promises(ctx(KIM), MovePromises([MovePromise(row.id)], "the goods are here sooner"))
    assert [told for _, told in given.promises()] == [date(2026, 3, 11)]
    letter = sql.fetch_value("SELECT text FROM allocation_customernotice")
    assert "30 of V-200 can reach you sooner, on " in letter and " instead of " in letter
    assert "it can come on the day that we told you before" in letter and "substitutes" not in letter
    assert pages_sooner.SOONER.rows(ListQuery(site_id=at.site)).rows == []


def test_of_two_late_lines_the_better_rank_is_offered_the_sooner_delivery(monkeypatch):
    monkeypatch.setattr(pages_sooner, "now", lambda: NOW)
    at = given.house(0, tier="C")
    outbound.customer("BEST", tier="A")
    late_order(at, 40)
    best = outbound.order(at.site, "BEST", ("V-200", 45), ships=TUE)
    given.drain()
    assert [(row.order, row.units) for row in pages_sooner.SOONER.rows(ListQuery()).rows] == [(best.number, 45)]


def test_a_late_line_that_moves_alone_counts_the_others_behind_it_as_the_list_does(monkeypatch):
    """Two late lines of which the sooner delivery suffices for one: the better rank moves to it, whoever asks first."""
    monkeypatch.setattr(pages_sooner, "now", lambda: NOW)
    at = given.house(0, tier="C")
    outbound.customer("BEST", tier="A")
    [other] = late_order(at, 40).line_ids
    [best] = outbound.order(at.site, "BEST", ("V-200", 45), ships=TUE).line_ids
    given.drain()
    told = {line: on for line, (_, on) in zip((other, best), given.promises(), strict=True)}
    move_promises(ctx(KIM), MovePromises([MovePromise(other)], "the goods are here sooner"))
    assert [on for _, on in given.promises()] == [told[other], told[best]]
    move_promises(ctx(KIM), MovePromises([MovePromise(best)], "the goods are here sooner"))
    assert [on for _, on in given.promises()] == [told[other], date(2026, 3, 11)]


def test_who_has_a_list_opens_it_and_others_do_not():
    at = given.house(0)
    late_order(at, 30)
    assert signed_in(KIM).get("/promise/sooner").status_code == 200
    assert signed_in(CY).get("/promise/sooner").status_code == 403
