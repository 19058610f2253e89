"""What counting can tell: bins due, the books of a bin over time, variances with their context, accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.counting.rules import BinDue, Policy, Said
from flowrack.platform import sql

Kind = tuple[int, int, int, int, str]  # item, lot, LPN, owner, quality


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What counting must know of an item at a site."""

    item_id: int
    sku: str
    name: str
    tracking: str
    velocity: str
    costing: str
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One count task in a list."""

    task_id: int
    number: str
    site: str
    location_id: int
    location: str
    zone: str
    cause: str
    state: str
    due_on: date
    counts: int
    open_variances: int
    value: Decimal
    asked_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right the books were in a period: by units and by bins, with both parts of each ratio."""

    wrong_units: int
    expected_units: int
    good_bins: int
    counted_bins: int


def items(item_ids: Sequence[int], site_id: int) -> dict[int, ItemFacts]:
    """Facts of items, with the present unit cost of own stock at the site. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.tracking, i.velocity, i.costing,
               coalesce(CASE WHEN i.costing = 'standard' THEN i.standard_cost END,
                        b.value / b.units, b.unit_cost, i.standard_cost, 0)
        FROM catalog_item i
        LEFT JOIN LATERAL (
            SELECT nullif(sum(k.units), 0) AS units, sum(k.value) AS value, nullif(max(k.unit_cost), 0) AS unit_cost
            FROM ledger_book k WHERE k.item_id = i.id AND k.site_id = %s AND k.account = 'inventory'
        ) b ON true
        WHERE i.id = ANY(%s::bigint[])
        """,
        (site_id, list(item_ids)),
    )
    return {row[0]: ItemFacts(*row) for row in rows}


def policies() -> dict[str, Policy]:
    """Velocity class -> count policy. One query."""
    rows = sql.fetch_all(
        "SELECT velocity, every_days, tolerance_percent, tolerance_value, first_limit, second_limit, is_auto,"
        " needs_recount FROM counting_countpolicy"
    )
    return {row[0]: Policy(*row) for row in rows}


def bin_now(location_id: int) -> tuple[int, dict[Kind, int]]:
    """The ledger's last move and what lies in a bin, in one snapshot. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, c.item_id, c.lot_id, c.lpn_id, c.owner_id, c.quality, c.on_hand
        FROM (SELECT coalesce(max(id), 0) AS id FROM ledger_move) m
        LEFT JOIN ledger_cell c ON c.location_id = %s AND NOT c.is_virtual AND c.on_hand <> 0 ORDER BY c.id
        """,
        (location_id,),
    )
    return rows[0][0], {(r[1], r[2], r[3], r[4], r[5]): r[6] for r in rows if r[1] is not None}


def paths(location_id: int, *, since_move_id: int) -> dict[Kind, list[int]]:
    """The balances that each kind of stock in a bin passed through since a move, oldest first, the last is now.

    Walked back from the balance of now, so that a move that was under way at the start is not lost. One query.
    """
    rows = sql.fetch_all(
        """
        SELECT c.item_id, c.lot_id, c.lpn_id, c.owner_id, c.quality, c.on_hand, m.id, m.change
        FROM ledger_cell c
        LEFT JOIN LATERAL (
            SELECT id, units AS change FROM ledger_move WHERE to_cell_id = c.id AND id > %s
            UNION ALL
            SELECT id, -units FROM ledger_move WHERE from_cell_id = c.id AND id > %s
        ) m ON true
        WHERE c.location_id = %s AND NOT c.is_virtual
        ORDER BY c.id, m.id DESC
        """,
        (since_move_id, since_move_id, location_id),
    )
    found: dict[Kind, list[int]] = {}
    for item, lot, lpn, owner, quality, on_hand, move_id, change in rows:
        path = found.setdefault((item, lot, lpn, owner, quality), [on_hand])
        if move_id is not None:
            path.append(path[-1] - change)
    return {key: path[::-1] for key, path in found.items()}


