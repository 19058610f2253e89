"""A house with measured goods and cartons, and an order that stands picked in a tote."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests import outbound
from tests.cast import ADA, GUS, ctx

from flowrack.fulfilment import commands, queries
from flowrack.fulfilment.types import Pack, PackedCarton, PackLine, PackOrders
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.fulfilment.types_packing import PackRuleOf, SetPackRules
from flowrack.labels.tests.specs import CARTON, approved
from flowrack.platform import sql
from flowrack.sales.types import EnteredOrder


@dataclass(frozen=True)
class Staged:
    """The house, its first item and an order of 6 and 2 that stands in tote T-1."""

    site: int
    items: tuple[int, int]
    order: EnteredOrder


def staged(who: str = "ACME") -> Staged:
    """Goods of 250 g; cartons S, M and L; an order picked into a tote."""
    at = outbound.house()
    items = (outbound.item("4711"), outbound.item("6024"))
    for item in items:
        sql.execute(
            """
            INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
            VALUES (%s, 'each', 1, 100, 100, 100, 250) ON CONFLICT (item_id, level)
            DO UPDATE SET length_mm = 100, width_mm = 100, height_mm = 100, weight_g = 250
            """,
            (item,),
        )
    outbound.receive(at, items[0], 30, "1", "forward_pick1")
    outbound.receive(at, items[1], 40, "1", "forward_pick2")
    outbound.customer(who)
    types = [CartonTypeOf("S", 200, 200, 100, 5_000, 100), CartonTypeOf("M", 400, 300, 200, 15_000, 300)]
    commands.set_carton_types(ctx(ADA), SetCartonTypes([*types, CartonTypeOf("L", 600, 400, 300, 20_000, 500)]))
    return Staged(at.site, items, picked(at.site, who, "T-1", ("4711", 6), ("6024", 2)))


def picked(site: int, who: str, tote: str, *lines: tuple[str, int]) -> EnteredOrder:
    """An order that stands picked in a tote of its own."""
    order = outbound.order(site, who, *lines)
    outbound.allocate(site, order)
    outbound.pick_all(outbound.release(site, order), tote_id=outbound.tote(site, tote))
    return order


def packed(order: EnteredOrder, carton_type: str = "M", units: dict[int, int] | None = None) -> PackedCarton:
    """Gus packs the order: all that is staged, or some units by line, every one checked."""
    rows = [row for row in queries.staged_in_words(order.order_id) if not row.is_packed]
    wanted = units or {row.line_id: row.units for row in rows}
    lines = [
        PackLine(row.line_id, wanted[row.line_id], row.lot_id, row.lpn_id) for row in rows if row.line_id in wanted
    ]
    pack = Pack(order.order_id, lines, carton_type=carton_type)
    return commands.pack_orders(ctx(GUS), PackOrders([pack])).cartons[0]


def rule(**said: object) -> None:
    """One rule for all; where it asks for no check it says why."""
    if said.get("must_check") is False:
        said.setdefault("unchecked_reason", "The line scans every piece")
    commands.set_pack_rules(ctx(ADA), SetPackRules([PackRuleOf(**said)]))  # type: ignore[arg-type]


def asks_for_scans(customer: str = "ACME") -> None:
    """The customer has a spec of which the label counts only when it was scanned."""
    approved(replace(CARTON, code=f"{customer}-CARTON", customer=customer, is_scanned=True))
