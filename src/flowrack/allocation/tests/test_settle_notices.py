"""A letter is sent or dropped once, by those who speak to customers."""

import pytest
from tests.cast import CY, KIM, bearer, ctx, signed_in

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation.tests.urgent import ask, decide, pilot
from flowrack.allocation.types_displacement import BadPriority, NoticeSettled, SettleNotices
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_letter_is_dealt_with_once(client):
    at = pilot()
    decide(ask(at.urgent).approval)
    [notice_id] = [row[0] for row in sql.fetch_all("SELECT id FROM allocation_customernotice")]
    with pytest.raises(NotPermitted):
        commands.settle_notices(ctx(CY), SettleNotices([notice_id], "sent"))
    with pytest.raises(BadPriority):
        commands.settle_notices(ctx(KIM), SettleNotices([notice_id], "burnt"))
    listed = client.get(f"/api/v1/orders/{at.mid.order_id}/notices", headers=bearer(KIM)).json()
    assert [(row["id"], row["state"]) for row in listed] == [(notice_id, "draft")]
    body = {"notice_ids": [notice_id], "state": "dropped"}
    done = client.post("/api/v1/notices/settle", body, "application/json", headers=bearer(KIM))
    assert done.json() == {"notice_ids": [notice_id]}
    for ids in ([notice_id], [], [notice_id, 10**9]):
        with pytest.raises(NoticeSettled):
            commands.settle_notices(ctx(KIM), SettleNotices(ids, "sent"))
    assert "dropped" in signed_in(KIM).get("/allocation/notices?view=all").content.decode()
