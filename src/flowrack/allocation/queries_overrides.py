"""Reads of overrides: what stands, lists and reviews, and what came of each as the ledger tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What an override must know of an order line. `waiting` is without what cross-docks bring; `free` are promised
    units that no picker has."""

    line_id: int
    order_id: int
    number: str
    line_no: int
    customer: str
    tier: str
    site_id: int
    state: str
    policy: str
    item_id: int
    sku: str
    due_on: date
    unit_price: Decimal
    waiting: int
    is_held: bool
    free: int


def line_facts(line_ids: Sequence[int]) -> dict[int, LineFacts]:
    """Facts of order lines. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, l.line_no, c.name, o.tier, o.site_id, o.state, o.policy, l.item_id, i.sku,
               coalesce(l.promised_on, o.ship_by_on), l.unit_price,
               l.open_units - coalesce((SELECT sum(x.units) FROM allocation_crossdock x
                                        WHERE x.order_line_id = l.id AND x.state = 'planned'), 0)::bigint,
               l.held_at_units IS NOT NULL, l.allocated_units - l.released_units
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN parties_party c ON c.id = o.customer_id
        JOIN catalog_item i ON i.id = l.item_id WHERE l.id = ANY(%s::bigint[])
        """,
        (sorted(set(line_ids)),),
    )
    return {row[0]: LineFacts(*row) for row in rows}


def rivals(item_id: int, site_id: int, line_id: int, *, limit: int = 200) -> list[LineFacts]:
    """Other open lines that want an item at a site or hold some of it, by tier and date. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT l.id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.item_id = %s AND o.site_id = %s AND l.id <> %s AND o.state IN ('confirmed', 'released')
          AND (l.open_units > 0 OR l.allocated_units > l.released_units)
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no LIMIT %s
        """,
        (item_id, site_id, line_id, limit),
    )
    found = line_facts([row[0] for row in rows])
    return [found[row[0]] for row in rows]


def free_units(item_id: int, site_id: int) -> int:
    """Our own units of an item at a site that nobody is promised. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT coalesce(sum(greatest(reserve + forward_pick - committed, 0)), 0) FROM ledger_pool
            WHERE item_id = %s AND site_id = %s AND owner_id = 1
            """,
            (item_id, site_id),
        )
    )


def list_price(item_id: int) -> Decimal:
    """What a unit of an item costs a customer without a price of his own. One query."""
    return Decimal(sql.fetch_value("SELECT coalesce(list_price, 0) FROM catalog_item WHERE id = %s", (item_id,)))


def other_waiting(order_id: int, line_id: int) -> int:
    """How many other lines of an order wait for stock. One query."""
    return int(
        sql.fetch_value(
            "SELECT count(*) FROM sales_orderline WHERE order_id = %s AND id <> %s AND open_units > 0",
            (order_id, line_id),
        )
    )


@dataclass(frozen=True, slots=True)
class End:
    """Which day it is at a site, and when another day is over there."""

    today: date
    at: datetime | None


def end_of(site_id: int, on: date | None, now: datetime) -> End:
    """The end of a day at a site. One query."""
    row = sql.fetch_one(
        """
        SELECT (%s::timestamptz AT TIME ZONE timezone)::date, (%s::date + 1)::timestamp AT TIME ZONE timezone
        FROM locations_site WHERE id = %s
        """,
        (now, on, site_id),
    )
    assert row is not None, "an order names its site"
    return End(*row)


@dataclass(frozen=True, slots=True)
class Made:
    """An override as the door reads it: its order lines with lots and units."""

    id: int
    number: str
    site_id: int
    kind: str
    made_by_id: int
    is_over: bool
    verdict: str
    lines: list[tuple[int, int, int, int]] = field(default_factory=list)  # order line, item, lot, units


def made(override_ids: Sequence[int]) -> list[Made]:
    """Overrides by id. One query."""
    found: dict[int, Made] = {}
    for row in sql.fetch_all(
        """
        SELECT v.id, v.number, v.site_id, v.kind, v.made_by_id, v.ended_at IS NOT NULL, v.verdict,
               x.order_line_id, x.item_id, x.lot_id, x.units
        FROM allocation_override v LEFT JOIN allocation_overrideline x ON x.override_id = v.id
        WHERE v.id = ANY(%s::bigint[]) ORDER BY v.id, x.id
        """,
        (list(override_ids),),
    ):
        one = found.setdefault(row[0], Made(*row[:7]))
        if row[7] is not None:
            one.lines.append(row[7:])
    return list(found.values())


