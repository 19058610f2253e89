"""Reads of the order builder: what a supplier sells to a site, how long each item lasts, and the order built of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from flowrack.ledger.queries_use import units_sold
from flowrack.platform import sql
from flowrack.purchasing import queries_agreements, queries_cover, rules_builder
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.types_agreements import ItemTerms, OrderTerms
from flowrack.purchasing.types_builder import Built, Candidate, Minimum
from flowrack.shared.errors import NotFound

MONTHS = 3


def use_since(today: date) -> date:
    """The first day of the sales that cover is measured by: the first of the third month back."""
    months = today.year * 12 + today.month - 1 - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def candidates(supplier_id: int, site_id: int, today: date) -> list[Candidate]:
    """What the supplier sells, by agreement or list, unless another one is preferred for it; by SKU. Three queries
    and one for each kind of what is coming.

    The position is what is free in the house and all that is coming: orders, drafts, requisitions, notices, transfers.
    Weight and volume are those of the smallest pack of which they are known.
    """
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.standard_cost, coalesce(p.units, 0), coalesce(w.weight_g, 0),
               coalesce(w.factor, 1), coalesce(v.volume_ml, 0), coalesce(v.factor, 1)
        FROM catalog_item i
        LEFT JOIN LATERAL (
            SELECT sum(receiving + inspection + reserve + forward_pick - committed)::bigint AS units
            FROM ledger_pool WHERE item_id = i.id AND site_id = %(site)s AND owner_id = 1
        ) AS p ON true
        LEFT JOIN LATERAL (
            SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = i.id AND weight_g > 0
            ORDER BY factor LIMIT 1
        ) AS w ON true
        LEFT JOIN LATERAL (
            SELECT length_mm::bigint * width_mm * height_mm / 1000 AS volume_ml, factor FROM catalog_packlevel
            WHERE item_id = i.id AND length_mm > 0 AND width_mm > 0 AND height_mm > 0 ORDER BY factor LIMIT 1
        ) AS v ON true
        WHERE i.is_active
          AND i.id IN (
            SELECT item_id FROM parties_supplieritem WHERE supplier_id = %(supplier)s AND is_active
            UNION ALL
            SELECT l.item_id FROM purchasing_agreement g JOIN purchasing_agreementline l ON l.agreement_id = g.id
            WHERE g.supplier_id = %(supplier)s AND g.state = 'active' AND l.item_id IS NOT NULL
              AND (g.site_id = %(site)s OR g.site_id IS NULL) AND g.valid_from <= %(today)s
              AND (g.valid_to IS NULL OR g.valid_to >= %(today)s))
          AND NOT EXISTS (SELECT FROM parties_supplieritem o WHERE o.item_id = i.id AND o.is_preferred AND o.is_active
                          AND o.supplier_id <> %(supplier)s)
        ORDER BY i.sku
        """,
        {"site": site_id, "supplier": supplier_id, "today": today},
    )
    ids = [row[0] for row in rows]
    since = use_since(today)
    sold = units_sold([(item_id, site_id) for item_id in ids], since)
    terms = queries_agreements.item_terms([(supplier_id, site_id, item_id, today) for item_id in ids])
    coming: dict[int, int] = {}
    for cover in queries_cover.covers([(site_id, item_id) for item_id in ids], today=today):
        coming[cover.item_id] = coming.get(cover.item_id, 0) + cover.units
    return [
        Candidate(
            item_id=row[0],
            sku=row[1],
            name=row[2],
            position=row[4] + coming.get(row[0], 0),
            sold_units=sold.get((row[0], site_id), 0),
            days=(today - since).days + 1,
            terms=terms.get((supplier_id, site_id, row[0]), ItemTerms()),
            standard_cost=row[3],
            weight_g=row[5],
            weight_of=row[6],
            volume_ml=row[7],
            volume_of=row[8],
        )
        for row in rows
    ]


def order_terms(supplier_id: int, site_id: int, today: date) -> OrderTerms:
    """On which terms the supplier takes an order of the site. One query. Refuses with NotFound."""
    found = queries_agreements.order_terms([(supplier_id, site_id, today)]).get((supplier_id, site_id, today))
    if found is None:
        raise NotFound(f"There is no supplier with id {supplier_id}.")
    return found


def build(
    supplier_id: int, site_id: int, needs: Mapping[int, int], *, now: datetime, max_cover_days: int
) -> tuple[Built, OrderTerms]:
    """The order for what a site needs (units by item), filled up to the supplier's minimum; and his terms.

    Half a dozen queries and one for each kind of what is coming. Refuses with NotFound.
    """
    today = business_days([site_id], now=now).get(site_id)
    if today is None:
        raise NotFound(f"There is no site {site_id}.")
    terms = order_terms(supplier_id, site_id, today)
    found = candidates(supplier_id, site_id, today)
    known = {one.item_id for one in found}
    built = rules_builder.build(
        found,
        {item_id: units for item_id, units in needs.items() if item_id in known},
        Minimum(terms.min_value, terms.min_weight_g, terms.min_volume_ml),
        max_cover_days=max_cover_days,
    )
    return built, terms
