"""What carriers did and cost, by site, carrier and month of leaving, from shipments, proofs, choices and charges.

Formulas (docs/stages/analytics.md has them for readers; sources: WERC's measures as published, 30 and 32):

- Left in time = shipments that left by the ship-by day of every order on them / shipments that left.
- Arrived in time = shipments handed over by the day that every order on them was wanted / shipments handed over.
- Predicted freight = of each shipment the last choices for its orders, each with the first shipment of it that left;
  what left with another carrier than the chosen one has none.
- Billed = what the carrier asks for the shipment in invoices that were not dropped, less what he credits in whole;
  expected = what was expected of these charges. Freight of a line = (predicted + billed - expected of what matched or
  was accepted) / order lines on the shipments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page

MONTHS = 13


@dataclass(frozen=True, slots=True)
class CarrierMonthRow:
    """A carrier's month at a site. Shares are percentages, empty where there is nothing to divide by."""

    id: str
    carrier: str
    month: date
    site_id: int
    site: str
    shipments: int
    left_in_time: int
    left_pct: Decimal | None
    delivered: int
    in_time: int
    in_time_pct: Decimal | None
    refused: int
    lines: int
    predicted: Decimal
    billed_shipments: int
    billed: Decimal
    expected: Decimal
    difference: Decimal
    over: Decimal | None
    line_cost: Decimal | None


