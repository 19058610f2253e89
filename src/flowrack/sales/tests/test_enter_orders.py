"""enter_orders: orders of many lines, confirmed at once, all or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import EVE, KIM, ctx

from flowrack.platform import sql
from flowrack.platform.web.record import audit_of
from flowrack.sales import commands
from flowrack.sales.tests import desk
from flowrack.sales.types import ORDER, EnterOrders, NewLine, NewOrder, OrderRefused
from flowrack.shared.errors import KeyReused, NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> int:
    at = outbound.house()
    item = outbound.item("4711")
    outbound.item("6024")
    sql.execute("UPDATE catalog_item SET list_price = 2.5 WHERE id = %s", (item,))
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 12)", (item,))
    outbound.customer("ACME", tier="A", policy="line", life=30)
    return at.site


def asked(site: int, *lines: NewLine, reference: str = "PO-1") -> NewOrder:
    return NewOrder("ACME", site, list(lines), reference=reference, requested_on=date(2026, 3, 5))


def test_an_order_takes_the_customers_terms_and_list_prices(site):
    req = EnterOrders(
        [asked(site, NewLine("4711", Decimal(2), "case"), NewLine("6024", Decimal(3), "", Decimal("1.5")))]
    )
    [done] = commands.enter_orders(ctx(KIM), req).orders
    assert done.number == "SO-1001" or done.number.startswith("SO-")
    assert sql.fetch_one(
        "SELECT tier, policy, min_life_days, state, reference, requested_on, ship_by_on FROM sales_order WHERE id = %s",
        (done.order_id,),
    ) == ("A", "line", 31, "confirmed", "PO-1", date(2026, 3, 5), date(2026, 3, 4))
    lines = sql.fetch_all("SELECT line_no, units, unit_price FROM sales_orderline ORDER BY line_no")
    assert lines == [(1, 24, Decimal("2.5")), (2, 3, Decimal("1.5"))]
    assert sql.fetch_all("SELECT kind FROM platform_outboxevent") == [("sales.order_entered",)]


def test_the_same_key_is_answered_from_the_record(site):
    req = EnterOrders([asked(site, NewLine("4711", Decimal(2)))])
    first = commands.enter_orders(ctx(KIM, "k"), req)
    before = outbound.books()
    assert commands.enter_orders(ctx(KIM, "k"), req) == first
    assert outbound.books() == before
    with pytest.raises(KeyReused):
        commands.enter_orders(ctx(KIM, "k"), EnterOrders([replace(req.orders[0], reference="PO-2")]))


def test_every_bad_line_is_named_and_nothing_is_left(site):
    [first] = commands.enter_orders(ctx(KIM), EnterOrders([asked(site, NewLine("4711", Decimal(1)))])).orders
    before = outbound.books()
    bad = asked(
        site,
        NewLine("nope", Decimal(1)),
        NewLine("4711", Decimal("2.6"), "case"),
        NewLine("4711", Decimal(1), "pallet"),
        NewLine("6024", Decimal(0)),
    )
    unknown = NewOrder("NOBODY", site, [NewLine("4711", Decimal(1))])
    with pytest.raises(OrderRefused) as refused:
        commands.enter_orders(ctx(KIM), EnterOrders([bad, unknown]))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (0, "orders.1.reference"),
        (0, "orders.2.customer"),
        (1, "orders.1.lines.1.item"),
        (2, "orders.1.lines.2.quantity"),
        (3, "orders.1.lines.3.pack"),
        (4, "orders.1.lines.4.quantity"),
    ]
    assert [line.message for line in refused.value.lines][:3] == [
        f"Order 1, PO-1: PO-1 was entered before as {first.number}.",
        "Order 2: There is no customer “NOBODY”.",
        "Order 1, PO-1: There is no item “nope”.",
    ]
    assert all(line.fix for line in refused.value.lines)
    assert outbound.books() == before


def test_a_gtin_stands_for_its_pack(site):
    sql.execute("UPDATE catalog_packlevel SET gtin = '09520000000011' WHERE level = 'case'")
    commands.enter_orders(ctx(KIM), EnterOrders([asked(site, NewLine("9520000000011", Decimal(2)))]))
    assert sql.fetch_all("SELECT units FROM sales_orderline") == [(24,)]


def test_the_same_reference_twice_in_one_batch_is_refused(site):
    one = asked(site, NewLine("4711", Decimal(1)))
    with pytest.raises(OrderRefused, match="1 to mend"):
        commands.enter_orders(ctx(KIM), EnterOrders([one, one]))


def test_an_outsider_enters_nothing(site):
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.enter_orders(ctx(EVE), EnterOrders([asked(site, NewLine("4711", Decimal(1)))]))
    assert outbound.books() == before


def test_a_hundred_orders_take_as_many_statements_as_one(site):
    def statements(count: int, tag: str) -> int:
        orders = [asked(site, *[NewLine("4711", Decimal(1))] * 5, reference=f"{tag}{n}") for n in range(count)]
        context = ctx(KIM)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            commands.enter_orders(context, EnterOrders(orders))
        return len(seen)

    statements(1, "warm")
    assert statements(1, "a") == statements(100, "b")


def test_each_order_of_a_batch_says_in_its_timeline_who_entered_it(site):
    orders = [asked(site, NewLine("4711", Decimal(1)), reference=f"B{n}") for n in range(3)]
    done = commands.enter_orders(ctx(KIM), EnterOrders(orders)).orders
    for one in done:
        [entry] = audit_of([ref(ORDER, one.order_id)])
        assert (entry.what, entry.who) == ("Order entered", KIM.full_name)
    alone = commands.enter_orders(ctx(KIM), EnterOrders([asked(site, NewLine("4711", Decimal(1)))])).orders[0]
    assert [entry.what for entry in audit_of([ref(ORDER, alone.order_id)])] == ["Order entered"]
    assert sql.fetch_value("SELECT count(*) FROM platform_commandsubject") == 3


def test_an_item_that_is_hardly_ordered_is_judged_by_all_lines_of_the_site():
    at = desk.house()
    outbound.item("SLOW")
    outbound.order(at.site, "BETA", ("SLOW", 3))
    desk.told(at.site, "slow")
    typed = outbound.order(at.site, "ACME", ("SLOW", 45_000), ("4711", 12))
    outbound.item("NEW")
    new = outbound.order(at.site, "ACME", ("NEW", 45_000), ("SLOW", 500))
    assert [(line, said) for _, line, said in desk.standing()] == [
        (
            typed.line_ids[0],
            "45,000 is 3,750 times the usual 12 of a line here, of an item that was ordered once here, 3 at most, "
            "and this customer has ordered nothing before.",
        ),
        (
            new.line_ids[0],
            "45,000 is 3,750 times the usual 12 of a line here, of an item that nobody has ordered here before, "
            "and this customer's largest line was 12.",
        ),
    ]


def test_an_absurd_quantity_on_many_lines_of_an_order_is_held_like_one_line_of_it():
    at = desk.house()
    done = outbound.order(at.site, "ACME", *[("4711", 400)] * 50, ("4711", 1))
    held = desk.standing()
    assert [line for _, line, _ in held] == done.line_ids
    assert {said for _, _, said in held} == {
        "20,001 on 51 lines is 1,666 times the usual 12 of this item, and this customer has ordered nothing before."
    }
    outbound.order(at.site, "ACME", ("4711", 400), ("4711", 100))
    assert len(desk.standing()) == len(held)
