"""The last orders of the sample's last day, which nobody has worked on yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.allocation.commands import allocate
from flowrack.allocation.types import Allocate
from flowrack.integrations.replay import rules
from flowrack.integrations.replay.house import House, Site
from flowrack.platform import sql
from flowrack.purchasing.commands import approve_po, create_po
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.sales.commands import enter_orders
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.quantity import Units

ORDERS = 14
SLIP = 44_711  # units, where somebody meant a few


def enter_evening_orders(house: House, site: Site, today: date, at: datetime) -> None:
    """A dozen orders of usual items come in; most is promised, some waits for stock."""
    items = sorted(house.world.items.values(), key=lambda i: (-i.units_in_all, i.sku))
    customers = [c for c in sorted(house.world.customers.values(), key=lambda c: c.code) if c.country == "GB"]
    seed = house.settings.seed
    orders = []
    for number in range(ORDERS):
        customer = customers[rules.between(seed, 0, len(customers) - 1, "evening", number)]
        lines = {}
        for place in range(rules.between(seed, 3, 9, "evening lines", number)):
            item = items[rules.between(seed, 0, min(240, len(items) - 1), "evening item", number, place)]
            packs = rules.between(seed, 1, 4, "evening packs", number, place)
            lines[item.sku] = NewLine(item.sku, Decimal(packs * item.pack.inner), unit_price=item.price)
        reference = f"WEB-{today:%y%m%d}-{number + 1:02d}"
        orders.append(NewOrder(customer.code, site.site_id, list(lines.values()), reference=reference))
    entered = house.do(
        enter_orders, "customer_service", EnterOrders(orders), key="live:orders", at=at - timedelta(minutes=35)
    )
    order_ids = [order.order_id for order in entered.orders]
    _slip(house, site, customers[rules.between(seed, 0, len(customers) - 1, "slip")].code, today, at)
    house.do(allocate, "planner", Allocate(site.site_id, order_ids), key="live:promise", at=at - timedelta(minutes=30))
    house.tell()


def _slip(house: House, site: Site, customer: str, today: date, at: datetime) -> None:
    """Somebody types an article's number into the quantity: the order waits for a person and eats no stock."""
    row = sql.fetch_one(
        """
        SELECT i.sku, h.doubtful_units FROM sales_itemhistory h JOIN catalog_item i ON i.id = h.item_id
        WHERE h.site_id = %s AND h.doubtful_units IS NOT NULL ORDER BY h.lines DESC, i.sku LIMIT 1
        """,
        (site.site_id,),
    )
    if row is None:
        return
    units = max(SLIP, row[1] + 1)
    line = NewLine(row[0], Decimal(units), unit_price=house.world.items[row[0]].price)
    order = NewOrder(customer, site.site_id, [line], reference=f"TEL-{today:%y%m%d}-01")
    when = at - timedelta(minutes=22)
    house.do(enter_orders, "customer_service", EnterOrders([order]), key="live:slip", at=when)


def buy_in_a_hurry(house: House, site: Site, today: date, at: datetime) -> None:
    """What customers wait for is bought by courier: two trucks are due today, a third order wants a signature."""
    wanted: dict[str, list[NewPoLine]] = {}
    for sku, units in waiting_items(site.site_id, 60):
        item = house.world.items[sku]
        packs = max(2, -(-units * 2 // item.pack.inner))
        line = NewPoLine(house.item_ids[sku], Units(packs * item.pack.inner), item.unit_cost)
        wanted.setdefault(item.supplier, []).append(line)
    largest = sorted(wanted.items(), key=lambda of: (-len(of[1]), of[0]))[:3]
    for number, (supplier, lines) in enumerate(largest):
        order = NewPo(
            supplier_id=house.supplier_ids[supplier],
            site_id=site.site_id,
            lines=lines[:12],
            due_on=today if number < 2 else today + timedelta(days=2),
            note="By courier: customers wait for it",
            cover_reason="By courier: customers wait for it",
        )
        key = f"live:hurry:{supplier}"
        made = house.do(create_po, "buyer", CreatePo([order]), key=key, at=at - timedelta(hours=2))
        if number < 2:
            approve = ApprovePo([made.pos[0].po_id])
            house.do(approve_po, "purchasing_manager", approve, key=f"{key}:yes", at=at - timedelta(minutes=95))
    house.tell()


def waiting_items(site_id: int, count: int) -> list[tuple[str, int]]:
    """Items for which orders of a site wait that are not on hold, and for how many units; most wanted first."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, sum(l.open_units)::bigint FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released') AND l.open_units > 0 AND l.held_at_units IS NULL
        GROUP BY i.sku ORDER BY 2 DESC, 1 LIMIT %s
        """,
        (site_id, count),
    )
    return [(row[0], row[1]) for row in rows]


def cart_places(pick_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Where the tote of each pick stands: its list, and its order (0 where a list puts all orders into one tote)."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.pick_list_id, CASE WHEN l.method = 'batch' THEN 0 ELSE p.order_id END
        FROM fulfilment_pickline p JOIN fulfilment_picklist l ON l.id = p.pick_list_id
        WHERE p.id = ANY(%s::bigint[])
        """,
        (list(pick_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def latest_sales(site_id: int, count: int) -> list[tuple[str, str, str]]:
    """Customer, reference and item of lines that left last."""
    rows = sql.fetch_all(
        """
        SELECT c.code, o.reference, i.sku
        FROM shipping_shipmentline s JOIN sales_orderline l ON l.id = s.order_line_id
        JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id
        WHERE o.site_id = %s AND s.units > 3 AND c.code ~ '^[0-9]+$' ORDER BY s.id DESC LIMIT %s
        """,
        (site_id, count),
    )
    return [(row[0], row[1], row[2]) for row in rows]
