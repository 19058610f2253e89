"""Every command locks order lines, then pools, then cells. PostgreSQL itself counts the deadlocks of the other way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction

from flowrack.allocation.types import PoolShortfall
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import locks, steps
from flowrack.fulfilment.types import ShortPick
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, PoolClaim
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.runner import Context
from tests import outbound
from tests.cast import CY, ctx
from tests.races.together import at_the_same_time, waiting

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Twelve units in the forward pick with a picker, ten more in the reserve, promised to somebody else."""

    def __init__(self) -> None:
        self.at = outbound.house()
        self.item = outbound.item("4711")
        outbound.receive(self.at, self.item, 12, "1", "forward_pick1")
        outbound.customer()
        self.order = outbound.order(self.at.site, "ACME", ("4711", 12))
        outbound.allocate(self.at.site, self.order)
        self.pick_id = outbound.release(self.at.site, self.order).pick_ids[0]
        outbound.receive(self.at, self.item, 10, "1")
        outbound.allocate(self.at.site, outbound.order(self.at.site, "ACME", ("4711", 10)))
        self.cell_id = sql.fetch_value("SELECT cell_id FROM fulfilment_pickline")
        self.context = ctx(CY)


def deadlocks() -> int:
    return int(sql.fetch_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))


def others() -> int:
    """How many processes beside this one are connected to this test's own database."""
    return int(
        sql.fetch_value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
    )


def someone_else(started: threading.Event) -> Callable[[], bool]:
    """A posting of the same stock: it has the pool, and takes the cells when the other waits for it."""

    def run() -> bool:
        with transaction.atomic():
            sql.fetch_all("SELECT id FROM ledger_pool ORDER BY id FOR NO KEY UPDATE")
            started.set()
            deadline = time.monotonic() + 10
            while not waiting():
                assert time.monotonic() < deadline, "nobody came for the pool"
                time.sleep(0.01)
            try:
                sql.fetch_all("SELECT id FROM ledger_cell WHERE NOT is_virtual ORDER BY id FOR NO KEY UPDATE")
            except OperationalError:
                return False
        return True

    return run


def cells_first(scene: Scene) -> None:
    """How short picks once went: the bins were looked at, and held, before the promise was taken back."""
    with transaction.atomic():
        locks.pick_cells([scene.item], scene.at.site, now=scene.context.now)
        ref = f"sales.line:{scene.order.line_ids[0]}"
        ledger.unreserve(scene.context, [CellClaim(scene.cell_id, 12, ref)])
        ledger.uncommit(scene.context, [PoolClaim(scene.item, scene.at.site, 12, ref)])


def short_pick(scene: Scene) -> None:
    fulfilment.short_pick(scene.context, ShortPick(scene.pick_id, 0, "none_there"))


def displace(scene: Scene) -> None:
    with transaction.atomic():
        gap = PoolShortfall(scene.item, 0, scene.at.site, 1, 12)
        steps.displace(scene.context, [gap], "count", lacking={scene.cell_id: 12})


def meet(scene: Scene, work: Callable[[Scene], None]) -> int:
    """How many deadlocks PostgreSQL saw while both went for the same stock."""
    before, started = deadlocks(), threading.Event()

    def other() -> None:
        started.wait(10)
        try:
            work(scene)
        except OperationalError:
            return

    at_the_same_time([someone_else(started), other])
    until = time.monotonic() + 20
    while others() and time.monotonic() < until:  # PostgreSQL's processes report what they saw before they are gone
        time.sleep(0.01)
    return deadlocks() - before


@pytest.mark.parametrize(("work", "seen"), [(cells_first, 1), (short_pick, 0), (displace, 0)])
def test_only_the_wrong_order_deadlocks(work, seen):
    scene = Scene()
    assert meet(scene, work) == seen
    assert not verify()


def test_two_short_picks_that_look_at_each_others_bin_both_end():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer()
    pick_ids = []
    for place in ("forward_pick1", "reserve1"):
        outbound.receive(at, item, 20, "1", place)
        order = outbound.order(at.site, "ACME", ("4711", 20))
        outbound.allocate(at.site, order)
        pick_ids += outbound.release(at.site, order).pick_ids
    contexts: list[Context] = [ctx(CY), ctx(CY)]
    before = deadlocks()

    def short(n: int) -> int:
        return fulfilment.short_pick(contexts[n], ShortPick(pick_ids[n], 5, "none_there")).waiting_units

    assert at_the_same_time([lambda: short(0), lambda: short(1)]) == [15, 15]
    assert deadlocks() == before
    assert sql.fetch_value("SELECT sum(units) FROM ledger_commitment") == 30
    assert not verify()