def past(now: datetime, *, limit: int = 200) -> list[int]:
    """Overrides that stand beyond their time. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM allocation_override WHERE ended_at IS NULL AND stands_until <= %s ORDER BY id LIMIT %s",
        (now, limit),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """An override in a list and on its page, with what came of it.

    `gained` units were given and `in_time` of them left by their day; of the units that others would have had `late`
    left after theirs, at most `days_late` days, worth `cost`.
    """

    id: int
    number: str
    site_id: int
    site: str
    kind: str
    rule: str
    broken: str
    value: Decimal
    reason: str
    made_by_id: int
    made_by: str
    made_at: datetime
    stands_until: datetime | None
    ended_at: datetime | None
    ended_reason: str
    standing: str
    verdict: str
    review: str
    review_due_on: date
    reviewed_by: str
    reviewed_at: datetime | None
    review_note: str
    orders: str
    gained: int
    lost: int
    in_time: int
    late: int
    days_late: int
    cost: Decimal
    outcome: str


# What became of the lines of an override: several lots of one line are one fate. The ledger says what left, and when.
_FATES = """
    SELECT x.order_line_id, x.units, x.due_on, x.value, o.number, o.id AS order_id, o.tier, c.name AS customer, i.sku,
           least(x.units, s.in_time) AS in_time,
           CASE WHEN x.units < 0 AND (s.total >= x.wanted OR x.today > x.due_on)
                THEN greatest(least(-x.units, x.wanted - s.in_time), 0) ELSE 0 END AS late,
           CASE WHEN s.total >= x.wanted THEN s.last_on ELSE x.today END - x.due_on AS days,
           x.today <= x.due_on
           AND CASE WHEN x.units > 0 THEN s.in_time < x.units ELSE s.total < x.wanted END AS is_open
    FROM (
        SELECT y.order_line_id, sum(y.units)::bigint AS units, min(y.due_on) AS due_on, sum(y.value) AS value,
               l.order_id, l.item_id, l.units - l.cancelled_units AS wanted,
               (%s::timestamptz AT TIME ZONE site.timezone)::date AS today
        FROM allocation_overrideline y JOIN sales_orderline l ON l.id = y.order_line_id
        WHERE y.override_id = v.id GROUP BY y.order_line_id, l.id
    ) AS x
    JOIN sales_order o ON o.id = x.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN catalog_item i ON i.id = x.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(m.units) FILTER (WHERE p.booked_on <= x.due_on), 0)::bigint AS in_time,
               coalesce(sum(m.units), 0)::bigint AS total, max(p.booked_on) AS last_on
        FROM ledger_move m JOIN ledger_posting p ON p.id = m.posting_id
        WHERE m.demand = 'sales.line:' || x.order_line_id AND m.demand <> '' AND m.reason = 'SHIP'
          AND NOT EXISTS (SELECT FROM ledger_posting r WHERE r.reverses_id = p.id)
    ) AS s
"""

# What it gave and what came of it are joined from the left: a count that asks for neither works out neither.
_OVERRIDES = f"""
    SELECT v.id, v.number, v.site_id, site.code AS site, v.kind, v.rule, v.broken, round(v.value, 2) AS value, v.reason,
           v.made_by_id, coalesce(nullif(u.full_name, ''), u.username) AS made_by, v.made_at, v.stands_until,
           v.ended_at, v.ended_reason, CASE WHEN v.ended_at IS NULL THEN 'standing' ELSE 'over' END AS standing,
           v.verdict,
           CASE WHEN v.verdict <> 'open' THEN v.verdict
                WHEN v.review_due_on < (%s::timestamptz AT TIME ZONE site.timezone)::date THEN 'overdue'
                ELSE 'to review' END AS review,
           v.review_due_on, coalesce(nullif(w.full_name, ''), w.username, '') AS reviewed_by, v.reviewed_at,
           v.review_note, coalesce(g.orders, '') AS orders, g.gained, g.lost, f.in_time, f.late,
           coalesce(f.days, 0) AS days_late, round(f.cost, 2) AS cost,
           CASE WHEN f.is_open IS NULL THEN 'no line' WHEN f.is_open THEN 'open'
                WHEN f.in_time = f.gained AND f.late = 0 THEN 'right' WHEN f.in_time = f.gained THEN 'at a cost'
                WHEN f.late = 0 THEN 'in vain' ELSE 'wrong' END AS outcome
    FROM allocation_override v JOIN locations_site site ON site.id = v.site_id
    JOIN platform_user u ON u.id = v.made_by_id LEFT JOIN platform_user w ON w.id = v.reviewed_by_id
    LEFT JOIN LATERAL (
        SELECT string_agg(DISTINCT number, ', ') AS orders,
               coalesce(sum(units) FILTER (WHERE units > 0), 0)::bigint AS gained,
               coalesce(-sum(units) FILTER (WHERE units < 0), 0)::bigint AS lost
        FROM (SELECT o.number, sum(x.units) AS units FROM allocation_overrideline x
              JOIN sales_orderline l ON l.id = x.order_line_id JOIN sales_order o ON o.id = l.order_id
              WHERE x.override_id = v.id GROUP BY l.id, o.number) AS line
    ) AS g ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(units) FILTER (WHERE units > 0), 0)::bigint AS gained,
               coalesce(sum(in_time) FILTER (WHERE units > 0), 0)::bigint AS in_time,
               coalesce(sum(late), 0)::bigint AS late, max(days) FILTER (WHERE late > 0) AS days,
               coalesce(sum(value * late / abs(units)), 0) AS cost, bool_or(is_open) AS is_open
        FROM ({_FATES}) AS fate
    ) AS f ON true
