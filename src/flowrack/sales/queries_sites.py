"""Orders that send parts of one wish from several sites."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql

# The customer's own number of an order `o`, as his papers name it. Of the orders that send parts of one wish the first
# has it; the others tell each other apart in the house by a site's code behind it, which is no number of his.
THEIR_NUMBER = "(SELECT f.reference FROM sales_order f WHERE f.id = coalesce(o.origin_id, o.id))"


@dataclass(frozen=True, slots=True)
class OrderBeside:
    """An order at another site that sends a part of the same wish."""

    order_id: int
    number: str
    site: str
    state: str

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to leave."""
        return self.state in ("confirmed", "released")


def orders_beside(order_id: int) -> list[OrderBeside]:
    """The orders that send parts of the same wish, in order of number. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id, t.number, s.name, t.state FROM (
            SELECT b.id FROM sales_order b
            WHERE b.origin_id = (SELECT coalesce(o.origin_id, o.id) FROM sales_order o WHERE o.id = %(order)s)
            UNION
            SELECT o.origin_id FROM sales_order o WHERE o.id = %(order)s AND o.origin_id IS NOT NULL
        ) AS w JOIN sales_order t ON t.id = w.id JOIN locations_site s ON s.id = t.site_id
        WHERE t.id <> %(order)s ORDER BY t.id
        """,
        {"order": order_id},
    )
    return [OrderBeside(*row) for row in rows]
