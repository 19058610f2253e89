"""Lines that were promised later than they were wanted: what comes sooner is theirs before it is anybody new's."""

from datetime import date

import pytest
from tests import outbound, supply
from tests.cast import KIM, NOW, ctx

from flowrack.promise import queries
from flowrack.promise.commands import release_quote
from flowrack.promise.rules_case import Ask, Source
from flowrack.promise.tests import given
from flowrack.promise.types import EndQuote

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
