"""What the control tower shows: four sentences, troubles by promise and money, work by hour, who works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.allocation import queries_cover
from flowrack.analytics import rules
from flowrack.analytics.queries import tower_numbers, tower_overdue, tower_waves
from flowrack.analytics.types import Hour, Trouble
from flowrack.platform import sql
from flowrack.sales.queries_holds import who_may_release
from flowrack.shipping import queries_waits

MOST_OF_KIND = 5
UNSELLABLE = ("inspection", "quarantine", "return_review", "damaged", "hold", "expired")


@dataclass(frozen=True, slots=True)
class Backorders:
    """Lines that wait for stock, and what they are worth; those that are held wait for a person first."""

    lines: int
    value: Decimal
    held_lines: int
    held_value: Decimal


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device or desk that sent commands in the last day."""

    device: str
    person: str
    commands: int
    last_at: datetime


def orders_at_risk(site_id: int, today: date, *, days: int = 13) -> list[int]:
    """Orders that were due and not shipped, at the end of each of the last days; the last is now. One query."""
    rows = sql.fetch_all(
        """
        SELECT d.day::date, count(o.id)
        FROM generate_series(%(first)s::date, %(today)s::date, interval '1 day') AS d(day)
        LEFT JOIN sales_order o ON o.ship_by_on <= d.day::date AND o.ship_by_on >= %(first)s::date - 30
             AND o.ordered_at < d.day::date + 1 AND o.state <> 'cancelled'
             AND (o.finished_at IS NULL OR o.finished_at >= d.day::date + 1)
             AND (%(site)s = 0 OR o.site_id = %(site)s)
        GROUP BY 1 ORDER BY 1
        """,
        {"first": today - timedelta(days=days - 1), "today": today, "site": site_id},
    )
    return [row[1] for row in rows]


def backorders(site_id: int) -> Backorders:
    """What waits for stock in open orders, and apart from it what is held. One query over the partial index of waiting
    lines."""
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE l.held_at_units IS NULL),
               coalesce(sum(l.open_units * l.unit_price) FILTER (WHERE l.held_at_units IS NULL), 0),
               count(l.held_at_units),
               coalesce(sum(l.open_units * l.unit_price) FILTER (WHERE l.held_at_units IS NOT NULL), 0)
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
        WHERE l.open_units > 0 AND (%s = 0 OR o.site_id = %s)
        """,
        (site_id, site_id),
    )
    assert row is not None
    return Backorders(*row)


MOST = 12  # troubles on the page


def troubles(site_id: int, now: datetime, *, limit: int = MOST) -> list[Trouble]:
    """What needs somebody, most urgent first, at most `limit`, of each kind some: fifteen kinds in eleven queries."""
    today = now.date()
    found = [
        *_short_orders(site_id, today, limit),
        *_late_pos(site_id, today, limit),
        *_variances(site_id, limit),
        *_old_returns(site_id, now, limit),
        *_waiting_putaways(site_id, now),
        *_unsellable(site_id),
        *_undocumented(site_id, limit),
        *tower_overdue.overdue(site_id, now, limit),
        *tower_waves.late_departures(site_id, now, limit),
        *tower_numbers.scarce_numbers(now),
    ]
    return rules.most_urgent(found, limit=limit, of_kind=MOST_OF_KIND)


# Orders that wait for no stock, and are promised for a day on which they do not leave any more.
_NOT_SENT = """
    SELECT o.id, o.number, p.name, 0::bigint, sum(e.units)::bigint, (array_agg(i.sku ORDER BY l.id))[1],
           count(*), o.ordered_at, sum(e.units * l.unit_price), min(e.promised_on), o.tier, NULL, NULL::date, '', true
    FROM allocation_promiseexception e
    JOIN sales_orderline l ON l.id = e.order_line_id AND l.allocated_units + l.picked_units > 0
    JOIN sales_order o ON o.id = l.order_id AND o.state IN ('confirmed', 'released')
    JOIN catalog_item i ON i.id = l.item_id JOIN parties_party p ON p.id = o.customer_id
    WHERE e.closed_at IS NULL AND e.by_calendar AND (%(site)s = 0 OR o.site_id = %(site)s)
      AND NOT EXISTS (SELECT FROM sales_orderline w WHERE w.order_id = o.id AND w.open_units > 0)
    GROUP BY o.id, p.name ORDER BY min(e.promised_on), o.id LIMIT %(limit)s
