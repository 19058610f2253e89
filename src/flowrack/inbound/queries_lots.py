"""Reads of lots as receiving needs them: their dates, and other items that have the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.platform import sql


def lot_dates(lot_ids: Sequence[int]) -> dict[int, tuple[date | None, int]]:
    """Until when each lot is good, and how many days before that its item leaves the pick face. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.expires_on, coalesce(i.removal_days, 0)
        FROM catalog_lot l LEFT JOIN catalog_item i ON i.id = l.item_id WHERE l.id = ANY(%s)
        """,
        (list(lot_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def dates_of_lots(pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], tuple[date | None, int]]:
    """Until when lots are good that (item, code) names, and how many days before that the item leaves the pick face;
    lots that are not on file have no date. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.item_id, w.code, l.expires_on, coalesce(i.removal_days, 0)
        FROM unnest(%s::bigint[], %s::text[]) AS w(item_id, code) JOIN catalog_item i ON i.id = w.item_id
        LEFT JOIN catalog_lot l ON l.item_id = w.item_id AND l.code = w.code AND l.code <> ''
        """,
        ([item_id for item_id, _ in pairs], [code for _, code in pairs]),
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def lots_of_others(pairs: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """(place in the list from 0, SKU) of (item, lot) pairs whose lot is unknown for the item, but another has it.

    One query.
    """
    rows = sql.fetch_all(
        """
        SELECT w.n - 1, (SELECT min(i.sku) FROM catalog_lot o JOIN catalog_item i ON i.id = o.item_id
                         WHERE o.code = w.code AND o.item_id <> w.item_id)
        FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS w(item_id, code, n)
        WHERE NOT EXISTS (SELECT FROM catalog_lot own WHERE own.code = w.code AND own.item_id = w.item_id)
        ORDER BY w.n
        """,
        ([item_id for item_id, _ in pairs], [code for _, code in pairs]),
    )
    return [(row[0], row[1]) for row in rows if row[1]]


def item_of_lot(code: str, *, not_item: int) -> str:
    """The SKU of another item that has a lot with this code, while this item has none; "" otherwise. One query."""
    found = sql.fetch_value(
        """
        SELECT i.sku FROM catalog_lot l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.code = %s AND l.item_id <> %s
          AND NOT EXISTS (SELECT FROM catalog_lot own WHERE own.code = %s AND own.item_id = %s)
        ORDER BY i.sku LIMIT 1
        """,
        (code, not_item, code, not_item),
    )
    return str(found or "")
