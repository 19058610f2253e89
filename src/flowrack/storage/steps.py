"""Writes of storage that its commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.inbound import steps as inbound
from flowrack.ledger.types import OWN
from flowrack.platform import sql
from flowrack.platform.decisions import record
from flowrack.platform.runner import Context
from flowrack.shared.refs import key_of
from flowrack.storage import queries, steps_census
from flowrack.storage.locks import LockedMove
from flowrack.storage.queries import ItemNeeds
from flowrack.storage.rules_house import Choice
from flowrack.storage.steps_choose import Chosen, Group, choose, decision, group_needs
from flowrack.storage.types import PlanKind, PutawayNeed
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import Finish, NewTask

RECEIPT_LINE = "inbound.line"
NewPlan = tuple[PutawayNeed, int | None, int, int]  # need, target, task, owner
PUTAWAY_SECONDS = 90


def still_received(needs: Sequence[PutawayNeed]) -> list[PutawayNeed]:
    """Needs without those of receipt lines that were taken back, whichever of both is heard of first. One statement."""
    line_of = {need.origin: key_of(need.origin) for need in needs if need.origin.startswith(f"{RECEIPT_LINE}:")}
    if not line_of:
        return list(needs)
    stand = inbound.keep_lines(sorted(line_of.values()))
    return [need for need in needs if need.origin not in line_of or line_of[need.origin] in stand]


@dataclass(frozen=True, slots=True)
class Thought:
    """Bins that were chosen and locked for goods of a site, and what they were chosen by; nothing is written yet."""

    site_id: int
    needs: Sequence[PutawayNeed]
    facts: dict[int, ItemNeeds]
    groups: list[Group]
    chosen: Chosen


def think(ctx: Context, site_id: int, needs: Sequence[PutawayNeed]) -> Thought:
    """Choose and lock bins."""
    asked = [queries.ask_item_needs(sorted({need.item_id for need in needs})), steps_census.ask_state(site_id)]
    facts, state = sql.fetch_together(asked)
    of = queries.item_needs_of(facts)
    groups = group_needs(needs, of)
    return Thought(site_id, needs, of, groups, choose(ctx, site_id, groups, state=steps_census.state_of(state)))


def plan(ctx: Context, site_id: int, needs: Sequence[PutawayNeed]) -> list[tuple[int, int]]:
    """Write putaways with their bins, tasks and decisions: (id, location or 0), in order."""
    return write_plan(ctx, think(ctx, site_id, needs))


def write_plan(ctx: Context, thought: Thought) -> list[tuple[int, int]]:
    """Write the putaways of what was chosen, tasks and decisions: (id, location or 0), in order. Three statements."""
    site_id, needs, facts, groups = thought.site_id, thought.needs, thought.facts, thought.groups
    chosen, choices = thought.chosen, thought.chosen.choices
    target = {i: c.chosen for g, c in zip(groups, choices, strict=True) for i in g.places}
    task_ids = tasks.create_tasks(
        ctx, [_task(site_id, [needs[i] for i in g.places], c) for g, c in zip(groups, choices, strict=True)]
    )
    task_of = {i: task_id for g, task_id in zip(groups, task_ids, strict=True) for i in g.places}
    order = range(len(needs))
    locations = [place.location_id if (place := target[i]) is not None else None for i in order]
    ids = write_moves(ctx, site_id, PlanKind.PUTAWAY, [(needs[i], locations[i], task_of[i], OWN) for i in order])
    steps_census.expect(c.chosen.location_id for c in choices if c.chosen is not None and c.chosen.is_empty)
    record(
        ctx,
        [
            decision(ids[g.places[0]], g, choice, needs, facts, chosen.in_use)
            for g, choice in zip(groups, choices, strict=True)
        ],
    )
    return [(ids[i], locations[i] or 0) for i in order]


def _task(site_id: int, needs: Sequence[PutawayNeed], choice: Choice) -> NewTask:
    first, chosen = needs[0], choice.chosen
    return NewTask(
        kind=PlanKind.PUTAWAY,
        origin=first.origin,
        site_id=site_id,
        from_location_id=first.location_id,
        to_location_id=chosen.location_id if chosen else None,
        lpn_id=first.lpn_id,
        item_id=first.item_id,
        units=sum(need.units for need in needs),
        standard_seconds=PUTAWAY_SECONDS,
        end_sequence=chosen.pick_sequence if chosen else None,
    )


def write_moves(ctx: Context, site_id: int, kind: PlanKind, plans: Sequence[NewPlan]) -> list[int]:
    """Write planned moves; their ids in order. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO storage_plannedmove
               (site_id, kind, state, planned_at, reason, origin, item_id, lot_id, lpn_id, owner_id, quality, units,
                from_location_id, to_location_id, task_id)
        SELECT %s, %s, 'open', %s, '', n.origin, n.item_id, n.lot_id, n.lpn_id, n.owner_id, n.quality, n.units,
               n.from_id, n.to_id, n.task_id
        FROM (SELECT unnest(%s::text[]) AS origin, unnest(%s::bigint[]) AS item_id, unnest(%s::bigint[]) AS lot_id,
                     unnest(%s::bigint[]) AS lpn_id, unnest(%s::bigint[]) AS owner_id, unnest(%s::text[]) AS quality,
                     unnest(%s::bigint[]) AS units, unnest(%s::bigint[]) AS from_id, unnest(%s::bigint[]) AS to_id,
                     unnest(%s::bigint[]) AS task_id, generate_series(1, %s::int) AS place) AS n
        ORDER BY n.place
        RETURNING id
        """,
        (
            site_id,
            str(kind),
            ctx.now,
            [n.origin for n, _, _, _ in plans],
            [n.item_id for n, _, _, _ in plans],
            [n.lot_id for n, _, _, _ in plans],
            [n.lpn_id for n, _, _, _ in plans],
            [owner_id for _, _, _, owner_id in plans],
            [n.quality for n, _, _, _ in plans],
            [n.units for n, _, _, _ in plans],
            [n.location_id for n, _, _, _ in plans],
            [target for _, target, _, _ in plans],
            [task_id for _, _, task_id, _ in plans],
            len(plans),
        ),
    )
    return [row[0] for row in rows]


def finish(ctx: Context, done: Sequence[tuple[LockedMove, int, int, str]]) -> list[int]:
    """Count units of planned moves as carried: (move, units, location, reason); ends the full ones and their tasks.

    The ids of those that stay open. Four statements at most.
    """
    rows = sql.fetch_all(
        """
        UPDATE storage_plannedmove AS m
        SET done_units = m.done_units + d.units, reason = CASE WHEN d.reason = '' THEN m.reason ELSE d.reason END,
            state = CASE WHEN m.done_units + d.units = m.units THEN 'done' ELSE 'open' END,
            ended_in_id = CASE WHEN m.done_units + d.units = m.units THEN d.location_id END,
            ended_at = CASE WHEN m.done_units + d.units = m.units THEN %s::timestamptz END,
            ended_by_id = CASE WHEN m.done_units + d.units = m.units THEN %s::bigint END
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS d(id, units, location_id, reason)
        WHERE m.id = d.id
        RETURNING m.id, m.state, m.task_id, coalesce(m.to_location_id, 0), coalesce(m.ended_in_id, 0)
        """,
        (
            ctx.now,
            ctx.actor_id,
            [move.planned_move_id for move, _, _, _ in done],
            [units for _, units, _, _ in done],
            [location for _, _, location, _ in done],
            [reason[:200] for _, _, _, reason in done],
        ),
    )
    finish_tasks(ctx, {row[2] for row in rows if row[1] == "done" and row[2]})
    steps_census.expect(row[3] for row in rows if row[1] == "done" and row[3] not in (0, row[4]))
    return sorted(row[0] for row in rows if row[1] == "open")


def finish_tasks(ctx: Context, task_ids: set[int]) -> None:
    """End the tasks of which no planned move is open any more."""
    if not task_ids:
        return
    ready = sql.fetch_all(
        """
        SELECT t.id FROM unnest(%s::bigint[]) AS t(id)
        WHERE NOT EXISTS (SELECT FROM storage_plannedmove m WHERE m.task_id = t.id AND m.state = 'open') ORDER BY t.id
        """,
        (sorted(task_ids),),
    )
    tasks.complete(ctx, [Finish(task_id) for (task_id,) in ready])


def cancel_moves(ctx: Context, ids: Sequence[int], *, reason: str) -> int:
    """Cancel open planned moves and the tasks that have none left; how many. Two statements."""
    rows = sql.fetch_all(
        """
        UPDATE storage_plannedmove SET state = 'cancelled', ended_at = %s, ended_by_id = %s, reason = %s
        WHERE id = ANY(%s::bigint[]) AND state = 'open' RETURNING task_id, to_location_id
        """,
        (ctx.now, ctx.actor_id, reason[:200], list(ids)),
    )
    steps_census.expect(row[1] for row in rows if row[1])
    over = sql.fetch_all(
        """
        SELECT t.id FROM unnest(%s::bigint[]) AS t(id)
        WHERE t.id <> 0
          AND NOT EXISTS (SELECT FROM storage_plannedmove m WHERE m.task_id = t.id AND m.state = 'open')
        """,
        (sorted({row[0] for row in rows}),),
    )
    if over:
        tasks.cancel(ctx, [row[0] for row in over], reason=reason)
    return len(rows)


def follow_moved_stock(ctx: Context, site_id: int, location_ids: Sequence[int]) -> set[int]:
    """After stock left places by hand: planned moves from there whose stock is gone are cancelled; their ids.

    The oldest plans keep what is left. Three statements.
    """
    rows = sql.fetch_all(
        """
        WITH planned AS (
            SELECT m.id, m.item_id, m.lot_id, m.lpn_id, m.owner_id, m.quality, m.from_location_id,
                   sum(m.units - m.done_units) OVER (
                       PARTITION BY m.from_location_id, m.item_id, m.lot_id, m.lpn_id, m.owner_id, m.quality
                       ORDER BY m.id) AS wanted
            FROM storage_plannedmove m
            WHERE m.site_id = %s AND m.state = 'open' AND m.from_location_id = ANY(%s::bigint[])
        )
        SELECT p.id FROM planned p
        LEFT JOIN ledger_cell c ON c.location_id = p.from_location_id AND c.item_id = p.item_id
             AND c.lot_id = p.lot_id AND c.lpn_id = p.lpn_id AND c.owner_id = p.owner_id AND c.quality = p.quality
        WHERE p.wanted > coalesce(c.on_hand, 0)
        """,
        (site_id, list(location_ids)),
    )
    gone = {row[0] for row in rows}
    if gone:
        cancel_moves(ctx, sorted(gone), reason="moved by hand")
    return gone


def set_targets(targets: Sequence[tuple[int, int]]) -> None:
    """Give open planned moves their bins. Two statements, the second with the COMMIT."""
    rows = sql.fetch_all(
        """
        UPDATE storage_plannedmove AS m SET to_location_id = t.location_id
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS location_id) AS t
        JOIN storage_plannedmove was ON was.id = t.id
        WHERE m.id = t.id AND m.state = 'open' RETURNING coalesce(was.to_location_id, 0), m.to_location_id
        """,
        ([i for i, _ in targets], [location for _, location in targets]),
    )
    steps_census.expect(location for row in rows for location in row)


def write_faces(faces: Sequence[tuple[int, int, int, int, str]]) -> None:
    """Make or change pick faces (location, item, min, max, trigger); max 0 ends one. Two statements."""
    keep = [f for f in faces if f[3] > 0]
    sql.execute(
        "DELETE FROM storage_pickface WHERE location_id = ANY(%s::bigint[])", ([f[0] for f in faces if f[3] <= 0],)
    )
    sql.execute(
        """
        INSERT INTO storage_pickface (location_id, item_id, min_units, max_units, trigger)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
        ON CONFLICT (location_id) DO UPDATE
        SET item_id = excluded.item_id, min_units = excluded.min_units, max_units = excluded.max_units,
            trigger = excluded.trigger
        """,
        tuple([f[n] for f in keep] for n in range(5)),
    )
