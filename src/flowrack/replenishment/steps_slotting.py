"""Writes of slotting: suggestions, and what an accepted one sets in motion."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.ledger import queries as stock
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.replenishment.queries_plan import Clock
from flowrack.replenishment.rules_slotting import Suggestion
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps as storage
from flowrack.storage.types import PlanKind, PutawayNeed
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask


def replace_open(ctx: Context, site_id: int, found: Sequence[Suggestion], *, days: int) -> tuple[list[int], int]:
    """Write suggestions; open ones of before are replaced. Their ids, in order, and how many were replaced."""
    gone = sql.execute(
        """
        UPDATE replenishment_slotsuggestion SET state = 'replaced', decided_at = %s
        WHERE site_id = %s AND state = 'open'
        """,
        (ctx.now, site_id),
    )
    rows = sql.fetch_all(
        """
        INSERT INTO replenishment_slotsuggestion (site_id, item_id, from_location_id, to_location_id, swaps_item_id,
            state, min_units, max_units, picks, days, saved_seconds_a_day, move_seconds, made_at)
        SELECT %s, n.item_id, nullif(n.from_id, 0), n.to_id, nullif(n.swaps_id, 0), 'open', n.low, n.high, n.picks, %s,
               n.saved, n.cost, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[],
                    %s::int[], %s::int[]) WITH ORDINALITY
             AS n(item_id, from_id, to_id, swaps_id, low, high, picks, saved, cost, nth)
        ORDER BY n.nth RETURNING id
        """,
        (
            site_id,
            days,
            ctx.now,
            [s.goods.item_id for s in found],
            [s.goods.stands_at if s.goods.face_id else 0 for s in found],
            [s.to_location_id for s in found],
            [s.swaps.item_id if s.swaps else 0 for s in found],
            [s.min_units for s in found],
            [s.max_units for s in found],
            [s.goods.lines for s in found],
            [s.saved_seconds_a_day for s in found],
            [s.move_seconds for s in found],
        ),
    )
    return [row[0] for row in rows], gone


def decide(ctx: Context, suggestion_id: int, state: str, reason: str) -> None:
    """Keep what somebody decided. One statement."""
    sql.execute(
        """
        UPDATE replenishment_slotsuggestion SET state = %s, decided_at = %s, decided_by_id = %s, reason = left(%s, 200)
        WHERE id = %s
        """,
        (state, ctx.now, ctx.actor_id, reason, suggestion_id),
    )


def carry_over(ctx: Context, clock: Clock, legs: Sequence[tuple[int, int, int]]) -> list[int]:
    """Plan the carries of what is free in old faces to the new ones: (item, from, to). The refills' ids.

    Five statements, two where nothing lies there.
    """
    cells = stock.cells_at([start for _, start, _ in legs])
    plans = [
        (item_id, cell, end)
        for item_id, start, end in legs
        for cell in cells
        if cell.location_id == start and cell.item_id == item_id and cell.quality == "available" and cell.free > 0
    ]
    if not plans:
        return []
    task_ids = tasks.create_tasks(
        ctx,
        [
            NewTask(
                kind=PlanKind.REFILL, origin=ref("locations.location", end), site_id=clock.site_id,
                from_location_id=cell.location_id, to_location_id=end, lpn_id=cell.lpn_id, item_id=item_id,
                units=cell.free, priority=6, standard_seconds=clock.task_seconds,
            )
            for item_id, cell, end in plans
        ],
    )  # fmt: skip
    moves = storage.write_moves(
        ctx,
        clock.site_id,
        PlanKind.REFILL,
        [
            (
                PutawayNeed(ref("locations.location", end), cell.location_id, item_id, Units(cell.free), cell.lot_id,
                            cell.lpn_id),
                end, task_id, cell.owner_id,
            )
            for (item_id, cell, end), task_id in zip(plans, task_ids, strict=True)
        ],
    )  # fmt: skip
    rows = sql.fetch_all(
        """
        INSERT INTO replenishment_refill (site_id, location_id, item_id, place, state, cause, units, planned_move_id,
                                          planned_at, not_before)
        SELECT %(site)s, n.location_id, n.item_id,
               coalesce((SELECT max(r.place) FROM replenishment_refill r
                         WHERE r.location_id = n.location_id AND r.ended_at IS NULL), 0)
               + row_number() OVER (PARTITION BY n.location_id ORDER BY n.move_id),
               'planned', 'slotting', n.units, n.move_id, %(now)s, %(now)s
        FROM unnest(%(places)s::bigint[], %(items)s::bigint[], %(units)s::bigint[], %(moves)s::bigint[])
             AS n(location_id, item_id, units, move_id)
        ORDER BY n.move_id RETURNING id
        """,
        {
            "site": clock.site_id,
            "now": ctx.now,
            "places": [end for _, _, end in plans],
            "items": [item_id for item_id, _, _ in plans],
            "units": [cell.free for _, cell, _ in plans],
            "moves": moves,
        },
    )
    return [row[0] for row in rows]
