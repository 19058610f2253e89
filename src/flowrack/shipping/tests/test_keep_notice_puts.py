"""keep_notice_puts: each EDI 856 stands whole in its customer's folder, and what fails is tried again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cast import EVE, KIM, bearer, ctx, signed_in

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.messages import left, round_at, row
from flowrack.shipping.types_messages import KeepPuts, MessagePut, PutsKept

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_is_put_once_as_it_was_written(client, settings, tmp_path: Path):
    settings.EDI_FOLDERS = str(tmp_path / "edi")
    shipment = left()
    written = client.get(f"/api/v1/shipments/{shipment}/notice/856", headers=bearer(KIM)).content
    round_at(15)
    found = row(shipment)
    [file] = (tmp_path / "edi" / "NORTH").iterdir()
    assert (file.name, file.read_bytes()) == (f"{found.shipment}-{found.control:09d}.856.edi", written)
    assert (found.state, found.sends, found.said) == ("sent", 1, "")
    file.unlink()
    round_at(30)
    assert list((tmp_path / "edi" / "NORTH").iterdir()) == []
    assert "in its folder" in signed_in(KIM).get(f"/shipments/{shipment}/notice").content.decode()


def test_a_folder_that_cannot_be_written_is_said_and_tried_again_later(settings, tmp_path: Path):
    (tmp_path / "edi").write_text("a file where folders should be")
    settings.EDI_FOLDERS = str(tmp_path / "edi")
    shipment = left()
    round_at(15)
    found = row(shipment)
    assert (found.state, found.tries) == ("waiting", 1)
    assert found.said == "The folder NORTH cannot be written (Not a directory)."
    assert found.said in signed_in(KIM).get("/notices?edi=waiting").content.decode()
    (tmp_path / "edi").unlink()
    round_at(30)
    assert row(shipment).state == "waiting", "a minute is not over"
    round_at(90)
    assert (row(shipment).state, row(shipment).said) == ("sent", "")


def test_without_a_folder_it_waits_to_be_fetched(settings, tmp_path: Path):
    settings.EDI_FOLDERS = str(tmp_path / "edi")
    shipment = left(folder="")
    round_at(15)
    assert row(shipment).state == "waiting" and not (tmp_path / "edi").exists()


def test_who_may_not_keeps_nothing_and_what_is_unknown_is_left_out():
    with pytest.raises(NotPermitted):
        commands.keep_notice_puts(ctx(EVE), KeepPuts([MessagePut(1)]))
    assert commands.keep_notice_puts(ctx(KIM), KeepPuts([MessagePut(10**9)])) == PutsKept(0, 0)
