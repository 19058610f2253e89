"""What a release has to do with pick faces: what waits for a refill, and what the faces must give from now on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.replenishment import locks, queries, steps, steps_plan
from flowrack.replenishment.steps_plan import Replanned
from flowrack.replenishment.types import NewDraw
from flowrack.shared.quantity import Units


def claim_faces(ctx: Context, site_id: int, item_ids: Sequence[int]) -> dict[int, int]:
    """Lock the faces of items before their stock is chosen; where units wait for a refill instead of being picked from
    the rack: item -> place of its face. Empty where the site's policy sends pickers to the rack. Two statements."""
    locks.faces(site_id, item_ids)
    return queries.faces_that_wait(site_id, item_ids)


def after_release(
    ctx: Context,
    site_id: int,
    item_ids: Sequence[int],
    *,
    left: Sequence[tuple[int, int, int, int]],
    given: Sequence[int],
    because: str,
) -> Replanned:
    """Keep who waits for which face and since when, end the waits of lines that got all, and plan what faces need now.

    `left` are (line, place of the face, item, units); `given` are the lines that went to pickers.
    """
    waits = {(line, place): (item, 0) for line, place, item, _ in left}
    for line, place, item, units in left:
        waits[line, place] = (item, waits[line, place][1] + units)
    keep = {line for line, _ in waits}
    over = sorted(set(given) - keep)
    if over:
        sql.execute(
            """
            UPDATE replenishment_wait SET ended_at = greatest(%s, since), "end" = 'picked'
            WHERE order_line_id = ANY(%s::bigint[]) AND ended_at IS NULL
            """,
            (ctx.now, over),
        )
    if waits:
        sql.execute(
            """
            INSERT INTO replenishment_wait (site_id, location_id, item_id, order_line_id, units, since, "end")
            SELECT %s, w.location_id, w.item_id, w.line_id, w.units, %s, ''
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
                 AS w(line_id, location_id, item_id, units)
            ORDER BY w.line_id, w.location_id
            ON CONFLICT (order_line_id, location_id) WHERE ended_at IS NULL DO UPDATE SET units = excluded.units
            """,
            (
                site_id,
                ctx.now,
                [line for line, _ in waits],
                [place for _, place in waits],
                [item for item, _ in waits.values()],
                [units for _, units in waits.values()],
            ),
        )
    return steps_plan.replan(ctx, site_id, item_ids, because=because)


def time_draws(
    ctx: Context, site_id: int, origin: str, units: Sequence[tuple[int, int, int]], *, until: datetime
) -> None:
    """A wave says by when it will have drawn its units: (place, item, units). What it said before is replaced, and the
    faces that it draws from are planned anew. Places that are no face of the item do not matter."""
    if not units or until <= ctx.now:
        return
    faces = queries.face_items(site_id, [place for place, _, _ in units])
    drawn = [(place, item, n) for place, item, n in units if faces.get(place) == item]
    if not drawn:
        return
    items = sorted({item for _, item, _ in drawn})
    locks.faces(site_id, items)
    steps.cancel(site_id, origin)
    draws = [NewDraw(place, item, Units(n), ctx.now, until) for place, item, n in drawn]
    steps.expect(ctx, site_id, origin, draws, is_of_orders=True)
    steps_plan.replan(ctx, site_id, items, because="a wave said by when it is picked")
