"""The words of promises that cannot hold: what moved, which lines slip, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.shared.errors import FlowrackError

COVERED = "It is covered in time again."
AGAIN = "It slipped again."


@dataclass(frozen=True, slots=True)
class SupplyMoved:
    """Supply of a PO line before: units owed and the day; what it is now is read from the order."""

    po_line_id: int
    item_id: int
    site_id: int
    units_before: int
    expected_before: date | None


@dataclass(frozen=True, slots=True)
class WatchCover:
    """Look at the promises that live on PO lines which moved, were cut or ended; what became of them, in words."""

    moved: list[SupplyMoved]
    what: str = "moved"


@dataclass(frozen=True, slots=True)
class WatchItems:
    """Look at the promises of items at a site whose stock changed, and why it did, as the reason begins.

    `is_new_day`: nothing changed but the day. What a person has dealt with is not brought up again for that.
    """

    site_id: int
    item_ids: list[int]
    cause: str
    is_new_day: bool = False


@dataclass(frozen=True, slots=True)
class CoverWatched:
    """Order lines that got an exception, and those whose exception is over."""

    raised: list[int]
    settled: list[int]


@dataclass(frozen=True, slots=True)
class CloseExceptions:
    """Exceptions that somebody has dealt with, and how."""

    exception_ids: list[int]
    note: str


@dataclass(frozen=True, slots=True)
class ExceptionsClosed:
    """The exceptions that are closed now."""

    exception_ids: list[int]


@dataclass(frozen=True, slots=True)
class PromisesSlipped:
    """Event: cover of order lines slipped beyond what was promised."""

    order_line_ids: list[int]
    kind: str = "allocation.promises_slipped"


class ExceptionClosed(FlowrackError):
    """The exception is unknown, or closed already."""

    code = "exception_closed"
