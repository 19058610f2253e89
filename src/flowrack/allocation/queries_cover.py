"""Reads of promises that cannot hold: which lines have one, what ended, and the list of exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.allocation.types_exceptions import AGAIN, COVERED, SupplyMoved
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

Pair = tuple[int, int]  # item, site


def promised(pairs: Sequence[Pair], *, but_dealt_with: bool = False) -> set[int]:
    """Waiting lines for items at sites that have a promise and no open exception; if asked, also none of the same
    promise that a person has closed. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id
        FROM unnest(%s::bigint[], %s::bigint[]) AS w(item, site)
        JOIN sales_orderline l ON l.item_id = w.item AND l.open_units > 0 AND l.promised_on IS NOT NULL
        JOIN sales_order o ON o.id = l.order_id AND o.site_id = w.site AND o.state IN ('confirmed', 'released')
        WHERE NOT EXISTS (
            SELECT FROM allocation_promiseexception e
            WHERE e.order_line_id = l.id AND (e.closed_at IS NULL
                  OR %s AND NOT e.by_calendar AND e.promised_on = l.promised_on
                  AND e.closing <> ALL(%s::text[])))
        """,
        ([item for item, _ in pairs], [site for _, site in pairs], but_dealt_with, [COVERED, AGAIN]),
    )
    return {row[0] for row in rows}


def by_calendar(line_ids: Sequence[int]) -> set[int]:
    """Those of some lines on whose promised day nothing leaves any more: at risk whatever the stock. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_line_id FROM allocation_promiseexception
        WHERE order_line_id = ANY(%s::bigint[]) AND closed_at IS NULL AND by_calendar
        """,
        (list(line_ids),),
    )
    return {row[0] for row in rows}


def said_of(line_ids: Sequence[int]) -> dict[int, tuple[date, date | None, int]]:
    """What open exceptions of lines say: the promised day, when it is covered, how many units. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_line_id, promised_on, covered_on, units FROM allocation_promiseexception
        WHERE order_line_id = ANY(%s::bigint[]) AND closed_at IS NULL
        """,
        (list(line_ids),),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def places_of(line_ids: Sequence[int]) -> dict[int, list[int]]:
    """The items of order lines by site. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT l.item_id) FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY 1
        """,
        (list(line_ids),),
    )
    return dict(rows)


def is_waited_for(site_id: int, item_ids: Sequence[int]) -> bool:
    """Whether any line with a promise waits for these items at a site. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.site_id = %s
                WHERE l.item_id = ANY(%s::bigint[]) AND l.open_units > 0 AND l.promised_on IS NOT NULL)
            """,
            (site_id, list(item_ids)),
        )
    )


def unwatched(now: datetime, key: str) -> dict[int, tuple[date, list[int]]]:
    """Sites that nobody has looked at on their business day: the day, and the items that lines with a promise wait
    for, or that have an open exception. A site was looked at when the key with its id and day is used. One query."""
    rows = sql.fetch_all(
        """
        SELECT site.id, site.today, array_agg(DISTINCT w.item_id)
        FROM (SELECT id, (%s::timestamptz AT TIME ZONE timezone)::date AS today FROM locations_site) AS site
        JOIN (
            SELECT o.site_id, l.item_id FROM sales_order o
            JOIN sales_orderline l ON l.order_id = o.id AND l.open_units > 0 AND l.promised_on IS NOT NULL
            WHERE o.state IN ('confirmed', 'released')
            UNION ALL
            SELECT o.site_id, l.item_id FROM allocation_promiseexception e
            JOIN sales_orderline l ON l.id = e.order_line_id JOIN sales_order o ON o.id = l.order_id
            WHERE e.closed_at IS NULL
        ) AS w ON w.site_id = site.id
        WHERE NOT EXISTS (SELECT FROM platform_commandrecord c WHERE c.key = %s || site.id || ':' || site.today
                          AND c.actor_id = (SELECT id FROM platform_user WHERE username = 'system'))
        GROUP BY 1, 2 ORDER BY 1
        """,
        (now, f"{key}:"),
    )
    return {site_id: (today, items) for site_id, today, items in rows}


def at_risk(item_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of these items those with open exceptions, by site. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.site_id, array_agg(DISTINCT l.item_id) FROM allocation_promiseexception e
        JOIN sales_orderline l ON l.id = e.order_line_id AND l.item_id = ANY(%s::bigint[])
        JOIN sales_order o ON o.id = l.order_id
        WHERE e.closed_at IS NULL GROUP BY 1 ORDER BY 1
        """,
        (list(item_ids),),
    )
    return dict(rows)


def ended(po_ids: Sequence[int]) -> list[SupplyMoved]:
    """What POs that were closed or cancelled still owed. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.item_id, po.site_id, l.units - l.short_units - l.received_units, l.expected_on
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id
        WHERE po.id = ANY(%s) AND l.received_units < l.units - l.short_units AND po.approved_at IS NOT NULL
        """,
        (list(po_ids),),
    )
    return [SupplyMoved(*row) for row in rows]


