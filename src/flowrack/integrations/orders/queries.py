"""What an order import looks up before it writes."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql


def known_customers(codes: Sequence[str]) -> set[str]:
    """Those of the codes that are customers in use. One query."""
    rows = sql.fetch_all(
        "SELECT code FROM parties_party WHERE code = ANY(%s::text[]) AND is_customer AND is_active", (list(codes),)
    )
    return {row[0] for row in rows}


def entered_references(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those pairs of customer and reference that were entered as orders before. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.customer, w.reference
        FROM unnest(%s::text[], %s::text[]) AS w(customer, reference)
        JOIN parties_party c ON c.code = w.customer
        JOIN sales_order o ON o.customer_id = c.id AND o.reference = w.reference
        """,
        ([p[0] for p in pairs], [p[1] for p in pairs]),
    )
    return {(row[0], row[1]) for row in rows}
