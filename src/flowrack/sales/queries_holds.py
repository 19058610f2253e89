"""Reads of order holds: what judging looks up, and what pages, API and later stages see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.roles import PERMISSIONS, ROLES
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.sales.rules_holds import EVERY_ITEM, PERMISSION_OF, SHIPPED, Rules, Usual
from flowrack.sales.types_holds import HoldKind

_RULES = """
    SELECT s.id, r.version, r.holds_quantity, r.least_lines, r.factor, r.least_spread, r.floor_units, r.holds_credit,
           r.holds_address, r.needs_address, r.most_times, r.short_units
    FROM unnest(%s::bigint[]) AS s(id)
    CROSS JOIN LATERAL (
        SELECT * FROM sales_holdrules r WHERE r.ended_at IS NULL AND (r.site_id = s.id OR r.site_id IS NULL)
        ORDER BY r.site_id NULLS LAST LIMIT 1
    ) AS r
"""


def rules_at(site_ids: Sequence[int]) -> dict[int, Rules]:
    """The rules in force at sites: the site's own, else the company's, else the shipped ones. One query."""
    found = {row[0]: Rules(*row[1:]) for row in sql.fetch_all(_RULES, (list(site_ids),))}
    return {site_id: found.get(site_id, SHIPPED) for site_id in site_ids}


def usual(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Usual]:
    """The history of (site, item) pairs, and of their sites as (site, EVERY_ITEM); those without one are left out. One
    query."""
    wanted = sorted({*pairs, *((site, EVERY_ITEM) for site, _ in pairs)})
    rows = sql.fetch_all(
        """
        SELECT h.site_id, h.item_id, h.lines, h.median, h.deviation, h.greatest_units
        FROM unnest(%s::bigint[], %s::bigint[]) AS w(site, item)
        JOIN sales_itemhistory h ON h.site_id = w.site AND h.item_id = w.item
        """,
        ([site for site, _ in wanted], [item for _, item in wanted]),
    )
    return {(row[0], row[1]): Usual(*row[2:]) for row in rows}


LAST_ORDERS = 200  # of a customer, in which his largest line is looked for


def largest_lines(pairs: Sequence[tuple[int, int]], before_order: int) -> dict[tuple[int, int], int]:
    """The largest line in the last orders of each (site, customer), of orders with smaller ids. One query."""
    wanted = sorted(set(pairs))
    rows = sql.fetch_all(
        """
        SELECT w.site, w.customer, max(l.units - l.cancelled_units)::bigint
        FROM unnest(%s::bigint[], %s::bigint[]) AS w(site, customer)
        CROSS JOIN LATERAL (
            SELECT o.id FROM sales_order o
            WHERE o.customer_id = w.customer AND o.site_id = w.site AND o.id < %s ORDER BY o.id DESC LIMIT %s
        ) AS o
        JOIN sales_orderline l ON l.order_id = o.id AND l.held_at_units IS NULL
        GROUP BY w.site, w.customer
        """,
        ([site for site, _ in wanted], [customer for _, customer in wanted], before_order, LAST_ORDERS),
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class CreditNow:
    """A customer's credit, and the price of what is open on his orders and not held."""

    customer_id: int
    credit_limit: Decimal | None
    owed: Decimal
    is_stopped: bool
    reason: str
    open_value: Decimal


def credits_now(customer_ids: Sequence[int], without_orders: Sequence[int] = ()) -> dict[int, CreditNow]:
    """The credits in force of customers, with what is open on all orders but these. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.customer_id, c.credit_limit, c.owed, c.is_stopped, c.reason, coalesce(v.value, 0)
        FROM sales_credit c
        LEFT JOIN LATERAL (
            SELECT round(sum((l.units - l.cancelled_units - l.shipped_units) * l.unit_price), 2) AS value
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id AND l.held_at_units IS NULL
            WHERE o.customer_id = c.customer_id AND o.state IN ('confirmed', 'released')
              AND o.id <> ALL(%s::bigint[]) AND c.credit_limit IS NOT NULL
        ) AS v ON true
        WHERE c.customer_id = ANY(%s::bigint[]) AND c.ended_at IS NULL
        """,
        (list(without_orders), list(customer_ids)),
    )
    return {row[0]: CreditNow(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Judged:
    """An order as the credit and address rules look at it; an empty address code means that it has none."""

    order_id: int
    site_id: int
    any_site: bool
    customer_id: int
    value: Decimal
    address: str
    is_marked: bool
    is_active: bool


def judged(order_ids: Sequence[int]) -> list[Judged]:
    """Open orders, the oldest first, with their open value and address. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.site_id, o.any_site, o.customer_id, v.value, coalesce(a.code, ''),
               coalesce(a.is_to_check, false), coalesce(a.is_active, false)
        FROM sales_order o LEFT JOIN parties_address a ON a.id = o.ship_to_id
        CROSS JOIN LATERAL (
            SELECT coalesce(round(sum((l.units - l.cancelled_units - l.shipped_units) * l.unit_price), 2), 0) AS value
            FROM sales_orderline l WHERE l.order_id = o.id
        ) AS v
        WHERE o.id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released') ORDER BY o.id
        """,
        (list(order_ids),),
    )
    return [Judged(*row) for row in rows]


def open_orders_of(customer_ids: Sequence[int]) -> list[int]:
    """Open orders of customers, the oldest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM sales_order WHERE customer_id = ANY(%s::bigint[]) AND state IN ('confirmed', 'released')
        ORDER BY id
        """,
        (list(customer_ids),),
    )
    return [row[0] for row in rows]