"""


def _short_orders(site_id: int, today: date, limit: int) -> list[Trouble]:
    """Orders that wait for a person, the oldest hold first, and those that wait for stock: with the day on which their
    first line is promised to leave, and the day that cannot hold of those on the list of promises at risk. One
    query."""
    rows = sql.fetch_all(
        f"""
        WITH risk AS MATERIALIZED ({queries_cover.ORDERS_AT_RISK}), shown AS (
        (SELECT o.id, o.number, p.name, 0::bigint, 0::bigint, h.kind, 0::bigint, h.placed_at,
               CASE WHEN h.kind <> 'quantity' THEN (SELECT sum(l.unit_price * (l.units - l.cancelled_units))
                    FROM sales_orderline l WHERE l.order_id = o.id) END, o.ship_by_on, o.tier, NULL::text, NULL::date,
               h.sentence, false
        FROM sales_hold h JOIN sales_order o ON o.id = h.order_id JOIN parties_party p ON p.id = o.customer_id
        WHERE h.ended_at IS NULL AND (%(site)s = 0 OR o.site_id = %(site)s) ORDER BY h.id LIMIT %(limit)s)
        UNION ALL
        (SELECT o.id, o.number, p.name, w.units, w.ordered, w.sku, w.lines, o.ordered_at, w.value,
               coalesce(risk.promised_on, w.promised_on, o.ship_by_on), o.tier, po.number, po.expected_on, '',
               risk.order_id IS NOT NULL
        FROM sales_order o
        JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN risk ON risk.order_id = o.id
        JOIN LATERAL (
            SELECT sum(l.open_units)::bigint AS units, sum(l.units)::bigint AS ordered,
                   sum(l.open_units * l.unit_price) AS value, count(*) AS lines, min(l.promised_on) AS promised_on,
                   (array_agg(i.sku ORDER BY l.open_units * l.unit_price DESC))[1] AS sku,
                   (array_agg(l.item_id ORDER BY l.open_units * l.unit_price DESC))[1] AS item_id
            FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
            WHERE l.order_id = o.id AND l.open_units > 0 AND l.held_at_units IS NULL
        ) w ON w.units > 0
        LEFT JOIN LATERAL (
            SELECT po.number, pl.expected_on FROM purchasing_poline pl JOIN purchasing_po po ON po.id = pl.po_id
            WHERE pl.item_id = w.item_id AND pl.received_units < pl.units - pl.short_units
              AND po.state IN ('approved', 'receiving') AND po.site_id = o.site_id ORDER BY pl.expected_on LIMIT 1
        ) po ON true
        WHERE o.state IN ('confirmed', 'released') AND (%(site)s = 0 OR o.site_id = %(site)s)
          AND (o.ship_by_on <= %(today)s::date + 7 OR risk.order_id IS NOT NULL)
        ORDER BY (o.ship_by_on > %(today)s AND risk.order_id IS NULL), w.value DESC LIMIT %(limit)s)
        UNION ALL ({_NOT_SENT})
        )
        SELECT shown.*, {queries_waits.IS_IN_STOCK.format(order="shown.id")} FROM shown
        """,  # noqa: S608 - constants
        {"site": site_id, "today": today, "limit": limit},
    )
    found = []
    for *row, is_here in rows:
        key, number, customer, units, ordered, sku, lines, since, value, promise, tier, po, due, held, is_risk = row
        if held:
            found.append(_held(key, number, customer, sku, since, value, promise, held, today))
            continue
        what = f"{units:,} of {ordered:,} × {sku}" if lines == 1 else f"{lines} lines short"
        if not units:  # all is reserved, but does not leave on its day
            what = f"{ordered:,} × {sku} leave late" if lines == 1 else f"{lines} lines leave late"
        when = "now" if promise < today else "today" if promise == today else "week"
        cause = "No supply" if po is None else "PO late" if due < today else f"Waits for {po}"
        if po is not None and due > promise:
            cause = f"{po} comes too late"
        if is_here:
            cause = "In stock, not reserved"
        if is_risk:
            cause = "Promise at risk"
            when = "now" if promise < today else "today"
        tone = "bad" if po is None and not is_here and when != "week" else "warn" if when != "week" else "wait"
        found.append(
            Trouble("order", tone, when, number, f"{what}, {customer}", "sales_order", key, since, value, promise,
                    cause, f"Service, tier {tier}", "Open order")
        )  # fmt: skip
    return found


def _held(
    order_id: int,
    number: str,
    customer: str,
    kind: str,
    since: datetime,
    value: Decimal | None,
    promise: date,
    sentence: str,
    today: date,
) -> Trouble:
    """An order on hold: who may release it owns it."""
    when = "now" if promise <= today + timedelta(days=1) else "today"  # a person has to look, and goods take a day
    tone = "warn"
    owner = who_may_release(kind).capitalize()
    return Trouble(
        "held", tone, when, number, f"{customer}: {sentence}", "sales_order", order_id, since, value, promise,
        f"Held: {kind}", owner, "Look at it",
    )  # fmt: skip


def _late_pos(site_id: int, today: date, limit: int) -> list[Trouble]:
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, p.name, w.expected_on, po.created_at, w.value, w.lines, u.full_name
        FROM purchasing_po po
        JOIN parties_party p ON p.id = po.supplier_id
        JOIN platform_user u ON u.id = po.created_by_id
        JOIN LATERAL (
            SELECT sum((units - short_units - received_units) * unit_cost) AS value, count(*) AS lines,
                   min(expected_on) AS expected_on
            FROM purchasing_poline
            WHERE po_id = po.id AND received_units < units - short_units AND expected_on < %s
        ) w ON w.lines > 0
        WHERE po.state IN ('approved', 'receiving') AND (%s = 0 OR po.site_id = %s)
        ORDER BY w.value DESC LIMIT %s
        """,
        (today, site_id, site_id, limit),
    )
    found = []
    for key, number, supplier, due, since, value, lines, buyer in rows:
        days = (today - due).days
        text = f"{supplier}: {lines} {'line' if lines == 1 else 'lines'}, {days} {'day' if days == 1 else 'days'} late"
        found.append(
            Trouble("po", "warn", "today", number, text, "purchasing_po", key, since, value, due, "Supplier late",
                    buyer, "Chase")
        )  # fmt: skip
    return found


