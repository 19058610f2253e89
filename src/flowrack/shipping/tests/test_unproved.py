"""Cartons leave only proved: the weight right or let go, the label scanned where the customer asks for it."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, GUS, ctx

from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types_packing import (
    AcceptWeight,
    NotProved,
    PrintCartonLabels,
    VerifyCartonLabel,
    WeighCarton,
)
from flowrack.shipping import commands
from flowrack.shipping.types import Departure, ShipConfirm

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_carton_leaves_only_with_its_scanned_label_and_its_weight():
    at = packing.staged()
    packing.asks_for_scans()
    carton = packing.packed(at.order)
    leave = ShipConfirm(at.site, [Departure(order_ids=(at.order.order_id,))])
    before = outbound.books()
    with pytest.raises(NotProved, match=f"The label of {carton.sscc} was not scanned"):
        commands.ship_confirm(ctx(GUS), leave)
    assert outbound.books() == before
    fulfilment.print_carton_labels(ctx(GUS), PrintCartonLabels([carton.carton_id]))
    with pytest.raises(NotProved):
        commands.ship_confirm(ctx(GUS), leave)
    fulfilment.verify_carton_label(ctx(GUS), VerifyCartonLabel(carton.carton_id, carton.sscc))
    fulfilment.weigh_carton(ctx(GUS), WeighCarton(carton.carton_id, 9_000))
    with pytest.raises(NotProved, match=f"The weight of {carton.sscc} is off"):
        commands.ship_confirm(ctx(GUS), leave)
    fulfilment.accept_weight(ctx(ADA), AcceptWeight(carton.carton_id, "wet straw"))
    assert commands.ship_confirm(ctx(GUS), leave).shipments[0].units == 8
