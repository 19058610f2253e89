"""Reads of quotes: what customers hold, the lists, and what a quote says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flowrack.platform import sql
from flowrack.platform.sql import Asked
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class Limits:
    """What customers of a tier may hold at a time, and for how long."""

    minutes: int
    most_quotes: int
    most_units: int
    extensions: int = 1


HOUSE_LIMITS = {"A": Limits(60, 20, 10_000), "B": Limits(30, 10, 5_000), "C": Limits(20, 5, 1_000)}


@dataclass(frozen=True, slots=True)
class Held:
    """Quotes that are open and not over, the units that they hold, how much the customer may hold, and the id of his
    next quote."""

    quotes: int
    units: int
    limits: Limits
    next_id: int


def held_by(customer_id: int, tier: str, now: datetime) -> Asked:
    """What asks what a customer holds and may, and takes an id for his next quote. One query; see `held`."""
    return (
        """
        SELECT q.quotes, q.units, l.minutes, l.most_quotes, l.most_units,
               nextval(pg_get_serial_sequence('promise_quote', 'id'))
        FROM (
            SELECT count(*) AS quotes, coalesce(sum(units), 0)::bigint AS units FROM promise_quote
            WHERE customer_id = %s AND state = 'open' AND expires_at > %s
        ) AS q LEFT JOIN promise_quotelimits l ON l.tier = %s
        """,
        (customer_id, now, tier),
    )


def held(rows: Sequence[Sequence[Any]], tier: str) -> Held:
    """The answer to `held_by`."""
    [row] = rows
    return Held(row[0], row[1], HOUSE_LIMITS[tier] if row[2] is None else Limits(*row[2:5]), row[5])


@dataclass(frozen=True, slots=True)
class Longer:
    """How often a quote was extended, the customer's tier and its limits."""

    extended: int
    tier: str
    limits: Limits

    @property
    def left(self) -> int:
        """How often it may still be extended."""
        return max(0, self.limits.extensions - self.extended)


def longer(quote_id: int) -> Longer:
    """Whether a quote may be extended. One query."""
    row = sql.fetch_one(
        """
        SELECT q.extended, coalesce(t.tier, 'C'), l.minutes, l.most_quotes, l.most_units, l.extensions
        FROM promise_quote q LEFT JOIN parties_customerterms t ON t.party_id = q.customer_id
        LEFT JOIN promise_quotelimits l ON l.tier = coalesce(t.tier, 'C') WHERE q.id = %s
        """,
        (quote_id,),
    )
    assert row is not None, "the quote was found"
    return Longer(row[0], row[1], HOUSE_LIMITS[row[1]] if row[2] is None else Limits(*row[2:]))


@dataclass(frozen=True, slots=True)
class LimitsRow:
    """What customers of a tier may hold; `is_own` where it is not the house's default."""

    tier: str
    limits: Limits
    is_own: bool


def limits_of_tiers() -> list[LimitsRow]:
    """The limits of every tier. One query."""
    own = {
        row[0]: Limits(*row[1:])
        for row in sql.fetch_all("SELECT tier, minutes, most_quotes, most_units, extensions FROM promise_quotelimits")
    }
    return [LimitsRow(tier, own.get(tier, house), tier in own) for tier, house in HOUSE_LIMITS.items()]


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """An order line of the quote's customer that waits for the quote's item where the quote holds it."""

    line_id: int
    order: str
    line_no: int
    waiting: int
    requested_on: date


def waiting_lines(quote_id: int, site_ids: frozenset[int]) -> list[WaitingLine]:
    """Lines at sites (0 = all) that a quote may become the promise of, those wanted first before others. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.number, l.line_no, l.open_units, o.requested_on
        FROM promise_quote q
        JOIN sales_order o ON o.customer_id = q.customer_id AND o.state IN ('confirmed', 'released')
        JOIN sales_orderline l ON l.order_id = o.id AND l.item_id = q.item_id AND l.open_units > 0
             AND l.held_at_units IS NULL
        WHERE q.id = %(quote)s AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
          AND NOT EXISTS (
            SELECT FROM promise_quotepart p
            WHERE p.quote_id = q.id AND p.is_committed AND (p.item_id <> q.item_id OR p.site_id <> o.site_id))
        ORDER BY o.requested_on, o.id, l.line_no LIMIT 20
        """,
        {"quote": quote_id, "sites": sorted(site_ids)},
    )
    return [WaitingLine(*row) for row in rows]


def orders_of(quote_id: int) -> list[tuple[int, str]]:
    """Ids and numbers of all orders that got what a quote held, by id. One query."""
    return sql.fetch_all(
        """
        SELECT o.id, o.number FROM sales_order o WHERE o.id IN (
            SELECT (made.one->>'order_id')::bigint
            FROM (
                SELECT id FROM platform_commandrecord WHERE subject = %(quote)s
                UNION ALL
                SELECT command_id FROM platform_commandsubject WHERE subject = %(quote)s
            ) AS s
            JOIN platform_commandrecord c ON c.id = s.id AND c.command = 'promise.order_quote'
            CROSS JOIN LATERAL jsonb_array_elements(c.result->'orders') AS made(one)
            UNION ALL
            SELECT l.order_id FROM promise_quote q JOIN sales_orderline l ON l.id = q.line_id WHERE q.id = %(id)s
        ) ORDER BY o.id
        """,
        {"quote": f"promise.quote:{quote_id}", "id": quote_id},
    )


