"""Receive by scan, counting on an order: each scan counts what its code stands for."""

from __future__ import annotations

from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.inbound import queries, scan_blind, scan_lots
from flowrack.inbound.queries import ScannedItem
from flowrack.platform.web.scan import MORE, OK, Visit, WrongScan
from flowrack.purchasing import queries as purchasing
from flowrack.shared.gs1 import Gs1Scan

BOOK_FIRST = "Scan the pallet they stand on, or press Loose here"


def hits_of(label: Gs1Scan) -> list[Resolved]:
    """What the codes of a label mean."""
    return [hit for found in catalog.find_codes(label.codes).values() for hit in found]


def item_ids(label: Gs1Scan) -> list[int]:
    """The items that a label may mean."""
    return sorted({hit.item_id for hit in hits_of(label)})


def count(visit: Visit, code: str, label: Gs1Scan) -> str:
    """An item of the order, or any item where there is none."""
    if visit.state.get("blind"):
        line, factor, serial = scan_blind.item_of(code, label)
        return _begin(visit, line, label, factor, serial)
    hits = hits_of(label)
    ids = sorted({hit.item_id for hit in hits})
    lines = queries.items_on_open_pos(site_id=visit.site_id, po_id=visit.state["po"], item_ids=ids) if ids else []
    on_po = {line.item_id: line for line in lines}
    here = [hit for hit in hits if hit.item_id in on_po]
    if not hits and (other := purchasing.find_open(site_id=visit.site_id, number=code)):
        visit.state["other_po"] = [other[0][0], code.strip().upper()]
        return MORE
    if not hits:
        raise WrongScan(f"No item has the code “{code[:40]}”.", "Set it aside and ask the buyer.")
    if not here:
        raise WrongScan(f"{hits[0].sku} is not on {visit.state['number']}.", "Set it aside, or open its own order.")
    if len({hit.item_id for hit in here}) > 1:
        raise WrongScan("Several items of this order have that code.", "Scan or type the SKU.")
    hit = here[0]
    return _begin(visit, on_po[hit.item_id], label, hit.factor, code if hit.lot_id and hit.kind == "serial" else "")


def _begin(visit: Visit, line: ScannedItem, label: Gs1Scan, factor: int, serial: str) -> str:
    units = _stands_for(label, factor)
    if visit.state.get("blind") and units == 1:
        units = 0  # one unit without an order is rare: ask how many
    visit.state["count"] = {
        "item": line.item_id,
        "sku": line.sku,
        "name": line.name[:60],
        "units": 1 if line.tracking == "serial" else units,
        "owed": line.owed,
        "usual": max(line.owed, catalog.usual_units(line.item_id)),
        "lot": "",
        "made": label.made_on.isoformat() if label.made_on else "",
        "expires": label.expires_on.isoformat() if label.expires_on and line.has_expiry else "",
        "tracking": line.tracking,
        "has_expiry": line.has_expiry,
        "sure": False,
    }
    lot = serial or ((label.lot or label.serial) if line.tracking != "none" else "")
    return scan_lots.lot(visit, lot) if lot else scan_lots.ask_next(visit.state)


def _stands_for(label: Gs1Scan, factor: int) -> int:
    return (label.quantity or label.count or 1) * factor


def once_more(visit: Visit, code: str, label: Gs1Scan) -> str:
    """The same goods scanned again before they are booked count once more; others must wait until these are booked."""
    count: dict[str, Any] = visit.state["count"]
    hits = hits_of(label)
    waits = f"{count['units']:,} × {count['sku']} are not booked yet."
    if not hits:
        raise WrongScan(f"No item has the code “{code[:40]}”.", f"{waits} {BOOK_FIRST}.")
    same = next((hit for hit in hits if hit.item_id == count["item"]), None)
    lot = label.lot or label.serial
    if same is None:
        raise WrongScan(f"That is {hits[0].sku}. {waits}", f"{BOOK_FIRST}, then scan it again.")
    if count["tracking"] == "serial" or (lot and lot != count["lot"]):
        what = f"{count['tracking']} {lot or code[:40]}"
        raise WrongScan(f"That is {what}. {waits}", f"{BOOK_FIRST}, then scan it again.")
    scan_lots.refuse_other_date(count, label)
    count["units"] += _stands_for(label, same.factor)
    visit.state.pop("over", None)
    return OK


def all_owed(visit: Visit) -> str:
    """Everything that the order still owes of the item is here."""
    count = visit.state.get("count")
    if count is None or count["owed"] <= 0 or count["tracking"] == "serial" or visit.state.get("blind"):
        return ""
    count["units"] = count["owed"]
    visit.state.pop("over", None)
    return OK
