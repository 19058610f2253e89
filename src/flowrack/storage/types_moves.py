"""Words of taking a move back."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.shared.errors import FlowrackError


@dataclass(frozen=True, slots=True)
class UndoMove:
    """A move by hand that was a mistake, named by its posting."""

    posting_id: int


@dataclass(frozen=True, slots=True)
class MoveUndone:
    """The reversal."""

    reversal_id: int
    units: int


class NoSuchMove(FlowrackError):
    """The posting moved nothing from bin to bin by hand."""

    code = "no_such_move"
    status = 409


@dataclass(frozen=True, slots=True)
class TakePutaways:
    """Keep what this person has along on this device for longer, and take `count` pallets, or loose goods, more.

    No zones mean bins of the whole site.
    """

    site_id: int
    zone_ids: list[int] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class PutawaysTaken:
    """The open planned moves that the device has along now."""

    planned_move_ids: list[int]
