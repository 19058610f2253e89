"""The only row locks of purchasing: requisitions, POs, then items at their sites, each in order of its key."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.purchasing.models import Po
from flowrack.purchasing.models_requisitions import Requisition
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


def requisitions(requisition_ids: Sequence[int]) -> list[Requisition]:
    """The requisitions, locked, in the order asked for."""
    rows = Requisition.objects.select_for_update(no_key=True).filter(pk__in=requisition_ids).order_by("pk")
    found = {row.pk: row for row in rows}
    missing = [one for one in requisition_ids if one not in found]
    if missing:
        raise NotFound(f"There is no requisition with id {missing[0]}.", missing=missing)
    return [found[one] for one in requisition_ids]


def requisitions_of(po_ids: Sequence[int]) -> None:
    """Lock the requisitions that lines of POs order; taken before the POs by whoever settles them. One statement."""
    sql.fetch_all(
        """
        SELECT r.id FROM purchasing_requisition r WHERE r.id IN (
            SELECT l.requisition_id FROM purchasing_poline pl
            JOIN purchasing_requisitionorder ro ON ro.po_line_id = pl.id
            JOIN purchasing_requisitionline l ON l.id = ro.requisition_line_id WHERE pl.po_id = ANY(%s)
        ) ORDER BY r.id FOR NO KEY UPDATE
        """,
        (list(po_ids),),
    )


def supply_keys(keys: Sequence[tuple[int, int]]) -> None:
    """Lock items at their sites against others who buy them: what is coming is read after this. One statement."""
    sql.fetch_all(
        """
        SELECT k.id FROM purchasing_supplykey k
        JOIN unnest(%s::bigint[], %s::bigint[]) AS a(site, item) ON a.site = k.site_id AND a.item = k.item_id
        ORDER BY k.site_id, k.item_id FOR NO KEY UPDATE OF k
        """,
        ([site for site, _ in keys], [item for _, item in keys]),
    )
