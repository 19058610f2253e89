"""The bin of received goods in the same act: a later stage registers how bins are chosen; inbound knows none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from flowrack.inbound.queries import Dock
from flowrack.inbound.steps import BookedLine
from flowrack.inbound.types import ReceivedLine, Suggested
from flowrack.platform.runner import Context


@dataclass(frozen=True, slots=True)
class AtDock:
    """Goods that will stand at the dock place and need a bin."""

    item_id: int
    units: int
    lot_id: int
    lpn_id: int
    quality: str


class BinChoice(Protocol):
    """What a later stage does for goods whose bin is asked for at once."""

    def choose(self, ctx: Context, site_id: int, dock_id: int, goods: Sequence[AtDock]) -> Any:
        """Choose and lock a bin for each, before anything is posted: bins are locked before the ledger's rows."""
        ...

    def write(self, ctx: Context, chosen: Any, receipt_line_ids: Sequence[int]) -> list[Suggested]:
        """Plan the putaways of what was chosen, now that the lines exist; in their order."""
        ...


_registered: list[BinChoice] = []


def register(choice: BinChoice) -> None:
    """Make it known; called once by the stage that does it."""
    _registered[:] = [choice]


def choose(ctx: Context, booked: Sequence[tuple[Dock, Sequence[BookedLine]]]) -> Any:
    """Bins for lines that will stand at one dock place, of all receipts together: what is on one pallet has one bin.

    None when a policy puts some of them elsewhere at once.
    """
    lines = [line for _, some in booked for line in some]
    if not _registered or any(line.location_id for line in lines):
        return None
    goods = [AtDock(x.item_id, x.units, x.lot_id, x.lpn_id, x.quality) for x in lines]
    dock = booked[0][0]
    return _registered[0].choose(ctx, dock.site_id, dock.location_id, goods)


def write(
    ctx: Context, chosen: Any, receipts: Sequence[Sequence[ReceivedLine]]
) -> list[tuple[list[ReceivedLine], list[Suggested]]]:
    """The lines of each receipt with their planned putaways, and the bins.

    What goes to an order needs another plan: the worker's, then for all of it.
    """
    if chosen is None or any(line.cross_dock_units for lines in receipts for line in lines):
        return [(list(lines), []) for lines in receipts]
    made = iter(_registered[0].write(ctx, chosen, [line.receipt_line_id for lines in receipts for line in lines]))
    found = []
    for lines in receipts:
        mine = [next(made) for _ in lines]
        planned = [replace(x, planned_move_id=s.planned_move_id) for x, s in zip(lines, mine, strict=True)]
        found.append((planned, mine))
    return found
