import pytest
from tests.cast import DI, MAY, ctx

from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state
from flowrack.purchasing.types_requisitions import EndRequisitions, LineToOrder, OrderRequisitions, RequisitionLineGone
from flowrack.shared.errors import Invalid, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_one_is_withdrawn_with_a_reason_while_nothing_is_ordered():
    here, _, _, hose, tap, _ = scene()
    made, other = ask(here.site, line(hose, 50)), ask(here.site, line(tap, 5))
    with pytest.raises(Invalid):
        commands_requisitions.cancel_requisitions(ctx(MAY), EndRequisitions([made.requisition_id], " "))
    commands_requisitions.cancel_requisitions(ctx(MAY), EndRequisitions([made.requisition_id], "fair is off"))
    assert state(made) == "cancelled"
    with pytest.raises(WrongState):
        commands_requisitions.cancel_requisitions(ctx(MAY), EndRequisitions([made.requisition_id], "fair is off"))
    decide(other)
    commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(other.line_ids[0], Units(2))]))
    with pytest.raises(RequisitionLineGone):
        commands_requisitions.cancel_requisitions(ctx(MAY), EndRequisitions([other.requisition_id], "fair is off"))
    assert state(other) == "approved"
