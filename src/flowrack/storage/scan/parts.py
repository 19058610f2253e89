"""What the scan flows of storage share: ticks, and what a scanned code is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.ledger.queries import CellRow
from flowrack.locations import queries as locations
from flowrack.locations.types import LocationRow
from flowrack.platform.web.scan import Tick, Visit
from flowrack.shared import gs1

TICKS = 5


def tick(state: dict[str, Any], text: str, end: str) -> None:
    """Remember something done, newest first."""
    state["ticks"] = [[text, end], *state.get("ticks", [])][:TICKS]


def ticks(visit: Visit) -> list[Tick]:
    """What was done on this screen."""
    return [Tick(text, end) for text, end in visit.state.get("ticks", [])]


def named(cells: Sequence[CellRow]) -> str:
    """What lies in cells, in words: the first item by SKU and name, and how many more there are. One query."""
    items = list(dict.fromkeys(cell.item_id for cell in cells))
    first = catalog.item(items[0])
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{first.sku} {first.name[:40]}{more}"


def place_of(visit: Visit, code: str) -> LocationRow | None:
    """The place of the site that a code names."""
    return locations.find_by_code(visit.site_id, [code]).get(code)


def lpn_of(code: str) -> int:
    """The LPN that a label names; 0 when there is none."""
    label = gs1.parse(code)
    found = locations.lpns_by_code([code, label.sscc or code])
    return next((row.lpn_id for row in found.values()), 0)


def items_of(code: str) -> list[int]:
    """The items that a code may stand for."""
    label = gs1.parse(code)
    return sorted({hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits})
