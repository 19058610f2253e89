"""The kernel against hand-written SQL: batches, an empty database, and one-scan transactions at 1, 8 and 32."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from django.db import connections, transaction

from flowrack.integrations.bench.harness import Figure, Scale, bench, fresh_database
from flowrack.integrations.bench.world import NOW, World, build
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.platform import sql
from flowrack.platform.runner import Context

RAW = Path(__file__).parent / "raw.sql"
_RAW_PUTAWAY = "SELECT raw_putaway(%s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
_RAW_RECEIPT = "SELECT raw_receipt(%s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[])"


def _install_raw() -> None:
    with sql.cursor() as cursor:
        cursor.execute(RAW.read_text())


@bench("ledger.batch_empty")
def batch_empty(scale: Scale) -> Iterator[Figure]:
    """One batch into an empty, never analysed ledger: every cell, pool, book and layer is made.

    Medians of some fresh databases; ours goes first in one, raw in the next, for whoever is first finds nothing warm.
    """
    size = scale.of(10_000, 1_000)
    own, raw = [], []
    for n in range(scale.of(5, 1)):
        with fresh_database():
            ours, theirs = _first_receipts(size)
            if n % 2:
                own.append(_seconds(ours))
                raw.append(_seconds(theirs))
            else:
                raw.append(_seconds(theirs))
                own.append(_seconds(ours))
    yield _rate("ledger.batch_empty", size, _median(own), _median(raw))


def _first_receipts(size: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """The same receipts of so many lines through the kernel and by hand, each of items of its own."""
    _install_raw()
    world = build(2 * (size // 5))
    half = len(world.items) // 2
    ours, theirs = world.items[:half], world.items[half:]
    command = world.context()
    bins = world.bins["receiving"]
    supplier = Place(world.virtual["SUPPLIER"])
    moves = [
        Move(ours[n % half], 10, supplier, Place(bins[n % len(bins)]), "receipt", value=Decimal(10))
        for n in range(size)
    ]
    by_hand = (
        world.actor_id,
        command.command_id,
        world.site_id,
        supplier.location_id,
        [theirs[n % half] for n in range(size)],
        [bins[n % len(bins)] for n in range(size)],
        [10] * size,
        [Decimal(10)] * size,
    )
    return lambda: ledger.post(command, moves), lambda: sql.execute(_RAW_RECEIPT, by_hand)


@bench("ledger.batch")
def batch(scale: Scale) -> Iterator[Figure]:
    """Putaways, a batch at a time, into cells that exist; best of five, ours and raw in turn."""
    size = scale.of(10_000, 1_000)
    _install_raw()
    world = build(size // 5)
    world.stock(100_000)
    command = world.context()
    items = world.items
    receiving, reserve = world.bins["receiving"], world.bins["reserve"]
    at = [n % len(items) for n in range(size)]
    moves = [
        Move(items[i], 1, Place(receiving[i % len(receiving)]), Place(reserve[(i + n // len(items)) % 50]), "putaway")
        for n, i in enumerate(at)
    ]
    raw_params = (
        world.actor_id,
        command.command_id,
        [m.item_id for m in moves],
        [m.source.location_id for m in moves],
        [m.target.location_id for m in moves],
        [1] * size,
    )
    ledger.post(command, moves)
    own, raw = [], []
    for _ in range(scale.of(5, 3)):
        own.append(_seconds(lambda: ledger.post(command, moves)))
        raw.append(_seconds(lambda: sql.execute(_RAW_PUTAWAY, raw_params)))
    yield _rate("ledger.batch", size, min(own), min(raw))


@bench("ledger.scan_1", "ledger.scan_8", "ledger.scan_32")
def scans(scale: Scale) -> Iterator[Figure]:
    """One putaway a transaction, durable, at 1, 8 and 32 connections; ours and raw in turn."""
    _install_raw()
    world = build(scale.of(2_000, 400))
    world.stock(1_000_000)
    command = world.context()
    receiving, reserve = world.bins["receiving"], world.bins["reserve"]
    with transaction.atomic():
        ledger.post(
            command,
            [
                Move(item, 1, Place(receiving[n % len(receiving)]), Place(reserve[n % len(reserve)]), "putaway")
                for n, item in enumerate(world.items)
            ],
        )

    def own_scan(rng: random.Random, ctx: Context) -> None:
        n = rng.randrange(len(world.items))
        source, target = Place(receiving[n % len(receiving)]), Place(reserve[n % len(reserve)])
        with transaction.atomic():
            ledger.post(ctx, [Move(world.items[n], 1, source, target, "putaway")])

    raw_scan = _raw_scan(world)
    seconds = scale.of(30, 4) / 10
    for connections_used in (1, 8, 32):
        rates: dict[str, list[float]] = {"own": [], "raw": []}
        for _ in range(scale.of(3, 1)):
            for name, body in (("own", own_scan), ("raw", raw_scan)):
                rates[name].append(_throughput(body, world, connections_used, seconds))
        own, raw = _median(rates["own"]), _median(rates["raw"])
        yield Figure(
            f"ledger.scan_{connections_used}", own, "scans/s", raw, own / raw, connections_used, seconds=seconds
        )


Scan = Callable[[random.Random, Context], None]


def _raw_scan(world: World) -> Scan:
    """The hand-written twin: one function call, one transaction."""
    receiving, reserve = world.bins["receiving"], world.bins["reserve"]

    def scan(rng: random.Random, ctx: Context) -> None:
        n = rng.randrange(len(world.items))
        places = [receiving[n % len(receiving)]], [reserve[n % len(reserve)]]
        with transaction.atomic():
            sql.execute(_RAW_PUTAWAY, (ctx.actor_id, ctx.command_id, [world.items[n]], *places, [1]))

    return scan


def raw_scan_rate(world: World, workers: int, seconds: float) -> float:
    """Hand-written one-scan transactions per second; the world gets the cells they need."""
    _install_raw()
    world.stock(1_000_000, "receiving")
    return _throughput(_raw_scan(world), world, workers, seconds)


def _throughput(body: Scan, world: World, workers: int, seconds: float) -> float:
    """Transactions per second of so many processes, each with its own connection, started together."""
    ctx = Context(actor_id=world.actor_id, key="bench", now=NOW, grants={}, command_id=world.context().command_id)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(workers)
    counts = fork.Array("q", workers)

    def work(n: int) -> None:
        rng = random.Random(n)
        for _ in range(8):
            body(rng, ctx)
        gate.wait()
        end = time.perf_counter() + seconds
        done = 0
        while time.perf_counter() < end:
            body(rng, ctx)
            done += 1
        counts[n] = done
        connections.close_all()

    processes = [fork.Process(target=work, args=(n,)) for n in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [process.exitcode for process in processes if process.exitcode]
    if failed:
        raise RuntimeError(f"{len(failed)} of {workers} benchmark processes failed")
    return float(sum(counts[n] for n in range(workers))) / seconds


def _seconds(body: Callable[[], object]) -> float:
    started = time.perf_counter()
    with transaction.atomic():
        body()
    return time.perf_counter() - started


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _rate(name: str, size: int, own: float, raw: float) -> Figure:
    return Figure(name, size / own, "moves/s", size / raw, raw / own, size, seconds=own)
