"""Promises: 64 clients promising and allocating one hot item, answers over HTTP to 8 clients, 1,000 items in a call."""

from __future__ import annotations

import json
import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.db import connections

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.integrations.bench import http
from flowrack.integrations.bench.flow import People
from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.reads import add_history
from flowrack.integrations.bench.world import NOW, World, build, second_person
from flowrack.platform import sql
from flowrack.platform.permissions import grants_of
from flowrack.platform.runner import Context
from flowrack.promise import commands
from flowrack.promise.types import NoSuchOption, PlaceQuote, Question
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

CLIENTS = 64
WARM_UP = 5  # quotes and allocations of another item by each client before the clock starts
AT_ONCE = 10  # orders that a client enters in one command
ANSWERS = 8.0  # seconds of questions


@bench("promise.hot_item", "promise.hot_item_p99")
def hot_item(scale: Scale) -> Iterator[Figure]:
    """One item, by 64 clients at once for about a minute: each holds a unit for a customer, then allocates one to an
    order, in turns; more is asked for than there is. The orders are entered on the way, ten in a command, and wait
    until it is their turn; that takes time and is not counted."""
    yield from _crowded("promise.hot_item", scale, each=scale.of(140, 4), stock=scale.of(14_000, 400), allocates=True)


@bench("promise.hot_quotes", "promise.hot_quotes_p99")
def hot_quotes(scale: Scale) -> Iterator[Figure]:
    """The same with quotes alone, while no order waits."""
    yield from _crowded("promise.hot_quotes", scale, each=scale.of(280, 4), stock=scale.of(14_000, 200))


def _crowded(name: str, scale: Scale, *, each: int, stock: int, allocates: bool = False) -> Iterator[Figure]:
    world = build(2)
    people = People(world.actor_id, second_person(), grants_of(world.actor_id))
    world.stock(stock, "forward_pick", items=world.items[:1])
    world.stock(CLIENTS * WARM_UP * 2, "forward_pick", items=world.items[1:])
    _customers(CLIENTS)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate, told = fork.Barrier(CLIENTS + 1), fork.SimpleQueue()

    def work(n: int) -> None:
        client, done = _Seller(people, world.site_id, n), None
        try:
            client.play("BENCH-2", WARM_UP, allocates=allocates)
            gate.wait()
            done = client.play("BENCH-1", each, allocates=allocates)
        finally:
            if done is None:
                gate.abort()  # refused for another reason than that there is no more
            told.put(done or ([0.0], 0))
            connections.close_all()

    processes = [fork.Process(target=work, args=(n,)) for n in range(CLIENTS)]
    for process in processes:
        process.start()
    gate.wait()
    started = time.perf_counter()
    done = [told.get() for _ in processes]
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    times = sorted(one for taken, _ in done for one in taken)
    got = sum(units for _, units in done)
    held = sql.fetch_one(
        "SELECT committed, (SELECT sum(units) FROM ledger_commitment WHERE pool_id = p.id)::bigint FROM ledger_pool p "
        "WHERE item_id = %s",
        (world.items[0],),
    )
    if held != (got, got) or got != min(stock, len(times)) or any(process.exitcode for process in processes):
        raise RuntimeError(f"{held} units held of {stock}, {got} were told")
    p99 = times[len(times) * 99 // 100] * 1000
    yield Figure(name, len(times) / seconds, "promises/s", None, None, CLIENTS, seconds=seconds)
    yield Figure(f"{name}_p99", p99, "ms", None, None, CLIENTS, seconds=seconds)


@dataclass(slots=True)
class _Seller:
    """One client: the customer that it sells to, and the orders that wait for their turn."""

    people: People
    site_id: int
    number: int
    waiting: list[int] = field(default_factory=list)
    keys: Iterator[int] = field(default_factory=count)

    def play(self, sku: str, times: int, *, allocates: bool) -> tuple[list[float], int]:
        """Hold a unit, then allocate one, so many times: the seconds of each, and the units that it got."""
        taken, units = [], 0
        for number in range(times):
            began = time.perf_counter()
            units += self._hold(sku)
            taken.append(time.perf_counter() - began)
            if allocates:
                order = self._order(sku, min(times - number, AT_ONCE))
                began = time.perf_counter()
                units += allocation.allocate(self._ctx(), Allocate(self.site_id, [order])).units
                taken.append(time.perf_counter() - began)
        return taken, units

    def _ctx(self) -> Context:
        ctx = self.people.ctx()
        ctx.key = f"hot-{self.number}-{next(self.keys)}"
        return ctx

    def _hold(self, sku: str) -> int:
        wanted = PlaceQuote(Question(f"C{self.number}", sku, Decimal(1)), "one_day")
        try:
            return commands.place_quote(self._ctx(), wanted).units
        except NoSuchOption:  # there is no more: that is an answer
            return 0

    def _order(self, sku: str, more: int) -> int:
        """The next order; when none is left, so many are entered."""
        if not self.waiting:
            wanted = [NewOrder(f"C{self.number}", self.site_id, [NewLine(sku, Decimal(1))]) for _ in range(more)]
            self.waiting = [one.order_id for one in sales.enter_orders(self._ctx(), EnterOrders(wanted)).orders]
        return self.waiting.pop()


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