def numbers_of(po_line_ids: Sequence[int]) -> dict[int, str]:
    """The PO number of each PO line. One query."""
    return dict(
        sql.fetch_all(
            "SELECT l.id, po.number FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id "
            "WHERE l.id = ANY(%s)",
            (list(po_line_ids),),
        )
    )


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A promise that cannot hold, in a list."""

    id: int
    order_line_id: int
    order_id: int
    order: str
    customer: str
    tier: str
    site_id: int
    site: str
    sku: str
    name: str
    units: int
    value: Decimal
    promised_on: date
    covered_before: date | None
    covered_on: date | None
    arrives_on: date | None
    days_late: int | None
    po_id: int
    po: str
    supplier: str
    buyer: str
    reason: str
    raised_at: datetime
    is_open: str
    closed_by: str
    closed_at: datetime | None
    closing: str
    entered_by: str


_EXCEPTIONS = """
    SELECT e.id, l.id AS order_line_id, o.id AS order_id, o.number AS order, c.name AS customer, o.tier, o.site_id,
           site.code AS site, i.sku, i.name, e.units, round(e.units * l.unit_price, 2) AS value, e.promised_on,
           e.covered_before, e.covered_on, e.arrives_on,
           coalesce(e.days_late, e.covered_on - e.promised_on) AS days_late, coalesce(po.id, 0) AS po_id,
           coalesce(po.number, '') AS po, coalesce(s.name, '') AS supplier, coalesce(b.full_name, '') AS buyer,
           e.reason, e.raised_at,
           CASE WHEN e.closed_at IS NULL
                     AND (l.open_units > 0 OR e.by_calendar AND l.allocated_units + l.picked_units > 0)
                     AND o.state IN ('confirmed', 'released')
                THEN 'open' ELSE 'closed' END AS is_open,
           coalesce(u.full_name, '') AS closed_by, e.closed_at, e.closing,
           coalesce(nullif(w.full_name, ''), w.username) AS entered_by
    FROM allocation_promiseexception e
    JOIN sales_orderline l ON l.id = e.order_line_id JOIN sales_order o ON o.id = l.order_id
    JOIN parties_party c ON c.id = o.customer_id JOIN locations_site site ON site.id = o.site_id
    JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN purchasing_poline p ON p.id = e.po_line_id LEFT JOIN purchasing_po po ON po.id = p.po_id
    LEFT JOIN parties_party s ON s.id = po.supplier_id LEFT JOIN platform_user b ON b.id = po.created_by_id
    LEFT JOIN platform_user u ON u.id = e.closed_by_id JOIN platform_user w ON w.id = o.entered_by_id
"""


def late_arrivals(line_ids: Sequence[int]) -> dict[int, date]:
    """When lines arrive of which the open exception says that nothing brings them in time. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_line_id, arrives_on FROM allocation_promiseexception
        WHERE order_line_id = ANY(%s::bigint[]) AND closed_at IS NULL AND by_calendar AND arrives_on IS NOT NULL
        """,
        (list(line_ids),),
    )
    return dict(rows)


def exception_page(query: ListQuery) -> Page[ExceptionRow]:
    """Promises that cannot hold at the viewer's sites. Two queries."""
    return sql_page(
        query,
        ExceptionRow,
        _EXCEPTIONS
        + """
        WHERE EXISTS (SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
                      WHERE held.user_id = %s AND held.site_id IN (0, o.site_id)
                        AND 'allocation.exceptions' = ANY(r.permissions))
        """,
        [query.actor_id],
        search=("order", "customer", "sku", "po", "supplier"),
        totals={"units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )


def exceptions(
    site_ids: Sequence[int], *, only_open: bool = True, after_id: int = 0, limit: int = 500
) -> list[ExceptionRow]:
    """Promises that cannot hold at sites (0 = all), oldest first. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_EXCEPTIONS}) AS e
        WHERE (0 = ANY(%(sites)s::bigint[]) OR site_id = ANY(%(sites)s::bigint[])) AND id > %(after)s
          AND (NOT %(open)s OR is_open = 'open')
        ORDER BY id LIMIT %(limit)s
        """,  # noqa: S608 - a constant
        {"sites": list(site_ids), "after": after_id, "open": only_open, "limit": limit},
    )
    return [ExceptionRow(*row) for row in rows]


# Orders with promises that cannot hold, and the first such day: what the list shows as open. For later stages' queries.
ORDERS_AT_RISK = f"""
    SELECT order_id, min(promised_on) AS promised_on FROM ({_EXCEPTIONS} WHERE e.closed_at IS NULL) AS x
    WHERE is_open = 'open' GROUP BY order_id
"""  # noqa: S608 - a constant


def risks_of_order(order_id: int) -> dict[int, ExceptionRow]:
    """The promises of an order's lines that cannot hold, by line: the same as in the list. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT * FROM ({_EXCEPTIONS} WHERE o.id = %s AND e.closed_at IS NULL) AS e WHERE is_open = 'open' ORDER BY id
        """,  # noqa: S608 - a constant
        (order_id,),
    )
    return {row[1]: ExceptionRow(*row) for row in rows}


def lines_of_exceptions(exception_ids: Sequence[int]) -> list[int]:
    """The order lines of exceptions. One query."""
    rows = sql.fetch_all(
        "SELECT order_line_id FROM allocation_promiseexception WHERE id = ANY(%s) ORDER BY id", (list(exception_ids),)
    )
    return [row[0] for row in rows]


def exceptions_by_id(exception_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(Exception, order) of exceptions. One query."""
    return [
        (row[0], row[1])
        for row in sql.fetch_all(
            """
            SELECT e.id, l.order_id FROM allocation_promiseexception e JOIN sales_orderline l ON l.id = e.order_line_id
            WHERE e.id = ANY(%s)
            """,
            (list(exception_ids),),
        )
    ]
