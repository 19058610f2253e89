"""Holds of orders that any site may send: by what all sites know of customer and item, and no split goes round them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, LOU, NOW, ctx

from flowrack.platform import sql
from flowrack.promise import commands_sites
from flowrack.promise.tests import given
from flowrack.promise.tests.elsewhere import enter, two_sites
from flowrack.promise.types_sites import MoveLines, MoveUnits
from flowrack.sales import commands_changes, commands_holds, steps_typed
from flowrack.sales import commands_sites as sales_sites
from flowrack.sales.types import ChangeLine, NewLine, NewOrder
from flowrack.sales.types_holds import SetHoldRules
from flowrack.sales.types_sites import SetAnySite

pytestmark = pytest.mark.django_db(transaction=True)
HELD = "SELECT o.number, h.kind, h.sentence FROM sales_hold h JOIN sales_order o ON o.id = h.order_id ORDER BY h.id"


def history(site_id: int, greatest: int, *, lines: int = 40) -> None:
    """What a site knows of V-200: lines of some twelve units."""
    sql.execute(
        """
        INSERT INTO sales_itemhistory (site_id, item_id, lines, median, deviation, greatest_units, doubtful_units,
                                       refreshed_at)
        VALUES (%s, %s, %s, 2.4849, 0.4, %s, %s, %s)
        """,
        (site_id, given.item_id(), lines, greatest, 500 if lines >= 20 else None, NOW),
    )


def test_a_site_that_hardly_knows_the_item_lets_no_absurd_quantity_pass():
    _, north = two_sites(100, 100)
    history(north.site, 48)
    order = enter(("V-200", 5_000))
    [held] = sql.fetch_all(HELD)
    said = "5,000 is 416 times the usual 12 of this item, and this customer has ordered nothing before."
    assert held == (order.number, "quantity", said)
    [checked] = steps_typed.check_orders(
        ctx(KIM), [NewOrder("ACME", 0, [NewLine("V-200", Decimal(5_000))], any_site=True)]
    )
    assert [one.sentence for one in checked.holds] == [held[2]], "what entry says before is what it does"


def test_what_one_site_ships_every_day_is_no_absurd_quantity_of_an_order_that_it_may_send():
    at, north = two_sites(100, 100)
    history(at.site, 48)
    history(north.site, 48)
    sql.execute("UPDATE sales_itemhistory SET median = 9, greatest_units = 9000 WHERE site_id = %s", (north.site,))
    enter(("V-200", 5_000))
    assert sql.fetch_all(HELD) == []


def test_units_of_a_wish_that_was_split_are_judged_together():
    at, north = two_sites(1_000, 1_000)
    for site in (at.site, north.site):
        history(site, 48)
    order = outbound.order(at.site, "ACME", ("V-200", 20))
    [line] = order.line_ids
    [moved] = commands_sites.move_lines(
        ctx(KIM), MoveLines(order.order_id, [MoveUnits(line, 10)], north.site, "sooner")
    ).moved
    for line_id in (line, moved.line_ids[0]):
        commands_changes.change_line(ctx(KIM), ChangeLine(line_id, 400))
    [held] = sql.fetch_all(HELD)
    assert held[:2] == (moved.number, "quantity") and held[2].startswith("800 on 2 lines is 66 times the usual 12")


def test_what_the_strictest_site_holds_is_held_and_no_move_by_hand_goes_round_it():
    at, north = two_sites(100, 100)
    commands_holds.set_hold_rules(ctx(LOU), SetHoldRules(north.site, "letters came back", needs_address=True))
    order = enter(("V-200", 5))
    said = "The order has no delivery address, and the customer has no default one."
    assert sql.fetch_all(HELD) == [(order.number, "address", said)]
    other = outbound.order(at.site, "ACME", ("V-200", 5))
    assert len(sql.fetch_all(HELD)) == 1
    commands_sites.move_lines(ctx(KIM), MoveLines(other.order_id, [], north.site, "sooner"))
    assert sql.fetch_all(HELD)[1:] == [(other.number, "address", said)]


def test_an_order_that_is_left_to_the_rules_later_is_held_as_if_it_had_been_so_at_entry():
    at, north = two_sites(2, 100)
    commands_holds.set_hold_rules(ctx(LOU), SetHoldRules(north.site, "letters came back", needs_address=True))
    history(north.site, 48)
    order = outbound.order(at.site, "ACME", ("V-200", 5_000))
    assert sql.fetch_all(HELD) == []
    for any_site in (True, False, True):
        sales_sites.set_any_site(ctx(KIM), SetAnySite(order.order_id, any_site, "soonest"))
    address = "The order has no delivery address, and the customer has no default one."
    quantity = "5,000 is 416 times the usual 12 of this item, and this customer has ordered nothing before."
    assert sql.fetch_all(HELD) == [(order.number, "address", address), (order.number, "quantity", quantity)]
    given.drain()
    assert sql.fetch_value("SELECT site_id FROM sales_order WHERE id = %s", (order.order_id,)) == at.site


def test_an_order_that_no_site_doubts_goes_where_the_rules_say():
    at, north = two_sites(2, 100)
    order = outbound.order(at.site, "ACME", ("V-200", 50))
    sales_sites.set_any_site(ctx(KIM), SetAnySite(order.order_id, any_site=True))
    given.drain()
    assert sql.fetch_all(HELD) == []
    assert sql.fetch_value("SELECT site_id FROM sales_order WHERE id = %s", (order.order_id,)) == north.site
