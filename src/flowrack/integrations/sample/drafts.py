"""Two drafts of allocation rules, to try on today's orders and on history, and two orders about which they differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.allocation import queries_rules
from flowrack.allocation.commands_rules import write_rule_set
from flowrack.allocation.rules_file import read_file
from flowrack.allocation.types_rules import WriteRuleSet
from flowrack.integrations.replay.house import House
from flowrack.platform import sql
from flowrack.sales.commands import enter_orders
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

RIVAL_LINES = 4
TEXTS = (
    """
name: Key customers and a share for the web shop
why: Tier A must not wait behind others; the web shop loses orders when it is sold out
one customer: 60 %

classes
Key customers: guarantee; tier A
Web shop: guarantee; channel WEB; score date 3, age 1
All others: keep; score tier 2, date 3

quotas
Web shop: protect 10 %; channel WEB
""",
    """
name: Whole orders sooner
why: Half-filled orders are sent twice; who takes orders or lines only whole goes first, then the oldest

classes
All orders: keep; score whole 4, age 1
""",
)


def leave_rivals(house: House, site_id: int, today: date, at: datetime) -> None:
    """A customer was promised the last units of some items, and another of his tier orders them in the web shop a few
    minutes later: who gets them is what the drafts are tried for."""
    items, customers = _scarce(site_id), _customers("B", 2)
    if not items or len(customers) < 2:
        return
    for number, (customer, percent) in enumerate(zip(customers, (100, 70), strict=True), 1):
        lines = [
            NewLine(sku, Decimal(max(free * percent // 100, 1)), unit_price=house.world.items[sku].price)
            for sku, free in items
        ]
        reference = f"RUSH-{today:%y%m%d}-{number:02d}"
        order = NewOrder(customer, site_id, lines, reference=reference, channel="EDI" if number == 1 else "WEB")
        when = at - timedelta(minutes=9 - 2 * number)
        house.do(enter_orders, "customer_service", EnterOrders([order]), key=f"live:rush:{number}", at=when)
        house.tell()


def _scarce(site_id: int) -> list[tuple[str, int]]:
    """Items of which a dozen or two are free, for which nobody waits and nothing is on order; at most four."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT i.sku, sum(p.reserve + p.forward_pick - p.committed)::bigint
            FROM ledger_pool p JOIN catalog_item i ON i.id = p.item_id
            WHERE p.site_id = %s AND p.owner_id = 1
              AND NOT EXISTS (SELECT FROM sales_orderline l WHERE l.item_id = i.id AND l.open_units > 0)
              AND NOT EXISTS (SELECT FROM purchasing_poline l JOIN purchasing_po o ON o.id = l.po_id
                              WHERE l.item_id = i.id AND o.state IN ('approved', 'receiving')
                                AND l.received_units < l.units - l.short_units)
            GROUP BY i.sku HAVING sum(p.reserve + p.forward_pick - p.committed) BETWEEN 12 AND 40
            ORDER BY i.sku LIMIT %s
            """,
            (site_id, RIVAL_LINES),
        )
    ]


def _customers(tier: str, count: int) -> list[str]:
    """The first customers of a tier who take parts of an order and have no limit of credit."""
    rows = sql.fetch_all(
        """
        SELECT p.code FROM parties_party p JOIN parties_customerterms t ON t.party_id = p.id
        WHERE p.is_customer AND p.is_active AND t.tier = %s AND t.ships_partial = 'partial' AND p.code ~ '^[0-9]+$'
          AND NOT EXISTS (SELECT FROM sales_credit c WHERE c.customer_id = p.id AND c.ended_at IS NULL)
        ORDER BY p.code LIMIT %s
        """,
        (tier, count),
    )
    return [row[0] for row in rows]


def write_drafts(house: House, site_id: int, at: datetime) -> None:
    """The planner has written two sets of rules that nobody has tried yet."""
    codes = queries_rules.codes()
    for number, text in enumerate(TEXTS):
        found = read_file(text, codes)
        assert not found.bad, "our own text"
        req = WriteRuleSet(site_id, found.name, found.rules, found.note)
        when = at - timedelta(minutes=15 - number)
        house.do(write_rule_set, "planner", req, key=f"live:rules:{number}", at=when)
