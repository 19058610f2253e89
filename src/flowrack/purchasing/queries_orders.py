"""What a new order must know: suppliers and their terms, the business day, items and what is agreed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.purchasing import queries_agreements, rules, rules_agreements
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.types import NewPo, NewPoLine
from flowrack.purchasing.types_agreements import ItemTerms, OrderTerms, Priced
from flowrack.shared.quantity import Units


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What ordering must know of an item."""

    sku: str
    is_active: bool
    standard_cost: Decimal | None
    case_factor: int


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything that new orders are checked against; terms are those of the business day on which they are written."""

    today: dict[int, date]  # site -> business day there
    items: dict[int, ItemFacts]
    orders: dict[tuple[int, int], OrderTerms]  # (supplier, site)
    terms: dict[tuple[int, int, int], ItemTerms]  # (supplier, site, item)
    suppliers: frozenset[int]

    def order_terms(self, order: NewPo) -> OrderTerms:
        """On which terms the supplier takes the order."""
        return self.orders[order.supplier_id, order.site_id]

    def agreed(self, order: NewPo, line: NewPoLine) -> ItemTerms | None:
        """On which terms the supplier sells the item of a line; None when nobody has said."""
        return self.terms.get((order.supplier_id, order.site_id, line.item_id))

    def priced(self, order: NewPo, line: NewPoLine) -> Priced | None:
        """What a line costs a unit and why; None when nobody knows a price."""
        return rules_agreements.price_of(
            self.agreed(order, line),
            units=line.units,
            typed=line.unit_cost,
            standard_cost=self.items[line.item_id].standard_cost,
        )

    def lead_days(self, order: NewPo, line: NewPoLine) -> int:
        """How long the supplier takes for the item of a line."""
        agreed = self.agreed(order, line)
        if agreed is None or agreed.lead_time_days is None:
            return self.order_terms(order).lead_time_days
        return agreed.lead_time_days

    def fitting(self, order: NewPo, line: NewPoLine) -> Units:
        """The smallest quantity of at least the line's units that the supplier takes."""
        agreed = self.agreed(order, line)
        if agreed is None:
            return line.units
        return Units(rules.fit_to_agreement(units=line.units, moq=agreed.moq, multiple=agreed.multiple))

    def due_on(self, order: NewPo) -> date:
        """When the goods can be here: after the longest lead time of the lines, on a delivery day of the supplier."""
        terms = self.order_terms(order)
        lead_times = [
            agreed.lead_time_days
            for line in order.lines
            if (agreed := self.agreed(order, line)) is not None and agreed.lead_time_days is not None
        ]
        return rules_agreements.due_on(
            today=self.today[order.site_id],
            lead_time_days=max(lead_times, default=terms.lead_time_days),
            terms=terms,
        )


def order_facts(orders: Sequence[NewPo], *, now: datetime) -> OrderFacts:
    """Sites, suppliers, items and what is agreed for new orders. Four queries, whatever the number of lines."""
    today = business_days(list({o.site_id for o in orders}), now=now)
    fallback = now.date()
    places = {(o.supplier_id, o.site_id, today.get(o.site_id, fallback)) for o in orders}
    lines = {(o.supplier_id, o.site_id, x.item_id, today.get(o.site_id, fallback)) for o in orders for x in o.lines}
    of_orders = {
        (supplier, site): terms for (supplier, site, _), terms in queries_agreements.order_terms(sorted(places)).items()
    }
    return OrderFacts(
        today=today,
        items=item_facts(list({item for _, _, item, _ in lines})),
        orders=of_orders,
        terms=queries_agreements.item_terms(sorted(lines)),
        suppliers=frozenset(supplier for supplier, _ in of_orders),
    )


def item_facts(item_ids: Sequence[int]) -> dict[int, ItemFacts]:
    """What ordering must know of items; unknown ones are left out. One query."""
    return {
        row[0]: ItemFacts(*row[1:])
        for row in sql.fetch_all(
            """
            SELECT i.id, i.sku, i.is_active, i.standard_cost, coalesce(c.factor, 1)
            FROM catalog_item i LEFT JOIN catalog_packlevel c ON c.item_id = i.id AND c.level = 'case'
            WHERE i.id = ANY(%s)
            """,
            (list(item_ids),),
        )
    }
