"""Allocation: full runs over up to a million open lines, a receipt and 64 allocators of one hot item."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from decimal import Decimal

from django.db import connections, transaction

from flowrack.allocation import commands, queries_certificates
from flowrack.allocation import commands_runs as allocation
from flowrack.allocation.types import Allocate
from flowrack.allocation.types_runs import AllocateItems, StartRun
from flowrack.integrations.bench.flow import People
from flowrack.integrations.bench.harness import Figure, Scale, bench, fresh_database
from flowrack.integrations.bench.world import World, add_site, build, second_person
from flowrack.platform import jobs, sql
from flowrack.platform.permissions import grants_of
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

LINES_PER_ORDER = 5
WARM_UP = 12  # allocations of another item by each allocator before the clock starts; there is stock for half of them


MANY_CUSTOMERS = 1_000
AT_ONCE = 10_000  # moves of one posting


@bench("allocation.100k")
def hundred_thousand(scale: Scale) -> Iterator[Figure]:
    """A full run over every open line of a site, as its job does it; raw takes what is free by running sums."""
    lines, items = scale.of(100_000, 1_000), scale.of(20_000, 200)
    people, worlds = crowd(lines, items, sites=1)
    raw = _raw_seconds(worlds[0])
    seconds, _ = _full_run(people, lines)
    yield Figure("allocation.100k", seconds, "s", raw, raw / seconds, lines, seconds=seconds)


@bench("allocation.10k", "allocation.1m", "allocation.bytes_a_line")
def million(scale: Scale) -> Iterator[Figure]:
    """The same over 8 sites, once small and once large: seconds grow with the lines and with nothing else.

    Bytes a line are those of certificates and decisions with their indexes; 1,000 random lines are decided again.
    """
    for name, lines, items in (("allocation.10k", 10_000, 500), ("allocation.1m", 1_000_000, 50_000)):
        size, stocked = scale.of(lines, lines // 100), scale.of(items, max(items // 100, 50))
        with fresh_database():
            people, _ = crowd(size, stocked, sites=8)
            seconds, size_of = _full_run(people, size)
            yield Figure(name, seconds, "s", None, None, size, seconds=seconds)
            if name == "allocation.1m":
                yield Figure("allocation.bytes_a_line", size_of / size, "bytes", None, None, size, seconds=seconds)


def _full_run(people: People, lines: int) -> tuple[float, float]:
    """Seconds of a full run with its job, and bytes that its certificates and decisions take; all proved afterwards."""
    tables = "pg_total_relation_size('allocation_certificate') + pg_total_relation_size('platform_decision')"
    before = sql.fetch_value(f"SELECT {tables}")
    run = allocation.start_run(people.ctx(), StartRun())
    started = time.perf_counter()
    jobs.run_next()
    seconds = time.perf_counter() - started
    state, result = sql.fetch_one("SELECT state, result::text FROM platform_job WHERE id = %s", (run.job_id,)) or (
        "",
        "",
    )
    stored = sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'allocation'")
    again = queries_certificates.replay_lines(1_000, 1)
    short = sql.fetch_value(
        """
        SELECT count(*) FROM ledger_pool p JOIN sales_orderline l ON l.item_id = p.item_id AND l.open_units > 0
        JOIN sales_order o ON o.id = l.order_id AND o.site_id = p.site_id AND o.policy = 'partial'
        WHERE p.reserve + p.forward_pick > p.committed
        """
    )
    if state != "done" or run.lines != lines or stored != lines or again.others or short:
        raise RuntimeError(f"{state} {result}: {stored} of {lines} decided, {again.others[:3]} differ, {short} left")
    return seconds, float(sql.fetch_value(f"SELECT {tables}") - before)


@bench("allocation.hot_receipt")
def hot_receipt(scale: Scale) -> Iterator[Figure]:
    """What one receipt of a hot item brings is served to the best of thousands of waiting lines; the median of some."""
    waiting, rounds = scale.of(5_000, 200), scale.of(15, 3)
    people, [world] = crowd(waiting, 1, sites=1, stocked=0)
    took = []
    for n in range(rounds):
        world.stock(60, "forward_pick", items=world.items[:1])
        started = time.perf_counter()
        done = allocation.allocate_items(people.ctx(), AllocateItems(world.site_id, world.items[:1]))
        took.append((time.perf_counter() - started) * 1_000)
        if done.units != 60 or not 0 < done.changed_lines < waiting:
            raise RuntimeError(f"round {n}: {done}")
    took.sort()
    yield Figure("allocation.hot_receipt", took[rounds // 2], "ms", None, None, waiting, seconds=sum(took) / 1_000)


def crowd(lines: int, items: int, *, sites: int, stocked: int = 12) -> tuple[People, list[World]]:
    """Sites with so many units of every item, and orders of five lines each over all of them.

    The orders are copies of one that was entered by the command, with other customers, days and items: to enter a
    million lines would take longer than all that is measured. Each line was promised the day that is wanted.
    """
    world = build(items)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    worlds = [world] + [add_site(f"BENCH{n}", world.actor_id, world.items) for n in range(2, sites + 1)]
    for one in worlds if stocked else ():
        for first in range(0, items, AT_ONCE):
            one.stock(stocked, "forward_pick", items=world.items[first : first + AT_ONCE])
    sql.execute(
        """
        INSERT INTO parties_party (code, name, is_customer)
        SELECT 'C-' || g, 'Customer ' || g, true FROM generate_series(1, %s::int) AS g
        """,
        (MANY_CUSTOMERS,),
    )
    template = sales.enter_orders(
        people.ctx(), EnterOrders([NewOrder("C-1", world.site_id, [NewLine("BENCH-1", Decimal(3))])])
    ).orders[0]
    _copy_orders(template.order_id, worlds, lines)
    sql.execute("UPDATE sales_orderline SET cancelled_units = units WHERE order_id = %s", (template.order_id,))
    sql.execute("UPDATE sales_order SET state = 'cancelled' WHERE id = %s", (template.order_id,))
    return people, worlds


def _copy_orders(template_id: int, worlds: list[World], lines: int) -> None:
    orders, sites = lines // LINES_PER_ORDER, [world.site_id for world in worlds]
    columns = {
        table: [
            row[0]
            for row in sql.fetch_all(
                """
                SELECT column_name::text FROM information_schema.columns
                WHERE table_name = %s AND is_generated = 'NEVER' AND column_name <> 'id' ORDER BY ordinal_position
                """,
                (table,),
            )
        ]
        for table in ("sales_order", "sales_orderline")
    }
    other = {
        "number": "'COPY-' || g.n",
        "customer_id": "c.ids[1 + g.n %% cardinality(c.ids)]",
        "site_id": "(%(sites)s::bigint[])[1 + g.n %% %(count)s::int]",
        "tier": "substr('ABC', 1 + g.n %% 3, 1)",
        "requested_on": "t.requested_on + g.n %% 20",
        "ordered_at": "t.ordered_at + make_interval(secs => g.n)",
        "reference": "''",
    }
    heads = ", ".join(other.get(name, f"t.{name}") for name in columns["sales_order"])
    sql.execute(
        f"""
        INSERT INTO sales_order ({", ".join(columns["sales_order"])})
        SELECT {heads} FROM sales_order t, generate_series(1, %(orders)s::int) AS g(n),
               (SELECT array_agg(id) AS ids FROM parties_party WHERE code LIKE 'C-%%') AS c
        WHERE t.id = %(template)s ORDER BY g.n
        """,  # noqa: S608 - names of columns
        {"sites": sites, "count": len(sites), "orders": orders, "template": template_id},
    )
    other = {
        "order_id": "o.id",
        "line_no": "k.n",
        "item_id": "i.ids[1 + (o.id * 7 + k.n * 31) %% cardinality(i.ids)]",
        "promised_on": "o.requested_on",
        "first_promised_on": "o.requested_on",
    }
    rows = ", ".join(other.get(name, f"t.{name}") for name in columns["sales_orderline"])
    sql.execute(
        f"""
        INSERT INTO sales_orderline ({", ".join(columns["sales_orderline"])})
        SELECT {rows} FROM sales_orderline t, sales_order o, generate_series(1, %(lines)s::int) AS k(n),
               (SELECT array_agg(id ORDER BY id) AS ids FROM catalog_item WHERE sku LIKE 'BENCH-%%') AS i
        WHERE t.order_id = %(template)s AND o.number LIKE 'COPY-%%' ORDER BY o.id, k.n
        """,  # noqa: S608 - names of columns
        {"lines": LINES_PER_ORDER, "template": template_id},
    )


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
            commands.allocate(ctx, Allocate(world.site_id, [order]))

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