def orders_to_check(customer_id: int) -> list[int]:
    """Open orders of a customer that wait for an address, or go to one that is in doubt. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o LEFT JOIN parties_address a ON a.id = o.ship_to_id
        WHERE o.customer_id = %s AND o.state IN ('confirmed', 'released')
          AND (a.is_to_check OR NOT a.is_active OR EXISTS (
               SELECT FROM sales_hold h WHERE h.order_id = o.id AND h.ended_at IS NULL AND h.kind = 'address'))
        ORDER BY o.id
        """,
        (customer_id,),
    )
    return [row[0] for row in rows]


def sites_with_news() -> list[int]:
    """Sites with order lines since any site's history was told last. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT o.site_id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.id > (SELECT coalesce(max(line_id), 0) FROM sales_historymark) ORDER BY 1
        """
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A hold that stands."""

    id: int
    order_id: int
    line_id: int
    kind: str
    sentence: str
    placed_at: datetime
    placed_by_id: int
    entered_by_id: int
    number: str
    site_id: int


_OPEN = """
    SELECT h.id, h.order_id, coalesce(h.line_id, 0), h.kind, h.sentence, h.placed_at, h.placed_by_id, o.entered_by_id,
           o.number, o.site_id
    FROM sales_hold h JOIN sales_order o ON o.id = h.order_id
    WHERE h.ended_at IS NULL
"""


def open_holds(order_ids: Sequence[int]) -> list[OpenHold]:
    """The holds that stand on orders and their lines, the oldest first. One query."""
    rows = sql.fetch_all(_OPEN + "AND h.order_id = ANY(%s::bigint[]) ORDER BY h.id", (list(order_ids),))
    return [OpenHold(*row) for row in rows]


def is_own(hold: OpenHold, actor_id: int) -> bool:
    """Who entered an order releases none of its holds; who placed one by hand may take it back."""
    return actor_id == hold.entered_by_id or (hold.kind != HoldKind.MANUAL and actor_id == hold.placed_by_id)


def who_may_release(kind: str) -> str:
    """The roles that may release a hold of this kind, in words."""
    names = [ROLES[role].lower() for role in PERMISSIONS[PERMISSION_OF[HoldKind(kind)]].split() if role in ROLES]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def held_lines(line_ids: Sequence[int]) -> set[int]:
    """Those of the lines that are held. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM sales_orderline WHERE id = ANY(%s::bigint[]) AND held_at_units IS NOT NULL", (list(line_ids),)
    )
    return {row[0] for row in rows}


def words_of(order_ids: Sequence[int]) -> dict[int, str]:
    """Why orders wait for a person, since when by the clock of their site, and who may release them, in words. One
    query."""
    rows = sql.fetch_all(
        f"""
        SELECT x.order_id, x.kind, x.sentence, x.placed_at AT TIME ZONE site.timezone
        FROM ({_OPEN} AND h.order_id = ANY(%s::bigint[])) x JOIN locations_site site ON site.id = x.site_id
        ORDER BY x.id
        """,  # noqa: S608 - our own text
        (list(order_ids),),
    )
    found: dict[int, str] = {}
    for order_id, kind, sentence, since in rows:
        who = who_may_release(kind)
        found.setdefault(order_id, f"on hold since {since:%d %b %H:%M}: {sentence} Whoever is {who} may release it")
    return found


