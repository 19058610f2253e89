"""note_notice_fetched: the system that sends the messages took one through the API."""

from __future__ import annotations

import pytest
from tests.cast import EVE, KIM, ROB, bearer, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.messages import left
from flowrack.shipping.types_messages import NoMessage, NoteFetched

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_waits_is_listed_fetched_and_waits_no_more(client):
    shipment = left(folder="")
    url = "/api/v1/notice-messages?state=waiting"
    [waiting] = client.get(url, headers=bearer(ROB)).json()["items"]
    assert (waiting["shipment_id"], waiting["customer"], waiting["answer"]) == (shipment, "NORTH Ltd", "waiting")
    done = client.post(f"/api/v1/shipments/{shipment}/notice/856/fetched", headers=bearer(ROB)).json()
    assert done == {"shipment_id": shipment, "control": waiting["control"], "state": "fetched"}
    assert client.get(url, headers=bearer(ROB)).json()["items"] == []
    with pytest.raises(NotPermitted):
        commands.note_notice_fetched(ctx(EVE), NoteFetched(shipment))
    with pytest.raises(NoMessage):
        commands.note_notice_fetched(ctx(KIM), NoteFetched(10**9))
