from datetime import date, timedelta

import pytest
from tests.cast import MAY, NOW, ctx
from tests.supply import item

from flowrack.ledger.tests.house import house, receive
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage import queries_transfer_plans, queries_transfers
from flowrack.storage.types_transfer_plans import PlanLine, PlanTransfer, RenewTransferDays

pytestmark = pytest.mark.django_db


def test_what_has_not_left_by_its_day_comes_on_the_first_day_on_which_it_still_can():
    here, there, hose = house("W1"), house("W2"), item("V-200")
    receive(here, hose, 10, "4", "reserve1")
    late, fine = (
        plans.plan_transfer(ctx(MAY), PlanTransfer(here.site, there.site, [PlanLine(hose, 2)], day)).transfer_id
        for day in (date(2026, 3, 4), date(2026, 3, 20))
    )
    then = NOW + timedelta(days=7)
    assert queries_transfer_plans.late(NOW) == []
    assert queries_transfer_plans.late(then) == [late]
    with pytest.raises(NotPermitted):
        plans.renew_transfer_days(ctx(MAY), RenewTransferDays())
    assert plans.renew_transfer_days(outbox.context_for_system(then, "k"), RenewTransferDays()).count == 1
    first, other = queries_transfers.transfers([late, fine])
    assert first.due_on is not None and first.due_on >= then.date()
    assert other.due_on == date(2026, 3, 20)
    told = sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'storage.transfer_changed'")
    assert told == 3
    assert plans.renew_transfer_days(outbox.context_for_system(then, "l"), RenewTransferDays()).count == 0
