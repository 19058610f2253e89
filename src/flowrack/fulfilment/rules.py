"""Which cells a line is picked from: pure and deterministic.

A whole LPN first where one fits into what is still wanted (nobody counts a full pallet), then the forward pick, then
the reserve; within each by the walking order of the bins. Cells in doubt (short picked in the last day) come last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

FORWARD = "forward_pick"


@dataclass(frozen=True, slots=True)
class PickCell:
    """A cell with free units in a bin from which can be picked."""

    cell_id: int
    item_id: int
    lot_id: int
    location_id: int
    lpn_id: int
    state: str
    pick_sequence: int
    on_hand: int
    free: int
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """Promised units of an order line and lot that need a place to pick from."""

    line_id: int
    order_id: int
    item_id: int
    lot_id: int
    units: int


@dataclass(frozen=True, slots=True)
class PickPlan:
    """Units of a demand from one cell."""

    demand: Demand
    cell: PickCell
    units: int


def by_walk(cell: PickCell) -> tuple[bool, bool, int, int]:
    """Forward pick before reserve, then the walking order; ties go to the earlier cell."""
    return (cell.is_doubtful, cell.state != FORWARD, cell.pick_sequence, cell.cell_id)


def choose_cells(demand: Demand, cells: Sequence[PickCell], free: dict[int, int]) -> list[PickPlan]:
    """Plans for one demand from cells of its item and lot in walking order; `free` is used up as it goes."""
    wanted = demand.units
    plans: list[PickPlan] = []
    for cell in cells:
        left = free[cell.cell_id]
        if cell.lpn_id and not cell.is_doubtful and 0 < left <= wanted and left == cell.on_hand:
            plans.append(PickPlan(demand, cell, left))
            free[cell.cell_id] = 0
            wanted -= left
    for cell in cells:
        if wanted == 0:
            break
        units = min(wanted, free[cell.cell_id])
        if units > 0:
            plans.append(PickPlan(demand, cell, units))
            free[cell.cell_id] -= units
            wanted -= units
    assert wanted >= 0
    return plans


def plan_picks(demands: Iterable[Demand], cells: Iterable[PickCell]) -> list[PickPlan]:
    """Plans for all demands, served in the given order."""
    by_key: dict[tuple[int, int], list[PickCell]] = {}
    for cell in sorted(cells, key=by_walk):
        by_key.setdefault((cell.item_id, cell.lot_id), []).append(cell)
    free = {cell.cell_id: cell.free for of_key in by_key.values() for cell in of_key}
    plans: list[PickPlan] = []
    for demand in demands:
        plans.extend(choose_cells(demand, by_key.get((demand.item_id, demand.lot_id), ()), free))
    return plans


def left_for_refill(
    plans: Sequence[PickPlan], waiting_at: Mapping[int, int], whole_orders: Collection[int]
) -> tuple[list[PickPlan], list[PickPlan]]:
    """What is picked now, and what waits until the item's pick face is refilled.

    `waiting_at` names the items of which pickers do not open pallets in the rack. Orders that go in one delivery do not
    wait; nor does anything where nothing else would be picked at all.
    """
    left = [
        plan
        for plan in plans
        if plan.demand.item_id in waiting_at
        and plan.demand.order_id not in whole_orders
        and plan.cell.state != FORWARD
        and not (plan.cell.lpn_id and plan.units == plan.cell.on_hand)
    ]
    if not left or len(left) == len(plans):
        return list(plans), []
    waits = {id(plan) for plan in left}
    return [plan for plan in plans if id(plan) not in waits], left
