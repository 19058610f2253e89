from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import BO, DI, ED, EVE, ctx
from tests.supply import case, counts_of, house, item, sells, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands
from flowrack.purchasing.types import BadPo, BelowMinimum, CreatePo, NewPo, NewPoLine
from flowrack.shared.errors import KeyReused, NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def line(item_id, units, cost=None, **more):
    return NewPoLine(item_id, Units(units), None if cost is None else Decimal(cost), **more)


def test_a_batch_of_orders_becomes_drafts_with_prices_dates_and_tolerances():
    here, seller = house(), supplier(lead_time_days=5)
    hose, tap = item("V-200"), item("TAP")
    case(hose, 20)
    sells(seller, hose, "4")
    sells(seller, tap, "1.255")

    made = commands.create_po(
        ctx(DI),
        CreatePo(
            [
                NewPo(seller, here.site, [line(hose, 1_000), line(tap, 3)]),
                NewPo(seller, here.site, [line(hose, 100, "3.9", over_pct=Decimal(10), under_pct=Decimal(5))]),
            ]
        ),
    )

    assert [(p.total, len(p.line_ids)) for p in made.pos] == [(Decimal("4003.77"), 2), (Decimal("390.00"), 1)]
    first, second = (int(p.number.removeprefix("PO-")) for p in made.pos)
    assert second == first + 1
    heads = sql.fetch_all("SELECT state, ordered_on, due_on, approved_by_id, content_hash FROM purchasing_po")
    # Five days after Monday the 2nd is a Saturday; this supplier delivers from Monday to Friday.
    assert heads == [("draft", date(2026, 3, 2), date(2026, 3, 9), None, "")] * 2
    lines = sql.fetch_all(
        "SELECT line_no, units, unit_cost, over_units, under_units FROM purchasing_poline ORDER BY id"
    )
    assert lines == [
        (1, 1_000, Decimal("4.000000"), 20, 0),
        (2, 3, Decimal("1.255000"), 0, 0),
        (1, 100, Decimal("3.900000"), 10, 5),
    ]


def test_a_retried_order_is_answered_from_the_record():
    here, seller, hose = house(), supplier(), item("V-200")
    req = CreatePo([NewPo(seller, here.site, [line(hose, 10, "4")])])
    first = commands.create_po(ctx(DI, "k"), req)
    after = counts_of()
    assert commands.create_po(ctx(DI, "k"), req) == first
    assert counts_of() == after
    with pytest.raises(KeyReused):
        commands.create_po(ctx(DI, "k"), CreatePo([NewPo(seller, here.site, [line(hose, 11, "4")])]))


def test_every_bad_line_of_the_batch_is_named_and_nothing_is_left():
    here, seller, hose = house(), supplier(), item("V-200")
    gone = item("GONE")
    sql.execute("UPDATE catalog_item SET is_active = false WHERE id = %s", (gone,))
    di = ctx(DI)
    before = counts_of()
    with pytest.raises(BadPo) as refused:
        commands.create_po(
            di,
            CreatePo(
                [
                    NewPo(seller, here.site, [line(hose, 0, "4"), line(gone, 1, "1"), line(999_999, 1, "1")]),
                    NewPo(1, here.site, [line(hose, 1, "-1"), line(hose, 1)]),
                    NewPo(seller, 999_999, []),
                    NewPo(seller, here.site, [line(hose, 1, "4")], due_on=date(2026, 3, 1)),
                ]
            ),
        )
    assert [(b.line, b.field) for b in refused.value.lines] == [
        (1, "units"),
        (2, "item"),
        (3, "item"),
        (4, "supplier"),
        (4, "unit_cost"),
        (6, "site"),
        (6, "lines"),
        (6, "due_on"),
    ]
    assert counts_of() == before


def test_minimum_and_multiple_are_kept_unless_a_reason_is_given():
    here, seller, hose = house(), supplier(), item("V-200")
    sells(seller, hose, "4", moq=60, multiple=20)
    di = ctx(DI)
    before = counts_of()
    with pytest.raises(BelowMinimum) as refused:
        commands.create_po(di, CreatePo([NewPo(seller, here.site, [line(hose, 50), line(hose, 70)])]))
    assert [(b.line, b.message, b.fix) for b in refused.value.lines] == [
        (1, "50 is below the supplier's minimum of 60; the next quantity that works is 60.", "Order 60."),
        (2, "70 is not a multiple of 20; the next quantity that works is 80.", "Order 80."),
    ]
    assert counts_of() == before
    made = commands.create_po(
        ctx(DI), CreatePo([NewPo(seller, here.site, [line(hose, 50)], override_reason="last ones before the change")])
    )
    assert made.pos[0].total == Decimal("200.00")


def test_who_may_not_order_leaves_no_trace():
    here, seller, hose = house(), supplier(), item("V-200")
    for person in (BO, EVE):
        by = ctx(person)
        before = counts_of()
        with pytest.raises(NotPermitted):
            commands.create_po(by, CreatePo([NewPo(seller, here.site, [line(hose, 1, "4")])]))
        assert counts_of() == before
    assert commands.create_po(ctx(ED), CreatePo([NewPo(seller, here.site, [line(hose, 1, "4")])])).pos


def test_the_number_of_queries_does_not_grow_with_the_batch():
    here, seller = house(), supplier()
    items = [item(f"I{n}") for n in range(40)]

    def queries(orders):
        req = CreatePo([NewPo(seller, here.site, [line(i, 5, "1") for i in items], cover_reason="x")] * orders)
        by = ctx(DI)
        with CaptureQueriesContext(connection) as seen:
            commands.create_po(by, req)
        return len(seen)

    queries(1)  # what comes of it covers what is bought next
    assert queries(1) == queries(10)


def test_an_order_has_at_most_ten_thousand_lines():
    here, seller, hose = house(), supplier(), item("V-200")
    before = counts_of()
    with pytest.raises(BadPo) as refused:
        commands.create_po(ctx(DI), CreatePo([NewPo(seller, here.site, [line(hose, 1, "4")] * 10_001)]))
    assert [(b.line, b.field, b.message) for b in refused.value.lines] == [
        (1, "lines", "The order has 10,001 lines; 10,000 are the most.")
    ]
    assert counts_of() == before
