"""leave_door: a closed truck drives away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.cast import BO, GUS, NOW, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted, WrongState
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import CloseLoad, LeaveDoor, LoadPlate
from flowrack.shipping.types_proofs import BadProof, ProveDelivery

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_a_closed_truck_leaves_and_its_time_is_kept():
    yard = trucks.yard()
    order = yard.packed("NORTH")
    plan = yard.started(order)
    with pytest.raises(WrongState):
        commands.leave_door(ctx(GUS), LeaveDoor(plan.load_id))
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S-1"))
    with pytest.raises(NotPermitted):
        commands.leave_door(ctx(BO), LeaveDoor(plan.load_id))
    assert trucks.load_state(plan.load_id) == "closed"
    shipment = sql.fetch_value("SELECT id FROM shipping_shipment")
    told = ProveDelivery(shipment, "refused", "Nora North", NOW, note="nobody there")
    with pytest.raises(BadProof, match=f"is on {plan.number}, which has not left its door"):
        commands.prove_delivery(ctx(GUS), told)
    commands.leave_door(ctx(GUS), LeaveDoor(plan.load_id))
    assert sql.fetch_one("SELECT state, left_at FROM shipping_load") == ("left", NOW)
    early = replace(told, happened_at=NOW - timedelta(minutes=6))
    with pytest.raises(BadProof, match="before it left the house"):
        commands.prove_delivery(ctx(GUS), early)
    assert commands.prove_delivery(ctx(GUS), told).shipment_id == shipment
