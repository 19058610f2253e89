"""Locks of costing: its documents, then the books whose units it relies on, by id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.costing.models import Revaluation
from flowrack.costing.types import RevaluationNotFound
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class Book:
    """Units and value of own stock of an item (and lot) in one account of one site."""

    item_id: int
    site_id: int
    account: str
    lot_id: int
    units: int
    value: Decimal


def revaluation(revaluation_id: int) -> Revaluation:
    """One revaluation."""
    row = Revaluation.objects.select_for_update().filter(pk=revaluation_id).first()
    if row is None:
        raise RevaluationNotFound("There is no such revaluation.", fix="See the list of revaluations.")
    return row


def stock_books(item_ids: Sequence[int]) -> list[Book]:
    """The books of stock of these items at all sites; nothing is received or shipped until the command ends."""
    rows = sql.fetch_all(
        """
        SELECT item_id, site_id, account, lot_id, units, value FROM ledger_book
        WHERE item_id = ANY(%s::bigint[]) AND account IN ('inventory', 'in_transit')
        ORDER BY id FOR NO KEY UPDATE
        """,
        (list(item_ids),),
    )
    return [Book(*row) for row in rows]
