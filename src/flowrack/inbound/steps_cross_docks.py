"""Where received goods go straight to those who wait for them: a later stage registers how; inbound knows no orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from flowrack.inbound.types import CrossDocked, ReceivedLine
from flowrack.platform.runner import Context


@dataclass(frozen=True, slots=True)
class Arrived:
    """A receipt line that was just written, with the code and date of its lot."""

    line: ReceivedLine
    lot: str
    expires_on: date | None


class CrossDocking(Protocol):
    """What a later stage does with goods at the dock that somebody waits for."""

    def claim(self, ctx: Context, site_id: int, item_ids: Sequence[int]) -> Any:
        """Lock who waits for the items, before anything is posted; None where goods are not cross-docked."""
        ...

    def assign(self, ctx: Context, claimed: Any, dock_id: int, arrived: Sequence[Arrived]) -> list[CrossDocked]:
        """Give lines that stand at a dock place to those who wait, and store why."""
        ...

    def take_back(self, ctx: Context, receipt_line_ids: Sequence[int]) -> None:
        """The lines turned out not to have come. Refuses while goods of them stand ready to leave."""
        ...

    def labels(self, cross_dock_ids: Sequence[int]) -> str:
        """The address of the labels of these cross-docks."""
        ...


_registered: list[CrossDocking] = []


def register(cross_docking: CrossDocking) -> None:
    """Make it known; called once by the stage that does it."""
    _registered[:] = [cross_docking]


def claim(ctx: Context, site_id: int, item_ids: Sequence[int]) -> Any:
    """Lock who waits for the items: the ledger's rows come later. None where goods are not cross-docked."""
    return _registered[0].claim(ctx, site_id, sorted(set(item_ids))) if _registered else None


def assign(
    ctx: Context, claimed: Any, dock_id: int, arrived: Sequence[Arrived]
) -> tuple[list[ReceivedLine], list[CrossDocked]]:
    """The lines, each with how much of it is cross-docked, and the cross-docks."""
    lines = [one.line for one in arrived]
    if claimed is None:
        return lines, []
    made = _registered[0].assign(ctx, claimed, dock_id, arrived)
    if not made:
        return lines, []
    units: dict[int, int] = {}
    for one in made:
        units[one.receipt_line_id] = units.get(one.receipt_line_id, 0) + one.units
    return [replace(line, cross_dock_units=units.get(line.receipt_line_id, 0)) for line in lines], made


def take_back(ctx: Context, receipt_line_ids: Sequence[int]) -> None:
    """Cross-docks of lines that turned out not to have come end with them."""
    if _registered and receipt_line_ids:
        _registered[0].take_back(ctx, receipt_line_ids)


def labels(cross_docks: Sequence[CrossDocked]) -> tuple[str, str] | None:
    """Words and address of the labels to print; None when there is nothing to label."""
    if not cross_docks or not _registered:
        return None
    word = "label" if len(cross_docks) == 1 else "labels"
    return f"Print {len(cross_docks)} {word}", _registered[0].labels([one.cross_dock_id for one in cross_docks])