def _variances(site_id: int, limit: int) -> list[Trouble]:
    rows = sql.fetch_all(
        """
        SELECT t.id, l.code, t.asked_at, v.value, v.units, v.n
        FROM counting_counttask t
        JOIN locations_location l ON l.id = t.location_id
        JOIN LATERAL (
            SELECT sum(abs(value)) AS value, sum(units)::bigint AS units, count(*) AS n FROM counting_variance
            WHERE task_id = t.id AND decision = 'open'
        ) v ON v.n > 0
        WHERE t.state = 'review' AND (%s = 0 OR t.site_id = %s) ORDER BY v.value DESC LIMIT %s
        """,
        (site_id, site_id, limit),
    )
    found = []
    for key, code, since, value, units, n in rows:
        text = f"is {abs(units):,} {'over' if units > 0 else 'under'}" if n == 1 else f"{n} items differ"
        found.append(
            Trouble("count", "warn" if value > 500 else "wait", "today", f"Bin {code}", text, "counting_review_task",
                    key, since, value, None, "Count differs", "Count supervisor", "Review")
        )  # fmt: skip
    return found


def _old_returns(site_id: int, now: datetime, limit: int) -> list[Trouble]:
    rows = sql.fetch_all(
        """
        SELECT r.id, r.number, p.name, min(x.received_at), sum(x.left_units)::bigint,
               sum(round(x.value * x.left_units / x.units, 2))
        FROM returns_returnedlot x
        JOIN returns_rmaline l ON l.id = x.line_id
        JOIN returns_rma r ON r.id = l.rma_id
        JOIN parties_party p ON p.id = r.customer_id
        WHERE x.left_units > 0 AND (%s = 0 OR r.site_id = %s)
        GROUP BY 1, 2, 3 HAVING min(x.received_at) < %s ORDER BY 4 LIMIT %s
        """,
        (site_id, site_id, now - timedelta(hours=24), limit),
    )
    return [
        Trouble("return", "wait", "week", number, f"{customer}: {units:,} units wait for a decision", "returns_rma",
                key, since, value, None, "Return review", "Returns clerk", "Decide")
        for key, number, customer, since, units, value in rows
    ]  # fmt: skip


def _waiting_putaways(site_id: int, now: datetime) -> list[Trouble]:
    rows = sql.fetch_all(
        """
        SELECT s.id, s.code, count(*), min(m.planned_at),
               count(*) FILTER (WHERE m.to_location_id IS NULL)
        FROM storage_plannedmove m JOIN locations_site s ON s.id = m.site_id
        WHERE m.kind = 'putaway' AND m.state = 'open' AND m.planned_at < %s AND (%s = 0 OR m.site_id = %s)
        GROUP BY 1, 2
        """,
        (now - timedelta(hours=4), site_id, site_id),
    )
    return [
        Trouble("putaway", "warn", "now" if homeless else "today", f"Dock {code}",
                f"{n} {'putaway waits' if n == 1 else 'putaways wait'} over 4 h"
                + (f", {homeless} without a bin" if homeless else ""),
                "storage_putaways", 0, since, None, None, "Putaway", "Forklift", "Put away")
        for key, code, n, since, homeless in rows
    ]  # fmt: skip


