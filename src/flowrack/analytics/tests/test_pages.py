from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.cast import ADA, BO, EVE, OZ, signed_in

from flowrack.analytics.queries import flow
from flowrack.analytics.queries.moves import move_list
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import Move
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery
from flowrack.returns.tests.scene import sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def stocked():
    """A house with sold goods, stock on hand, goods on hold and an order that waits."""
    s = sold(10, "3.00")
    h.receive(s.house, s.item, 40, "3.00")
    hold = s.house["reserve1"].__class__(s.house.places["reserve1"], 0, "hold")
    h.steps.post(h.context(), [Move(s.item, 5, s.house["reserve1"], hold, "HOLD")])
    sql.execute(
        """INSERT INTO sales_order (number, customer_id, site_id, reference, tier, policy, min_life_days, state,
                                    ordered_at, requested_on, entered_by_id)
           VALUES ('SO-WAITS', %s, %s, '', 'A', 'partial', 0, 'confirmed', now() - interval '2 days',
                   current_date - 1, %s)""",
        (s.customer, s.house.site, OZ.id),
    )
    sql.execute(
        """INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                        picked_units, shipped_units, cancelled_units, unit_price)
           SELECT id, 1, %s, 60, 0, 0, 0, 0, 0, 7 FROM sales_order WHERE number = 'SO-WAITS'""",
        (s.item,),
    )
    return s


def text(response):
    assert response.status_code == 200, response.content[:2000]
    return response.getvalue().decode()


def test_the_control_tower_says_what_is_late_and_what_it_is_worth(stocked):
    page = text(signed_in(OZ).get("/"))
    assert "SO-WAITS" in page and "60 of 60 × WIDGET" in page and "No supply" in page
    assert "£420" in page
    assert "is in the building but cannot be sold" in page and "£15" in page


def test_who_may_not_see_cost_sees_units_instead(stocked):
    page = text(signed_in(BO).get("/"))
    assert "State, units" in page and "£15" not in page
    assert "£" not in page and "of open orders wait for stock" in page
    assert "SO-WAITS" in page and "420" not in page
    assert "£420" in text(signed_in(ADA).get("/"))


def test_an_empty_house_says_that_nothing_needs_you():
    assert "Nothing needs you." in text(signed_in(ADA).get("/"))


def test_stock_by_state_shows_each_item_and_site_apart(stocked):
    page = text(signed_in(ADA).get("/stock"))
    assert "WIDGET" in page and ">35<svg" in page and ">5<svg" in page
    assert "WIDGET" in text(signed_in(ADA).get("/stock?has=hold"))
    assert "WIDGET" not in text(signed_in(ADA).get("/stock?has=quarantine"))
    assert "WIDGET" in text(signed_in(ADA).get("/stock?format=csv"))


def test_the_item_enquiry_shows_places_orders_and_moves(stocked):
    page = text(signed_in(OZ).get(reverse("analytics_item", args=[stocked.item])))
    assert "reserve-1" in page and "SO-WAITS" in page and "Unit cost" in page
    assert "Unit cost" not in text(signed_in(ADA).get(reverse("analytics_item", args=[stocked.item])))
    assert signed_in(ADA).get("/stock/items/999999").status_code == 404


@pytest.mark.parametrize("code", ["WIDGET", "reserve-1"])
def test_moves_are_found_by_item_and_place(stocked, code):
    found = text(signed_in(OZ).get(f"/stock/moves?q={code}&format=csv"))
    assert found.count("WIDGET") == 4
    assert "WIDGET" not in text(signed_in(OZ).get("/stock/moves?q=reserve-2&format=csv"))


