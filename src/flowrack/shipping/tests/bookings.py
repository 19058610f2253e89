"""A booking that a later choice of a carrier replaced, for tests: nobody is called."""

from __future__ import annotations

from tests import outbound
from tests.cast import GUS, ctx

from flowrack.carriers import queries_choices, queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.types_live import BookingOf
from flowrack.platform import sql
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import PrepareShipment
from flowrack.shipping.types_bookings import KeepBooking
from flowrack.shipping.types_carriers import ChooseCarriers


def replaced() -> int:
    """A booking of North's air service for goods that his ground service takes: to be called off as it is kept."""
    case = Case()
    accounts.account(9)
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    made = commands.prepare_shipment(ctx(GUS), PrepareShipment(case.site, [order.order_id]))
    commands.choose_carriers(ctx(GUS), ChooseCarriers([order.order_id]))
    latest = queries_choices.latest_of([order.order_id])[order.order_id]
    other = next(key for key in case.services.values() if key != latest.service_id)
    [account] = queries_live.accounts_on()
    kept = commands.keep_booking(
        ctx(GUS), KeepBooking(made.shipment_id, account.id, other, "North", BookingOf("B1", "T1"))
    )
    assert (kept.state, kept.tracking) == ("to be called off", "")
    return int(sql.fetch_value("SELECT id FROM carriers_booking WHERE ends = 'waiting'"))
