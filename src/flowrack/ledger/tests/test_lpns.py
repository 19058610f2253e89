"""An LPN stands at one location at a time, whatever is posted."""

import pytest
from django.db import transaction

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import LpnElsewhere, Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def plate():
    """A pallet with 10 of tea and 4 of jam in the first reserve bin."""
    w1 = h.house()
    lpn = h.value("INSERT INTO locations_lpn (code, kind, site_id) VALUES ('P-1', 'pallet', %s) RETURNING id", w1.site)
    items = h.item("TEA"), h.item("JAM")
    for item, units in zip(items, (10, 4), strict=True):
        h.receive(w1, item, units, "1", "reserve1")
    here = w1.places["reserve1"]
    steps.post(
        h.context(), [Move(i, n, Place(here), Place(here, lpn), "pack") for i, n in zip(items, (10, 4), strict=True)]
    )
    return w1, lpn, items


def test_a_part_of_a_plate_cannot_stand_elsewhere(plate):
    w1, lpn, (tea, jam) = plate
    there = w1.places["reserve2"]
    for moves in (
        [Move(tea, 3, Place(w1.places["reserve1"], lpn), Place(there, lpn), "move")],
        [Move(tea, 10, Place(w1.places["reserve1"], lpn), Place(there, lpn), "move")],
        [Move(jam, 1, w1["return_review1"], Place(there, lpn), "move")],
    ):
        if moves[0].source == w1["return_review1"]:
            h.receive(w1, jam, 1, "1", "return_review1")
        with pytest.raises(LpnElsewhere) as caught, transaction.atomic():
            steps.post(h.context(), moves)
        assert caught.value.message == "P-1 stands at reserve-1; it cannot also stand at reserve-2."
    assert verify() == []


def test_all_of_it_moves_at_once_and_units_come_off_it(plate):
    w1, lpn, (tea, jam) = plate
    here, there = w1.places["reserve1"], w1.places["reserve2"]
    steps.post(h.context(), [Move(tea, 3, Place(here, lpn), Place(there), "move")])
    steps.post(
        h.context(),
        [Move(item, units, Place(here, lpn), Place(there, lpn), "move") for item, units in ((tea, 7), (jam, 4))],
    )
    cells = sql.fetch_all(
        "SELECT item_id, lpn_id, on_hand FROM ledger_cell WHERE location_id = %s AND on_hand > 0 ORDER BY id", (there,)
    )
    assert cells == [(tea, 0, 3), (tea, lpn, 7), (jam, lpn, 4)]
    assert verify() == []


def test_a_plate_that_left_may_come_back_elsewhere(plate):
    w1, lpn, (tea, jam) = plate
    here, away = Place(w1.places["reserve1"], lpn), w1.virtual("CUSTOMER")
    steps.post(h.context(), [Move(tea, 10, here, away, "ship"), Move(jam, 4, here, away, "ship")])
    h.receive(w1, tea, 2, "1", "receiving1")
    steps.post(h.context(), [Move(tea, 2, w1["receiving1"], Place(w1.places["receiving1"], lpn), "pack")])
    assert verify() == []


def test_verify_finds_a_plate_in_two_places(plate):
    w1, lpn, (tea, _) = plate
    sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    sql.execute("ALTER TABLE ledger_cell DISABLE TRIGGER ledger_cell_lpn_gains")
    steps.post(h.context(), [Move(tea, 3, Place(w1.places["reserve1"], lpn), Place(w1.places["reserve2"], lpn), "x")])
    [finding] = verify()
    assert (finding.check, finding.rows) == ("an LPN stands at one location", 1)
    assert finding.sample == [(lpn, sorted([w1.places["reserve1"], w1.places["reserve2"]]))]


def test_what_a_transaction_found_of_a_plate_counts_until_it_moves_and_not_after_a_rollback(plate):
    w1, lpn, (tea, jam) = plate
    here, there = w1.places["reserve1"], w1.places["reserve2"]

    def carried(source: int, target: int) -> list[Move]:
        return [
            Move(item, units, Place(source, lpn), Place(target, lpn), "move") for item, units in ((tea, 10), (jam, 4))
        ]

    back_again = [Move(jam, 1, Place(there, lpn), Place(here, lpn), "move")]
    with transaction.atomic():
        steps.post(h.context(), carried(here, there))
        with pytest.raises(LpnElsewhere), transaction.atomic():
            steps.post(h.context(), back_again)  # it stood here in this transaction, and does no more
        try:
            with transaction.atomic():
                steps.post(h.context(), carried(there, here))
                raise LookupError
        except LookupError:
            pass
        with pytest.raises(LpnElsewhere), transaction.atomic():
            steps.post(h.context(), back_again)  # that it came back here was rolled back
    assert verify() == []
