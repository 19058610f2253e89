"""Reads of order lines and their promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flowrack.platform import sql
from flowrack.promise import queries
from flowrack.promise.rules_case import Ask, Source
from flowrack.storage.queries_transfers import COMING


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that may be promised: what it still wants, and how far it is promised already."""

    line_id: int
    order_id: int
    order: str
    site_id: int
    site: str
    customer_id: int
    customer: str
    policy: str
    min_life_days: int
    region: str
    way: int | None
    item_id: int
    sku: str
    lot_code: str
    waiting: int
    allocated: int
    requested_on: date
    first_ships_on: date | None
    ships_on: date | None
    arrives_on: date | None
    picked: int
    line_no: int

    @property
    def wants(self) -> int:
        """Units that wait, or are reserved and not picked: what stock is asked for."""
        return self.waiting + self.allocated

    @property
    def here(self) -> int:
        """Units that have not left."""
        return self.wants + self.picked


_OPEN = """
    SELECT l.id, o.id, o.number, o.site_id, s.name, o.customer_id, c.name, o.policy, o.min_life_days - o.transit_days,
           coalesce(a.region, ''), coalesce(a.transit_days, nullif(t.transit_days, 0)), l.item_id, i.sku, l.lot_code,
           l.open_units, l.allocated_units, o.requested_on,
           p.first_ships_on, p.ships_on, p.arrives_on, l.picked_units, l.line_no
    FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
    JOIN locations_site s ON s.id = o.site_id JOIN parties_party c ON c.id = o.customer_id
    JOIN catalog_item i ON i.id = l.item_id
    LEFT JOIN parties_address a ON a.id = o.ship_to_id
    LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
    LEFT JOIN promise_linepromise p ON p.line_id = l.id
    WHERE l.id = ANY(%s::bigint[]) AND l.held_at_units IS NULL
      AND l.open_units + l.allocated_units + CASE WHEN %s THEN l.picked_units ELSE 0 END > 0
    ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no
"""


def open_lines(line_ids: Sequence[int], *, with_picked: bool = False) -> list[OpenLine]:
    """Those of some lines that are open and not held, in rank order; also those of which all is picked and some of it
    is still here, if asked. One query."""
    return [OpenLine(*row) for row in sql.fetch_all(_OPEN, (list(line_ids), with_picked))]


def lines_of_orders(order_ids: Sequence[int]) -> list[int]:
    """The lines of orders that are open. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM sales_orderline WHERE order_id = ANY(%s::bigint[]) AND open_units + allocated_units > 0",
        (list(order_ids),),
    )
    return [row[0] for row in rows]


def without_promise(line_ids: Sequence[int]) -> list[int]:
    """Those of some lines that nobody was told a day of. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.line FROM unnest(%s::bigint[]) AS w(line)
        WHERE NOT EXISTS (SELECT FROM promise_linepromise p WHERE p.line_id = w.line) ORDER BY 1
        """,
        (list(line_ids),),
    )
    return [row[0] for row in rows]


def moved_by(order_id: int, line_ids: Sequence[int]) -> list[int]:
    """New lines of an order, and of an order in one delivery all its lines, which leave with them. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.id = %s AND (l.id = ANY(%s::bigint[]) OR o.policy = 'complete') ORDER BY l.id
        """,
        (order_id, list(line_ids)),
    )
    return [row[0] for row in rows]


def looked_at(line_ids: Sequence[int]) -> frozenset[int]:
    """Those of some lines for which a promise was looked for, whether or not one was found. One query."""
    subjects = [f"promise.line:{line_id}" for line_id in line_ids]
    rows = sql.fetch_all("SELECT DISTINCT subject FROM platform_decision WHERE subject = ANY(%s::text[])", (subjects,))
    return frozenset(int(row[0].partition(":")[2]) for row in rows)


def is_being_made(order_id: int) -> bool:
    """Whether what gives the lines of an order their first promise is on its way: it is handed on a moment after entry.
    One query."""
    found: bool = sql.fetch_value(
        """
        SELECT EXISTS (
            SELECT FROM platform_outboxevent WHERE done_at IS NULL AND parked_reason = ''
              AND kind IN ('sales.order_entered', 'sales.lines_added') AND body ->> 'order_id' = %s)
        """,
        (str(order_id),),
    )
    return found


MOST_FIRST = 500  # lines that are looked at when one event may give them their first promise

_UNPROMISED = """
    WITH found AS (
        SELECT l.id, l.order_id, o.policy, o.tier, o.ship_by_on, o.ordered_at, l.line_no
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
        WHERE {which} AND l.promised_on IS NULL AND l.held_at_units IS NULL AND l.open_units + l.allocated_units > 0
          AND EXISTS (SELECT FROM platform_decision d WHERE d.subject = 'promise.line:' || l.id)
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no LIMIT %(most)s
    )
    SELECT id FROM found
    UNION
    SELECT l.id FROM found JOIN sales_orderline l ON l.order_id = found.order_id AND l.promised_on IS NULL
    WHERE found.policy = 'complete' AND l.held_at_units IS NULL AND l.open_units + l.allocated_units > 0
    ORDER BY id
