"""Reads of the order builder: the open proposals of a supplier at a site, and the order built of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.planning.types import Proposal
from flowrack.platform import sql
from flowrack.purchasing import queries_agreements, queries_builder
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.rules_agreements import price_of
from flowrack.purchasing.types_agreements import OrderTerms
from flowrack.purchasing.types_builder import Built


@dataclass(frozen=True, slots=True)
class BuiltOrder:
    """What would be ordered: proposals by item, the built order, the terms, and the fingerprint of its lines."""

    proposals: dict[int, int]  # item -> proposal
    built: Built
    terms: OrderTerms
    fingerprint: str


def built_order(supplier_id: int, site_id: int, *, now: datetime, max_cover_days: int) -> BuiltOrder:
    """The order of a site to a supplier as it stands. Nine queries. Refuses with NotFound."""
    rows = sql.fetch_all(
        "SELECT item_id, id, units FROM planning_proposal"
        " WHERE supplier_id = %s AND site_id = %s AND state = 'open' ORDER BY id",
        (supplier_id, site_id),
    )
    needs = {row[0]: row[2] for row in rows}
    built, terms = queries_builder.build(supplier_id, site_id, needs, now=now, max_cover_days=max_cover_days)
    ordered = {line.item_id for line in built.lines}
    proposals = {row[0]: row[1] for row in rows if row[0] in ordered}
    text = ";".join(f"{line.item_id}:{line.units}:{line.unit_cost}" for line in built.lines)
    return BuiltOrder(proposals, built, terms, hashlib.sha256(text.encode()).hexdigest()[:16])


def suppliers_of(site_id: int) -> list[tuple[int, str, str, int, Decimal]]:
    """Suppliers of open proposals at a site: id, code, name, proposals and what they come to; dearest first."""
    rows = sql.fetch_all(
        """
        SELECT p.supplier_id, s.code, s.name, count(*), sum(round(p.units * p.unit_cost, 2))
        FROM planning_proposal p JOIN parties_party s ON s.id = p.supplier_id
        WHERE p.site_id = %s AND p.state = 'open' GROUP BY 1, 2, 3 ORDER BY 5 DESC, 2
        """,
        (site_id,),
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def unit_costs(proposals: list[Proposal], site_id: int, *, now: datetime) -> dict[tuple[int, int], Decimal]:
    """What the units of each proposal cost one by one, by (supplier, item): as an order of today is priced."""
    today = business_days([site_id], now=now).get(site_id, now.date())
    terms = queries_agreements.item_terms([(p.need.supplier_id, site_id, p.need.item_id, today) for p in proposals])
    costs = {}
    for p in proposals:
        priced = price_of(
            terms.get((p.need.supplier_id, site_id, p.need.item_id)), units=p.units, typed=None, standard_cost=None
        )
        costs[p.need.supplier_id, p.need.item_id] = priced.unit_cost if priced else Decimal(0)
    return costs
