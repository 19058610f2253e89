"""end_booking: the tracking reference goes with the booking; the flow with a real system is in test_keep_booking."""

from __future__ import annotations

import pytest
from tests.cast import EVE, GUS, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_bookings import EndBooking

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shipment_that_is_not_there_or_a_person_without_the_right_is_refused():
    with pytest.raises(NotPermitted):
        commands.end_booking(ctx(EVE), EndBooking(1))
    with pytest.raises(ShipmentNotFound):
        commands.end_booking(ctx(GUS), EndBooking(2**40))
