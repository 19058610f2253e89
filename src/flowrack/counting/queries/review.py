"""What the review of differences shows: the queue, the counts, and what happened around the bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.counting import rules
from flowrack.counting.queries import books
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class VarianceRow:
    """One difference in the review queue, worst first."""

    variance_id: int
    task_id: int
    number: str
    location_id: int
    location: str
    item_id: int
    sku: str
    name: str
    base_uom: str
    lot: str
    lpn: str
    units: int
    value: Decimal
    expected_units: int
    counted_units: int | None
    is_blank: bool
    repeats: int
    state: str
    decision: str
    first_approver_id: int | None
    lot_id: int
    lpn_id: int
    owner_id: int
    quality: str
    needs: int = 1

    @property
    def kind(self) -> tuple[int, int, int, int, str]:
        """The kind of stock: item, lot, LPN, owner, quality."""
        return (self.item_id, self.lot_id, self.lpn_id, self.owner_id, self.quality)


@dataclass(frozen=True, slots=True)
class CountRow:
    """What one person counted of one kind of stock, beside the books."""

    round_no: int
    counter_id: int
    counter: str
    opened_at: datetime
    finished_at: datetime | None
    opened_units: int
    expected_units: int
    counted_units: int | None


@dataclass(frozen=True, slots=True)
class BinMove:
    """A move of an item in or out of a bin."""

    move_id: int
    occurred_at: datetime
    reason: str
    origin: str
    units: int
    actor: str
    other: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What the latest count found of the same item in a bin near by."""

    location: str
    units: int | None


_VARIANCES = """
    SELECT v.id, t.id, t.number, t.location_id, l.code, i.id, i.sku, i.name, i.base_uom, lot.code, lpn.code, v.units,
           v.value, cl.expected_units, cl.counted_units, v.is_blank,
           (SELECT count(*) FROM counting_variance o JOIN counting_countline ol ON ol.id = o.line_id
            JOIN counting_counttask ot ON ot.id = o.task_id
            WHERE ot.location_id = t.location_id AND ol.item_id = cl.item_id AND o.id < v.id
              AND o.decision IN ('approved', 'policy')),
           t.state, v.decision,
           v.first_approver_id, cl.lot_id, cl.lpn_id, cl.owner_id, cl.quality, i.tracking <> 'none', i.velocity
    FROM counting_variance v
    JOIN counting_counttask t ON t.id = v.task_id
    JOIN locations_location l ON l.id = t.location_id
    JOIN counting_countline cl ON cl.id = v.line_id
    JOIN catalog_item i ON i.id = cl.item_id
    JOIN catalog_lot lot ON lot.id = cl.lot_id
    JOIN locations_lpn lpn ON lpn.id = cl.lpn_id
"""


def review_queue(site_id: int, *, limit: int = 100) -> list[VarianceRow]:
    """Open differences, worst first: value, then repeats of the same item in the same bin. Three queries."""
    rows = sql.fetch_all(
        _VARIANCES
        + """
        WHERE v.decision = 'open' AND (%s = 0 OR t.site_id = %s)
        ORDER BY t.state <> 'review', abs(v.value) DESC, v.id LIMIT %s
        """,
        (site_id, site_id, limit),
    )
    return sorted(_judged(rows), key=lambda v: (v.state != "review", -abs(v.value) * (1 + v.repeats), v.variance_id))


def _judged(rows: Sequence[tuple[Any, ...]]) -> list[VarianceRow]:
    """Differences with the number of approvers that each needs by the rule that approving asks. Two queries."""
    policies = books.policies()
    said = books.said_of(sorted({row[1] for row in rows}))
    found = []
    for *shown, is_tracked, velocity in rows:
        variance = VarianceRow(*shown)
        difference = rules.Difference(
            variance.units, variance.expected_units, variance.value, is_tracked, variance.is_blank
        )
        counts, policy = said.get(variance.task_id, {}).get(variance.kind, []), policies[velocity]
        is_disputed = bool(counts) and not rules.needs_another_count(policy, counts) and rules.disagrees(counts)
        found.append(replace(variance, needs=rules.approvers_needed(difference, policy, is_disputed=is_disputed)))
    return found


def waiting(site_id: int, *, limit: int = 100) -> int:
    """Differences that wait for an approval at a site (0 = all), counted up to the limit. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM (
                SELECT FROM counting_variance v JOIN counting_counttask t ON t.id = v.task_id
                WHERE v.decision = 'open' AND t.state = 'review' AND (%s = 0 OR t.site_id = %s) LIMIT %s
            ) AS open
            """,
            (site_id, site_id, limit),
        )
    )


def settled_by_policy(site_id: int, since: datetime) -> tuple[int, Decimal, Decimal]:
    """(number, net value, gross value) of differences that policy posted since then. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*), coalesce(sum(v.value), 0), coalesce(sum(abs(v.value)), 0)
        FROM counting_variance v JOIN counting_counttask t ON t.id = v.task_id
        WHERE v.decision = 'policy' AND v.decided_at >= %s AND (%s = 0 OR t.site_id = %s)
        """,
        (since, site_id, site_id),
    )
    assert row is not None
    return row[0], row[1], row[2]