@dataclass(frozen=True, slots=True)
class LineOfQuote:
    """An order line that a quote may become the promise of."""

    order_id: int
    site_id: int
    customer_id: int
    item_id: int
    is_held: bool


def line_of(line_id: int) -> LineOfQuote | None:
    """The line; None when there is none. One query."""
    row = sql.fetch_one(
        """
        SELECT o.id, o.site_id, o.customer_id, l.item_id, l.held_at_units IS NOT NULL
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id WHERE l.id = %s
        """,
        (line_id,),
    )
    return LineOfQuote(*row) if row else None


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """Units of an item that a quote holds and that leave one site on one day: they make one order line."""

    site_id: int
    site: str
    customer: str
    item_id: int
    sku: str
    units: int
    ships_on: date


def planned_lines(quote_id: int) -> list[PlannedLine]:
    """What the orders of an open quote are made of, by site and day. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.site_id, s.code, c.code, p.item_id, i.sku, sum(p.units)::bigint, p.ships_on
        FROM promise_quotepart p JOIN promise_quote q ON q.id = p.quote_id JOIN parties_party c ON c.id = q.customer_id
        JOIN catalog_item i ON i.id = p.item_id JOIN locations_site s ON s.id = p.site_id
        WHERE p.quote_id = %s AND p.is_open
        GROUP BY p.site_id, s.code, c.code, p.item_id, i.sku, p.ships_on ORDER BY p.site_id, p.ships_on, min(p.id)
        """,
        (quote_id,),
    )
    return [PlannedLine(*row) for row in rows]


def any_over(now: datetime) -> bool:
    """Whether a quote's time is over. One query."""
    return bool(
        sql.fetch_value("SELECT EXISTS (SELECT FROM promise_quote WHERE state = 'open' AND expires_at <= %s)", (now,))
    )


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A quote in a list."""

    id: int
    number: str
    state: str
    customer: str
    customer_code: str
    sku: str
    name: str
    units: int
    from_stock: int
    option: str
    wanted_on: date | None
    ships_on: date
    arrives_on: date
    placed_by: str
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str
    order_id: int | None
    order: str
    site: str
    site_id: int
    sentence: str
    doubt: str
    can_ship_on: date | None
    standing: str


_QUOTES = """
    SELECT q.id, q.number, q.state, c.name AS customer, c.code AS customer_code, i.sku, i.name, q.units,
           coalesce(p.from_stock, 0)::bigint AS from_stock, q.option, q.wanted_on, q.ships_on, q.arrives_on,
           u.full_name AS placed_by, q.placed_at, q.expires_at, q.ended_at, q.end_reason, o.id AS order_id,
           coalesce(o.number, '') AS order, coalesce(s.code, '') AS site, coalesce(p.site_id, 0) AS site_id,
           coalesce(d.sentence, '') AS sentence, q.doubt, q.can_ship_on,
           CASE WHEN q.state <> 'open' THEN '' WHEN q.doubt <> '' THEN 'cannot be kept' ELSE 'in time' END AS standing
    FROM promise_quote q JOIN parties_party c ON c.id = q.customer_id JOIN catalog_item i ON i.id = q.item_id
    JOIN platform_user u ON u.id = q.placed_by_id
    LEFT JOIN LATERAL (
        SELECT min(x.site_id) AS site_id, sum(x.units) FILTER (WHERE x.is_committed) AS from_stock
        FROM promise_quotepart x WHERE x.quote_id = q.id
    ) AS p ON true
    LEFT JOIN locations_site s ON s.id = p.site_id
    LEFT JOIN sales_orderline l ON l.id = q.line_id LEFT JOIN sales_order o ON o.id = l.order_id
    LEFT JOIN LATERAL (
        SELECT d.sentence FROM platform_decision d
        WHERE d.subject = 'promise.quote:' || q.id AND d.kind = 'promise' ORDER BY d.id DESC LIMIT 1
    ) AS d ON true
"""


def quote_page(query: ListQuery) -> Page[QuoteRow]:
    """Quotes as the list shows them, at the viewer's sites. Two queries."""
    return sql_page(
        query,
        QuoteRow,
        _QUOTES
        + """
        WHERE EXISTS (SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
                      WHERE held.user_id = %s AND held.site_id IN (0, p.site_id)
                        AND 'promise.view' = ANY(r.permissions))
        """,
        [query.actor_id],
        search=("number", "customer", "sku"),
        totals={"units": "sum(units)", "from_stock": "sum(from_stock)"},
        site_column="site_id",
    )


def quotes_after(after_id: int, site_ids: frozenset[int], *, state: str, limit: int) -> list[QuoteRow]:
    """Quotes with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_QUOTES}) AS q
        WHERE q.id > %(after)s AND (%(state)s = '' OR q.state = %(state)s)
          AND (0 = ANY(%(sites)s::bigint[]) OR q.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY q.id LIMIT %(limit)s
        """,  # noqa: S608 - our own text
        {"after": after_id, "state": state, "sites": sorted(site_ids), "limit": limit},
    )
    return [QuoteRow(*row) for row in rows]
