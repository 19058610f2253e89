"""Reads of planning: what it looks at before it proposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.planning.types import Need
from flowrack.platform import sql
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.queries_cover import covers
from flowrack.purchasing.rules_agreements import due_on
from flowrack.purchasing.rules_cover import by_key, inside
from flowrack.purchasing.types_agreements import ItemTerms, OrderTerms

WINDOW_DAYS = 56


_NEEDS = """
WITH offers AS (
    SELECT s.item_id, s.supplier_id, s.moq, CASE WHEN s.multiple > 1 THEN s.multiple
           ELSE coalesce(t.order_multiple_units, 1) END AS multiple,
           coalesce(s.lead_time_days, t.lead_time_days, 7) AS lead_days
    FROM parties_supplieritem s JOIN parties_party p ON p.id = s.supplier_id AND p.is_active
    LEFT JOIN parties_supplierterms t ON t.party_id = s.supplier_id
    WHERE s.is_preferred AND s.is_active
      AND (%(suppliers)s::bigint[] = '{}' OR s.supplier_id = ANY(%(suppliers)s::bigint[]))
), ages AS (
    SELECT least(%(window)s, greatest(7, extract(day FROM %(now)s::timestamptz - min(ordered_at))::int + 1)) AS days
    FROM sales_order WHERE site_id = %(site)s
), daily AS (
    SELECT l.item_id, o.ordered_at::date AS day, sum(l.units)::bigint AS units
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN offers f ON f.item_id = l.item_id
    WHERE o.site_id = %(site)s AND o.ordered_at > %(now)s::timestamptz - make_interval(days => %(window)s)
      AND o.ordered_at <= %(now)s::timestamptz AND (l.held_at_units IS NULL OR NOT EXISTS (
              SELECT FROM sales_hold q WHERE q.order_id = l.order_id AND q.line_id = l.id AND q.kind = 'quantity'
              AND q.ended_at IS NULL))
    GROUP BY l.item_id, o.ordered_at::date
), demand AS (
    SELECT item_id, sum(units)::bigint AS units, sum(units * units)::bigint AS squares
    FROM daily GROUP BY item_id
), open_demand AS (
    SELECT l.item_id,
           sum(l.units - l.picked_units - l.shipped_units - l.cancelled_units)::bigint AS units
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN offers f ON f.item_id = l.item_id
    WHERE o.site_id = %(site)s AND o.state IN ('confirmed', 'released') AND (l.held_at_units IS NULL OR NOT EXISTS (
              SELECT FROM sales_hold q WHERE q.order_id = l.order_id AND q.line_id = l.id AND q.kind = 'quantity'
              AND q.ended_at IS NULL))
    GROUP BY l.item_id
), there AS (
    SELECT item_id, sum(receiving + reserve + forward_pick + inspection)::bigint AS units
    FROM ledger_pool WHERE site_id = %(site)s AND owner_id = 1 GROUP BY item_id
)
SELECT i.id, i.sku, f.supplier_id, coalesce(h.units, 0), 0, coalesce(w.units, 0),
       coalesce(d.units, 0), coalesce(d.squares, 0), coalesce(ages.days, %(window)s), f.lead_days, f.moq, f.multiple,
       i.reorder_point, i.order_up_to, (%(now)s::timestamptz AT TIME ZONE here.timezone)::date
