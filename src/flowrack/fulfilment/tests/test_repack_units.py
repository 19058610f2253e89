"""repack_units: goods change their carton; what was proved of both is proved anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import CY, GUS, NOW, bearer, ctx, signed_in

from flowrack.fulfilment import commands, queries, queries_packing
from flowrack.fulfilment.tests import packing
from flowrack.fulfilment.types import AlreadyPacked, NotStaged
from flowrack.fulfilment.types_cartons import BadCartonType
from flowrack.fulfilment.types_packing import PrintCartonLabels, RepackLine, RepackUnits, WeighCarton
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=5)


def inside(carton_id: int) -> list[tuple[str, int]]:
    return [(row.sku, row.units) for row in queries_packing.content_of(carton_id)]


def test_a_carton_is_split_and_joined_again():
    at = packing.staged()
    one, two = at.order.line_ids
    carton = packing.packed(at.order)
    commands.weigh_carton(ctx(GUS), WeighCarton(carton.carton_id, 2_300))
    commands.print_carton_labels(ctx(GUS), PrintCartonLabels([carton.carton_id]))
    req = RepackUnits(carton.carton_id, [RepackLine(one, 2), RepackLine(two, 2)], carton_type="m")
    done = commands.repack_units(ctx(GUS, "k", now=LATER), req)
    assert commands.repack_units(ctx(GUS, "k", now=LATER), req) == done
    assert (done.units, done.is_empty, len(done.sscc)) == (4, False, 18)
    assert inside(carton.carton_id) == [("4711", 4)]
    assert sql.fetch_all("SELECT filled FROM fulfilment_carton ORDER BY id") == [(166,), (166,)]
    assert inside(done.to_carton_id) == [("4711", 2), ("6024", 2)]
    now = queries_packing.cartons_now([carton.carton_id, done.to_carton_id])
    assert [(one.weight_state, one.print_id) for one in now.values()] == [("", 0), ("", 0)]
    back = commands.repack_units(
        ctx(GUS, now=LATER), RepackUnits(carton.carton_id, [RepackLine(one, 4)], done.to_carton_id)
    )
    assert (back.is_empty, back.sscc) == (True, "")
    assert inside(done.to_carton_id) == [("4711", 6), ("6024", 2)]
    assert sql.fetch_all("SELECT filled FROM fulfilment_carton ORDER BY id") == [(None,), (333,)]
    assert sql.fetch_all("SELECT state FROM fulfilment_carton ORDER BY id") == [("unpacked",), ("packed",)]
    assert {row.lpn for row in queries.staged_in_words(at.order.order_id)} == {done.sscc}
    assert not verify()


def test_refusals_move_nothing():
    at = packing.staged()
    one, two = at.order.line_ids
    first = packing.packed(at.order, units={one: 6}).carton_id
    other = packing.packed(packing.picked(at.site, "ACME", "T-2", ("4711", 1))).carton_id
    for who, req, refusal in (
        (GUS, RepackUnits(first, [RepackLine(one, 7)]), NotStaged),
        (GUS, RepackUnits(first, [RepackLine(two, 1)]), NotStaged),
        (GUS, RepackUnits(first, [RepackLine(one, 1)], other), NotStaged),
        (GUS, RepackUnits(first, [RepackLine(one, 5)], carton_type="S"), BadCartonType),
        (GUS, RepackUnits(first, [RepackLine(one, 1)], first), Invalid),
        (GUS, RepackUnits(first, []), Invalid),
        (GUS, RepackUnits(first, [RepackLine(one, 1)], 0, "XXL"), BadCartonType),
        (CY, RepackUnits(first, [RepackLine(one, 1)]), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.repack_units(ctx(who), req)
    assert inside(first) == [("4711", 6)] and sql.fetch_value("SELECT count(*) FROM fulfilment_carton") == 2
    done = commands.repack_units(ctx(GUS), RepackUnits(first, [RepackLine(one, 6)]))
    assert done.is_empty
    with pytest.raises(AlreadyPacked):
        commands.repack_units(ctx(GUS), RepackUnits(first, [RepackLine(one, 1)]))


def test_page_and_api_move_units(client):
    at = packing.staged()
    carton = packing.packed(at.order).carton_id
    browser = signed_in(GUS)
    assert "a new carton" in browser.get(f"/cartons/{carton}/repack").content.decode()
    assert browser.post(f"/cartons/{carton}/repack", {"to": "0", "units_0": "2"}).status_code == 303
    second = sql.fetch_value("SELECT max(id) FROM fulfilment_carton")
    body = {"lines": [{"line_id": at.order.line_ids[0], "units": 1}], "to_carton_id": second}
    sent = client.post(f"/api/v1/cartons/{carton}/repack", body, "application/json", headers=bearer(GUS))
    assert sent.json()["units"] == 1
    assert (inside(carton), inside(second)) == ([("4711", 3), ("6024", 2)], [("4711", 3)])
