"""verify_carton_label: the label on a carton is its own, proved by a scan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import CY, GUS, NOW, bearer, ctx

from flowrack.fulfilment import commands, queries_packing, queries_unproved
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import UnpackCarton
from flowrack.fulfilment.types_packing import PrintCartonLabels, VerifyCartonLabel, WrongLabel
from flowrack.labels.tests.specs import CARTON, approved
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_its_own_printed_label_proves_a_carton(client):
    at = packing.staged()
    packing.asks_for_scans()
    mine = packing.packed(at.order)
    other = packing.packed(packing.picked(at.site, "ACME", "T-2", ("4711", 1)))
    gone = packing.packed(packing.picked(at.site, "ACME", "T-3", ("4711", 1)))
    commands.unpack_carton(ctx(GUS), UnpackCarton(gone.carton_id))
    whose = sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (other.order_id,))
    for code, words in (
        (f"]C100{other.sscc}", f"That is the label of {whose} for ACME Ltd"),
        (gone.sscc, "That label is used up"),
        ("4711", "4711 is the label of no carton"),
        (mine.sscc, "was printed since it was closed"),
    ):
        with pytest.raises(WrongLabel, match=words):
            commands.verify_carton_label(ctx(GUS), VerifyCartonLabel(mine.carton_id, code))
    commands.print_carton_labels(ctx(GUS), PrintCartonLabels([mine.carton_id]))
    with pytest.raises(NotPermitted):
        commands.verify_carton_label(ctx(CY), VerifyCartonLabel(mine.carton_id, mine.sscc))
    assert sql.fetch_value("SELECT count(*) FROM labels_labelprint WHERE scanned_at IS NOT NULL") == 0
    sent = client.post(
        f"/api/v1/cartons/{mine.carton_id}/verify-label", {"scanned": f"]C100{mine.sscc}"}, "application/json",
        headers=bearer(GUS),
    )  # fmt: skip
    assert sent.status_code == 200
    assert queries_packing.cartons_now([mine.carton_id])[mine.carton_id].is_labelled


def test_whether_a_scan_is_asked_for_follows_the_day_of_the_site():
    at = packing.staged()
    approved(replace(CARTON, code="ACME-CARTON", customer="ACME", is_scanned=True, valid_from=NOW.date()))
    sql.execute("UPDATE locations_site SET timezone = 'America/Los_Angeles' WHERE id = %s", (at.site,))
    lpn_id = packing.packed(at.order).lpn_id
    early = NOW.replace(hour=5)  # the day before, in the evening, in Los Angeles
    assert queries_unproved.unproved([lpn_id], now=early) == []
    assert [one.lacks for one in queries_unproved.unproved([lpn_id], now=NOW)] == ["its label was not scanned"]
