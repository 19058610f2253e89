"""The words of opening stock: the event and the refusal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class OpeningLoaded:
    """Opening stock of a site was posted: how many lines, units and what they are worth."""

    site_id: int
    lines: int
    units: int
    value: Decimal
    posting_ids: list[int]
    kind: str = "storage.opening_loaded"


class OpeningAlreadyLoaded(FlowrackError):
    """Somebody else loaded the same opening stock at the same moment."""

    code = "opening_already_loaded"
    status = 409
