"""The only row locks of purchasing: PO rows, in id order, before anything else of the command."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.purchasing.models import Po
from flowrack.shared.errors import NotFound


def pos(po_ids: Sequence[int]) -> list[Po]:
    """The POs, locked, in the order asked for."""
    found = {po.pk: po for po in Po.objects.select_for_update(no_key=True).filter(pk__in=po_ids).order_by("pk")}
    missing = [po_id for po_id in po_ids if po_id not in found]
    if missing:
        raise NotFound(f"There is no PO with id {missing[0]}.", missing=missing)
    return [found[po_id] for po_id in po_ids]


def po_of_receipt(po_ids: Sequence[int]) -> None:
    """Lock POs for a receipt: the lines are read after this, so that they are the newest. One statement."""
    sql.fetch_all("SELECT id FROM purchasing_po WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (list(po_ids),))