FROM offers f JOIN catalog_item i ON i.id = f.item_id AND i.is_active CROSS JOIN ages
JOIN locations_site here ON here.id = %(site)s
LEFT JOIN demand d ON d.item_id = i.id LEFT JOIN open_demand w ON w.item_id = i.id
LEFT JOIN there h ON h.item_id = i.id
ORDER BY f.supplier_id, i.sku
"""


def needs(
    site_id: int, supplier_ids: Sequence[int], *, now: datetime, review_days: int, window_days: int = WINDOW_DAYS
) -> list[Need]:
    """Items with a preferred supplier (one of those named, or any) as planning sees them at a site, on the terms in
    force there. Three queries, and one for each kind of document by which goods come.

    Demand is what customers ordered there in the days before `now`, whether or not it could be sent; the window is
    shorter when the first order is younger than it.
    """
    rows = sql.fetch_all(_NEEDS, {"suppliers": list(supplier_ids), "window": window_days, "now": now, "site": site_id})
    listed = [Need(*row[:-1]) for row in rows]
    today = rows[0][-1] if rows else now.date()
    agreed = queries_agreements.item_terms([(n.supplier_id, site_id, n.item_id, today) for n in listed])
    orders = queries_agreements.order_terms(sorted({(n.supplier_id, site_id, today) for n in listed}))
    coming = by_key(covers([(site_id, n.item_id) for n in listed], today=today))
    found = []
    for need in (_on_terms(n, agreed.get((n.supplier_id, site_id, n.item_id))) for n in listed):
        terms = orders.get((need.supplier_id, site_id, today), OrderTerms())
        until = _until(today, lead_days=need.lead_days, terms=terms, review_days=review_days)
        mine = inside(coming.get((site_id, need.item_id), ()), until)
        found.append(replace(need, on_order=sum(cover.units for cover in mine), until=until, covers=mine))
    return found


def _on_terms(need: Need, agreed: ItemTerms | None) -> Need:
    """The need with the quantities and the lead time that an agreement in force says instead of the supplier's list."""
    if agreed is None:
        return need
    lead = need.lead_days if agreed.lead_time_days is None else agreed.lead_time_days
    return replace(need, moq=agreed.moq, multiple=agreed.multiple, lead_days=lead)


def _until(today: date, *, lead_days: int, terms: OrderTerms, review_days: int) -> date:
    """The last day that counts: when an order of today is here, plus the lead time (the review time, if longer)."""
    arrival = due_on(today=today, lead_time_days=lead_days, terms=terms)
    return arrival + timedelta(days=max(lead_days, review_days))


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal in the worklist."""

    id: int
    state: str
    site_id: int
    site: str
    item_id: int
    sku: str
    name: str
    supplier_id: int
    supplier: str
    units: int
    unit_cost: Decimal
    value: Decimal
    position_units: int
    reorder_point: int
    order_up_to: int
    proposed_at: datetime
    po_id: int
    po_number: str
    requisition_id: int
    requisition: str


PROPOSAL = """
    SELECT p.id, p.state, p.site_id, s.code AS site, p.item_id, i.sku, i.name,
           p.supplier_id,
           v.name AS supplier, p.units, p.unit_cost,
           round(p.units * p.unit_cost, 2) AS value, p.position_units,
           p.reorder_point, p.order_up_to, p.proposed_at,
           coalesce(l.po_id, 0) AS po_id, coalesce(po.number, '') AS po_number,
           coalesce(p.requisition_id, 0) AS requisition_id, coalesce(rq.number, '') AS requisition
    FROM planning_proposal p
    JOIN locations_site s ON s.id = p.site_id
    JOIN catalog_item i ON i.id = p.item_id
    JOIN parties_party v ON v.id = p.supplier_id
    LEFT JOIN purchasing_poline l ON l.id = p.po_line_id
    LEFT JOIN purchasing_po po ON po.id = l.po_id
    LEFT JOIN purchasing_requisition rq ON rq.id = p.requisition_id
"""


def proposals(*, site_ids: Sequence[int], state: str = "open", after: int = 0, limit: int = 100) -> list[ProposalRow]:
    """Proposals at sites (0 = all), in order of id. One query."""
    rows = sql.fetch_all(
        PROPOSAL
        + """
        WHERE (0 = ANY(%s::bigint[]) OR p.site_id = ANY(%s::bigint[])) AND (%s = '' OR p.state = %s) AND p.id > %s
        ORDER BY p.id LIMIT %s
        """,
        (list(site_ids), list(site_ids), state, state, after, limit),
    )
    return [ProposalRow(*row) for row in rows]
