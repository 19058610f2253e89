"""end_booking: the tracking reference goes with the booking; the flow with a real system is in test_keep_booking."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, GUS, ctx

from flowrack.carriers import queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.types_live import BookingOf
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import PrepareShipment, ShipmentNotFound
from flowrack.shipping.types_bookings import EndBooking, KeepBooking, NotBookable

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shipment_that_is_not_there_or_a_person_without_the_right_is_refused():
    with pytest.raises(NotPermitted):
        commands.end_booking(ctx(EVE), EndBooking(1))
    with pytest.raises(ShipmentNotFound):
        commands.end_booking(ctx(GUS), EndBooking(2**40))


def test_only_who_ships_ends_a_booking_once_and_the_tracking_reference_goes_with_it():
    case = Case()
    accounts.account(9)  # nobody is called here
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    made = commands.prepare_shipment(ctx(GUS), PrepareShipment(case.site, [order.order_id]))
    [account] = queries_live.accounts_on()
    given = BookingOf("B1", "T1")
    commands.keep_booking(ctx(GUS), KeepBooking(made.shipment_id, account.id, case.services["AIR"], "North", given))
    with pytest.raises(NotPermitted):
        commands.end_booking(ctx(EVE), EndBooking(made.shipment_id))
    booked = queries_live.booking_of(made.number)
    assert booked is not None and booked.booking == "B1"
    done = commands.end_booking(ctx(GUS, "k"), EndBooking(made.shipment_id))
    assert done == commands.end_booking(ctx(GUS, "k"), EndBooking(made.shipment_id))
    assert queries_live.booking_of(made.number) is None
    assert sql.fetch_all("SELECT carrier, tracking FROM shipping_shipment") == [("North", "")]
    with pytest.raises(NotBookable):
        commands.end_booking(ctx(GUS), EndBooking(made.shipment_id))
