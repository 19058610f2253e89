"""Two people put two things onto the same empty pallet at the same moment, each in a bin of their own."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import LpnElsewhere, Move, Place
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = ("reserve1", "reserve2")


@pytest.mark.parametrize(("way", "told_yes", "stands_at"), [("naive", 2, 2), ("guarded", 1, 1)])
def test_a_plate_ends_in_one_place(way, told_yes, stands_at):
    """The naive way looks whether the plate stands elsewhere, and both see that it does not."""
    w1, tea = h.house(), h.item("TEA")
    lpn = h.value("INSERT INTO locations_lpn (code, kind, site_id) VALUES ('P-1', 'pallet', %s) RETURNING id", w1.site)
    for place in PLACES:
        h.receive(w1, tea, 5, "1", place)
    contexts = [h.context(), h.context()]
    both_have_looked = threading.Barrier(2)
    if way == "naive":
        sql.execute("ALTER TABLE ledger_cell DISABLE TRIGGER ledger_cell_lpn_gains")

    def put(n: int) -> bool:
        here = w1.places[PLACES[n]]
        with transaction.atomic():
            if way == "naive":
                assert not sql.fetch_all("SELECT FROM ledger_cell WHERE lpn_id = %s AND on_hand > 0", (lpn,))
                both_have_looked.wait()
            steps.post(contexts[n], [Move(tea, 5, Place(here), Place(here, lpn), "pack")])
        return True

    try:
        outcomes = at_the_same_time([lambda: put(0), lambda: put(1)])
    finally:
        sql.execute("ALTER TABLE ledger_cell ENABLE TRIGGER ledger_cell_lpn_gains")
    assert outcomes.count(True) == told_yes
    assert [type(o) for o in outcomes if o is not True] == [LpnElsewhere] * (2 - told_yes)
    found = sql.fetch_value(
        "SELECT count(DISTINCT location_id) FROM ledger_cell WHERE lpn_id = %s AND on_hand > 0", (lpn,)
    )
    assert found == stands_at
    assert (verify() == []) is (way == "guarded")