def bins_due(site_id: int) -> list[BinDue]:
    """Bins with stock that could be counted, with their best class, last count, value and moves since. One query.

    Moves since the last count are counted up to 100: more says nothing new about risk. What happened after a count was
    booked after its opening, so that only those moves have their postings looked up.
    """
    rows = sql.fetch_all(
        """
        SELECT b.location_id, b.velocity, last.finished_at::date, b.value, ever.n + since.n
        FROM (
            SELECT c.location_id, min(i.velocity) AS velocity,
                   sum(c.on_hand * coalesce(k.value / nullif(k.units, 0), i.standard_cost, 0)) AS value,
                   array_agg(c.id) AS cells
            FROM ledger_cell c
            JOIN catalog_item i ON i.id = c.item_id
            LEFT JOIN LATERAL (
                SELECT sum(units) AS units, sum(value) AS value FROM ledger_book
                WHERE item_id = c.item_id AND site_id = c.site_id AND account = 'inventory'
            ) k ON true
            WHERE c.site_id = %s AND c.state IN ('reserve', 'forward_pick') AND c.on_hand > 0
            GROUP BY 1
        ) b
        LEFT JOIN LATERAL (
            SELECT t.finished_at,
                   (SELECT coalesce(max(opened_move_id), 0) FROM counting_count n WHERE n.task_id = t.id) AS move_id
            FROM counting_counttask t WHERE t.location_id = b.location_id AND t.state = 'posted'
            ORDER BY t.finished_at DESC, t.id DESC LIMIT 1
        ) last ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT 1 FROM ledger_move m WHERE last.finished_at IS NULL AND m.from_cell_id = ANY(b.cells) LIMIT 100
            ) m
        ) ever ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT 1 FROM ledger_move m JOIN ledger_posting p ON p.id = m.posting_id
                WHERE last.finished_at IS NOT NULL AND m.from_cell_id = ANY(b.cells) AND m.id > last.move_id
                  AND p.occurred_at > last.finished_at LIMIT 100
            ) m
        ) since ON true
        WHERE NOT EXISTS (
            SELECT 1 FROM counting_counttask t WHERE t.location_id = b.location_id
            AND t.state IN ('due', 'counting', 'review', 'recount')
        )
        """,
        (site_id,),
    )
    return [BinDue(*row) for row in rows]


def bins_to_count(site_ids: Sequence[int]) -> dict[int, int]:
    """How many bins with stock could be counted at each site; a site without any is left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.site_id, count(DISTINCT c.location_id) FROM ledger_cell c
        WHERE c.site_id = ANY(%s::bigint[]) AND c.state IN ('reserve', 'forward_pick') AND c.on_hand > 0
          AND NOT EXISTS (
              SELECT 1 FROM counting_counttask t WHERE t.location_id = c.location_id
              AND t.state IN ('due', 'counting', 'review', 'recount')
          )
        GROUP BY 1
        """,
        (list(site_ids),),
    )
    return dict(rows)


def locations_of(location_ids: Sequence[int], site_id: int) -> dict[int, str]:
    """Physical places of a site that can be counted: id -> code. One query."""
    rows = sql.fetch_all(
        "SELECT id, code FROM locations_location WHERE id = ANY(%s::bigint[]) AND site_id = %s AND NOT is_virtual",
        (list(location_ids), site_id),
    )
    return {row[0]: row[1] for row in rows}


def lots(lot_ids: Sequence[int]) -> dict[int, int | None]:
    """Lot -> item. One query."""
    rows = sql.fetch_all("SELECT id, item_id FROM catalog_lot WHERE id = ANY(%s::bigint[])", (list(lot_ids),))
    return {row[0]: row[1] for row in rows}


_TASKS = """
    SELECT t.id, t.number, s.code, t.location_id, l.code, coalesce(z.code, ''), t.cause, t.state, t.due_on,
           (SELECT count(*) FROM counting_count c WHERE c.task_id = t.id),
           coalesce(v.n, 0), coalesce(v.value, 0), t.asked_at, t.finished_at
    FROM counting_counttask t
    JOIN locations_site s ON s.id = t.site_id
    JOIN locations_location l ON l.id = t.location_id
    LEFT JOIN locations_zone z ON z.id = l.zone_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS n, sum(abs(value)) AS value FROM counting_variance
        WHERE task_id = t.id AND decision = 'open'
    ) v ON true
"""


def tasks(site_ids: Sequence[int] | None, *, states: Sequence[str], limit: int = 200) -> list[TaskRow]:
    """Count tasks in these states, in walking order of their due day. One query."""
    sites = None if site_ids is None else list(site_ids)
    rows = sql.fetch_all(
        _TASKS
        + """
        WHERE t.state = ANY(%s::text[]) AND (%s::bigint[] IS NULL OR t.site_id = ANY(%s::bigint[]))
        ORDER BY t.due_on, l.pick_sequence, t.id LIMIT %s
        """,
        (list(states), sites, sites, limit),
    )
    return [TaskRow(*row) for row in rows]


def task_row(task_id: int) -> TaskRow | None:
    """One count task. One query."""
    row = sql.fetch_one(_TASKS + " WHERE t.id = %s", (task_id,))
    return None if row is None else TaskRow(*row)


