"""The only row locks of inbound. A receipt is locked after its PO, never before."""

from __future__ import annotations

from flowrack.inbound.models import Receipt
from flowrack.shared.errors import NotFound


def receipt(receipt_id: int) -> Receipt:
    """The receipt, locked."""
    found = Receipt.objects.select_for_update(no_key=True).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound(f"There is no receipt with id {receipt_id}.")
    return found
