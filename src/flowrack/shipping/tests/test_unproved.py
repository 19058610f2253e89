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


def test_a_carton_that_must_be_weighed_does_not_leave_without_a_weight():
    at = packing.staged()
    packing.rule(must_weigh=True)
    carton = packing.packed(at.order)
    leave = ShipConfirm(at.site, [Departure(order_ids=(at.order.order_id,))])
    before = outbound.books()
    with pytest.raises(NotProved, match=f"{carton.sscc} was not weighed"):
        commands.ship_confirm(ctx(GUS), leave)
    assert outbound.books() == before
    fulfilment.weigh_carton(ctx(GUS), WeighCarton(carton.carton_id, 8 * 250 + 300))
    assert commands.ship_confirm(ctx(GUS), leave).shipments[0].units == 8


def test_a_scan_of_the_label_before_a_reprint_does_not_count_for_the_new_one():
    at = packing.staged()
    packing.asks_for_scans()
    carton = packing.packed(at.order)
    leave = ShipConfirm(at.site, [Departure(order_ids=(at.order.order_id,))])
    prints = PrintCartonLabels([carton.carton_id])
    fulfilment.print_carton_labels(ctx(GUS), prints)
    fulfilment.verify_carton_label(ctx(GUS), VerifyCartonLabel(carton.carton_id, carton.sscc))
    fulfilment.print_carton_labels(ctx(GUS), prints)
    with pytest.raises(NotProved, match=f"The label of {carton.sscc} was not scanned"):
        commands.ship_confirm(ctx(GUS), leave)
    fulfilment.verify_carton_label(ctx(GUS), VerifyCartonLabel(carton.carton_id, carton.sscc))
    assert commands.ship_confirm(ctx(GUS), leave).shipments[0].units == 8
