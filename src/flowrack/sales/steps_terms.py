"""Writing the terms of one order."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.sales.types_changes import OrderTerms


def write(order_id: int, terms: OrderTerms, own: Sequence[str]) -> None:
    """The terms as they should be, of a locked order, and which are its own; its life counts from the day it leaves.

    One statement.
    """
    sql.execute(
        """
        UPDATE sales_order SET max_shipments = %s, last_shipment = %s, min_shipment_value = %s, cancel_after_days = %s,
               substitutes = %s, min_life_days = transit_days + %s, lot_rule = %s,
               given_terms = %s::varchar[]
                   || CASE WHEN 'policy' = ANY(given_terms) THEN ARRAY['policy'] ELSE '{}' END::varchar[]
        WHERE id = %s
        """,
        (
            *(terms.max_shipments, terms.last_shipment, terms.min_shipment_value, terms.cancel_after_days),
            *(terms.substitutes, terms.life_days, terms.lot_rule, list(own), order_id),
        ),
    )
