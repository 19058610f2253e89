"""unstack_carton: a carton comes off its pallet, unless that is on a truck."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LoadPlate
from flowrack.shipping.types_pallets import CannotStack, StackCartons, UnstackCarton

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_carton_comes_off_before_its_pallet_is_loaded():
    yard = trucks.yard()
    orders = [yard.packed("NORTH", kind="carton") for _ in range(2)]
    codes = [yard.plate(order) for order in orders]
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, codes)).pallet
    with pytest.raises(NotPermitted):
        commands.unstack_carton(ctx(BO), UnstackCarton(yard.site, codes[0]))
    done = commands.unstack_carton(ctx(GUS, "k"), UnstackCarton(yard.site, codes[0]))
    assert (done.pallet, done.cartons) == (pallet, 1)
    assert commands.unstack_carton(ctx(GUS, "k"), UnstackCarton(yard.site, codes[0])) == done
    with pytest.raises(CannotStack):
        commands.unstack_carton(ctx(GUS), UnstackCarton(yard.site, codes[0]))
    plan = yard.started(*orders)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, pallet))
    with pytest.raises(CannotStack) as refused:
        commands.unstack_carton(ctx(GUS), UnstackCarton(yard.site, codes[1]))
    assert refused.value.message == f"{pallet} is on {plan.number}."
    assert sql.fetch_value("SELECT count(*) FROM shipping_stackedcarton WHERE is_on") == 1