"""


def unpromised(line_ids: Sequence[int]) -> list[int]:
    """Those of some lines that were looked at before and got no promise, and with them the others of orders that leave
    whole. One query."""
    asked = {"lines": list(line_ids), "most": MOST_FIRST}
    return [row[0] for row in sql.fetch_all(_UNPROMISED.format(which="l.id = ANY(%(lines)s::bigint[])"), asked)]


def unpromised_of(site_id: int, item_ids: Sequence[int]) -> list[int]:
    """Lines that wait for items at a site and got no promise when they were looked at, the best rank first, at most
    500; and with them the others of orders that leave whole. One query."""
    which = "l.item_id = ANY(%(items)s::bigint[]) AND l.open_units > 0 AND o.site_id = %(site)s"
    asked = {"items": list(item_ids), "site": site_id, "most": MOST_FIRST}
    return [row[0] for row in sql.fetch_all(_UNPROMISED.format(which=which), asked)]


def bought(po_ids: Sequence[int]) -> dict[int, list[int]]:
    """The items of POs by site. One query."""
    rows = sql.fetch_all(
        """
        SELECT po.site_id, array_agg(DISTINCT l.item_id) FROM purchasing_po po
        JOIN purchasing_poline l ON l.po_id = po.id WHERE po.id = ANY(%s::bigint[]) GROUP BY 1 ORDER BY 1
        """,
        (list(po_ids),),
    )
    return dict(rows)


def sent(site_id: int, item_ids: Sequence[int]) -> dict[int, list[int]]:
    """Those of items that are on their way from a site, by the site at which they are to come. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT t.to_site_id, array_agg(DISTINCT l.item_id) FROM storage_transfer t
        JOIN storage_transferline l ON l.transfer_id = t.id AND l.item_id = ANY(%s::bigint[])
             AND l.quality = 'available' AND l.units > l.received_units
        WHERE t.site_id = %s AND {COMING} GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 - a constant
        (list(item_ids), site_id),
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What an order line is promised: first and latest, and why."""

    line_id: int
    order_id: int
    order: str
    site_id: int
    sku: str
    units: int
    waiting: int
    allocated: int
    picked: int
    shipped: int
    first_ships_on: date | None
    ships_on: date | None
    arrives_on: date | None
    promised_at: datetime | None
    why: str


def promise_of(line_ids: Sequence[int]) -> list[PromiseRow]:
    """The promises of lines, in order of id. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, o.site_id, i.sku, l.units, l.open_units, l.allocated_units, l.picked_units,
               l.shipped_units, p.first_ships_on, p.ships_on, p.arrives_on, p.promised_at, coalesce(d.sentence, '')
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN catalog_item i ON i.id = l.item_id
        LEFT JOIN promise_linepromise p ON p.line_id = l.id
        LEFT JOIN LATERAL (
            SELECT d.sentence FROM platform_decision d
            WHERE d.subject = 'promise.line:' || l.id ORDER BY d.id DESC LIMIT 1
        ) AS d ON true
        WHERE l.id = ANY(%s::bigint[]) ORDER BY l.id
        """,
        (list(line_ids),),
    )
    return [PromiseRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """The day that a customer was told last that a line leaves, and the work of its promise."""

    line_id: int
    order_id: int
    site_id: int
    ships_on: date
    seconds: int


def told(line_ids: Sequence[int]) -> list[Told]:
    """What was told of lines that have a promise, where it is another day than the promise has. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.order_id, p.site_id, l.promised_on, p.seconds
        FROM sales_orderline l JOIN promise_linepromise p ON p.line_id = l.id
        WHERE l.id = ANY(%s::bigint[]) AND l.promised_on <> p.ships_on ORDER BY l.id
        """,
        (list(line_ids),),
    )
    return [Told(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Donor:
    """A site that could send units and still keep what it needs."""

    site_id: int
    site: str
    units: int
    keeps: int


def donors(item_id: int, site_id: int, now: datetime) -> list[Donor]:
    """Other sites with units to spare of an item: free over their safety stock, their claims and the reorder point.

    Four queries.
    """
    others = sql.fetch_all(
        """
        SELECT s.id, s.name, coalesce(i.reorder_point, 0) FROM locations_site s, catalog_item i
        WHERE s.is_active AND s.id <> %s AND i.id = %s ORDER BY s.code
        """,
        (site_id, item_id),
    )
    if not others:
        return []
    ask = Ask(item_id, "", 1, tuple(row[0] for row in others))
    case = queries.case_of([ask], now)
    found = []
    for other_id, name, reorder_point in others:
        source = Source(case, case.site(other_id), case.stock(item_id, other_id), ask)
        spare = source.steps(source.today)[0].free - max(0, reorder_point - source.stock.safety)
        if spare > 0:
            found.append(Donor(other_id, name, spare, max(reorder_point, source.stock.safety)))
    return found


def cases(limit: int, before_id: int) -> list[tuple[int, str, Any]]:
    """Stored cases below an id, newest first: (id, subject, detail). One query."""
    return sql.fetch_all(
        """
        SELECT id, subject, detail::json FROM platform_decision
        WHERE kind IN ('promise_case', 'promise') AND id < %s AND detail ? 'said' ORDER BY id DESC LIMIT %s
        """,
        (before_id, limit),
    )


def has_work() -> bool:
    """Whether work is promised that was summed before, or was promised since. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM promise_dayload WHERE seconds > 0) OR EXISTS (
                SELECT FROM locations_site s WHERE EXISTS (
                    SELECT FROM promise_linepromise p
                    WHERE p.site_id = s.id AND p.change >= coalesce(
                        (SELECT max(d.upto) FROM promise_dayload d WHERE d.site_id = s.id), 0)))
            """
        )
    )


def has_deliveries(since: datetime) -> bool:
    """Whether goods came since a time, or an open PO line is overdue. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM inbound_receiptline WHERE received_at >= %(since)s) OR EXISTS (
                SELECT FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
                WHERE po.state IN ('approved', 'receiving') AND l.due_on < %(since)s::date
                  AND l.received_units < l.units - l.short_units)
            """,
            {"since": since},
        )
    )


def deliveries(today: date, days: int) -> list[tuple[int, int, int, int]]:
    """(supplier, item, days late, lines) of PO lines that were due in the last days: complete or owed. One query.

    A line is as late as its last needed unit against the day that was confirmed first, else the day asked for. One that
    is overdue counts as late as it is by now, so that those who never deliver do not look punctual.
    """
    rows = sql.fetch_all(
        """
        WITH line AS MATERIALIZED (
            SELECT l.id, po.supplier_id, l.item_id, l.units - l.under_units AS needed, site.timezone,
                   coalesce(c.confirmed_on, l.due_on) AS day, l.received_units, l.short_units, po.state
            FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
            JOIN locations_site site ON site.id = po.site_id
            LEFT JOIN LATERAL (
                SELECT x.confirmed_on FROM purchasing_confirmationline x
                WHERE x.po_line_id = l.id AND x.state IN ('as_ordered', 'accepted') ORDER BY x.id LIMIT 1
            ) AS c ON true
            WHERE l.due_on BETWEEN %(today)s::date - %(days)s::int AND %(today)s::date AND l.units > 0
              AND po.state IN ('approved', 'receiving', 'received', 'closed')
        ), came AS (
            SELECT r.id, (min(r.received_at) FILTER (WHERE r.upto >= r.needed) AT TIME ZONE r.timezone)::date AS on
            FROM (
                SELECT line.id, line.needed, line.timezone, r.received_at,
                       sum(r.units) OVER (PARTITION BY line.id ORDER BY r.received_at, r.id) AS upto
                FROM line JOIN inbound_receiptline r ON r.po_line_id = line.id AND r.taken_back_at IS NULL
            ) AS r GROUP BY r.id, r.timezone
        )
        SELECT supplier_id, item_id, late, count(*) FROM (
            SELECT line.supplier_id, line.item_id, CASE
                   WHEN came.on IS NOT NULL THEN came.on - line.day
                   WHEN line.state IN ('approved', 'receiving') AND line.short_units = 0 AND line.day < %(today)s::date
                   THEN %(today)s::date - line.day END AS late
            FROM line LEFT JOIN came ON came.id = line.id
        ) AS x WHERE late IS NOT NULL GROUP BY 1, 2, 3
        """,
        {"today": today, "days": days},
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]
