"""What the scan flows of fulfilment share: where the person works, and the item behind a scan."""

from __future__ import annotations

from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.fulfilment.states import Checked
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.platform.web.viewer import Viewer
from flowrack.shared import gs1
from flowrack.shared.gs1 import Gs1Scan


def sites_with(viewer: Viewer, permission: str) -> frozenset[int]:
    """Where the viewer holds the permission: at the chosen site, if it is held there."""
    held = viewer.grants.get(permission, frozenset())
    return frozenset({viewer.site_id}) & held if viewer.site_id and 0 not in held else held


def plate_code(code: str) -> str:
    """What a scan says where a plate or a document is asked: the SSCC of a label in any form, else the text."""
    text = code.strip().upper()
    try:
        return (gs1.parse(code).sscc or text)[:40]
    except gs1.BadCode:
        return text[:40]


def item_of(scan: Gs1Scan) -> tuple[int, str, int] | None:
    """(item, SKU, units of one scan) behind a scan; None when no item has the code."""
    code = scan.gtin or scan.content_gtin or scan.raw
    hits = catalog.find_codes([code]).get(code, [])
    if not hits:
        return None
    if len({hit.item_id for hit in hits}) > 1:
        raise Wrong(f"{code} stands for several items.", "Scan the item's own label.")
    return hits[0].item_id, hits[0].sku, hits[0].factor * (scan.quantity or scan.count or 1)


def way_checked(state: dict[str, Any]) -> str:
    """How what goes into the carton was checked at the station: with one tap, in part by a typed count, or by scans."""
    if "before" in state:
        return Checked.AT_ONCE
    return Checked.COUNTED if state.get("counted") else Checked.SCANNED
