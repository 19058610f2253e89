"""Reads of what stayed when its truck closed: of one load, and the list for those who speak with the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from flowrack.fulfilment import queries_unproved
from flowrack.fulfilment.queries_totes import with_picker
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, Range, sql_page
from flowrack.shipping import queries_waits
from flowrack.shipping.rules_waits import of_carton

# Units that are not staged: still to be picked, or with their picker.
_UNSTAGED = f"""
    SELECT coalesce(sum(l.allocated_units + coalesce((
        SELECT sum(r.units) FROM ledger_reservation r
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        WHERE l.picked_units > 0 AND r.ref = 'sales.line:' || l.id AND {with_picker("e.lpn_id", "l.order_id")}
    ), 0)), 0)::bigint AS units FROM sales_orderline l WHERE l.order_id = o.id
"""  # noqa: S608 - constant columns


def not_staged(load_id: int) -> list[tuple[int, str, int]]:
    """Orders of a load with units that are not staged. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, t.units FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id
        CROSS JOIN LATERAL ({_UNSTAGED}) AS t
        WHERE x.load_id = %s AND x.is_live AND t.units > 0 ORDER BY x.stop_no, o.id
        """,  # noqa: S608 - constant columns
        (load_id,),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def unstaged(order_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """Orders with units that are not staged, in the order given. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT o.id, o.number, t.units FROM unnest(%s::bigint[]) WITH ORDINALITY AS x(order_id, place)
        JOIN sales_order o ON o.id = x.order_id CROSS JOIN LATERAL ({_UNSTAGED}) AS t
        WHERE t.units > 0 ORDER BY x.place
        """,  # noqa: S608 - constant columns
        (list(order_ids),),
    )
    return [(row[0], row[1], row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class LineHere:
    """A line with units that did not leave: for which day it is promised, and whither it goes."""

    line_id: int
    order_id: int
    units: int
    to_pick: int
    promised_on: date | None
    arrives_on: date | None
    region: str
    way: int | None


def lines_here(order_ids: Sequence[int]) -> list[LineHere]:
    """Lines of orders with units that are reserved or picked and have not left. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, l.allocated_units + l.picked_units, l.allocated_units, lp.ships_on, lp.arrives_on,
               coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0))
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        LEFT JOIN promise_linepromise lp ON lp.line_id = l.id
        LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
        LEFT JOIN LATERAL (
            SELECT * FROM parties_address a
            WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = o.customer_id)
            ORDER BY a.is_default DESC, a.id LIMIT 1
        ) AS a ON true
        WHERE l.order_id = ANY(%s::bigint[]) AND l.allocated_units + l.picked_units > 0 ORDER BY l.id
        """,
        (sorted(set(order_ids)),),
    )
    return [LineHere(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class BehindRow:
    """Goods that did not go; of a transfer, `order` is its number and order_id 0. What was not staged has no plate."""

    order_id: int
    order: str
    plate: str
    units: int
    reason: str
    note: str
    transfer_id: int
    is_staged: bool
    promised_on: date | None
    next_on: date | None


def behind(load_id: int) -> list[BehindRow]:
    """What stayed behind. One query."""
    rows = sql.fetch_all(
        """
        SELECT coalesce(b.order_id, 0), coalesce(o.number, t.number),
               CASE WHEN b.is_staged THEN coalesce(nullif(n.code, ''), 'loose') ELSE '' END, b.units, b.reason, b.note,
               coalesce(b.transfer_id, 0), b.is_staged, b.promised_on, b.next_on
        FROM shipping_loadbehind b JOIN locations_lpn n ON n.id = b.lpn_id LEFT JOIN sales_order o ON o.id = b.order_id
        LEFT JOIN storage_transfer t ON t.id = b.transfer_id
        WHERE b.load_id = %s ORDER BY b.id
        """,
        (load_id,),
    )
    return [BehindRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LeftBehindRow:
    """An order that did not go whole with its truck: what stayed and why, what was promised, and how it stands now.

    `standing` says what is to be done, `is_open` whether anything is. `truck` is the load that it is on by now, `offer`
    the next one that leaves the site and could take it; 0 = none. `kept_back` says which of its cartons every truck
    refuses, and why (`carton_id`).
    """

    id: int
    order_id: int
    order: str
    customer: str
    tier: str
    load_id: int
    load: str
    site_id: int
    site: str
    left_at: datetime
    closed_by: str
    staged: int
    not_staged: int
    reason: str
    note: str
    promised_on: date | None
    next_on: date | None
    arrives_on: date | None
    owner: str
    standing: str
    is_open: bool
    line_ids: list[int]
    truck_id: int
    truck: str
    truck_at: datetime | None
    offer_id: int
    offer: str
    offer_at: datetime | None
    carton_id: int = 0
    kept_back: str = ""


LIST_DAYS = 92  # for which the list also has what is over

# Orders that can still have something here are sought by the orders, what stayed lately by its time: neither reads what
# stayed in all the years before.
_OF_NOW = """
    SELECT b.id FROM shipping_loadbehind b WHERE b.stayed_at >= %(since)s AND b.order_id IS NOT NULL
    UNION
    SELECT b.id FROM sales_order o JOIN shipping_loadbehind b ON b.order_id = o.id
    WHERE o.state IN ('confirmed', 'released')
