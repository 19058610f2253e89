"""Short picks that are found after all, and orders whose goods are put back."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class EndPutBack:
    """What became of an order of which the last goods were put back."""

    put_back_id: int
    outcome: str


@dataclass(frozen=True, slots=True)
class PutBackEnded:
    """It is told to who asked."""

    put_back_id: int


@dataclass(frozen=True, slots=True)
class PutBackDone:
    """Event: the last goods of an order that were asked back are in their bins; `cancels`: then it is cancelled."""

    site_id: int
    order_id: int
    put_back_id: int
    cancels: bool
    reason: str
    asked_by: str
    kind: str = "fulfilment.put_back_done"


@dataclass(frozen=True, slots=True)
class UndoShort:
    """What a short pick did not find was found after all. Names the pick, or what is short of it."""

    pick_id: int


@dataclass(frozen=True, slots=True)
class ShortUndone:
    """The pick that is open again, its units, and the picks that were to stand for it and are not needed any more."""

    pick_id: int
    units: int
    called_back_ids: list[int]
    list_id: int


@dataclass(frozen=True, slots=True)
class ShortFound:
    """Event: what a short pick did not find in a bin was found after all; no other units of the bin are in doubt."""

    site_id: int
    location_id: int
    item_ids: list[int]
    order_id: int
    order_line_id: int
    pick_id: int
    units: int
    is_bin_clear: bool
    kind: str = "fulfilment.short_found"


class ShortSettled(FlowrackError):
    """A short pick cannot be taken back any more: the list is over, the bin was counted, or nobody wants the units."""

    code = "short_settled"