"""  # noqa: S608 - our own text


def override_page(query: ListQuery, now: datetime) -> Page[OverrideRow]:
    """Overrides as the list shows them; what came of them is worked out for those it shows. Two queries."""
    return sql_page(
        query,
        OverrideRow,
        _OVERRIDES,
        (now, now),
        search=("number", "orders", "made_by", "reason", "broken"),
        totals={"value": "sum(value)", "gained": "sum(gained)", "lost": "sum(lost)"},
        site_column="site_id",
        only_shown=True,
    )


def overrides_after(
    site_ids: Sequence[int], *, now: datetime, review: str = "", after_id: int = 0, limit: int = 500
) -> list[OverrideRow]:
    """Overrides at sites (0 = all) by id, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_OVERRIDES}) AS r
        WHERE (0 = ANY(%s::bigint[]) OR site_id = ANY(%s::bigint[])) AND id > %s AND (%s = '' OR review = %s)
        ORDER BY id LIMIT %s
        """,  # noqa: S608 - our own text
        (now, now, list(site_ids), list(site_ids), after_id, review, review, limit),
    )
    return [OverrideRow(*row) for row in rows]


def newest() -> int:
    """The id of the newest override; 0 where there is none. One query."""
    return int(sql.fetch_value("SELECT coalesce(max(id), 0) FROM allocation_override"))


def override_row(override_id: int, now: datetime) -> OverrideRow | None:
    """One override; None when there is none. One query."""
    row = sql.fetch_one(
        f"SELECT * FROM ({_OVERRIDES}) AS r WHERE id = %s",  # noqa: S608 - our own text
        (now, now, override_id),
    )
    return OverrideRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class FateRow:
    """What an order line got (or would have had: less than nothing) by an override, and what became of it."""

    order_line_id: int
    units: int
    due_on: date
    value: Decimal
    number: str
    order_id: int
    tier: str
    customer: str
    sku: str
    in_time: int
    late: int
    days: int | None
    is_open: bool


def fates(override_id: int, now: datetime) -> list[FateRow]:
    """The lines of an override, those that got units first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT f.* FROM allocation_override v JOIN locations_site site ON site.id = v.site_id
        CROSS JOIN LATERAL ({_FATES}) AS f
        WHERE v.id = %s ORDER BY f.units < 0, f.order_line_id
        """,  # noqa: S608 - our own text
        (now, override_id),
    )
    return [FateRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The overrides of one person of one kind: how many, how they were reviewed, and whether they were right."""

    made_by: str
    kind: str
    rule: str
    overrides: int
    value: Decimal
    to_review: int
    confirmed: int
    objected: int
    right: int
    at_a_cost: int
    in_vain: int
    wrong: int
    undecided: int
    late: int
    cost: Decimal


def summary(site_ids: Sequence[int], *, now: datetime, since: datetime) -> list[SummaryRow]:
    """Overrides at sites (0 = all) since then, by person, kind and rule, the most first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT made_by, kind, rule, count(*), sum(value), count(*) FILTER (WHERE verdict = 'open'),
               count(*) FILTER (WHERE verdict = 'confirmed'), count(*) FILTER (WHERE verdict = 'objected'),
               count(*) FILTER (WHERE outcome = 'right'), count(*) FILTER (WHERE outcome = 'at a cost'),
               count(*) FILTER (WHERE outcome = 'in vain'), count(*) FILTER (WHERE outcome = 'wrong'),
               count(*) FILTER (WHERE outcome IN ('open', 'no line')), sum(late)::bigint, sum(cost)
        FROM ({_OVERRIDES}) AS r
        WHERE (0 = ANY(%s::bigint[]) OR site_id = ANY(%s::bigint[])) AND made_at >= %s
        GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 1000
        """,  # noqa: S608 - our own text
        (now, now, list(site_ids), list(site_ids), since),
    )
    return [SummaryRow(*row) for row in rows]


def overrides_of_line(line_id: int) -> list[tuple[int, str]]:
    """(Id, number) of the overrides that touch an order line, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT v.id, v.number FROM allocation_overrideline x JOIN allocation_override v ON v.id = x.override_id
        WHERE x.order_line_id = %s ORDER BY v.id DESC LIMIT 20
        """,
        (line_id,),
    )
    return [(row[0], row[1]) for row in rows]


def approver_of(kind: str, subject: str) -> int:
    """Who decided last about a document; 0 when nobody. One query."""
    found = sql.fetch_value(
        """
        SELECT v.given_by_id FROM approvals_verdict v JOIN approvals_request r ON r.id = v.request_id
        WHERE r.kind = %s AND r.subject = %s ORDER BY v.id DESC LIMIT 1
        """,
        (kind, subject),
    )
    return int(found or 0)
