"""Urgent orders: what one costs while a thousand lines wait for its item and hundreds hold promises of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from flowrack.allocation import commands_displacement as displacement
from flowrack.allocation import commands_runs as allocation
from flowrack.allocation.types_displacement import RequestPriority
from flowrack.allocation.types_runs import AllocateItems
from flowrack.integrations.bench.allocation import crowd
from flowrack.integrations.bench.flow import People, parties
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.world import NOW, World
from flowrack.platform import sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.quantity import Units

EVERY_DAYS = 5  # a PO comes so often


@bench("allocation.urgent")
def urgent(scale: Scale) -> Iterator[Figure]:
    """An order is called urgent: who gives way is judged for every line that waits; the median of some."""
    waiting, rounds = scale.of(1_000, 50), scale.of(9, 3)
    people, [world] = crowd(2 * waiting, 1, sites=1, stocked=0)
    item = world.items[:1]
    world.stock(waiting * 3, "forward_pick", items=item)  # for half of them, three units each
    allocation.allocate_items(people.ctx(), AllocateItems(world.site_id, item))
    supplier, _ = parties()
    for n in range(1, 6):
        _buy(people, world, supplier, waiting, on=NOW.date() + timedelta(days=n * EVERY_DAYS))
    sql.execute("INSERT INTO parties_party (code, name, is_customer) VALUES ('VIP', 'Hospital', true)")
    sql.execute(
        "INSERT INTO parties_customerterms (party_id, tier) SELECT id, 'A' FROM parties_party WHERE code = 'VIP'"
    )
    took = []
    for n in range(rounds):
        wanted = NewOrder("VIP", world.site_id, [NewLine("BENCH-1", Decimal(60))])
        order = sales.enter_orders(people.ctx(), EnterOrders([wanted])).orders[0]
        started = time.perf_counter()
        done = displacement.request_priority(people.ctx(), RequestPriority(order.order_id, f"round {n}"))
        took.append((time.perf_counter() - started) * 1_000)
        [line] = done.lines
        if line.units + line.waiting != 60 or not line.units + line.pending:
            raise RuntimeError(f"round {n}: {done}")
    took.sort()
    yield Figure("allocation.urgent", took[rounds // 2], "ms", None, None, waiting, seconds=sum(took) / 1_000)


def _buy(people: People, world: World, supplier: int, units: int, *, on: date) -> None:
    line = NewPoLine(world.items[0], Units(units), Decimal("2.50"))
    new = NewPo(supplier, world.site_id, [line], due_on=on, cover_reason="measured")
    [po] = purchasing.create_po(people.ctx(), CreatePo([new])).pos
    purchasing.approve_po(people.ctx(two=True), ApprovePo([po.po_id]))
