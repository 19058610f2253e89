"""How a change reaches what stands downstream: later stages register what sales does not know, the floor and stock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from flowrack.platform.runner import Context
from flowrack.sales.queries_holds import OpenHold
from flowrack.sales.types_changes import Fewer, OrderSeen


class Floor(Protocol):
    """What has the units of lines in work."""

    def claim(self, order_ids: Sequence[int]) -> None:
        """Lock the open picks of orders, so that none of them is done until the command ends."""
        ...

    def call_back(self, ctx: Context, fewer: Mapping[int, int | None]) -> int:
        """Take as many units of the open picks of lines from the floor as are wanted no more; they stay promised. So
        many units. By line, `fewer` are the units that it shrinks by (None = all): what waits, and what is promised and
        no picker has, goes first.

        Picks are locked before lines: called before the lines are.
        """
        ...

    def take_back(self, ctx: Context, fewer: Mapping[int, Fewer]) -> int:
        """The same, reckoned from the lines as they are once they are locked; and what is picked of what is wanted no
        more goes back into its bins: it is the line's no more, and the floor gets the work. So many units of open
        picks. Refuses with TooLate when the rest is in cartons."""
        ...


Teller = Callable[[Context, OrderSeen, OrderSeen], list[str]]
Witness = Callable[[Context, Sequence[OpenHold], Sequence[int], str], None]
_floor: list[Floor] = []
_tellers: list[tuple[int, Teller]] = []
_witnesses: list[Witness] = []


def register_floor(floor: Floor) -> None:
    """Make it known; called once by the stage that has the picks."""
    _floor[:] = [floor]


def claim(order_ids: Sequence[int]) -> None:
    """Lock the open picks of orders, before their lines are locked: nobody does one until the command ends."""
    for floor in _floor:
        floor.claim(order_ids)


def call_back(ctx: Context, fewer: Mapping[int, int | None]) -> int:
    """Take open picks, or units of them, of lines that shrink from the floor, before the lines are locked. So many
    units."""
    return _floor[0].call_back(ctx, fewer) if _floor and fewer else 0


def take_back(ctx: Context, fewer: Mapping[int, Fewer]) -> int:
    """Take what is wanted no more from pickers, and have what is picked of it put back. So many units of open picks."""
    return _floor[0].take_back(ctx, fewer) if _floor and fewer else 0


def register_teller(place: int, teller: Teller) -> None:
    """Say in previews what a change does in a later stage; `place` orders the stages. Called in a transaction that is
    undone: it may do what its stage would do upon the change."""
    _tellers.append((place, teller))


def told(ctx: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """What later stages say about a change."""
    return [said for _, tell in sorted(_tellers, key=lambda one: one[0]) for said in tell(ctx, before, after)]


def register_witness(witness: Witness) -> None:
    """Hear in the same transaction that a person released holds: which, the lines that are free by it, and why."""
    _witnesses[:] = [witness]


def tell_released(ctx: Context, holds: Sequence[OpenHold], free_line_ids: Sequence[int], reason: str) -> None:
    """A person released holds."""
    for witness in _witnesses:
        witness(ctx, holds, free_line_ids, reason)
