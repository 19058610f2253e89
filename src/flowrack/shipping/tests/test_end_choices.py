"""end_choices: nobody takes an order that was cancelled, or that ships from another site."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, KIM, ctx

from flowrack.carriers import queries_choices
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import RecallOrders
from flowrack.platform.outbox import drain
from flowrack.promise import commands_sites as promise
from flowrack.promise.types_sites import MoveLines
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelOrder
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types_carriers import ChooseCarriers, EndChoices

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_choice_of_a_cancelled_order_ends():
    case = Case()
    gone, kept = case.released(("BOLT", 2)), case.released(("BOLT", 3))
    ids = [gone.order_id, kept.order_id]
    commands.choose_carriers(ctx(ADA), ChooseCarriers(ids))
    assert commands.end_choices(ctx(ADA), EndChoices(ids)).order_ids == [], "neither is cancelled"
    sales.cancel_order(ctx(KIM), CancelOrder(gone.order_id, "changed their mind"))
    before = queries_choices.latest_of(ids)
    with pytest.raises(NotPermitted):
        commands.end_choices(ctx(CY), EndChoices(ids))
    assert queries_choices.latest_of(ids) == before and len(before) == 2
    drain()
    assert list(queries_choices.latest_of(ids)) == [kept.order_id]


def test_the_choice_of_an_order_that_ships_from_another_site_ends():
    case = Case()
    gone, kept = case.released(("BOLT", 2)), case.released(("BOLT", 3))
    ids = [gone.order_id, kept.order_id]
    commands.choose_carriers(ctx(ADA), ChooseCarriers(ids))
    fulfilment.recall_orders(ctx(ADA), RecallOrders([gone.order_id], "goes from the north"))
    north = outbound.house("NORTH")
    promise.move_lines(ctx(KIM), MoveLines(gone.order_id, [], north.site, "nearer"))
    drain()
    assert list(queries_choices.latest_of(ids)) == [kept.order_id]
