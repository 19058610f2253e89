"""The pilot's house for tests of substitutes: P is short, S1 in two lots, S2 in packs of twelve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tests import outbound
from tests.cast import KIM, NOW, PAM, Person, ctx

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation.types_substitutes import AcceptOffer, OfferAccepted, SeenPortion, SetConsent
from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.platform import outbox, sql
from flowrack.sales.types import EnteredOrder

TODAY = date(2026, 3, 2)


@dataclass
class Short:
    """The house, its items, and an order of 100 P of which 35 are reserved."""

    at: outbound.House
    p: int
    s1: int
    s2: int
    order: EnteredOrder

    @property
    def line_id(self) -> int:
        """The short line."""
        return self.order.line_ids[0]

    def lines(self) -> list[tuple[str, int, int, int, str]]:
        """SKU, ordered, reserved or further, cancelled, and what it stands for, of each line."""
        return sql.fetch_all(
            """
            SELECT i.sku, l.units, l.allocated_units + l.picked_units + l.shipped_units, l.cancelled_units,
                   coalesce(o.sku, '')
            FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
            LEFT JOIN sales_substitution s ON s.line_id = l.id LEFT JOIN sales_orderline x ON x.id = s.original_id
            LEFT JOIN catalog_item o ON o.id = x.item_id WHERE l.order_id = %s ORDER BY l.line_no
            """,
            (self.order.order_id,),
        )


def short(today: date = TODAY) -> Short:
    """Everything up to the moment at which somebody looks for a substitute."""
    at = outbound.house()
    p, s1, s2 = outbound.item("P"), outbound.item("S1", tracking="lot"), outbound.item("S2")
    prices = {p: 10, s1: 13, s2: 12}
    for item_id, price in prices.items():
        sql.execute("UPDATE catalog_item SET list_price = %s WHERE id = %s", (price, item_id))
    outbound.receive(at, p, 35, "6")
    for code, units, days in (("L1", 30, 45), ("L2", 20, 200)):
        lot_id = outbound.lot(s1, code)
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (today + timedelta(days=days), lot_id))
        outbound.receive(at, s1, units, "7", lot_id=lot_id)
    outbound.receive(at, s2, 96, "6.5")
    set_substitute(ctx(PAM), SetSubstitute("P", "S1", is_price_protected=True))
    set_substitute(ctx(PAM), SetSubstitute("P", "S2", multiple=12, excluded_tiers=["C"]))
    outbound.customer("CARE", tier="C", life=60)
    sql.execute("UPDATE parties_customerterms SET substitutes = 'yes'")
    commands.set_consent(ctx(KIM), SetConsent("CARE", "P", "S1", True, "Ms Lee, by phone"))
    order = outbound.order(at.site, "CARE", ("P", 100), ships=today)
    outbound.allocate(at.site, order)
    outbox.drain(now=NOW)
    return Short(at, p, s1, s2, order)


def seen(here: Short, offer: str, today: date = TODAY) -> list[SeenPortion]:
    """What an offer holds now."""
    line = queries.short_line(here.line_id, today)
    assert line is not None
    found = queries.propose(line, today, NOW).offers
    one = found.a if offer == "A" else found.b
    return [SeenPortion(portion.edge.item_id, portion.units) for portion in one.portions] if one else []


def accept(here: Short, offer: str, *, by: Person = KIM, reason: str = "", key: str | None = None) -> OfferAccepted:
    """Kim accepts an offer as it is."""
    return commands.accept_offer(ctx(by, key), AcceptOffer(here.line_id, offer, seen(here, offer), reason))
