"""Allocation: 100,000 open lines in one run, and 64 allocators on one hot item."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from decimal import Decimal

from django.db import connections, transaction

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.integrations.bench.flow import People
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.world import World, build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

LINES_PER_ORDER = 5
WARM_UP = 12  # allocations of another item by each allocator before the clock starts; there is stock for half of them


@bench("allocation.100k")
def hundred_thousand(scale: Scale) -> Iterator[Figure]:
    """One run over every open line of a site, reasons stored; raw takes what is free in rank order by running sums."""
    lines, items = scale.of(100_000, 1_000), scale.of(20_000, 200)
    world = build(items)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    world.stock(12, "forward_pick")
    _open_orders(people, world, lines)
    raw = _raw_seconds(world)
    started = time.perf_counter()
    done = allocation.allocate(people.ctx(), Allocate(world.site_id))
    seconds = time.perf_counter() - started
    stored = sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'allocation'")
    if done.lines != lines or stored < lines:
        raise RuntimeError(f"{done.lines} lines decided and {stored} reasons stored, {lines} expected")
    yield Figure("allocation.100k", seconds, "s", raw, raw / seconds, lines, seconds=seconds)


def _open_orders(people: People, world: World, lines: int) -> None:
    """Orders of five lines each over all items, a thousand orders a command."""
    sql.execute("INSERT INTO parties_party (code, name, is_customer) VALUES ('C', 'Customer', true)")
    sql.execute("INSERT INTO parties_customerterms (party_id) SELECT id FROM parties_party WHERE code = 'C'")
    skus = [row[0] for row in sql.fetch_all("SELECT sku FROM catalog_item ORDER BY id")]
    count = lines // LINES_PER_ORDER
    for first in range(0, count, 1_000):
        orders = [
            NewOrder(
                "C",
                world.site_id,
                [NewLine(skus[(n * 7 + k * 31) % len(skus)], Decimal(3)) for k in range(LINES_PER_ORDER)],
            )
            for n in range(first, min(first + 1_000, count))
        ]
        sales.enter_orders(people.ctx(), EnterOrders(orders))


def _raw_seconds(world: World) -> float:
    """Running sums of demand against free stock per item, rolled back: no lots, no policies, no reasons."""
    started = time.perf_counter()
    with transaction.atomic():
        sql.execute("CREATE TEMP TABLE raw_taken (line bigint, units bigint) ON COMMIT DROP")
        sql.execute(
            """
            INSERT INTO raw_taken
            SELECT d.id, greatest(least(d.units, d.free - d.before), 0) FROM (
                SELECT l.id, l.open_units AS units, p.reserve + p.forward_pick - p.committed AS free,
                       sum(l.open_units) OVER (PARTITION BY l.item_id ORDER BY o.tier, o.requested_on, l.id)
                       - l.open_units AS before
                  FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
                  JOIN ledger_pool p ON p.item_id = l.item_id AND p.site_id = o.site_id
                 WHERE l.open_units > 0 AND o.site_id = %s) d
            """,
            (world.site_id,),
        )
        sql.execute(
            """
            UPDATE sales_orderline l SET allocated_units = l.allocated_units + t.units FROM raw_taken t
             WHERE t.line = l.id AND t.units > 0
            """
        )
        sql.execute(
            """
            UPDATE ledger_pool p SET committed = p.committed + t.units
              FROM (SELECT l.item_id, sum(r.units) AS units FROM raw_taken r JOIN sales_orderline l ON l.id = r.line
                     GROUP BY 1) t
             WHERE p.item_id = t.item_id AND p.site_id = %s
            """,
            (world.site_id,),
        )
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


@bench("allocation.hot_item")
def hot_item(scale: Scale) -> Iterator[Figure]:
    """Allocators started together, each order wanting one unit of the same item: exactly what exists is promised."""
    workers, orders, stock = 64, scale.of(3_200, 128), scale.of(1_000, 50)
    world = build(2)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    world.stock(stock, "forward_pick", items=world.items[:1])
    world.stock(workers * WARM_UP // 2, "forward_pick", items=world.items[1:])
    sql.execute("INSERT INTO parties_party (code, name, is_customer) VALUES ('C', 'Customer', true)")
    sql.execute("INSERT INTO parties_customerterms (party_id) SELECT id FROM parties_party WHERE code = 'C'")

    def enter(sku: str, count: int) -> list[int]:
        wanted = [NewOrder("C", world.site_id, [NewLine(sku, Decimal(1))]) for _ in range(count)]
        return [order.order_id for order in sales.enter_orders(people.ctx(), EnterOrders(wanted)).orders]

    ids, others = enter("BENCH-1", orders), enter("BENCH-2", workers * WARM_UP)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(workers + 1)

    def work(n: int) -> None:
        def allocate(order: int) -> None:
            ctx = people.ctx()
            ctx.key = f"hot-{order}"
            allocation.allocate(ctx, Allocate(world.site_id, [order]))

        for order in others[n::workers]:
            allocate(order)
        gate.wait()
        for order in ids[n::workers]:
            allocate(order)
        connections.close_all()

    processes = [fork.Process(target=work, args=(n,)) for n in range(workers)]
    for process in processes:
        process.start()
    gate.wait()
    started = time.perf_counter()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - started
    promised = sql.fetch_value(
        "SELECT committed FROM ledger_pool WHERE item_id = %s AND site_id = %s", (world.items[0], world.site_id)
    )
    if promised != min(stock, orders) or any(process.exitcode for process in processes):
        raise RuntimeError(f"{promised} units promised of {stock}")
    yield Figure("allocation.hot_item", orders / seconds, "allocations/s", None, None, workers, seconds=seconds)
