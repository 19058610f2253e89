"""Writes of slotting: suggestions and what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.replenishment.rules_slotting import Suggestion


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


def follow(moved: Sequence[tuple[int, int, int]]) -> None:
    """Who waits for an item's face, and what people said will leave it, goes with it: (item, from, to). What waves say
    stays: their picks are reserved where the item lay. Two statements."""
    legs = ([item for item, _, _ in moved], [start for _, start, _ in moved], [end for _, _, end in moved])
    sql.execute(
        """
        UPDATE replenishment_wait w SET location_id = n.end_id
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(item_id, start_id, end_id)
        WHERE w.item_id = n.item_id AND w.location_id = n.start_id AND w.ended_at IS NULL
          AND NOT EXISTS (SELECT FROM replenishment_wait o WHERE o.order_line_id = w.order_line_id
                          AND o.location_id = n.end_id AND o.ended_at IS NULL)
        """,
        legs,
    )
    sql.execute(
        """
        UPDATE replenishment_draw d SET location_id = n.end_id
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(item_id, start_id, end_id)
        WHERE d.item_id = n.item_id AND d.location_id = n.start_id AND NOT d.is_of_orders
          AND NOT EXISTS (SELECT FROM replenishment_draw o WHERE o.origin = d.origin AND o.item_id = d.item_id
                          AND o.location_id = n.end_id AND o.from_at = d.from_at)
        """,
        legs,
    )
