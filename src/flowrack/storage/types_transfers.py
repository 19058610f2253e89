"""The words of goods on their way between sites."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt


@dataclass(frozen=True, slots=True)
class SendStock:
    """Stock that leaves a site for another one of ours."""

    site_id: int
    to_site_id: int
    lines: list[StockAt]


@dataclass(frozen=True, slots=True)
class ArrivedLine:
    """Units that came from another site; `quality` as they left."""

    item_id: int
    units: Units
    lot_id: int = 0
    quality: str = "available"


@dataclass(frozen=True, slots=True)
class ReceiveSent:
    """Goods of another site of ours reach a place of this one."""

    site_id: int
    from_site_id: int
    location_id: int
    lines: list[ArrivedLine]
