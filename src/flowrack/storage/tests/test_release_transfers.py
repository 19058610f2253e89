import pytest
from tests.cast import BO, MAY, NOW, ctx
from tests.supply import counts_of, item

from flowrack.ledger.tests.house import house, receive
from flowrack.shared.errors import Invalid, NotFound, NotPermitted
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfer_plans
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, ReleaseTransfers

pytestmark = pytest.mark.django_db


def test_released_transfers_are_work_at_the_sender_the_first_due_first():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    one, other = (
        plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, n)])).transfer_id
        for n in (4, 2)
    )
    assert queries_transfer_plans.to_stage_count(here.site, NOW) == 0
    before = counts_of()
    for who, kind, ids in ((MAY, Invalid, []), (MAY, NotFound, [one, 99_999]), (BO, NotPermitted, [one])):
        with pytest.raises(kind):
            plans.release_transfers(ctx(who), ReleaseTransfers(ids))
    assert counts_of() == before
    assert plans.release_transfers(ctx(MAY), ReleaseTransfers([one, other, one])).count == 2
    assert plans.release_transfers(ctx(MAY), ReleaseTransfers([one])).count == 0
    assert [row.id for row in queries_transfer_plans.to_stage(here.site, NOW)] == [one, other]
    assert (
        queries_transfer_plans.to_stage_count(here.site, NOW),
        queries_transfer_plans.to_stage_count(there.site, NOW),
    ) == (
        2,
        0,
    )
    [row] = queries_transfer_plans.rows_to_stage(one)
    assert (row.sku, row.units, row.place, row.there) == ("V-200", 4, "reserve-1", 10)
