import pytest
from tests.cast import DI, MAY, NOW, ctx

from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.queries_cover import covers
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state
from flowrack.purchasing.types_requisitions import EndRequisitions, LineToOrder, OrderRequisitions
from flowrack.shared.errors import WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_what_is_open_is_given_up_and_covers_nothing_any_more():
    here, _, _, _, tap, _ = scene()
    made = ask(here.site, line(tap, 5))
    closing = EndRequisitions([made.requisition_id], "two are enough")
    with pytest.raises(WrongState):
        commands_requisitions.close_requisitions(ctx(MAY), closing)
    decide(made)
    commands_requisitions.order_requisitions(ctx(DI), OrderRequisitions([LineToOrder(made.line_ids[0], Units(2))]))
    assert sorted(c.units for c in covers([(here.site, tap)], today=NOW.date())) == [2, 3]
    commands_requisitions.close_requisitions(ctx(MAY), closing)
    assert (state(made), [c.units for c in covers([(here.site, tap)], today=NOW.date())]) == ("closed", [2])
