"""Writes of costing that happen inside a command: value-only postings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.catalog import steps as catalog
from flowrack.costing.locks import Book
from flowrack.costing.models import Revaluation, RevaluationLine
from flowrack.costing.types import REVALUATION, RevaluationState, Revalued
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref


def value_move(
    places: dict[str, int], item_id: int, amount: Decimal, counter: str, stock: str, origin: str, *, lot_id: int = 0,
    of_move: int = 0, reason: str,
) -> Move:  # fmt: skip
    """Value without units: from the counter account to stock, or back when the amount is negative."""
    source, target = (counter, stock) if amount > 0 else (stock, counter)
    return Move(
        item_id=item_id,
        units=0,
        source=Place(places[source]),
        target=Place(places[target]),
        reason=reason,
        lot_id=lot_id,
        value=abs(amount),
        origin=origin,
        of_move=of_move,
    )


def post_revaluation(ctx: Context, doc: Revaluation, changes: Sequence[tuple[Book, Decimal]]) -> None:
    """Set the new standard costs and bring the value of stock to them; emits costing.revalued."""
    lines = list(RevaluationLine.objects.filter(revaluation=doc).order_by("pk"))
    catalog.set_standard_costs({line.item_id: line.new_cost for line in lines})
    places = {book.site_id: locations.virtuals(book.site_id) for book, _ in changes}
    origin = ref(REVALUATION, doc.pk)
    moves = [
        value_move(
            places[book.site_id],
            book.item_id,
            amount,
            "VARIANCE",
            "STOCK-VALUE" if book.account == "inventory" else "TRANSIT",
            origin,
            lot_id=book.lot_id,
            reason="REVALUATION",
        )
        for book, amount in changes
        if amount
    ]
    if moves:
        doc.posting_id = ledger.post(ctx, moves).posting_id
    doc.state = RevaluationState.POSTED
    doc.posted_at = ctx.now
    doc.value = sum((amount for _, amount in changes), Decimal(0))
    doc.save(update_fields=["state", "posting_id", "posted_at", "value", "approved_by"])
    ctx.emit(Revalued(doc.posting_id or 0, [line.item_id for line in lines], doc.value))