"""

# How what is still here leaves and when it arrives are as its carrier was chosen; without one as when the truck closed.
# Over when the order left, was cancelled, or stayed behind once more, which has a row of its own. A customer is to be
# told as long as a promise of the order is at risk and nobody has moved it or said what was done.
_LEFT = f"""
    WITH stayed AS (
        SELECT min(b.id) AS id, b.load_id, b.order_id,
               coalesce(sum(b.units) FILTER (WHERE b.is_staged), 0)::bigint AS staged,
               coalesce(sum(b.units) FILTER (WHERE NOT b.is_staged), 0)::bigint AS not_staged,
               coalesce(max(b.reason) FILTER (WHERE b.is_staged), max(b.reason)) AS reason,
               max(b.note) AS note, min(b.promised_on) AS promised_on,
               max(b.next_on) AS next_on, max(b.arrives_on) AS arrives_on, max(b.stayed_at) AS stayed_at,
               max(b.stayed_by_id) AS stayed_by_id
        FROM shipping_loadbehind b WHERE b.id IN ({_OF_NOW}) GROUP BY b.load_id, b.order_id
    )
    SELECT b.id, o.id AS order_id, o.number AS order, p.name AS customer, o.tier, h.id AS load_id, h.number AS load,
           h.site_id, s.code AS site, b.stayed_at AS left_at,
           coalesce(nullif(u.full_name, ''), u.username) AS closed_by, b.staged, b.not_staged, b.reason, b.note,
           b.promised_on, coalesce(c.leaves_on, b.next_on) AS next_on,
           coalesce(c.arrives_on, b.arrives_on) AS arrives_on,
           coalesce(nullif(w.full_name, ''), w.username) AS owner, k.standing,
           k.standing IN ('tell the customer', 'needs a truck', 'being picked', 'on a truck') AS is_open, l.line_ids,
           coalesce(t.id, 0) AS truck_id, coalesce(t.number, '') AS truck, t.cut_off_at AS truck_at,
           coalesce(n.id, 0) AS offer_id, coalesce(n.number, '') AS offer, n.cut_off_at AS offer_at
    FROM stayed b JOIN shipping_load h ON h.id = b.load_id JOIN sales_order o ON o.id = b.order_id
    JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = h.site_id
    JOIN platform_user u ON u.id = b.stayed_by_id JOIN platform_user w ON w.id = o.entered_by_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.allocated_units + l.picked_units), 0) AS units,
               coalesce(sum(l.picked_units), 0) AS picked,
               coalesce(array_agg(l.id ORDER BY l.line_no), '{{}}') AS line_ids,
               bool_or(EXISTS (SELECT FROM allocation_promiseexception e
                               WHERE e.order_line_id = l.id AND e.closed_at IS NULL AND e.by_calendar)) AS at_risk
        FROM sales_orderline l WHERE l.order_id = o.id AND l.allocated_units + l.picked_units > 0
    ) AS l
    LEFT JOIN LATERAL (
        SELECT d.id, d.number, d.cut_off_at FROM shipping_loadorder x JOIN shipping_load d ON d.id = x.load_id
        WHERE x.order_id = o.id AND x.is_live
    ) AS t ON true
    LEFT JOIN LATERAL (
        SELECT y.leaves_on, y.arrives_on FROM carriers_choiceorder x
        JOIN carriers_choiceoption y ON y.choice_id = x.choice_id AND y.is_chosen
        WHERE x.order_id = o.id AND x.is_latest AND l.units > 0
    ) AS c ON true
    LEFT JOIN LATERAL (
        SELECT d.id, d.number, d.cut_off_at FROM shipping_load d
        WHERE l.units > 0 AND t.id IS NULL AND d.site_id = h.site_id AND d.state IN ('open', 'loading')
          AND (d.cut_off_at IS NULL OR d.cut_off_at > %(now)s)
        ORDER BY d.carrier_id IS DISTINCT FROM h.carrier_id, d.cut_off_at NULLS LAST, d.id LIMIT 1
    ) AS n ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.state = 'cancelled' THEN 'cancelled' WHEN l.units = 0 THEN 'gone'
                    WHEN EXISTS (SELECT FROM shipping_loadbehind z WHERE z.order_id = o.id AND z.load_id <> b.load_id
                                 AND (z.stayed_at, z.id) > (b.stayed_at, b.id))
                    THEN 'behind again'
                    WHEN l.at_risk THEN 'tell the customer' WHEN t.id IS NOT NULL THEN 'on a truck'
                    WHEN l.picked > 0 THEN 'needs a truck' ELSE 'being picked' END AS standing
    ) AS k
