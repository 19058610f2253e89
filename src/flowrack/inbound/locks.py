"""The only row locks of inbound. A receipt is locked after its PO, never before; its lines after it."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.inbound.models import Receipt
from flowrack.platform import sql
from flowrack.shared.errors import NotFound


def receipt(receipt_id: int) -> Receipt:
    """The receipt, locked."""
    found = Receipt.objects.select_for_update(no_key=True).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound(f"There is no receipt with id {receipt_id}.")
    return found


def lines_that_stand(line_ids: Sequence[int]) -> set[int]:
    """Those of the receipt lines that nobody has taken back, locked: nobody can until the command ends."""
    rows = sql.fetch_all(
        """
        SELECT id FROM inbound_receiptline WHERE id = ANY(%s::bigint[]) AND taken_back_at IS NULL
        ORDER BY id FOR SHARE
        """,
        (sorted(line_ids),),
    )
    return {row[0] for row in rows}