def test_moves_are_found_by_the_number_of_their_document_the_latest_first(stocked):
    number = f"SO-{stocked.item}"
    hold = stocked.house["reserve1"].__class__(stocked.house.places["reserve1"], 0, "hold")
    for origin, demand in (("", f"sales.line:{stocked.line}"), (f"sales.order:{stocked.order}", "")):
        move = Move(stocked.item, 1, stocked.house["reserve1"], hold, "HOLD", origin=origin, demand=demand)
        h.steps.post(h.context(), [move])
    found = move_list(ListQuery(search=number.lower())).rows
    assert [(line.origin, line.demand) for line in found] == [
        (f"sales.order:{stocked.order}", ""),
        ("", f"sales.line:{stocked.line}"),
    ]
    assert move_list(ListQuery(search="SO-WAITS")).rows == []
    early = h.context(h.NOW - timedelta(hours=3))
    late_book = Move(stocked.item, 1, stocked.house["reserve1"], hold, "HOLD", origin="test:recorded-later")
    h.steps.post(early, [late_book])
    for query in (ListQuery(), ListQuery(search="WIDGET")):
        rows = move_list(query).rows
        assert rows[-1].origin == "test:recorded-later" and rows[-1].id == max(row.id for row in rows)
        assert [row.id for row in rows[:-1]] == sorted((row.id for row in rows[:-1]), reverse=True)


def test_moves_are_filtered_by_reason_and_day(stocked):
    browser = signed_in(OZ)
    assert text(browser.get("/stock/moves?reason=HOLD&format=csv")).count("WIDGET") == 1
    assert "WIDGET" not in text(browser.get("/stock/moves?reason=PICK&format=csv"))


def test_measures_keep_their_parts(stocked):
    assert "Line fill rate" in text(signed_in(OZ).get("/measures"))
    assert "Inventory turns" not in text(signed_in(ADA).get("/measures?weeks=13"))


def test_pages_are_closed_to_outsiders(stocked):
    for url in ("/stock", "/stock/moves", "/measures", f"/stock/items/{stocked.item}"):
        assert signed_in(EVE).get(url).status_code == 403


def test_the_tower_takes_a_fixed_number_of_queries(stocked, django_assert_max_num_queries):
    browser = signed_in(OZ)
    browser.get("/")
    with django_assert_max_num_queries(27):  # twelve kinds of trouble
        browser.get("/")


def test_the_tower_names_held_orders_with_who_may_release_them(stocked):
    sql.execute(
        """
        INSERT INTO sales_hold (order_id, kind, sentence, placed_by_id, placed_at, ending, reason)
        SELECT id, 'credit', 'SHOP is on stop: pays late.', entered_by_id, now(), '', '' FROM sales_order LIMIT 1
        """
    )
    page = text(signed_in(OZ).get("/"))
    assert "SHOP is on stop: pays late." in page and "Held: credit" in page and "Finance" in page


def test_the_flow_map_draws_what_stands_with_its_table(stocked):
    page = text(signed_in(OZ).get("/stock/flow"))
    assert "40 units in the house; 5 of it is here but cannot be sold." in page
    assert "Value, £" in page and "£120" in text(signed_in(OZ).get("/stock/flow?in=value"))
    assert text(signed_in(OZ).get("/stock/flow?format=csv")).startswith("\ufeffFrom,To,")
    assert "Value, £" not in text(signed_in(BO).get("/stock/flow?in=value"))


def test_what_moved_between_states_is_summed_in_units_and_at_present_cost(stocked):
    rows = {(f.source, f.target): (f.units, f.value) for f in flow.flows(stocked.house.site, date(2020, 1, 1))}
    assert rows == {
        ("grni", "reserve"): (50, Decimal("150.00")),
        ("reserve", "cogs"): (10, Decimal("30.00")),
        ("reserve", "hold"): (5, Decimal("15.00")),
    }
    assert flow.flows(stocked.house.site + 1, date(2020, 1, 1)) == []


def test_the_flow_map_takes_a_fixed_number_of_queries(stocked, django_assert_max_num_queries):
    browser = signed_in(ADA)
    browser.get("/stock/flow")
    with django_assert_max_num_queries(20):
        browser.get("/stock/flow")
