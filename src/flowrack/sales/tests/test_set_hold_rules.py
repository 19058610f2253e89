"""set_hold_rules: versions with their reason, for the company or a site; the next order is judged by them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, MAY, ctx

from flowrack.platform import sql
from flowrack.sales import commands_holds
from flowrack.sales.tests import desk
from flowrack.sales.types_holds import BadHoldRules, SetHoldRules
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sites_rules_stand_before_the_companys_and_those_before_the_shipped_ones():
    at = desk.house()
    outbound.order(at.site, "ACME", (desk.ITEM, 450))
    assert desk.standing() == []
    done = commands_holds.set_hold_rules(ctx(MAY), SetHoldRules(0, "slips", factor=Decimal(4), floor_units=300))
    outbound.customer("CEE")
    order = outbound.order(at.site, "CEE", (desk.ITEM, 450))
    assert [line for _, line, _ in desk.standing()] == order.line_ids
    rule = sql.fetch_value("SELECT rule FROM platform_decision WHERE kind = 'hold'")
    assert (done.version, rule) == (1, "order-holds/4 rules v1")
    commands_holds.set_hold_rules(ctx(MAY), SetHoldRules(at.site, "large trade", holds_quantity=False))
    outbound.customer("DEE")
    outbound.order(at.site, "DEE", (desk.ITEM, desk.SLIP))
    assert len(desk.standing()) == 1
    assert commands_holds.set_hold_rules(ctx(MAY), SetHoldRules(0, "as before")).version == 2


def test_a_new_site_and_wide_items_have_the_limits_that_the_rules_say():
    """No line came at the site so far: 1,000 units instead of the shipped 10,000; of an item that was ordered 40 times,
    at most three times its largest line."""
    at = outbound.house()
    outbound.item("4711")
    outbound.customer("ACME")
    outbound.order(at.site, "ACME", ("4711", 2_000))
    assert desk.standing() == []
    commands_holds.set_hold_rules(ctx(MAY), SetHoldRules(at.site, "a new shop", most_times=3, short_units=1_000))
    order = outbound.order(at.site, "ACME", ("4711", 2_001))
    assert [line for _, line, _ in desk.standing()] == order.line_ids
    why = str(sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'hold'"))
    assert "More than 1,000 are in doubt: the site has fewer than 20 lines (hold rules v1)." in why


def test_an_order_without_an_address_waits_where_the_rules_ask_for_one():
    at = desk.house()
    commands_holds.set_hold_rules(ctx(MAY), SetHoldRules(at.site, "parcels", needs_address=True))
    outbound.order(at.site, "ACME", (desk.ITEM, 1))
    said = "The order has no delivery address, and the customer has no default one."
    assert desk.standing() == [("address", 0, said)]


def test_bad_rules_are_refused_field_by_field():
    with pytest.raises(BadHoldRules) as refused:
        commands_holds.set_hold_rules(
            ctx(MAY), SetHoldRules(999_999, "", least_lines=1, factor=Decimal(0), most_times=0)
        )
    fields = [line.field for line in refused.value.lines]
    assert fields == ["reason", "least_lines", "factor", "most_times", "site_id"]
    with pytest.raises(NotPermitted):
        commands_holds.set_hold_rules(ctx(KIM), SetHoldRules(0, "no"))
    assert sql.fetch_value("SELECT count(*) FROM sales_holdrules") == 0
