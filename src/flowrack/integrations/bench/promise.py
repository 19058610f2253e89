"""Promises: 64 clients holding one hot item, answers over HTTP to 8 clients, 1,000 items in one call."""

from __future__ import annotations

import json
import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from django.db import connections

from flowrack.integrations.bench import http
from flowrack.integrations.bench.flow import People
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.reads import add_history
from flowrack.integrations.bench.world import NOW, World, build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.promise import commands
from flowrack.promise.types import NoSuchOption, PlaceQuote, Question

CLIENTS = 64
WARM_UP = 5
ANSWERS = 8.0  # seconds of questions


@bench("promise.hot_item", "promise.hot_item_p99")
def hot_item(scale: Scale) -> Iterator[Figure]:
    """Quotes of one unit each, of one item, by 64 customers at once; more are asked for than there is."""
    each, stock = scale.of(40, 4), scale.of(2_000, 100)
    world = build(2)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    world.stock(stock, "forward_pick", items=world.items[:1])
    world.stock(CLIENTS * WARM_UP, "forward_pick", items=world.items[1:])
    _customers(CLIENTS)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate, told = fork.Barrier(CLIENTS + 1), fork.SimpleQueue()

    def work(n: int) -> None:
        def hold(sku: str, number: int) -> float:
            ctx = people.ctx()
            ctx.key = f"{sku}-{n}-{number}"
            began = time.perf_counter()
            with suppress(NoSuchOption):  # there is no more: that is an answer
                commands.place_quote(ctx, PlaceQuote(Question(f"C{n}", sku, Decimal(1)), "one_day"))
            return time.perf_counter() - began

        for number in range(WARM_UP):
            hold("BENCH-2", number)
        gate.wait()
        told.put([hold("BENCH-1", number) for number in range(each)])
        connections.close_all()

    processes = [fork.Process(target=work, args=(n,)) for n in range(CLIENTS)]
    for process in processes:
        process.start()
    gate.wait()
    started = time.perf_counter()
    times = sorted(one for _ in processes for one in told.get())
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    held = sql.fetch_value("SELECT committed FROM ledger_pool WHERE item_id = %s", (world.items[0],))
    if held != min(stock, CLIENTS * each) or any(process.exitcode for process in processes):
        raise RuntimeError(f"{held} units held of {stock}")
    p99 = times[len(times) * 99 // 100] * 1000
    yield Figure("promise.hot_item", len(times) / seconds, "quotes/s", None, None, CLIENTS, seconds=seconds)
    yield Figure("promise.hot_item_p99", p99, "ms", None, None, CLIENTS, seconds=seconds)


@bench("promise.api_8", "promise.api_8_p95", "promise.availability_1k")
def answers(scale: Scale) -> Iterator[Figure]:
    """Questions over HTTP with 10 million moves behind them, and one call for 1,000 items."""
    items = scale.of(20_000, 1_000)
    world = build(items)
    world.stock(1_000, "forward_pick")
    _customers(http.CLIENTS)
    _orders(world)
    moves = scale.of(10_000_000, 100_000)
    add_history(moves)
    sql.execute("ANALYZE")
    token = http.token_of(world.actor_id)

    def ask(client: int) -> http.Scan:
        item = secrets.randbelow(items) + 1
        body = json.dumps({"customer": f"C{client}", "item": f"BENCH-{item}", "quantity": 40})
        yield http.post("promises/ask", token, body)

    thousand = json.dumps({"items": [f"BENCH-{n}" for n in range(1, 1_001)]})

    def look(client: int) -> http.Scan:
        yield http.post("promises/availability", token, thousand)

    with http.server() as port:
        http.play(ask, port, 1.0)
        rate, times = http.play(ask, port, scale.of(int(ANSWERS), 2))
        p95 = times[len(times) * 95 // 100] * 1000
        yield Figure("promise.api_8", rate, "answers/s", None, None, http.CLIENTS, seconds=ANSWERS)
        yield Figure("promise.api_8_p95", p95, "ms", None, None, moves, seconds=ANSWERS)
        alone = _one_after_the_other(look, port, 15)
        yield Figure("promise.availability_1k", alone * 1000, "ms", None, None, 1_000, seconds=alone)


def _one_after_the_other(scan: Callable[[int], http.Scan], port: int, count: int) -> float:
    """The median time of a request when nobody else asks."""
    times = sorted(http.play_one(scan, port) for _ in range(count))
    return times[len(times) // 2]


def _customers(count: int) -> None:
    sql.execute(
        """
        INSERT INTO parties_party (code, name, is_customer) SELECT 'C' || n, 'Customer ' || n, true
        FROM generate_series(0, %s::int - 1) AS n
        """,
        (count,),
    )
    sql.execute("INSERT INTO parties_customerterms (party_id) SELECT id FROM parties_party WHERE is_customer")
    sql.execute(
        "INSERT INTO promise_quotelimits (tier, minutes, most_quotes, most_units) VALUES ('C', 60, 100000, 1000000)"
    )


def _orders(world: World) -> None:
    """An open line of each item, wanted next week, so that every answer has somebody ahead."""
    sql.execute(
        """
        WITH o AS (
            INSERT INTO sales_order (number, customer_id, site_id, reference, tier, policy, min_life_days, state,
                                     ordered_at, requested_on, entered_by_id)
            SELECT 'B-' || g, (SELECT min(id) FROM parties_party WHERE is_customer), %s, '', 'C', 'partial', 0,
                   'confirmed', %s, %s, %s
            FROM generate_series(1, %s::int) AS g RETURNING id, number
        )
        INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units, picked_units,
                                     shipped_units, cancelled_units, unit_price)
        SELECT o.id, i.n, i.id, 7, 0, 0, 0, 0, 0, 1
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM catalog_item) AS i
        JOIN o ON o.number = 'B-' || ((i.n - 1) / 5 + 1)
        """,
        (world.site_id, NOW, (NOW + timedelta(days=7)).date(), world.actor_id, len(world.items) // 5 + 1),
    )
