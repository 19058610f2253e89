"""Two buyers propose the same purchase at the same moment: one order is written, the other hears what covers it."""

from __future__ import annotations

import threading

import pytest

from flowrack.planning import commands
from flowrack.planning.types import ProposeOrders
from flowrack.platform import sql
from flowrack.purchasing import locks, queries_cover
from flowrack.purchasing.types_cover import AlreadyCovered
from tests.cast import DI, ED, ctx
from tests.races.together import at_the_same_time
from tests.supply import house, item, sells, supplier

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene():
    """An item that is bought up to 300, and was bought before; nothing of it is there or coming."""
    here, hose = house("W1"), item("V-200")
    sells(supplier("A"), hose, "4")
    sql.execute("UPDATE catalog_item SET reorder_point = 300, order_up_to = 300 WHERE id = %s", (hose,))
    sql.execute("INSERT INTO purchasing_supplykey (site_id, item_id) VALUES (%s, %s)", (here.site, hose))
    return here, [ctx(DI), ctx(ED)]


def propose_together(scene, monkeypatch) -> tuple[list[object], list[int]]:
    """Both have looked before either writes; what came of it, and the units on orders."""
    here, contexts = scene
    both_have_looked = threading.Barrier(2)
    looked = commands.queries.needs

    def look(*args, **kwargs):
        found = looked(*args, **kwargs)
        both_have_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(commands.queries, "needs", look)
    outcomes = at_the_same_time(
        [lambda by=by: commands.propose_orders(by, ProposeOrders(here.site)) for by in contexts]
    )
    units = [row[0] for row in sql.fetch_all("SELECT units FROM purchasing_poline ORDER BY id")]
    return outcomes, units


def test_without_the_lock_both_buy(scene, monkeypatch):
    both_are_here = threading.Barrier(2)

    def naive(keys):
        """Neither has written when both read what is coming."""

    monkeypatch.setattr(locks, "supply_keys", naive)
    read = queries_cover.covers

    def late(keys, **kwargs):
        coming = read(keys, **kwargs)
        if threading.current_thread() is not threading.main_thread():
            both_are_here.wait(timeout=20)
        return coming

    monkeypatch.setattr(queries_cover, "covers", late)
    _, units = propose_together(scene, monkeypatch)
    assert units == [300, 300], "the set-up catches the race"


def test_one_of_two_gets_a_conflict(scene, monkeypatch):
    outcomes, units = propose_together(scene, monkeypatch)
    refused = [o for o in outcomes if isinstance(o, AlreadyCovered)]
    assert (len(refused), units) == (1, [300])
    number = sql.fetch_value("SELECT number FROM purchasing_po")
    assert [(c["number"], c["units"]) for c in refused[0].details["covers"]] == [(number, 300)]
