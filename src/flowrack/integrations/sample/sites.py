"""From which of the two sites orders ship: regions, the company's rules, and orders that any site may send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from flowrack.allocation import queries_own, queries_rules
from flowrack.allocation.commands import allocate
from flowrack.allocation.commands_rules import ask_rule_set, write_rule_set
from flowrack.allocation.rules_file import read_file
from flowrack.allocation.types import Allocate
from flowrack.allocation.types_rules import ActivateRuleSet, WriteRuleSet
from flowrack.approvals.commands import decide
from flowrack.approvals.types import Decide, Seen
from flowrack.integrations.replay import reads_service
from flowrack.integrations.replay.house import House
from flowrack.integrations.sample.works import SATURDAY, WEEK
from flowrack.parties.commands import save_address
from flowrack.parties.types import SaveAddress
from flowrack.platform import sql
from flowrack.promise.commands_setup import set_cut_offs
from flowrack.promise.types import CutOffOf, SetCutOffs
from flowrack.sales.commands import enter_orders
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

REGIONS = (("NORTH", "Leeds", "LS1 4AP"), ("SOUTH", "Brighton", "BN1 1EE"))
DAYS = {("NORTH", 0): 3, ("NORTH", 1): 1, ("SOUTH", 0): 1, ("SOUTH", 1): 2}  # on the way, by region and place of site
RULES = """
name: The nearest site sends it
why: Two sites are half as far as one; a second parcel must be worth its freight
sites: nearest
split costs: 12.50
a day late costs: 2 %

classes
All orders: keep

preferences
North: site {north}, {main}; region NORTH
"""


def ship_from(house: House, at: datetime) -> None:
    """Six customers have addresses in two regions; four orders leave the site to the rules, one of them is split."""
    if len(house.sites) < 2:
        return
    _regions(house, at - timedelta(days=57))
    _rules(house, at - timedelta(days=2))
    customers = _addresses(house, at - timedelta(days=3))
    orders = []
    for number, (sku, first, second) in enumerate(_in_both(house, len(customers))):
        units = first + max(second // 2, 1) if number == 1 else max(first // 4, 1)
        line = NewLine(sku, Decimal(units), unit_price=house.world.items[sku].price)
        orders.append(NewOrder(customers[number], 0, [line], reference=f"SHOP-{number + 1:02d}", any_site=True))
    if orders:
        when = at - timedelta(minutes=18)
        house.do(enter_orders, "customer_service", EnterOrders(orders), key="live:any-site", at=when)
        house.tell()
    for site in house.sites:
        ids = [row[0] for row in _open_at(site.site_id)]
        if ids:
            req = Allocate(site.site_id, ids)
            house.do(allocate, "planner", req, key=f"live:any-site:{site.code}", at=at - timedelta(minutes=16))
    house.tell()


def _regions(house: House, at: datetime) -> None:
    """How many days goods are on the way to each region from either site."""
    for place, site in enumerate(house.sites[:2]):
        rows = [CutOffOf(0, time(16, 30), list(WEEK), "", 1), CutOffOf(0, time(11), [SATURDAY], "", 1)]
        rows += [CutOffOf(0, time(16), list(WEEK), region, DAYS[region, place]) for region, _, _ in REGIONS]
        key = f"live:regions:{site.code}"
        house.do(set_cut_offs, "planner", SetCutOffs(site.site_id, rows), key=key, at=at)


def _rules(house: House, at: datetime) -> None:
    """The planner writes the company's rules, and somebody else approves them."""
    main, north = house.sites[0].code, house.sites[1].code
    found = read_file(RULES.format(main=main, north=north), queries_rules.codes())
    assert not found.bad, "our own text"
    before = queries_own.own_in_force(0)
    saved = house.do(
        write_rule_set, "planner", WriteRuleSet(0, found.name, found.rules, found.note), key="live:sites:write", at=at
    )
    asked = ActivateRuleSet(saved.rule_set_id, before.rule_set_id if before else 0, "It only chooses sites.")
    house.do(ask_rule_set, "planner", asked, key="live:sites:ask", at=at)
    waiting = [Seen(*row) for row in reads_service.waiting_requests(saved.rule_set_id)]
    if waiting:
        house.do(decide, "sales_manager", Decide(waiting, "approve"), key="live:sites:decide", at=at)
    house.tell()


def _addresses(house: House, at: datetime) -> list[str]:
    """The codes of customers who have addresses in regions by now."""
    known = sorted(house.world.customers.values(), key=lambda one: one.code)
    chosen = [one.code for one in known if one.country == "GB"][-6:]
    for number, code in enumerate(chosen):
        region, city, postcode = REGIONS[number % len(REGIONS)]
        req = SaveAddress(
            house.customer_ids[code], "SHOP", f"Shop in {city}", f"{number + 1} High Street", city, region, postcode,
            "GB", is_default=True,
        )  # fmt: skip
        house.do(save_address, "data_steward", req, key=f"live:shop:{code}", at=at)
    return chosen


def _in_both(house: House, most: int) -> Sequence[tuple[str, int, int]]:
    """Items that lie at both sites and that nobody waits for: SKU, and the free units of either."""
    return sql.fetch_all(
        """
        SELECT i.sku, a.free, b.free
        FROM catalog_item i
        CROSS JOIN LATERAL (SELECT coalesce(sum(reserve + forward_pick - committed), 0)::bigint - coalesce((
                                SELECT sum(units) FROM promise_safetystock
                                WHERE item_id = i.id AND site_id = %(main)s), 0)::bigint AS free
                            FROM ledger_pool WHERE item_id = i.id AND site_id = %(main)s AND owner_id = 1) AS a
        CROSS JOIN LATERAL (SELECT coalesce(sum(reserve + forward_pick - committed), 0)::bigint - coalesce((
                                SELECT sum(units) FROM promise_safetystock
                                WHERE item_id = i.id AND site_id = %(north)s), 0)::bigint AS free
                            FROM ledger_pool WHERE item_id = i.id AND site_id = %(north)s AND owner_id = 1) AS b
        WHERE i.is_active AND a.free BETWEEN 8 AND 400 AND b.free BETWEEN 8 AND 400
          AND NOT EXISTS (SELECT FROM sales_orderline l WHERE l.item_id = i.id AND l.open_units > 0)
          AND NOT EXISTS (SELECT FROM purchasing_poline p WHERE p.item_id = i.id
                          AND p.received_units < p.units - p.short_units)
        ORDER BY i.sku LIMIT %(most)s
        """,
        {"main": house.sites[0].site_id, "north": house.sites[1].site_id, "most": most},
    )


def _open_at(site_id: int) -> Sequence[tuple[int]]:
    return sql.fetch_all(
        "SELECT id FROM sales_order WHERE site_id = %s AND any_site AND state = 'confirmed' ORDER BY id", (site_id,)
    )
