"""Shipments that left with North's ground service, for tests of what carriers bill."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests import outbound
from tests.cast import ADA, GUS, NED, NOW, ctx

from flowrack.freight import commands, queries
from flowrack.freight.types import BilledLine, EnterFreightInvoice, FreightInvoiceEntered
from flowrack.platform import sql
from flowrack.shipping import commands as shipping
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_carriers import ChooseCarriers

D = Decimal
DAY = date(2026, 3, 31)


class Sent(Case):
    """The house of carriers; `ship` sends bolts by the cheaper service, which is expected to cost 6.49."""

    def ship(self, units: int = 2) -> tuple[int, str]:
        """A shipment that left: id and number."""
        order = self.order(("BOLT", units))
        outbound.pick_all(outbound.release(self.site, order))
        outbound.pack(order)
        shipping.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id]))
        left = ctx(GUS, now=NOW + timedelta(minutes=5))
        shipping.ship_confirm(left, ShipConfirm(self.site, [Departure(order_ids=(order.order_id,))]))
        found = sql.fetch_one("SELECT id, number FROM shipping_shipment ORDER BY id DESC LIMIT 1")
        assert found is not None
        return found[0], found[1]


def line(reference: str, amount: str, **more: object) -> BilledLine:
    """A line of an invoice."""
    return BilledLine(reference, D(amount), **more)  # type: ignore[arg-type]


def enter(number: str, *lines: BilledLine, carrier: str = "NORTH") -> FreightInvoiceEntered:
    """Ned enters an invoice."""
    return commands.enter_freight_invoice(ctx(NED), EnterFreightInvoice(carrier, number, DAY, list(lines)))


def charges(invoice_id: int) -> list[tuple[str, str, Decimal, Decimal, str]]:
    """Reference, cause, billed, expected and state of each charge, the greatest difference first."""
    return [(c.reference, c.cause, c.billed, c.expected, c.state) for c in queries.charges_of(invoice_id)]


def books() -> tuple[int, ...]:
    """Rows of freight, by state."""
    row = sql.fetch_one(
        """
        SELECT (SELECT count(*) FROM freight_invoice WHERE state = 'open'),
               (SELECT count(*) FROM freight_invoice WHERE state <> 'open'), (SELECT count(*) FROM freight_charge),
               (SELECT count(*) FROM freight_charge WHERE decided_at IS NOT NULL)
        """
    )
    return tuple(row or ())
