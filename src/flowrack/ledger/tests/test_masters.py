"""The kernel's rows name only master data that is there, and that stays."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import BadMove, Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


def test_a_plate_or_an_owner_that_is_not_there_is_refused_line_by_line():
    w1 = h.house()
    tea, cup = h.item("TEA"), h.item("CUP")
    h.receive(w1, tea, 5, "1")
    with pytest.raises(BadMove) as refused, transaction.atomic():
        steps.post(
            h.context(),
            [
                Move(tea, 1, w1["reserve1"], Place(w1.places["reserve2"], 999_999), "move"),
                Move(cup, 1, w1.virtual("SUPPLIER"), w1["receiving1"], "receipt", owner_id=888_888),
            ],
        )
    assert [(line.line, line.field, line.message) for line in refused.value.lines] == [
        (1, "lpn", "There is no such license plate for TEA."),
        (2, "owner", "There is no party 888888 to own CUP."),
    ]
    assert h.on_hand(w1, tea, "reserve1") == 5
    assert verify() == []


@pytest.mark.parametrize(
    "master", ["catalog_item", "catalog_lot", "locations_site", "locations_location", "locations_lpn", "parties_party"]
)
def test_what_the_ledger_may_name_is_never_deleted(master: str):
    w1 = h.house()
    h.receive(w1, h.item("TEA"), 5, "1")
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        sql.execute(f"DELETE FROM {master}")
    assert verify() == []


def test_a_cell_that_names_nothing_is_found():
    w1 = h.house()
    h.receive(w1, h.item("TEA"), 5, "1")
    assert verify() == []
    sql.execute("UPDATE ledger_cell SET lpn_id = 999999 WHERE NOT is_virtual")
    assert [finding.check for finding in verify()] == ["cells, pools and books name what exists"]
