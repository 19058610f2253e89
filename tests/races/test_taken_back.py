"""A receipt and its taking back are told to two workers, which may hear of them in either order or at once."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from flowrack.inbound import commands as inbound
from flowrack.inbound import steps as inbound_steps
from flowrack.inbound.types import CountedLine, Received, TakeBack
from flowrack.ledger.tests.house import House
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import ItemMove, MoveStock
from tests.cast import ADA, BO, ctx
from tests.races.together import at_the_same_time, waiting
from tests.supply import approved, item, receive, supplier

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receipt() -> tuple[House, int, Received]:
    here, hose = shelves(), item("V-200")
    po = approved(here.site, supplier(), (hose, 10, "4"))
    outbox.drain()
    return here, hose, receive(po, here, CountedLine(units=Units(10), item_id=hose))


def tell_last(kind: str) -> None:
    """The other events first, then this one: as when another worker has leased it."""
    sql.execute("UPDATE platform_outboxevent SET leased_until = now() + interval '1 hour' WHERE kind = %s", (kind,))
    outbox.drain()
    sql.execute("UPDATE platform_outboxevent SET leased_until = NULL WHERE kind = %s", (kind,))
    outbox.drain()


@pytest.mark.parametrize("last", ["inbound.taken_back", "inbound.received"])
def test_no_putaway_is_made_whichever_event_comes_last(receipt, last):
    inbound.take_back(ctx(BO), TakeBack(receipt[2].posting_id))
    tell_last(last)
    assert plans() == []
    assert sql.fetch_value("SELECT count(*) FROM tasks_task") == 0


def test_goods_that_left_the_dock_before_the_event_came_get_no_putaway(receipt):
    here, hose, _ = receipt
    move = ItemMove(hose, Units(10), here.places["receiving1"], here.places["R-02"])
    storage.move_stock(ctx(ADA), MoveStock(site_id=here.site, items=[move]))
    outbox.drain()
    assert [plan[0] for plan in plans()] == ["cancelled"]


@pytest.mark.parametrize(("way", "has_waited"), [("naive", False), ("guarded", True)])
def test_a_count_cannot_be_taken_back_while_its_putaway_is_planned(receipt, way, has_waited):
    """The naive planner only looks: the count is gone before it has written, and its cancelling came too early."""
    line_id = receipt[2].lines[0].receipt_line_id
    looked, finished = threading.Event(), threading.Event()
    by = ctx(BO)

    def plan() -> bool:
        with transaction.atomic():
            if way == "guarded":
                assert inbound_steps.keep_lines([line_id]) == {line_id}
            else:
                sql.fetch_value("SELECT taken_back_at FROM inbound_receiptline WHERE id = %s", (line_id,))
            looked.set()
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                if finished.is_set():
                    return False
                if waiting():
                    return True
                time.sleep(0.01)
        raise AssertionError("neither waited nor finished")

    def take_back() -> None:
        looked.wait(10)
        inbound.take_back(by, TakeBack(receipt[2].posting_id))
        finished.set()
        connection.close()

    assert at_the_same_time([plan, take_back])[0] is has_waited