def next_task(site_id: int, counter_id: int, *, location_id: int = 0) -> TaskRow | None:
    """The next bin for this person: theirs under way, else due in walking order. One query.

    Never one that they counted, or that somebody else has along on a device.
    """
    row = sql.fetch_one(
        _TASKS
        + """
        LEFT JOIN counting_count mine ON mine.task_id = t.id AND mine.counter_id = %s
        WHERE t.site_id = %s AND (%s = 0 OR t.location_id = %s)
          AND ((t.state IN ('due', 'recount') AND mine.id IS NULL
                AND (t.lease_until IS NULL OR t.lease_until < now() OR t.leased_by_id = %s))
               OR (t.state = 'counting' AND mine.id IS NOT NULL AND mine.finished_at IS NULL))
        ORDER BY t.state <> 'counting', t.due_on, l.pick_sequence, t.id LIMIT 1
        """,
        (counter_id, site_id, location_id, location_id, counter_id),
    )
    return None if row is None else TaskRow(*row)


def said(task_id: int) -> dict[Kind, list[Said]]:
    """What each finished count of a task said of each kind of stock, first count first. One query."""
    return said_of([task_id]).get(task_id, {})


def said_of(task_ids: Sequence[int]) -> dict[int, dict[Kind, list[Said]]]:
    """The same of several tasks. One query.

    A count that does not know the kind found none of it, where none was expected.
    """
    rows = sql.fetch_all(
        """
        SELECT c.task_id, c.round_no, l.item_id, l.lot_id, l.lpn_id, l.owner_id, l.quality, l.counted_units,
               l.expected_units
        FROM counting_count c LEFT JOIN counting_countline l ON l.count_id = c.id
        WHERE c.task_id = ANY(%s::bigint[]) AND c.finished_at IS NOT NULL ORDER BY c.task_id, c.round_no
        """,
        (list(task_ids),),
    )
    rounds: dict[int, list[int]] = {}
    for task_id, round_no, *_ in rows:
        of_task = rounds.setdefault(task_id, [])
        if round_no not in of_task:
            of_task.append(round_no)
    found: dict[int, dict[Kind, list[Said]]] = {}
    for task_id, round_no, item_id, lot_id, lpn_id, owner_id, quality, counted, expected in rows:
        if item_id is not None:
            kind = (item_id, lot_id, lpn_id, owner_id, quality)
            of_kind = found.setdefault(task_id, {}).setdefault(kind, [Said(0, 0)] * len(rounds[task_id]))
            of_kind[rounds[task_id].index(round_no)] = Said(counted, expected)
    return found


def open_count(task_id: int, counter_id: int) -> int | None:
    """The count of this person under way at a task. One query."""
    key: int | None = sql.fetch_value(
        "SELECT id FROM counting_count WHERE task_id = %s AND counter_id = %s AND finished_at IS NULL",
        (task_id, counter_id),
    )
    return key


def entered(count_id: int) -> list[tuple[str, str, str, int]]:
    """What was entered in a count, newest first, for the counter's own ticks: (sku, name, lot, units). One query."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, i.name, lot.code, l.counted_units
        FROM counting_countline l JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot lot ON lot.id = l.lot_id
        WHERE l.count_id = %s AND l.counted_units IS NOT NULL ORDER BY l.entered_at DESC, l.id DESC
        """,
        (count_id,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def accuracy(site_ids: Sequence[int] | None, start: date, end: date) -> Accuracy:
    """How right the books were: the last count of every task finished in [start, end]. One query."""
    sites = None if site_ids is None else list(site_ids)
    row = sql.fetch_one(
        """
        WITH done AS (
            SELECT t.id, (SELECT c.id FROM counting_count c WHERE c.task_id = t.id ORDER BY c.round_no DESC LIMIT 1)
                   AS count_id
            FROM counting_counttask t
            WHERE t.state = 'posted' AND t.finished_at >= %s::date AND t.finished_at < %s::date + 1
              AND (%s::bigint[] IS NULL OR t.site_id = ANY(%s::bigint[]))
        )
        SELECT coalesce(sum(x.wrong), 0)::bigint, coalesce(sum(x.expected), 0)::bigint,
               count(*) FILTER (WHERE x.outside = 0), count(*)
        FROM (
            SELECT done.id, sum(abs(coalesce(l.counted_units, 0) - l.expected_units)) AS wrong,
                   sum(l.expected_units) AS expected,
                   count(v.id) FILTER (WHERE v.decision = 'approved') AS outside
            FROM done
            LEFT JOIN counting_countline l ON l.count_id = done.count_id
            LEFT JOIN counting_variance v ON v.line_id = l.id
            GROUP BY done.id
        ) x
        """,
        (start, end, sites, sites),
    )
    assert row is not None
    return Accuracy(*row)


def due_for(location_id: int, cause: str) -> int:
    """The count of a bin for this cause that nobody has begun; 0 when none. One query."""
    found = sql.fetch_value(
        "SELECT id FROM counting_counttask WHERE location_id = %s AND cause = %s AND state = 'due'",
        (location_id, cause),
    )
    return int(found or 0)
