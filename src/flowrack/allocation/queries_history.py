"""What happened at a site, read for trials of allocation rules: orders as they came in, goods as they came and went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from flowrack.allocation import queries_rules
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_history import History, PastLine, Shipped
from flowrack.allocation.rules_rank import UNKNOWN
from flowrack.platform import sql
from flowrack.purchasing.queries import business_days

MOST_DAYS = 366
ALWAYS_UNKNOWN = (
    "Goods come and go on the days on which they did: by other rules buyers might have bought otherwise.",
    "Customers order as they did, whatever they were sent before. What is promised leaves on the day that was "
    "first told, else by the ship-by day; pickers, packing and carriers have no limits.",
    "Days that were promised keep stock apart as in a run; what was to come is foreseen on the day on which it came.",
    "Decisions of people (urgent orders, substitutes, holds, promises taken back) and cross-docks are not played.",
)


@dataclass(slots=True)
class Past:
    """The history of a site, and what a simulation of it leaves out, counted."""

    site_id: int
    history: History
    unknown: list[str] = field(default_factory=list)


def span_of(site_ids: list[int], now: datetime, first: date | None, last: date | None) -> tuple[date, date]:
    """From and to: by default until yesterday, from a year before or from the first order. Two queries."""
    today = min(business_days(site_ids, now=now).values())
    last = min(last or today - timedelta(days=1), today - timedelta(days=1))
    oldest = sql.fetch_value(
        "SELECT min(ordered_at)::date FROM sales_order WHERE site_id = ANY(%s::bigint[])", (site_ids,)
    )
    first = max(first or last - timedelta(days=MOST_DAYS - 2), oldest or last)
    return max(min(first, last), last - timedelta(days=MOST_DAYS - 1)), last


def has_orders(site_ids: list[int], first: date, last: date) -> bool:
    """Whether orders of sites were to leave in these days. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM sales_order WHERE site_id = ANY(%s::bigint[]) AND ship_by_on BETWEEN %s AND %s)
            """,
            (site_ids, first, last),
        )
    )


def past_of(site_id: int, first: date, last: date) -> Past:
    """The history of a site from a day to a day. Six queries, whatever its length."""
    pools, moved, left, since = _goods(site_id, first, last)
    rows = _orders(site_id, first, last)
    lines = [line for row in rows if (line := _line(_Row(*row), first, since)) is not None]
    packs = queries_rules.packs_of(sorted({line.claim.item_id for line in lines}))
    history = History(first, last, lines, pools, moved, packs, left)
    return Past(site_id, history, _unknown(site_id, first, last, lines))


def _orders(site_id: int, first: date, last: date) -> list[tuple[Any, ...]]:
    return sql.fetch_all(
        """
        SELECT l.id, l.order_id, o.number, l.item_id, l.units - l.cancelled_units, o.tier, o.ship_by_on, o.policy,
               o.min_life_days, l.lot_code, o.customer_id, (extract(epoch FROM o.ordered_at) * 1000000)::bigint,
               l.line_no, coalesce(i.family_id, 0), l.unit_price, l.unit_cost, l.first_promised_on,
               (o.ordered_at AT TIME ZONE s.timezone)::date, l.shipped_units, o.channel, o.order_type, o.contract
        FROM locations_site s JOIN sales_order o ON o.site_id = s.id
        JOIN sales_orderline l ON l.order_id = o.id JOIN catalog_item i ON i.id = l.item_id
        WHERE s.id = %(site)s AND o.ordered_at < ((%(last)s::date + 1)::timestamp AT TIME ZONE s.timezone)
          AND (o.ordered_at >= (%(first)s::date::timestamp AT TIME ZONE s.timezone) OR o.finished_at IS NULL
               OR o.finished_at >= (%(first)s::date::timestamp AT TIME ZONE s.timezone))
          AND l.held_at_units IS NULL AND l.units > l.cancelled_units
        ORDER BY l.id
        """,
        {"site": site_id, "first": first, "last": last},
    )


class _Row(NamedTuple):
    """An order line as it is read."""

    line_id: int
    order_id: int
    number: str
    item_id: int
    units: int
    tier: str
    wanted_on: date
    policy: str
    life: int
    lot: str
    customer_id: int
    ordered_at: int
    line_no: int
    family_id: int
    price: Decimal
    cost: Decimal | None
    promised_on: date | None
    ordered_on: date
    shipped: int
    channel: str
    order_type: str
    contract: str


def _line(row: _Row, first: date, since: dict[int, int]) -> PastLine | None:
    """A line with the units that it waited for when the period began; None when that was nothing."""
    units = row.units
    if row.ordered_on < first:
        units -= row.shipped - since.get(row.line_id, 0)
        if units <= 0:
            return None
    margin = UNKNOWN
    if row.cost is not None and row.price > 0:
        margin = int(100 * (row.price - row.cost) // row.price)
    claim = Claim(
        row.line_id, row.order_id, row.number, row.item_id, units, row.tier, row.wanted_on, row.policy, row.life,
        row.lot, row.customer_id, row.ordered_at, row.line_no, row.family_id, margin, row.ordered_on.toordinal(),
        channel=row.channel, order_type=row.order_type, contract=row.contract,
    )  # fmt: skip
    promised = row.promised_on.toordinal() if row.promised_on is not None else 0
    return PastLine(claim, max(row.ordered_on, first).toordinal(), row.price, row.cost, promised)


# Goods that orders can have, or that are picked for one: a pick moves them inside, a shipment takes them out.
_CROSSINGS = """
    SELECT p.booked_on, CASE WHEN w.is_in THEN t.item_id ELSE f.item_id END,
           CASE WHEN w.is_in THEN t.lot_id ELSE f.lot_id END,
           CASE WHEN m.demand LIKE 'sales.line:%%' AND 'cogs' IN (f.account, t.account)
                THEN split_part(m.demand, ':', 2)::bigint ELSE 0 END,
           sum(CASE WHEN w.is_in THEN m.units ELSE -m.units END)::bigint
    FROM ledger_posting p JOIN ledger_move m ON m.posting_id = p.id
    JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
    CROSS JOIN LATERAL (
        SELECT t.site_id = %(site)s AND t.owner_id = 1 AND t.state IN ('reserve', 'forward_pick', 'staged') AS is_in,
               f.site_id = %(site)s AND f.owner_id = 1 AND f.state IN ('reserve', 'forward_pick', 'staged') AS is_out
    ) AS w
    WHERE p.booked_on >= %(first)s AND w.is_in <> w.is_out AND m.units > 0
    GROUP BY 1, 2, 3, 4
