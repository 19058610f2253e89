"""The only row locks of purchasing: requisitions, POs, items at their sites, then budgets, each in order of its key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

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


def ask_po_of_receipt(po_ids: Sequence[int]) -> sql.Asked:
    """Lock POs for a receipt: the lines are read after this, so that they are the newest. One statement."""
    return "SELECT id FROM purchasing_po WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE", (list(po_ids),)


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


_BUDGETS = """
    SELECT b.id FROM purchasing_budget b
    WHERE EXISTS (SELECT FROM unnest(%s::bigint[], %s::date[]) AS a(site, day)
                  WHERE a.site = b.site_id AND b.month <= a.day
                    AND a.day < b.month + make_interval(months => b.months))
    ORDER BY b.id FOR NO KEY UPDATE
"""


def _places(places: Sequence[tuple[int, date]]) -> tuple[list[int], list[date]]:
    return [site for site, _ in places], [day for _, day in places]


def budgets(places: Sequence[tuple[int, date]]) -> None:
    """Lock the budgets that count for orders of (site, day), all words about them: what is left is read after this, so
    that of two who take from one the second sees what the first took. One statement."""
    sql.fetch_all(_BUDGETS, _places(places))


def budgets_with_families(
    places: Sequence[tuple[int, date]], item_ids: Sequence[int]
) -> tuple[dict[int, int | None], bool]:
    """The same, with the family of each item; whether any budget counts. One statement."""
    rows = sql.fetch_all(
        f"""
        WITH locked AS MATERIALIZED ({_BUDGETS})
        SELECT id, family_id, (SELECT count(*) FROM locked) > 0 FROM catalog_item WHERE id = ANY(%s)
        """,  # noqa: S608 (a constant of this module)
        (*_places(places), list(item_ids)),
    )
    return {row[0]: row[1] for row in rows}, any(row[2] for row in rows)


def budgets_with_amounts(
    places: Sequence[tuple[int, date]], po_ids: Sequence[int]
) -> tuple[dict[int, dict[int | None, Decimal]], bool]:
    """The same, with what each of some locked POs comes to by item family (None = without one), each line to the cent;
    whether any budget counts. One statement."""
    rows = sql.fetch_all(
        f"""
        WITH locked AS MATERIALIZED ({_BUDGETS})
        SELECT l.po_id, i.family_id, sum(round(l.units * l.unit_cost, 2)), (SELECT count(*) FROM locked) > 0
        FROM purchasing_poline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.po_id = ANY(%s) GROUP BY 1, 2
        """,  # noqa: S608 (a constant of this module)
        (*_places(places), list(po_ids)),
    )
    found: dict[int, dict[int | None, Decimal]] = {po_id: {} for po_id in po_ids}
    for po_id, family_id, amount, _ in rows:
        found[po_id][family_id] = amount
    return found, any(row[3] for row in rows)