def _unsellable(site_id: int) -> list[Trouble]:
    columns = " UNION ALL ".join(
        f"SELECT p.site_id, '{state}' AS state, p.item_id, p.{state} AS units, p.arrived_at FROM ledger_pool p"  # noqa: S608
        f" WHERE p.{state} > 0"
        for state in ("quarantine", "hold", "expired")
    )
    rows = sql.fetch_all(
        f"""
        SELECT s.id, s.code, x.state, count(DISTINCT x.item_id), sum(x.units)::bigint, min(x.arrived_at),
               sum(round(x.units * coalesce(k.cost, 0), 2))
        FROM ({columns}) x
        JOIN locations_site s ON s.id = x.site_id
        LEFT JOIN LATERAL (
            SELECT sum(value) / nullif(sum(units), 0) AS cost FROM ledger_book
            WHERE item_id = x.item_id AND site_id = x.site_id AND account = 'inventory'
        ) k ON true
        WHERE %s = 0 OR x.site_id = %s GROUP BY 1, 2, 3
        """,  # noqa: S608 - constant columns
        (site_id, site_id),
    )
    words = {"quarantine": "Quarantine", "hold": "On hold", "expired": "Expired"}
    return [
        Trouble("stock", "bad" if state == "quarantine" else "warn", "week", f"{words[state]} {code}",
                f"{units:,} units of {items} {'item' if items == 1 else 'items'} cannot be sold", "analytics_stock", 0,
                since, value, None, words[state], "QC inspector", "Open")
        for key, code, state, items, units, since, value in rows
    ]  # fmt: skip


def _undocumented(site_id: int, limit: int) -> list[Trouble]:
    rows = sql.fetch_all(
        """
        SELECT d.id, d.number, d.units, coalesce(i.sku, ''), l.code, d.recorded_at
        FROM inbound_discrepancy d LEFT JOIN catalog_item i ON i.id = d.item_id
        LEFT JOIN locations_location l ON l.id = d.location_id
        WHERE d.kind = 'no_po' AND d.state = 'open' AND (%s = 0 OR d.site_id = %s) ORDER BY d.id LIMIT %s
        """,
        (site_id, site_id, limit),
    )
    return [
        Trouble("undocumented", "bad", "now", number, f"{units:,} × {sku} came without an order, {place or 'dock'}",
                "inbound_discrepancy", key, since, None, None, "No document", "Buyer", "Identify")
        for key, number, units, sku, place, since in rows
    ]  # fmt: skip


def pick_hours(site_id: int, day: date) -> list[Hour]:
    """Pick lines given to the floor and picked, by hour of the site's day. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.hour::int, sum(x.planned)::bigint, sum(x.done)::bigint
        FROM (
            SELECT extract(hour FROM w.released_at AT TIME ZONE s.timezone) AS hour, count(*) AS planned, 0 AS done
            FROM fulfilment_wave w JOIN locations_site s ON s.id = w.site_id
            JOIN fulfilment_pickline p ON p.wave_id = w.id AND p.state <> 'cancelled'
            WHERE (w.released_at AT TIME ZONE s.timezone)::date = %(day)s AND (%(site)s = 0 OR w.site_id = %(site)s)
            GROUP BY 1
            UNION ALL
            SELECT extract(hour FROM p.done_at AT TIME ZONE s.timezone), 0, count(*)
            FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
            JOIN locations_site s ON s.id = w.site_id
            WHERE p.state = 'picked' AND w.released_at >= %(day)s::date - 7
              AND (p.done_at AT TIME ZONE s.timezone)::date = %(day)s AND (%(site)s = 0 OR w.site_id = %(site)s)
            GROUP BY 1
        ) x GROUP BY 1 ORDER BY 1
        """,
        {"day": day, "site": site_id},
    )
    return [Hour(*row) for row in rows]


def devices(now: datetime, *, limit: int = 4) -> list[DeviceRow]:
    """Devices that sent commands in the last day, the latest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.device, (array_agg(u.full_name ORDER BY c.id DESC))[1], count(*), max(c.occurred_at)
        FROM platform_commandrecord c JOIN platform_user u ON u.id = c.actor_id
        WHERE c.recorded_at >= %s AND c.device NOT IN ('', 'worker') AND u.username <> 'system'
        GROUP BY 1 ORDER BY 4 DESC LIMIT %s
        """,
        (now - timedelta(days=1), limit),
    )
    return [DeviceRow(*row) for row in rows]
