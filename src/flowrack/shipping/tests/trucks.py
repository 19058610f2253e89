"""Builders for tests of loads: a house with two doors and packed pallets for several customers."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests import outbound
from tests.cast import ADA, GUS, ctx

from flowrack.platform import sql
from flowrack.sales.types import EnteredOrder
from flowrack.shipping import commands
from flowrack.shipping.types_loads import LoadPlanned, LoadPolicy, PlanLoad, SetLoadPolicy, StartLoad, Truck


@dataclass
class Yard:
    """A site with doors D1 and D2, a carrier, and items with stock; `plates` of packed orders by order number."""

    house: outbound.House
    doors: dict[str, int]
    carrier: int
    plates: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> int:
        return self.house.site

    def packed(self, who: str, *lines: tuple[str, int], kind: str = "pallet") -> EnteredOrder:
        """An order of (sku, units) that is picked and packed as one pallet."""
        order = self.picked(who, *lines)
        [carton] = outbound.pack(order, kind=kind)
        self.plates[order.number] = carton.sscc
        return order

    def picked(self, who: str, *lines: tuple[str, int]) -> EnteredOrder:
        """An order that is picked and stands loose in staging."""
        order = outbound.order(self.site, who, *(lines or (("4711", 10),)))
        outbound.allocate(self.site, order)
        outbound.pick_all(outbound.release(self.site, order))
        return order

    def planned(self, *orders: EnteredOrder, door: str = "D1", **truck: object) -> LoadPlanned:
        """Ada plans a truck at a door."""
        known = Truck(self.doors[door], self.carrier, **truck)  # type: ignore[arg-type]
        return commands.plan_load(ctx(ADA), PlanLoad(self.site, [one.order_id for one in orders], known))

    def started(self, *orders: EnteredOrder, door: str = "D1", **truck: object) -> LoadPlanned:
        """The truck is planned and stands at its door."""
        plan = self.planned(*orders, door=door, **truck)
        commands.start_load(ctx(GUS), StartLoad(plan.load_id))
        return plan

    def plate(self, order: EnteredOrder) -> str:
        """The label of a packed order."""
        return self.plates[order.number]

    def rule(self, **policy: object) -> None:
        """Ada says how the site loads."""
        commands.set_load_policy(ctx(ADA), SetLoadPolicy(self.site, LoadPolicy(**policy)))  # type: ignore[arg-type]


def yard() -> Yard:
    """A stocked house, customers NORTH and SOUTH, hazardous goods of three classes, and a carrier."""
    at = outbound.house()
    zone = outbound.value("SELECT id FROM locations_zone WHERE site_id = %s AND role = 'staged'", at.site)
    doors = {
        code: outbound.value(
            """INSERT INTO locations_location (site_id, zone_id, code, role, kind, pick_sequence)
               VALUES (%s, %s, %s, 'staged', 'door', 9) RETURNING id""",
            at.site,
            zone,
            code,
        )
        for code in ("D1", "D2")
    }
    for sku, hazard in (("4711", ""), ("FUEL", "3"), ("OXID", "5.1"), ("ACID", "8"), ("BANG", "1.1")):
        item = outbound.item(sku)
        sql.execute(
            "UPDATE catalog_item SET hazard_class = left(%s, 1), hazard_division = CASE WHEN length(%s) > 1 THEN %s"
            " ELSE '' END WHERE id = %s",
            (hazard, hazard, hazard, item),
        )
        sql.execute(
            "INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)"
            " VALUES (%s, 'each', 1, 100, 100, 100, 500)",
            (item,),
        )
        outbound.receive(at, item, 500, "2", "forward_pick1")
    for who in ("NORTH", "SOUTH"):
        outbound.customer(who)
    carrier = outbound.value(
        "INSERT INTO parties_party (code, name, is_carrier) VALUES ('SWIFT', 'Swift Freight', true) RETURNING id"
    )
    return Yard(at, doors, carrier)


def load_state(load_id: int) -> str:
    """The state of a load."""
    return str(sql.fetch_value("SELECT state FROM shipping_load WHERE id = %s", (load_id,)))


def on_truck(load_id: int) -> int:
    """How many plates are on a truck, or went with it."""
    return int(
        sql.fetch_value("SELECT count(*) FROM shipping_loadedplate WHERE load_id = %s AND state <> 'off'", (load_id,))
    )


def books() -> tuple[int, ...]:
    """Rows of every table that loading writes, with the states of loads."""
    row = sql.fetch_one(
        """
        SELECT (SELECT count(*) FROM shipping_load), (SELECT count(*) FROM shipping_loadorder WHERE is_live),
               (SELECT count(*) FROM shipping_loadedplate WHERE state = 'on'),
               (SELECT count(*) FROM shipping_loadbehind), (SELECT count(*) FROM shipping_load WHERE seal <> ''),
               (SELECT count(*) FROM shipping_load WHERE state = 'loading'),
               (SELECT count(*) FROM shipping_load WHERE state IN ('closed', 'left', 'cancelled'))
        """
    )
    assert row is not None
    return (*row, *outbound.books())


def also_on(shipment_id: int, order: EnteredOrder) -> None:
    """Another order on a prepared shipment, as it was possible once, whatever its address."""
    sql.execute(
        "INSERT INTO shipping_shipmentorder (shipment_id, order_id, is_waiting) VALUES (%s, %s, true)",
        (shipment_id, order.order_id),
    )
