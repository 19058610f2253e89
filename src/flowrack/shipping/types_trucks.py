"""What later stages hear of trucks before they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoadChanged:
    """Event: a truck leaves at another time than it was to, does not go, or takes other orders.

    `was_at` is the cut-off that it had, `order_ids` are those that were on it or are, `cause` says what happened.
    """

    load_id: int
    number: str
    site_id: int
    order_ids: list[int]
    was_at: datetime
    cause: str
    kind: str = "shipping.load_changed"