def counts_of(variance: VarianceRow) -> list[CountRow]:
    """What each count of the task said of the variance's item, first count first. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.round_no, c.counter_id, u.full_name, c.opened_at, c.finished_at,
               coalesce(sum(l.opened_units), 0)::bigint, coalesce(sum(l.expected_units), 0)::bigint,
               sum(l.counted_units)::bigint
        FROM counting_count c JOIN platform_user u ON u.id = c.counter_id
        LEFT JOIN counting_countline l ON l.count_id = c.id AND l.item_id = %s
        WHERE c.task_id = %s GROUP BY 1, 2, 3, 4, 5 ORDER BY 1
        """,
        (variance.item_id, variance.task_id),
    )
    return [CountRow(*row) for row in rows]


def moves_at(location_id: int, item_id: int, *, limit: int = 10) -> list[BinMove]:
    """The last moves of an item in or out of a bin, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, p.occurred_at, m.reason, m.origin, m.change, u.full_name, o.code
        FROM ledger_cell c
        CROSS JOIN LATERAL (
            (SELECT id, posting_id, reason, origin, units AS change, from_cell_id AS other FROM ledger_move
             WHERE to_cell_id = c.id AND units > 0 ORDER BY id DESC LIMIT 20)
            UNION ALL
            (SELECT id, posting_id, reason, origin, -units, to_cell_id FROM ledger_move
             WHERE from_cell_id = c.id AND units > 0 ORDER BY id DESC LIMIT 20)
        ) m
        JOIN ledger_posting p ON p.id = m.posting_id JOIN platform_user u ON u.id = p.actor_id
        JOIN ledger_cell oc ON oc.id = m.other JOIN locations_location o ON o.id = oc.location_id
        WHERE c.location_id = %s AND c.item_id = %s ORDER BY m.id DESC LIMIT %s
        """,
        (location_id, item_id, limit),
    )
    return [BinMove(*row) for row in rows]


def neighbours(location_id: int, item_id: int) -> list[Neighbour]:
    """Bins beside this one in the walk, and what their latest open difference of the same item is. One query."""
    rows = sql.fetch_all(
        """
        WITH here AS (SELECT site_id, pick_sequence FROM locations_location WHERE id = %(bin)s), near AS (
            (SELECT l.id, l.code, l.pick_sequence FROM locations_location l, here
             WHERE l.site_id = here.site_id AND NOT l.is_virtual AND l.pick_sequence < here.pick_sequence
             ORDER BY l.pick_sequence DESC LIMIT 2)
            UNION ALL
            (SELECT l.id, l.code, l.pick_sequence FROM locations_location l, here
             WHERE l.site_id = here.site_id AND NOT l.is_virtual AND l.pick_sequence > here.pick_sequence
             ORDER BY l.pick_sequence LIMIT 2)
        )
        SELECT near.code, v.units FROM near
        LEFT JOIN LATERAL (
            SELECT sum(v.units)::bigint AS units FROM counting_variance v
            JOIN counting_countline cl ON cl.id = v.line_id AND cl.item_id = %(item)s
            JOIN counting_counttask t ON t.id = v.task_id AND t.location_id = near.id
            WHERE v.decision = 'open'
        ) v ON true
        ORDER BY near.pick_sequence
        """,
        {"bin": location_id, "item": item_id},
    )
    return [Neighbour(*row) for row in rows]


def past_differences(location_id: int, *, limit: int = 8) -> list[int]:
    """Net difference of the last finished counts of a bin, oldest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT coalesce((SELECT sum(v.units) FROM counting_variance v WHERE v.task_id = t.id
                         AND v.decision IN ('approved', 'policy')), 0)::bigint
        FROM counting_counttask t WHERE t.location_id = %s AND t.state = 'posted' ORDER BY t.id DESC LIMIT %s
        """,
        (location_id, limit),
    )
    return [row[0] for row in reversed(rows)]


COUNT_LIST = """
    SELECT t.id, t.number, s.code AS site, s.id AS site_id, l.code AS location, t.cause, t.state, t.due_on,
           (SELECT count(*) FROM counting_count c WHERE c.task_id = t.id) AS counts,
           (SELECT count(*) FROM counting_variance v WHERE v.task_id = t.id AND v.decision = 'open') AS open_variances,
           (SELECT coalesce(sum(v.value), 0) FROM counting_variance v WHERE v.task_id = t.id
            AND v.decision <> 'superseded') AS value,
           u.full_name AS asked_by, t.asked_at, t.finished_at, t.note
    FROM counting_counttask t JOIN locations_site s ON s.id = t.site_id
    JOIN locations_location l ON l.id = t.location_id JOIN platform_user u ON u.id = t.asked_by_id
"""


def variances_of(task_id: int) -> list[VarianceRow]:
    """All differences of a task that stand, the open ones first. Three queries."""
    rows = sql.fetch_all(
        _VARIANCES
        + " WHERE v.task_id = %s AND v.decision <> 'superseded' ORDER BY v.decision <> 'open', abs(v.value) DESC, v.id",
        (task_id,),
    )
    return _judged(rows)
