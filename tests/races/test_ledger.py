"""Two at once on the same stock. Each guarded race has a naive twin that proves the set-up catches the race."""

from __future__ import annotations

import random
import threading
from decimal import Decimal

import pytest
from django.db import OperationalError, transaction

from flowrack.ledger import steps
from flowrack.ledger.tests import house as h
from flowrack.ledger.types import InsufficientStock, Move, NotFree, PoolClaim
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.constraints import sqlstate_of
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_the_guard_two_orders_promise_the_same_ten_units():
    w1 = h.house()
    tea = h.item("TEA")
    h.receive(w1, tea, 10, "1")
    both_have_read = threading.Barrier(2)

    def naive() -> bool:
        with transaction.atomic():
            free = sql.fetch_value("SELECT reserve - committed FROM ledger_pool WHERE item_id = %s", (tea,))
            both_have_read.wait()
            if free < 10:
                return False
            sql.execute("UPDATE ledger_pool SET committed = 10 WHERE item_id = %s", (tea,))
            return True

    assert at_the_same_time([naive, naive]) == [True, True]


def test_with_the_guard_one_order_gets_the_last_ten_units():
    w1 = h.house()
    tea = h.item("TEA")
    h.receive(w1, tea, 10, "1")
    contexts = [h.context(), h.context()]

    def guarded(n: int) -> object:
        with transaction.atomic():
            steps.commit(contexts[n], [PoolClaim(tea, w1.site, 10, f"sales.line:{n}")])
        return True

    outcomes = at_the_same_time([lambda: guarded(0), lambda: guarded(1)])
    assert [type(o) for o in outcomes if o is not True] == [NotFree]
    assert verify() == []


def test_two_pickers_cannot_take_the_same_units():
    w1 = h.house()
    tea = h.item("TEA")
    h.receive(w1, tea, 10, "1")
    contexts = [h.context(), h.context()]

    def take(n: int) -> object:
        with transaction.atomic():
            return steps.post(contexts[n], [Move(tea, 7, w1["reserve1"], w1["reserve2"], "move")]).posting_id

    outcomes = at_the_same_time([lambda: take(0), lambda: take(1)])
    assert sorted(type(o).__name__ for o in outcomes) == ["InsufficientStock", "int"]
    assert (h.on_hand(w1, tea, "reserve1"), h.on_hand(w1, tea, "reserve2")) == (3, 7)
    assert verify() == []


@pytest.mark.parametrize("lines", [1, 2])  # one line goes the short way, two on one cell the general one
def test_first_receipts_of_two_lots_at_once_make_the_item_s_books_once(lines: int):
    w1 = h.house()
    tea = h.item("TEA", tracking="lot")
    lots = [h.lot(tea, code) for code in "AB"]
    contexts = [h.context(), h.context()]
    has_posted = threading.Event()

    def receive(n: int) -> None:
        move = Move(tea, 5, w1.virtual("SUPPLIER"), w1["reserve1"], "receipt", lot_id=lots[n], value=Decimal(10))
        steps.post(contexts[n], [move] * lines)

    def first() -> str:
        with transaction.atomic():
            receive(0)
            has_posted.set()
            while not waiting():
                pass
        return "posted"

    def second() -> str:
        has_posted.wait()
        try:
            with transaction.atomic():
                receive(1)
        except OperationalError as error:
            assert sqlstate_of(error) == "40001"  # the door runs the command again, as here
            with transaction.atomic():
                receive(1)
            return "posted at the second try"
        return "posted"

    assert at_the_same_time([first, second]) == ["posted", "posted at the second try"]
    assert h.book(w1, tea) == (10 * lines, Decimal(20 * lines))
    assert verify() == []


def test_many_hands_on_few_bins_never_deadlock_and_conserve_every_unit():
    w1 = h.house()
    items = [h.item(f"I{n}") for n in range(6)]
    for item in items:
        h.receive(w1, item, 400, "1")
    places = ["reserve1", "reserve2", "forward_pick1", "forward_pick2"]
    contexts = [h.context() for _ in range(6)]

    def work(n: int) -> int:
        rng, refused = random.Random(n), 0
        for _ in range(25):
            moves = []
            for item in rng.sample(items, 4):
                source, target = rng.sample(places, 2)
                moves.append(Move(item, rng.randint(1, 30), w1[source], w1[target], "move"))
            try:
                with transaction.atomic():
                    steps.post(contexts[n], moves)
            except InsufficientStock:
                refused += 1
        return refused

    outcomes = at_the_same_time([lambda n=n: work(n) for n in range(6)])
    assert all(isinstance(o, int) for o in outcomes)
    assert [sum(h.on_hand(w1, item, place) for place in places) for item in items] == [400] * 6
    assert verify() == []
