"""The words of building an order for one supplier out of proposals, filled to his minimum."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """Draft one order of a site to a supplier: its open proposals, filled up to the supplier's minimum.

    Nothing is added of which the site would have more than `max_cover_days` of cover. `seen` is the fingerprint of the
    preview that was looked at; empty = as it stands. `cover_reason` buys in spite of what is coming already.
    """

    supplier_id: int
    site_id: int
    max_cover_days: int = 180
    seen: str = ""
    cover_reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderBuilt:
    """The draft, and how far it is of the supplier's minimum."""

    po_id: int
    number: str
    total: Decimal
    share_pct: int
    is_reached: bool
    proposal_ids: list[int]


class OrderChanged(FlowrackError):
    """What would be ordered is not what was seen."""

    code = "order_changed"
    status = 409
