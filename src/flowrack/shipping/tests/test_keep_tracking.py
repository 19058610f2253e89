"""keep_tracking: where goods are, as the carrier says; the flow with a real system is in test_keep_booking."""

from __future__ import annotations

import pytest
from tests.cast import EVE, GUS, ctx

from flowrack.carriers.types_live import TrackingOf
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_bookings import KeepTracking

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shipment_that_is_not_there_or_a_person_without_the_right_is_refused():
    with pytest.raises(NotPermitted):
        commands.keep_tracking(ctx(EVE), KeepTracking(1, TrackingOf("lost")))
    with pytest.raises(ShipmentNotFound):
        commands.keep_tracking(ctx(GUS), KeepTracking(2**40, TrackingOf("lost")))