"""


def _goods(
    site_id: int, first: date, last: date
) -> tuple[list[Pool], dict[int, list[tuple[int, int]]], Shipped, dict[int, int]]:
    """Pools as they were before the first day, what came and went otherwise than on orders by day, what left on
    orders, and how much of each line left since the first day."""
    at_hand = {
        (row[0], row[1]): row[2:]
        for row in sql.fetch_all(
            """
            SELECT p.item_id, p.lot_id, t.code, t.expires_on, (extract(epoch FROM p.arrived_at) * 1000000)::bigint,
                   p.reserve + p.forward_pick + p.staged
            FROM ledger_pool p JOIN catalog_lot t ON t.id = p.lot_id WHERE p.site_id = %s AND p.owner_id = 1
            ORDER BY p.id
            """,
            (site_id,),
        )
    }
    number = {key: n for n, key in enumerate(at_hand, start=1)}
    opening = {key: row[3] for key, row in at_hand.items()}
    moved: dict[int, list[tuple[int, int]]] = {}
    left: Shipped = {}
    since: dict[int, int] = {}
    for day, item_id, lot_id, line_id, units in sql.fetch_all(_CROSSINGS, {"site": site_id, "first": first}):
        key = (item_id, lot_id)
        opening[key] -= units
        if line_id:
            since[line_id] = since.get(line_id, 0) - units
            if day <= last:
                left.setdefault(line_id, []).append((day.toordinal(), -units))
        elif day <= last:
            moved.setdefault(day.toordinal(), []).append((number[key], units))
    for days in moved.values():
        days.sort()
    pools = [
        Pool(number[key], key[0], key[1], "" if key[1] == 0 else row[0], row[1], row[2], opening[key], opening[key])
        for key, row in at_hand.items()
    ]
    return pools, moved, left, since


def _unknown(site_id: int, first: date, last: date, lines: list[PastLine]) -> list[str]:
    """What the simulation does not know, in sentences with counts. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE l.held_at_units IS NOT NULL), coalesce(sum(l.cancelled_units), 0)::bigint,
               count(DISTINCT o.id) FILTER (WHERE o.lot_rule <> 'any'),
               count(DISTINCT o.id) FILTER (WHERE o.max_shipments IS NOT NULL OR o.min_shipment_value > 0)
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.site_id = %s AND o.ship_by_on BETWEEN %s AND %s
        """,
        (site_id, first, last),
    )
    assert row is not None
    held, cancelled, lots, limits = row
    without_cost = sum(1 for line in lines if line.unit_cost is None)
    told = [
        (held, f"{held:,} lines that are on hold now are left out."),
        (cancelled, f"{cancelled:,} units that were cancelled count as never ordered."),
        (lots, f"{lots:,} orders ask for the same or for a new lot; the simulation does not look at lots had before."),
        (limits, f"{limits:,} orders have a limit of shipments or a least value; the simulation ships without it."),
        (without_cost, f"{without_cost:,} lines have no known cost; their margin counts as nothing."),
    ]
    return [sentence for count, sentence in told if count]