# A shipment names its carrier in words: that of a carrier's name at their beginning, else the words as they are.
_MONTHS = """
    WITH carrier AS MATERIALIZED (
        SELECT id, name, lower(name) || ' ' AS begins FROM parties_party WHERE is_carrier
    ), gone AS MATERIALIZED (
        SELECT s.id, s.site_id, site.name AS site, site.timezone, coalesce(k.id, 0) AS carrier_id,
               s.carrier = '' AS is_unnamed,
               coalesce(k.name, nullif(s.carrier, ''), 'no carrier named') AS carrier,
               (s.shipped_at AT TIME ZONE site.timezone)::date AS left_on
        FROM shipping_shipment s JOIN locations_site site ON site.id = s.site_id
        LEFT JOIN LATERAL (SELECT c.id, c.name FROM carrier c WHERE starts_with(lower(s.carrier) || ' ', c.begins)
                           ORDER BY length(c.begins) DESC, c.id LIMIT 1) AS k ON true
        WHERE s.state IN ('shipped', 'delivered', 'refused') AND s.shipped_at >= %s
    ), of AS (
        SELECT g.id, bool_and(g.left_on <= o.ship_by_on) AS is_left_in_time, max(o.requested_on) AS wanted_on
        FROM gone g JOIN shipping_shipmentorder x ON x.shipment_id = g.id JOIN sales_order o ON o.id = x.order_id
        GROUP BY g.id
    ), line AS (
        SELECT l.shipment_id AS id, count(DISTINCT l.order_line_id) AS lines
        FROM shipping_shipmentline l JOIN gone g ON g.id = l.shipment_id GROUP BY 1
    ), choice AS MATERIALIZED (
        SELECT DISTINCT y.choice_id FROM gone g JOIN shipping_shipmentorder x ON x.shipment_id = g.id
        JOIN carriers_choiceorder y ON y.order_id = x.order_id AND y.is_latest
    ), chosen AS (
        SELECT f.id, sum(c.cost) AS predicted
        FROM choice JOIN carriers_choice c ON c.id = choice.choice_id
        CROSS JOIN LATERAL (
            SELECT s.id FROM carriers_choiceorder y JOIN shipping_shipmentorder x ON x.order_id = y.order_id
            JOIN shipping_shipment s ON s.id = x.shipment_id AND s.shipped_at IS NOT NULL
            WHERE y.choice_id = c.id ORDER BY s.shipped_at, s.id LIMIT 1
        ) AS f
        JOIN gone g ON g.id = f.id JOIN parties_carrierservice v ON v.id = c.service_id
        WHERE g.is_unnamed OR g.carrier_id = v.carrier_id GROUP BY f.id
    ), bill AS (
        SELECT b.shipment_id AS id, sum(b.billed) AS billed, sum(b.expected) AS expected,
               sum(b.billed - b.expected) FILTER (WHERE b.state IN ('matched', 'accepted')) AS more
        FROM freight_charge b JOIN freight_invoice i ON i.id = b.invoice_id AND i.state <> 'dropped'
        JOIN gone g ON g.id = b.shipment_id WHERE b.state <> 'voided' GROUP BY 1
    ), proved AS (
        SELECT p.shipment_id AS id, p.outcome, (p.happened_at AT TIME ZONE g.timezone)::date AS on_day
        FROM shipping_proof p JOIN gone g ON g.id = p.shipment_id
    ), summed AS (
        SELECT g.carrier, date_trunc('month', g.left_on)::date AS month, g.site_id, g.site, count(*) AS shipments,
               count(*) FILTER (WHERE of.is_left_in_time) AS left_in_time,
               count(p.id) FILTER (WHERE p.outcome <> 'refused') AS delivered,
               count(p.id) FILTER (WHERE p.outcome <> 'refused' AND p.on_day <= of.wanted_on) AS in_time,
               count(p.id) FILTER (WHERE p.outcome = 'refused') AS refused,
               coalesce(sum(line.lines), 0)::bigint AS lines, coalesce(sum(h.predicted), 0) AS predicted,
               count(h.id) AS priced,
               count(bill.id) AS billed_shipments, coalesce(sum(bill.billed), 0) AS billed,
               coalesce(sum(bill.expected), 0) AS expected, coalesce(sum(bill.more), 0) AS more
        FROM gone g LEFT JOIN of ON of.id = g.id LEFT JOIN line ON line.id = g.id LEFT JOIN chosen h ON h.id = g.id
        LEFT JOIN bill ON bill.id = g.id LEFT JOIN proved p ON p.id = g.id
        GROUP BY g.carrier, 2, g.site_id, g.site
    )
    SELECT site_id || '.' || month || '.' || carrier AS id, carrier, month, site_id, site, shipments, left_in_time,
           round(100.0 * left_in_time / shipments, 1) AS left_pct, delivered, in_time,
           round(100.0 * in_time / nullif(delivered, 0), 1) AS in_time_pct, refused, lines, predicted, billed_shipments,
           billed, expected, billed - expected AS difference,
           round(100 * (billed - expected) / nullif(expected, 0), 1) AS over,
           CASE WHEN priced + billed_shipments > 0 THEN round((predicted + more) / nullif(lines, 0), 2) END AS line_cost
    FROM summed
"""
_SUMS = ("shipments", "left_in_time", "delivered", "in_time", "refused", "lines", "billed_shipments")
_MONEY = ("predicted", "billed", "expected", "difference")


def carrier_months(query: ListQuery, *, since: datetime) -> Page[CarrierMonthRow]:
    """Carriers' months of shipments that left since then. Two queries."""
    return sql_page(
        query, CarrierMonthRow, _MONTHS, [since], search=("carrier",), site_column="site_id",
        totals={
            **{name: f"sum({name})" for name in (*_SUMS, *_MONEY)},
            "left_pct": "round(100.0 * sum(left_in_time) / nullif(sum(shipments), 0), 1)",
            "in_time_pct": "round(100.0 * sum(in_time) / nullif(sum(delivered), 0), 1)",
            "over": "round(100 * sum(difference) / nullif(sum(expected), 0), 1)",
        },
    )  # fmt: skip


def carrier_rows(site_ids: frozenset[int], *, since: datetime, limit: int) -> list[CarrierMonthRow]:
    """The same for other systems, the newest month first. One query."""
    rows = sql.fetch_all(
        f"SELECT * FROM ({_MONTHS}) AS r WHERE 0 = ANY(%s::bigint[]) OR r.site_id = ANY(%s::bigint[])"  # noqa: S608
        " ORDER BY r.month DESC, r.carrier, r.site_id LIMIT %s",
        (since, sorted(site_ids), sorted(site_ids), limit),
    )
    return [CarrierMonthRow(*row) for row in rows]
