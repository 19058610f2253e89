"""Builders for tests from order to shipment: a stocked house, customers, and each step done by a command."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate, Allocated
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.types import (
    ConfirmPicks,
    Pack,
    PackedCarton,
    PackOrders,
    Pick,
    Picked,
    Released,
    ReleaseOrders,
)
from flowrack.fulfilment.types_packing import PackRuleOf, SetPackRules
from flowrack.ledger.tests.house import House, house, item, lot, receive, value  # noqa: F401 - for the tests
from flowrack.platform import sql
from flowrack.sales import commands as sales
from flowrack.sales.types import EnteredOrder, EnterOrders, NewLine, NewOrder
from tests.cast import ADA, CY, GUS, KIM, ctx

_names = count(1)


def customer(code: str = "ACME", *, tier: str = "B", policy: str = "partial", life: int = 0) -> str:
    """A customer with terms; the code."""
    party = value(
        "INSERT INTO parties_party (code, name, is_customer) VALUES (%s, %s, true) RETURNING id", code, f"{code} Ltd"
    )
    sql.execute(
        """
        INSERT INTO parties_customerterms (party_id, tier, ships_partial, min_remaining_life_days)
        VALUES (%s, %s, %s, %s)
        """,
        (party, tier, policy, life),
    )
    return code


def order(
    site: int,
    who: str,
    *lines: tuple[str, int],
    on: date = date(2026, 3, 4),
    reference: str = "",
    ships: date | None = None,
) -> EnteredOrder:
    """Kim enters an order of (sku, units), wanted on a day or (`ships`) to leave on one."""
    asked = NewOrder(
        customer=who,
        site_id=site,
        lines=[NewLine(sku, Decimal(units)) for sku, units in lines],
        requested_on=None if ships else on,
        reference=reference,
        ship_on=ships,
    )
    return sales.enter_orders(ctx(KIM), EnterOrders([asked])).orders[0]


def allocate(site: int, *orders: EnteredOrder) -> Allocated:
    """Ada runs the allocation."""
    return allocation.allocate(ctx(ADA), Allocate(site, [one.order_id for one in orders]))


def release(site: int, *orders: EnteredOrder) -> Released:
    """Ada releases the orders as a wave."""
    return fulfilment.release_orders(ctx(ADA), ReleaseOrders(site, [one.order_id for one in orders]))


def pick_all(wave: Released, *, tote_id: int = 0) -> Picked:
    """Cy picks the whole wave."""
    return fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick_id, 0, tote_id) for pick_id in wave.pick_ids]))


def pack(*orders: EnteredOrder, **said: object) -> list[PackedCarton]:
    """Gus packs all that stands staged of each order into a carton of its own, every unit checked."""
    content = queries_packing.to_check(one.order_id for one in orders)
    cartons = [Pack(one.order_id, content.get(one.order_id, []), **said) for one in orders]  # type: ignore[arg-type]
    return fulfilment.pack_orders(ctx(GUS), PackOrders(cartons)).cartons


def packs_unchecked() -> None:
    """The house closes cartons without a check of what is in them."""
    rule = PackRuleOf(must_check=False, unchecked_reason="The line scans every piece before the bench")
    fulfilment.set_pack_rules(ctx(ADA), SetPackRules([rule]))


def counts(line_id: int) -> dict[str, int]:
    """The counts of an order line that are not zero."""
    row = sql.fetch_one(
        """
        SELECT units, open_units, allocated_units, released_units, picked_units, shipped_units, cancelled_units
        FROM sales_orderline WHERE id = %s
        """,
        (line_id,),
    )
    assert row is not None
    names = ("units", "waiting", "allocated", "released", "picked", "shipped", "cancelled")
    return {name: units for name, units in zip(names, row, strict=True) if units}


def order_state(one: EnteredOrder) -> str:
    """The state of an order."""
    return str(sql.fetch_value("SELECT state FROM sales_order WHERE id = %s", (one.order_id,)))


def tote(site: int, code: str = "") -> int:
    """A tote of the house."""
    return value(
        "INSERT INTO locations_lpn (code, kind, site_id) VALUES (%s, 'tote', %s) RETURNING id",
        code or f"T-{next(_names):02}",
        site,
    )


def where(item_id: int) -> dict[str, int]:
    """Units of an item by location code, physical places only."""
    rows = sql.fetch_all(
        """
        SELECT b.code, sum(c.on_hand)::bigint FROM ledger_cell c JOIN locations_location b ON b.id = c.location_id
        WHERE c.item_id = %s AND NOT c.is_virtual AND c.on_hand > 0 GROUP BY b.code ORDER BY b.code
        """,
        (item_id,),
    )
    return dict(rows)


def books() -> tuple[int, ...]:
    """Rows of every table that an outbound command writes, to show that a refused one left no trace."""
    tables = (
        "sales_order",
        "sales_orderline",
        "ledger_move",
        "ledger_commitment",
        "ledger_reservation",
        "fulfilment_wave",
        "fulfilment_pickline",
        "fulfilment_carton",
        "shipping_shipment",
        "shipping_shipmentline",
        "platform_commandrecord",
        "platform_outboxevent",
        "platform_decision",
    )
    figures = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    row = sql.fetch_one(
        f"""
        SELECT {figures}, (SELECT coalesce(sum(units * 7 + allocated_units * 5 + picked_units * 3 + shipped_units
               + cancelled_units * 11 + released_units * 13), 0)::bigint FROM sales_orderline)
        """
    )
    assert row is not None
    return row
