"""Reads with 1 and 10 million moves behind them: stock by state, trial balance, trace of a lot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flowrack.integrations.bench.harness import Figure, Scale, bench
from flowrack.integrations.bench.world import build
from flowrack.ledger import queries as stock
from flowrack.platform import sql

READS = ("read.availability_1k", "read.trial_balance", "read.trace_lot")


@bench(*READS)
def reads(scale: Scale) -> Iterator[Figure]:
    """The same ledger at two lengths of history; a figure that grows between them would show."""
    items = scale.of(20_000, 1_000)
    world = build(items)
    world.stock(1_000, "reserve")
    lot = _a_traced_lot(world.site_id, world.virtual)
    thousand = world.items[:1_000]
    history = 0
    for label, moves in (("1m", scale.of(1_000_000, 10_000)), ("10m", scale.of(10_000_000, 100_000))):
        add_history(moves - history)
        history = moves
        sql.execute("ANALYZE")
        yield _timed(f"read.availability_1k@{label}", moves, lambda: stock.by_state(thousand), _raw_availability)
        yield _timed(f"read.trial_balance@{label}", moves, stock.trial_balance, _raw_balance)
        yield _timed(f"read.trace_lot@{label}", moves, lambda: stock.moves_of_lot(lot), lambda: _raw_trace(lot))


def add_history(moves: int) -> None:
    """Multiply real moves: units go to and fro between two bins of each item, so every sum stays true.

    How many receipts there are is a parameter: as a column of the join it would leave only a nested loop.
    """
    receipts = sql.fetch_value("SELECT count(*) FROM ledger_move WHERE reason = 'receipt'")
    sql.execute(
        """
        INSERT INTO ledger_move (posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                                 of_move_id)
        SELECT p.id, CASE WHEN g %% 2 = 0 THEN c.from_cell_id ELSE c.to_cell_id END,
               CASE WHEN g %% 2 = 0 THEN c.to_cell_id ELSE c.from_cell_id END, 1, 0, 'history', '', '', '', 0
          FROM generate_series(1, %s::bigint) AS g
          JOIN (SELECT from_cell_id, to_cell_id, row_number() OVER (ORDER BY id) - 1 AS n
                FROM ledger_move WHERE reason = 'receipt') c ON c.n = (g / 2) %% %s::bigint
         CROSS JOIN (SELECT min(id) AS id FROM ledger_posting) p
        """,
        (moves, receipts),
    )


def _a_traced_lot(site_id: int, virtual: dict[str, int]) -> int:
    """A lot with 60 moves from supplier to customers, written as rows."""
    item = sql.fetch_value(
        "INSERT INTO catalog_item (sku, name, tracking) VALUES ('TRACED', 'Traced', 'lot') RETURNING id"
    )
    lot = sql.fetch_value("INSERT INTO catalog_lot (item_id, code) VALUES (%s, 'TRACED-1') RETURNING id", (item,))
    sql.execute(
        """
        INSERT INTO ledger_cell (item_id, lot_id, location_id, lpn_id, owner_id, quality, state, site_id, account,
                                 is_virtual, is_serial)
        SELECT %s, %s, l.id, 0, 1, 'available', l.role, l.site_id, l.account, l.is_virtual, false
          FROM locations_location l WHERE l.site_id = %s AND (l.pick_sequence <= 4)
        """,
        (item, lot, site_id),
    )
    sql.execute(
        """
        INSERT INTO ledger_move (posting_id, from_cell_id, to_cell_id, units, value, reason, origin, demand, claim,
                                 of_move_id)
        SELECT (SELECT min(id) FROM ledger_posting), f.id, t.id, 1, 0, 'trace', '', '', '', 0
          FROM generate_series(1, 60) AS g
          JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ledger_cell WHERE lot_id = %s) f
            ON f.n = g %% 7 + 1
          JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ledger_cell WHERE lot_id = %s) t
            ON t.n = (g + 1) %% 7 + 1
        """,
        (lot, lot),
    )
    return int(lot)


def _raw_availability() -> object:
    return sql.fetch_all(
        """
        SELECT item_id, site_id, receiving, reserve, forward_pick, committed FROM ledger_pool
         WHERE item_id = ANY (SELECT id FROM catalog_item WHERE sku LIKE 'BENCH-%%' ORDER BY id LIMIT 1000)
        """
    )


def _raw_balance() -> object:
    return sql.fetch_all("SELECT site_id, account, sum(units), sum(value) FROM ledger_book GROUP BY 1, 2")


def _raw_trace(lot: int) -> object:
    return sql.fetch_all(
        """
        SELECT m.* FROM ledger_cell c JOIN ledger_move m ON m.from_cell_id = c.id
         WHERE c.lot_id = %s AND c.lot_id <> 0 ORDER BY m.id
        """,
        (lot,),
    )


def _timed(name: str, size: int, own: Callable[[], object], raw: Callable[[], object]) -> Figure:
    own_ms, raw_ms = _median_ms(own), _median_ms(raw)
    return Figure(name, own_ms, "ms", raw_ms, raw_ms / own_ms, size, seconds=own_ms / 1000)


def _median_ms(body: Callable[[], object]) -> float:
    times = []
    for _ in range(11):
        started = time.perf_counter()
        body()
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[len(times) // 2]
