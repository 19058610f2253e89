"""How much of an item goes out: from the months of its books, so that it costs the same however long the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.platform import sql


def units_sold(pairs: Sequence[tuple[int, int]], since: date) -> dict[tuple[int, int], int]:
    """Units of our own stock that left for customers from sites since the first of a month, by (item, site).

    Returns count against it. Items that none left are absent. One query.
    """
    rows = sql.fetch_all(
        """
        SELECT a.item, a.site, sum(m.units)::bigint
        FROM (SELECT DISTINCT item, site FROM unnest(%s::bigint[], %s::bigint[]) AS a(item, site)) AS a
        JOIN ledger_book b ON b.item_id = a.item AND b.site_id = a.site AND b.account = 'cogs'
        JOIN ledger_bookmonth m ON m.book_id = b.id AND m.month >= %s
        GROUP BY 1, 2 HAVING sum(m.units) > 0
        """,
        ([item for item, _ in pairs], [site for _, site in pairs], since),
    )
    return {(row[0], row[1]): row[2] for row in rows}
