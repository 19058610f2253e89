"""Two sites with one item, and orders that any of them may send."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from itertools import count

from tests import outbound
from tests.cast import KIM, ctx

from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import RuleSet, SiteRule
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.promise.rules_house import Policy
from flowrack.promise.tests import given
from flowrack.promise.tests.given import WED
from flowrack.sales import commands as sales
from flowrack.sales.types import EnteredOrder, EnterOrders, NewLine, NewOrder

MON = date(2026, 3, 2)
_references = count(1)


def two_sites(here: int, there: int, **more: str) -> tuple[outbound.House, outbound.House]:
    """W1 with units of V-200, and NORTH, from where goods are two days on the way to anybody."""
    at = given.house(here, **more)
    north = outbound.house("NORTH")
    policy = asdict(Policy(transit_days=2))
    names = ", ".join(["site_id", *policy])
    marks = ", ".join(["%s"] * (1 + len(policy)))
    values = [list(value) if isinstance(value, tuple) else value for value in policy.values()]
    sql.execute(f"INSERT INTO promise_sitepolicy ({names}) VALUES ({marks})", (north.site, *values))
    if there:
        outbound.receive(north, given.item_id(), there, "1", "reserve1")
    return at, north


def enter(*lines: tuple[str, int], on: date = WED, price: str = "10", who: str = "ACME") -> EnteredOrder:
    """Kim enters an order that any site may send."""
    asked = [NewLine(sku, Decimal(units), unit_price=Decimal(price)) for sku, units in lines]
    order = NewOrder(who, 0, asked, requested_on=on, any_site=True, reference=f"REF-{next(_references)}")
    return sales.enter_orders(ctx(KIM), EnterOrders([order])).orders[0]


def site_rule(**said: object) -> int:
    """The company's rule of sites."""
    return rulebook.in_force(0, RuleSet(sites=SiteRule(**said)))  # type: ignore[arg-type]


def where() -> list[tuple[str, str, int, int]]:
    """Order, site, units and promised units of every line."""
    return sql.fetch_all(
        """
        SELECT o.number, s.code, l.units, l.allocated_units FROM sales_orderline l
        JOIN sales_order o ON o.id = l.order_id JOIN locations_site s ON s.id = o.site_id ORDER BY o.id, l.line_no
        """
    )


def said(order: EnteredOrder) -> str:
    """From where an order ships, in a sentence."""
    return next(row.sentence for row in why(f"sales.order:{order.order_id}") if row.kind == "sourcing")


def astray() -> list[tuple[int]]:
    """Lines that are promised stock of another site than their order's."""
    return sql.fetch_all(
        """
        SELECT l.id FROM ledger_commitment c JOIN ledger_pool p ON p.id = c.pool_id
        JOIN sales_orderline l ON c.ref = 'sales.line:' || l.id JOIN sales_order o ON o.id = l.order_id
        WHERE o.site_id <> p.site_id
        """
    )
