"""set_credits: what is owed and open uses up the limit; a stop holds everything, a better credit frees what fits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, LOU, NED, ctx

from flowrack.platform import sql
from flowrack.sales import commands_changes, commands_credit
from flowrack.sales.tests import desk
from flowrack.sales.types import ChangeLine
from flowrack.sales.types_holds import BadCredit, CustomerCredit, SetCredits
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> int:
    at = outbound.house()
    item = outbound.item("A")
    outbound.receive(at, item, 1_000, "1")
    sql.execute("UPDATE catalog_item SET list_price = 10 WHERE id = %s", (item,))
    outbound.customer("ACME")
    outbound.customer("BETA")
    return at.site


def give(limit: object = None, owed: object = 0, *, stop: bool = False, who: str = "ACME"):
    credit = CustomerCredit(who, None if limit is None else Decimal(str(limit)), Decimal(str(owed)), stop)
    return commands_credit.set_credits(ctx(NED), SetCredits([credit], "the month's review"))


def test_an_order_beyond_the_limit_waits_and_does_not_use_it_up(site):
    give(500, 100)
    outbound.order(site, "ACME", ("A", 20))
    assert desk.standing() == []
    second = outbound.order(site, "ACME", ("A", 21))
    said = "10.00 beyond the credit limit of 500.00: this order 210.00, open orders 200.00, owed 100.00."
    assert desk.standing() == [("credit", 0, said)]
    outbound.order(site, "ACME", ("A", 20))
    outbound.order(site, "BETA", ("A", 500))
    assert len(desk.standing()) == 1
    assert outbound.allocate(site, second).units == 0


def test_a_better_credit_frees_the_oldest_that_fit(site):
    give(100)
    first, second = (outbound.order(site, "ACME", ("A", 20)) for _ in range(2))
    done = give(250)
    assert (len(done.placed_hold_ids), len(done.ended_hold_ids)) == (0, 1)
    desk.tell()
    assert outbound.counts(first.line_ids[0]) == {"units": 20, "allocated": 20}
    assert outbound.counts(second.line_ids[0]) == {"units": 20, "waiting": 20}
    versions = sql.fetch_all("SELECT version, credit_limit, ended_at IS NULL FROM sales_credit ORDER BY id")
    assert versions == [(1, Decimal(100), False), (2, Decimal(250), True)]


def test_a_stop_holds_what_is_open_and_its_end_frees_it(site):
    order = outbound.order(site, "ACME", ("A", 5))
    assert len(give(stop=True).placed_hold_ids) == 1
    assert desk.standing() == [("credit", 0, "The customer is on stop: the month's review.")]
    assert len(give(stop=True).placed_hold_ids) == 0
    assert len(give().ended_hold_ids) == 1
    desk.tell()
    assert outbound.counts(order.line_ids[0]) == {"units": 5, "allocated": 5}


def test_a_changed_line_is_judged_by_credit_anew(site):
    give(500)
    order = outbound.order(site, "ACME", ("A", 20))
    line = order.line_ids[0]
    commands_changes.change_line(ctx(KIM), ChangeLine(line, 51))
    assert [kind for kind, _, _ in desk.standing()] == ["credit"]
    commands_changes.change_line(ctx(KIM), ChangeLine(line, unit_price=Decimal(9)))
    assert desk.standing() == []


def test_every_bad_line_is_named_and_sales_sets_no_credit(site):
    bad = SetCredits(
        [
            CustomerCredit("NOBODY"),
            CustomerCredit("ACME", Decimal(-1)),
            CustomerCredit("ACME", None, Decimal(10) ** 13),
        ],
        "",
    )
    with pytest.raises(BadCredit) as refused:
        commands_credit.set_credits(ctx(NED), bad)
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (0, "reason"), (1, "customer"), (2, "credit_limit"), (3, "customer"), (3, "owed"),
    ]  # fmt: skip
    for person in (KIM, LOU):
        with pytest.raises(NotPermitted):
            commands_credit.set_credits(ctx(person), SetCredits([CustomerCredit("ACME")], "please"))
    assert sql.fetch_value("SELECT count(*) FROM sales_credit") == 0
