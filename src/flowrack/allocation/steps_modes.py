"""Writes of modes and suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.allocation.types_modes import FollowFree, NoSuchSuggestion, SetMode
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import Busy

for _name in ("allocation_mode_one_in_force", "allocation_mode_version_once"):
    refuse_on(_name, lambda: Busy("Somebody else set this mode just now.", fix="Look at it again."))


def replace(ctx: Context, req: SetMode, current_id: int, version: int) -> int:
    """End the mode in force and write the next; its id. Two statements."""
    if current_id:
        sql.execute("UPDATE allocation_allocationmode SET ended_at = %s WHERE id = %s", (ctx.now, current_id))
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_allocationmode (site_id, velocity, version, mode, reason, set_by_id, set_at)
            VALUES (nullif(%s, 0), %s, %s, %s, %s, %s, %s) RETURNING id
            """,
            (req.site_id, req.velocity, version, req.mode, req.reason.strip()[:200], ctx.actor_id, ctx.now),
        )
    )


def suggest(
    ctx: Context,
    req: FollowFree,
    item_ids: Sequence[int],
    given: Mapping[int, Mapping[int, int]],
    velocities: Mapping[int, str],
) -> list[int]:
    """Write what would be given of each item, units by line, in the place of what was suggested before; the ids. Three
    statements."""
    sql.execute(
        """
        UPDATE allocation_suggestion SET state = 'replaced', decided_at = %s
        WHERE site_id = %s AND item_id = ANY(%s::bigint[]) AND state = 'open'
        """,
        (ctx.now, req.site_id, list(item_ids)),
    )
    items = [item_id for item_id in item_ids if given.get(item_id)]
    if not items:
        return []
    ids = dict(
        sql.fetch_all(
            """
            INSERT INTO allocation_suggestion (site_id, item_id, velocity, cause, units, made_at)
            SELECT %s, n.item_id, n.velocity, %s, n.units, %s
            FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS n(item_id, velocity, units) RETURNING item_id, id
            """,
            (
                req.site_id,
                req.cause[:80],
                ctx.now,
                items,
                [velocities[item_id] for item_id in items],
                [sum(given[item_id].values()) for item_id in items],
            ),
        )
    )
    rows = [(ids[item_id], line_id, units) for item_id in items for line_id, units in given[item_id].items()]
    sql.execute(
        """
        INSERT INTO allocation_suggestedline (suggestion_id, order_line_id, units)
        SELECT n.suggestion_id, n.line_id, n.units
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
             AS n(suggestion_id, line_id, units, place)
        ORDER BY n.place
        """,
        tuple(list(column) for column in zip(*rows, strict=True)),
    )
    return sorted(ids.values())


def end(ctx: Context, states: Mapping[int, str], reason: str = "") -> None:
    """Write how open suggestions ended. Refuses with NoSuchSuggestion when somebody else ended one since. One
    statement."""
    ended = sql.execute(
        """
        UPDATE allocation_suggestion s SET state = e.state, decided_by_id = %s, decided_at = %s, reason = %s
        FROM unnest(%s::bigint[], %s::text[]) AS e(id, state) WHERE s.id = e.id AND s.state = 'open'
        """,
        (ctx.actor_id, ctx.now, reason.strip()[:200], list(states), list(states.values())),
    )
    if ended != len(states):
        raise NoSuchSuggestion("Somebody else decided on one of these just now.", fix="Look at the list again.")
