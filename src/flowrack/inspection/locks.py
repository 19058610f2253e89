"""The only row locks of inspection: severities, inspections, holds, releases, in this order, each by id; then stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.inspection.models import Hold, Inspection
from flowrack.inspection.rules import History
from flowrack.inspection.types import Severity
from flowrack.platform import sql
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class LockedSeverity:
    """A severity while it is locked."""

    severity_id: int
    item_id: int
    history: History


def severities(supplier_id: int, item_ids: Sequence[int]) -> dict[int, LockedSeverity]:
    """What earlier lots of a supplier say of each item, locked; items that are new are left out. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, item_id, severity, recent, score, accepted_run, tightened_rejects FROM inspection_supplierseverity
        WHERE supplier_id = %s AND item_id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
        """,
        (supplier_id, list(item_ids)),
    )
    return {row[1]: LockedSeverity(row[0], row[1], History(Severity(row[2]), *row[3:])) for row in rows}


def inspection(inspection_id: int) -> Inspection:
    """The inspection, locked."""
    found = Inspection.objects.select_for_update(no_key=True).filter(pk=inspection_id).first()
    if found is None:
        raise NotFound(f"There is no inspection with id {inspection_id}.")
    return found


def open_of_receipt(receipt_id: int) -> list[Inspection]:
    """The inspections of a receipt that nobody has started, locked."""
    return list(
        Inspection.objects.select_for_update(no_key=True).filter(receipt_id=receipt_id, state="open").order_by("pk")
    )


def of_lines(receipt_line_ids: Sequence[int]) -> list[Inspection]:
    """The inspections that receipt lines belong to, locked."""
    ids = sql.fetch_all(
        """
        SELECT DISTINCT inspection_id FROM inspection_inspectionline
        WHERE receipt_line_id = ANY(%s::bigint[]) AND NOT is_dropped
        """,
        (list(receipt_line_ids),),
    )
    return list(Inspection.objects.select_for_update(no_key=True).filter(pk__in=[row[0] for row in ids]).order_by("pk"))


def hold(hold_id: int) -> Hold:
    """The hold, locked."""
    found = Hold.objects.select_for_update(no_key=True).filter(pk=hold_id).first()
    if found is None:
        raise NotFound(f"There is no hold with id {hold_id}.")
    return found


def open_holds(site_id: int, kinds: Sequence[tuple[int, int, str]]) -> list[Hold]:
    """The open holds on (item, lot, quality) at a site, locked, the oldest first."""
    found = Hold.objects.select_for_update(no_key=True).filter(
        site_id=site_id, closed_at=None, item_id__in=sorted({item for item, _, _ in kinds})
    )
    wanted = set(kinds)
    return [h for h in found.order_by("pk") if (h.item_id, h.lot_id, h.quality) in wanted]


def places_of(hold_ids: Sequence[int]) -> dict[int, dict[tuple[int, int], int]]:
    """Where the units of holds stand, {(location, LPN): units} of each, locked; the holds are locked before. One
    statement."""
    rows = sql.fetch_all(
        """
        SELECT hold_id, location_id, lpn_id, units FROM inspection_holdplace WHERE hold_id = ANY(%s::bigint[])
        ORDER BY id FOR NO KEY UPDATE
        """,
        (list(hold_ids),),
    )
    found: dict[int, dict[tuple[int, int], int]] = {}
    for hold_id, location_id, lpn_id, units in rows:
        found.setdefault(hold_id, {})[location_id, lpn_id] = units
    return found


def release_state(release_id: int) -> str:
    """Where a release stands, locked; its holds are locked before."""
    return str(sql.fetch_value("SELECT state FROM inspection_release WHERE id = %s FOR NO KEY UPDATE", (release_id,)))


def releases_of_holds(hold_ids: Sequence[int]) -> list[int]:
    """The releases of holds that wait, locked in order of id; the holds are locked before. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id FROM inspection_release WHERE state = 'waiting' AND hold_ids && %s::bigint[] ORDER BY id
        FOR NO KEY UPDATE
        """,
        (list(hold_ids),),
    )
    return [row[0] for row in rows]
