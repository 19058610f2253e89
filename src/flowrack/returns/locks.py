"""Locks of returns, in this order: the order that goods come back from, RMAs by id, returned lots by id."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.returns.models import ReturnedLot, Rma, RmaLine
from flowrack.returns.types import ReturnRefused, RmaNotFound
from flowrack.shared.errors import BadLine


def returns_of_orders(order_ids: Sequence[int]) -> None:
    """Only one person at a time announces or receives goods of an order, so that no unit comes back twice."""
    sql.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('returns.order:' || o.id, 0))"
        " FROM (SELECT DISTINCT unnest(%s::bigint[]) AS id ORDER BY 1) o",
        (list(order_ids),),
    )


def rma(rma_id: int) -> tuple[Rma, dict[int, RmaLine]]:
    """One RMA with its lines by id. Two queries."""
    row = Rma.objects.select_for_update().filter(pk=rma_id).first()
    if row is None:
        raise RmaNotFound("There is no such return.", fix="Search for its number, or receive it as a blind return.")
    lines = {line.pk: line for line in RmaLine.objects.select_for_update().filter(rma_id=rma_id).order_by("pk")}
    return row, lines


def returned_lots(ids: Sequence[int]) -> dict[int, ReturnedLot]:
    """Returned lots with their line and RMA, all of one site; the RMAs are locked first. Two queries."""
    rma_ids = ReturnedLot.objects.filter(pk__in=ids).values("line__rma_id")
    list(Rma.objects.select_for_update().filter(pk__in=rma_ids).order_by("pk").values_list("pk", flat=True))
    rows = (
        ReturnedLot.objects.select_for_update(of=("self", "line"))
        .filter(pk__in=ids)
        .select_related("line__rma")
        .order_by("pk")
    )
    found = {row.pk: row for row in rows}
    missing = [
        BadLine(n, "returned_lot_id", "There are no such returned goods.", "Scan the RMA again.")
        for n, key in enumerate(ids, start=1)
        if key not in found
    ]
    if missing:
        raise ReturnRefused("Some returned goods were not found.", lines=missing)
    return found
