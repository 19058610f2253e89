"""Orders on the floor and carriers that could take them, for the tests of the choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from tests import outbound
from tests.cast import ADA, MAY, ctx

from flowrack.carriers.tests.house import AIR, CARD, GROUND, carrier, in_force
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.platform import sql
from flowrack.promise import commands_setup as promise
from flowrack.promise.types import CutOffOf, SetCutOffs

WANTED = date(2026, 3, 4)
S = CartonTypeOf("S", 300, 200, 150, 15_000, 200, Decimal("0.35"))
L = CartonTypeOf("L", 600, 400, 400, 30_000, 600, Decimal("1.10"))


def measured(item_id: int, sides: tuple[int, int, int], weight_g: int, *, hazard: str = "") -> None:
    """Sides and weight of a unit; a hazard is packed as limited quantity."""
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
        VALUES (%s, 'each', 1, %s, %s, %s, %s)
        """,
        (item_id, *sides, weight_g),
    )
    sql.execute(
        "UPDATE catalog_item SET hazard_class = left(%s, 1), hazard_division = %s, is_limited_quantity = %s > ''"
        " WHERE id = %s",
        (hazard, hazard, hazard, item_id),
    )


def address(code: str, postcode: str = "LS1 4AP", *, of: str = "ACME", is_default: bool = True) -> int:
    """A customer's address in Great Britain."""
    found: int = sql.fetch_value(
        """
        INSERT INTO parties_address (party_id, code, name, lines, city, postcode, country, is_default)
        SELECT id, %s, name, '1 Mill Lane', 'Leeds', %s, 'GB', %s FROM parties_party WHERE code = %s RETURNING id
        """,
        (code, postcode, is_default, of),
    )
    return found


class Case:
    """A house with 1,000 bolts of 500 g and 1,000 aerosols, ACME in Leeds, and North's ground and air services."""

    def __init__(self) -> None:
        self.at = outbound.house()
        self.site = self.at.site
        sql.execute("UPDATE locations_site SET country = 'GB' WHERE id = %s", (self.site,))
        for sku, sides, weight, hazard in (("BOLT", (100, 50, 50), 500, ""), ("SPRAY", (60, 60, 200), 400, "2.1")):
            made = outbound.item(sku)
            measured(made, sides, weight, hazard=hazard)
            outbound.receive(self.at, made, 1_000, "2", "forward_pick1")
        outbound.customer()
        address("LEEDS")
        fulfilment.set_carton_types(ctx(ADA), SetCartonTypes([S, L]))
        carrier()
        in_force(replace(CARD, services=[GROUND, AIR]))
        self.services = dict(sql.fetch_all("SELECT code, id FROM parties_carrierservice"))

    def order(self, *lines: tuple[str, int]) -> outbound.EnteredOrder:
        """An order of ACME with its units reserved."""
        made = outbound.order(self.site, "ACME", *lines, on=WANTED)
        outbound.allocate(self.site, made)
        return made

    def released(self, *lines: tuple[str, int]) -> outbound.EnteredOrder:
        """The same, on the floor."""
        made = self.order(*lines)
        outbound.release(self.site, made)
        return made

    def cut_offs(self, **at: time) -> None:
        """Until when goods must be there for services, on every weekday."""
        rows = [CutOffOf(self.services[code], when) for code, when in at.items()]
        promise.set_cut_offs(ctx(MAY), SetCutOffs(self.site, rows))


def promised(order: outbound.EnteredOrder, ships_on: date, arrives_on: date) -> None:
    """The promise of an order's lines."""
    sql.execute(
        """
        INSERT INTO promise_linepromise (line_id, site_id, first_ships_on, ships_on, arrives_on, seconds, promised_at,
                                         change)
        SELECT l.id, o.site_id, %s, %s, %s, 60, %s, 1 FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE o.id = %s
        """,
        (ships_on, ships_on, arrives_on, datetime(2026, 3, 1, 9).astimezone(), order.order_id),
    )


def options(choice_id: int) -> dict[str, tuple[str, Decimal | None]]:
    """Why not, or what it costs, by service."""
    rows = sql.fetch_all(
        """
        SELECT v.code, o.why, o.price FROM carriers_choiceoption o JOIN parties_carrierservice v ON v.id = o.service_id
        WHERE o.choice_id = %s
        """,
        (choice_id,),
    )
    return {code: (why, price) for code, why, price in rows}
