"""send_notice_again: the same bytes under the same control number."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cast import EVE, KIM, bearer, ctx, signed_in

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.messages import left, round_at, row
from flowrack.shipping.types_messages import NoMessage, SendMessageAgain

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_put_once_more_from_page_and_api(client, settings, tmp_path: Path):
    settings.EDI_FOLDERS = str(tmp_path)
    shipment = left()
    round_at(15)
    [file] = (tmp_path / "NORTH").iterdir()
    before = file.read_bytes()
    file.unlink()
    assert signed_in(KIM).post(f"/shipments/{shipment}/notice/856/again").status_code == 303
    round_at(30)
    assert file.read_bytes() == before and row(shipment).sends == 2
    told = client.post(f"/api/v1/shipments/{shipment}/notice/856/again", headers=bearer(KIM)).json()
    assert told["state"] == "waiting"
    with pytest.raises(NotPermitted):
        commands.send_notice_again(ctx(EVE), SendMessageAgain(shipment))
    with pytest.raises(NoMessage):
        commands.send_notice_again(ctx(KIM), SendMessageAgain(10**9))