"""  # noqa: S608 - our own text


def left_behind_page(query: ListQuery, now: datetime) -> Page[LeftBehindRow]:
    """Orders that did not go whole with their trucks and may be here, and all since the day that is asked for, or of
    the last 92 days. Three queries.
    """
    found = sql_page(
        query,
        LeftBehindRow,
        _LEFT.replace("%(since)s", "%s::timestamptz").replace("%(now)s", "%s::timestamptz"),
        [_since(query, now), now],
        search=("order", "customer", "load", "note"),
        totals={"staged": "sum(staged)", "not_staged": "sum(not_staged)"},
        site_column="site_id",
    )
    return replace(found, rows=_with_cartons(found.rows, now))


def _since(query: ListQuery, now: datetime) -> datetime:
    """From when on what is over belongs to a view: who names days gets them, however long ago they are."""
    usual = now - timedelta(days=LIST_DAYS)
    asked = query.filters.get("left_at")
    if not isinstance(asked, Range):
        return usual
    if not isinstance(asked.low, date):
        return datetime.min.replace(tzinfo=UTC)
    return min(usual, datetime.combine(asked.low - timedelta(days=1), time(), UTC))  # whatever the clock of the page


def _with_cartons(rows: Sequence[LeftBehindRow], now: datetime) -> list[LeftBehindRow]:
    kept = queries_unproved.kept_back([row.order_id for row in rows if row.is_open], now=now)
    firsts = {order_id: queries_waits.first_of(cartons) for order_id, cartons in kept.items()}
    return [
        replace(row, carton_id=first.carton_id, kept_back=of_carton(first))
        if row.is_open and (first := firsts.get(row.order_id)) is not None
        else row
        for row in rows
    ]


def left_behind(site_ids: frozenset[int], now: datetime, *, after_id: int = 0, limit: int) -> list[LeftBehindRow]:
    """The same of the last 92 days, with ids above `after_id`, for the API's cursor pages. Two queries."""
    rows = sql.fetch_all(
        _LEFT
        + """ WHERE b.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY b.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit, "now": now,
         "since": now - timedelta(days=LIST_DAYS)},
    )  # fmt: skip
    return _with_cartons([LeftBehindRow(*row) for row in rows], now)


def orders_of(ids: Sequence[int]) -> list[str]:
    """The numbers of the orders of rows of the list, each once. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT o.number FROM shipping_loadbehind b JOIN sales_order o ON o.id = b.order_id
        WHERE b.id = ANY(%s::bigint[]) ORDER BY 1
        """,
        (list(ids),),
    )
    return [row[0] for row in rows]
