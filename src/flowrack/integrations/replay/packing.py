"""Packers of a simulated day: what is staged of each order goes into the cartons that a plan of it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flowrack.fulfilment import queries, queries_cartons
from flowrack.fulfilment.commands import pack_orders, set_carton_types
from flowrack.fulfilment.rules_cartons import Plan
from flowrack.fulfilment.types import Pack, PackLine, PackOrders, StagedUnits
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.integrations.replay.house import House, Site, moment

CARTONS = [
    CartonTypeOf("XS", 200, 150, 100, 5_000, 80, Decimal("0.20"), "Small parts"),
    CartonTypeOf("S", 300, 200, 150, 10_000, 150, Decimal("0.35"), "Shoe box"),
    CartonTypeOf("M", 400, 300, 200, 15_000, 300, Decimal("0.60"), "Eighth of a pallet"),
    CartonTypeOf("L", 600, 400, 300, 20_000, 500, Decimal("1.10"), "Quarter of a pallet"),
    CartonTypeOf("XL", 600, 400, 600, 25_000, 900, Decimal("1.90"), "Bulky"),
]


def set_cartons(house: House) -> None:
    """The cartons that packers take, at every site."""
    at = moment(house.world.first_on - timedelta(days=3), 9)
    house.do(set_carton_types, "warehouse_manager", SetCartonTypes(CARTONS), key="cartons", at=at)


def pack(house: House, site: Site, on: date, name: str, hour: int, order_ids: Sequence[int]) -> None:
    """All that is staged of the orders, in cartons; without types of cartons each order in one."""
    staged: dict[int, list[StagedUnits]] = {}
    for row in queries.staged(order_ids):
        staged.setdefault(row.order_id, []).append(row)
    kinds = queries_cartons.kinds()
    plans = queries_cartons.plans({order_id: _by_item(rows) for order_id, rows in staged.items()}, kinds)
    codes = {kind.type_id: kind.code for kind in kinds}
    cartons = [one for order_id, rows in sorted(staged.items())
               for one in cartons_of(order_id, rows, plans.get(order_id, Plan()), codes)]  # fmt: skip
    if cartons:
        request = PackOrders(cartons)
        house.do(pack_orders, "packer", request, key=f"{on}:pack:{name}:{site.code}", at=moment(on, hour, 50))


def _by_item(rows: Sequence[StagedUnits]) -> dict[int, int]:
    units: dict[int, int] = {}
    for row in rows:
        units[row.item_id] = units.get(row.item_id, 0) + row.units
    return units


@dataclass(slots=True)
class _Left:
    """What of a staged row is in no carton yet."""

    row: StagedUnits
    units: int

    def line(self, units: int) -> PackLine:
        return PackLine(self.row.line_id, units, self.row.lot_id, self.row.lpn_id)


def cartons_of(order_id: int, rows: Sequence[StagedUnits], plan: Plan, codes: Mapping[int, str]) -> list[Pack]:
    """The cartons of an order: those of its plan, filled from what is staged, and one for what was not planned."""
    left = [_Left(row, row.units) for row in rows]
    found = []
    for carton in plan.cartons:
        contents = [line for item_id, units in carton.units for line in _take(left, item_id, units)]
        if contents:
            found.append(Pack(order_id, contents, carton_type=codes.get(carton.type_id, ""), checked="scanned"))
    rest = [one.line(one.units) for one in left if one.units]
    return [*found, Pack(order_id, rest, checked="scanned")] if rest else found


def _take(left: Sequence[_Left], item_id: int, units: int) -> list[PackLine]:
    """So many units of an item from what is left, taken off it."""
    lines = []
    for one in left:
        taken = min(one.units, units) if one.row.item_id == item_id else 0
        if taken:
            one.units -= taken
            units -= taken
            lines.append(one.line(taken))
    return lines
