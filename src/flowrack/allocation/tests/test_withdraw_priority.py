"""Who asked may let it be; what moved at once stays where it is."""

import pytest
from tests.cast import CY, KIM, bearer, ctx, signed_in

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation.tests.urgent import ask, pilot
from flowrack.allocation.types_displacement import WithdrawPriority
from flowrack.platform import sql
from flowrack.shared.errors import NotFound, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_a_withdrawn_question_moves_nothing_back(client):
    at = pilot()
    done = ask(at.urgent)
    before = at.counts()
    ended = commands.withdraw_priority(ctx(KIM, "k"), WithdrawPriority(done.request_id, "found another way"))
    assert commands.withdraw_priority(ctx(KIM, "k"), WithdrawPriority(done.request_id, "found another way")) == ended
    assert (ended.state, at.counts()) == ("withdrawn", before)
    assert sql.fetch_value("SELECT state FROM approvals_request WHERE number = %s", (done.approval,)) == "withdrawn"
    with pytest.raises(WrongState):
        commands.withdraw_priority(ctx(KIM), WithdrawPriority(done.request_id, "again"))
    with pytest.raises(NotPermitted):
        commands.withdraw_priority(ctx(CY), WithdrawPriority(done.request_id, "mine"))
    with pytest.raises(NotFound):
        commands.withdraw_priority(ctx(KIM), WithdrawPriority(10**9, "no such"))
    second = ask(at.urgent)
    form = {"idempotency_key": "p"}
    assert signed_in(KIM).post(f"/allocation/priorities/{second.request_id}/withdraw", form).status_code == 303
    third = ask(at.urgent)
    url = f"/api/v1/priority-requests/{third.request_id}/withdraw"
    assert (
        client.post(url, {"reason": "enough"}, "application/json", headers=bearer(KIM)).json()["state"] == "withdrawn"
    )
