"""Words of taking a move back."""

from __future__ import annotations

from dataclasses import dataclass

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