def holds_by_id(hold_ids: Sequence[int]) -> list[OpenHold]:
    """Those of the holds that stand. One query."""
    rows = sql.fetch_all(_OPEN + "AND h.id = ANY(%s::bigint[]) ORDER BY h.id", (list(hold_ids),))
    return [OpenHold(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold in a list: of a line (`sku`), or of a whole order."""

    id: int
    kind: str
    order_id: int
    number: str
    tier: str
    customer: str
    customer_code: str
    line_id: int
    sku: str
    item_id: int
    units: int
    promised: int
    value: Decimal
    requested_on: object
    sentence: str
    placed_at: datetime
    placed_by: str
    site: str
    site_id: int
    state: str
    ended_at: datetime | None
    ended_by: str
    reason: str
    placed_by_id: int


_HOLDS = """
    SELECT h.id, h.kind, h.order_id, o.number, o.tier, p.name AS customer, p.code AS customer_code,
           coalesce(h.line_id, 0) AS line_id, coalesce(i.sku, '') AS sku, coalesce(i.id, 0) AS item_id,
           t.units, t.promised, t.value, o.requested_on, h.sentence, h.placed_at,
           coalesce(nullif(u.full_name, ''), u.username) AS placed_by, s.code AS site, o.site_id,
           CASE WHEN h.ended_at IS NULL THEN 'open' ELSE h.ending END AS state, h.ended_at,
           coalesce(nullif(e.full_name, ''), e.username, '') AS ended_by, h.reason, h.placed_by_id
    FROM sales_hold h JOIN sales_order o ON o.id = h.order_id JOIN parties_party p ON p.id = o.customer_id
    JOIN locations_site s ON s.id = o.site_id JOIN platform_user u ON u.id = h.placed_by_id
    LEFT JOIN platform_user e ON e.id = h.ended_by_id
    LEFT JOIN sales_orderline own ON own.id = h.line_id LEFT JOIN catalog_item i ON i.id = own.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.units - l.cancelled_units - l.shipped_units), 0)::bigint AS units,
               coalesce(sum(l.allocated_units), 0)::bigint AS promised,
               coalesce(round(sum((l.units - l.cancelled_units - l.shipped_units) * l.unit_price), 2), 0) AS value
        FROM sales_orderline l WHERE l.order_id = h.order_id AND (h.line_id IS NULL OR l.id = h.line_id)
    ) AS t
"""


def hold_page(query: ListQuery) -> Page[HoldRow]:
    """Holds as the board shows them. Two queries."""
    return sql_page(
        query,
        HoldRow,
        _HOLDS,
        search=("number", "customer", "sku", "sentence"),
        totals={"units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )


def holds_after(after_id: int, site_ids: frozenset[int], *, only_open: bool, kind: str, limit: int) -> list[HoldRow]:
    """Holds with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        {_HOLDS} WHERE h.id > %(after)s AND (NOT %(open)s::boolean OR h.ended_at IS NULL)
          AND (%(kind)s::text = '' OR h.kind = %(kind)s)
          AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[])) ORDER BY h.id LIMIT %(limit)s
        """,
        {"after": after_id, "open": only_open, "kind": kind, "sites": sorted(site_ids), "limit": limit},
    )
    return [HoldRow(*row) for row in rows]


def holds_of_order(order_id: int) -> list[HoldRow]:
    """All holds of an order, those that stand first. One query."""
    rows = sql.fetch_all(_HOLDS + "WHERE h.order_id = %s ORDER BY h.ended_at IS NOT NULL, h.id", (order_id,))
    return [HoldRow(*row) for row in rows]


def orders_of_holds(hold_ids: Sequence[int]) -> list[int]:
    """The orders that holds are or were of. One query."""
    rows = sql.fetch_all(
        "SELECT DISTINCT order_id FROM sales_hold WHERE id = ANY(%s::bigint[]) ORDER BY 1", (list(hold_ids),)
    )
    return [row[0] for row in rows]


def open_count(site_id: int, kinds: Sequence[str]) -> int:
    """How many holds of these kinds stand at a site (0 = everywhere), 99 at most. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM (
                SELECT FROM sales_hold h JOIN sales_order o ON o.id = h.order_id
                WHERE h.ended_at IS NULL AND h.kind = ANY(%s::text[]) AND %s::bigint IN (0, o.site_id) LIMIT 99
            ) AS found
            """,
            (list(kinds), site_id),
        )
    )
