"""What an item costs and how long it takes before it is ordered: from the supplier chosen, else from the usual one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.types_agreements import ItemTerms

OfferKey = tuple[int | None, int, int]  # supplier (None = the usual one), site, item


@dataclass(frozen=True, slots=True)
class Offer:
    """On which terms an item can be had, and in how many days; no terms where nobody has said any."""

    terms: ItemTerms | None
    lead_days: int


def offers(asked: Sequence[OfferKey], *, today: Mapping[int, date]) -> dict[OfferKey, Offer]:
    """The offers on the business day of each site, by agreement, else by the supplier's list; sites without a day are
    left out. The usual supplier is the preferred one, else the cheapest. Three queries."""
    keys = sorted({key for key in asked if key[1] in today}, key=lambda key: (key[0] or 0, *key[1:]))
    usual = _usual(sorted({item for supplier, _, item in keys if supplier is None}))
    places = [(supplier or usual.get(item, 0), site, item, today[site]) for supplier, site, item in keys]
    terms = queries_agreements.item_terms(places)
    orders = queries_agreements.order_terms(sorted({(supplier, site, day) for supplier, site, _, day in places}))
    found = {}
    for key, (supplier, site, item, day) in zip(keys, places, strict=True):
        agreed, whole = terms.get((supplier, site, item)), orders.get((supplier, site, day))
        days = agreed.lead_time_days if agreed else None
        if days is None:
            days = whole.lead_time_days if whole else queries_agreements.DEFAULT_LEAD_TIME_DAYS
        found[key] = Offer(agreed, days)
    return found


def _usual(item_ids: Sequence[int]) -> dict[int, int]:
    """From whom each item is usually bought. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (s.item_id) s.item_id, s.supplier_id FROM parties_supplieritem s
        JOIN parties_party p ON p.id = s.supplier_id AND p.is_active
        WHERE s.item_id = ANY(%s::bigint[]) AND s.is_active
        ORDER BY s.item_id, s.is_preferred DESC, s.unit_cost, s.supplier_id
        """,
        (list(item_ids),),
    )
    return {row[0]: row[1] for row in rows}
