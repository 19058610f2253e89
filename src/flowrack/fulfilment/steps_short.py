"""Writes of short picks."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules_short import Fate
from flowrack.platform import sql
from flowrack.platform.runner import Context


def write(
    ctx: Context, pick: LockedPick, short_id: int, policy: str, fate: Fate, rests: Sequence[tuple[int, int]]
) -> None:
    """Keep what was short and where the rest comes from: (pick, units that it replaces). One statement."""
    sql.execute(
        """
        WITH made AS (
            INSERT INTO fulfilment_shortpick (pick_id, rest_id, pick_list_id, order_line_id, units, elsewhere_units,
                                              replaced_units, policy, why, told_by_id, told_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, left(%s, 300), %s, %s) RETURNING id
        )
        INSERT INTO fulfilment_shortrest (short_id, pick_id, replaces)
        SELECT made.id, r.* FROM made
        CROSS JOIN (SELECT unnest(%s::bigint[]) AS pick_id, unnest(%s::bigint[]) AS replaces) AS r
        """,
        (
            *(pick.pick_id, short_id, pick.list_id, pick.line_id, fate.missing, fate.elsewhere, fate.replaced, policy),
            *(fate.why_not, ctx.actor_id, ctx.now),
            *([pick_id for pick_id, _ in rests], [replaces for _, replaces in rests]),
        ),
    )


def reopen(ctx: Context, short_id: int, rest_id: int, units: int) -> None:
    """What was short was found: the pick is open again, for so many units. Two statements."""
    sql.execute(
        """
        UPDATE fulfilment_pickline
        SET state = 'open', units = %s, short_units = NULL, short_reason = '', done_by_id = NULL, done_at = NULL
        WHERE id = %s
        """,
        (units, rest_id),
    )
    sql.execute(
        "UPDATE fulfilment_shortpick SET found_by_id = %s, found_at = %s WHERE id = %s",
        (ctx.actor_id, ctx.now, short_id),
    )


def lower(rest_id: int, units: int) -> None:
    """Fewer units of the pick are wanted than were found. One statement."""
    sql.execute("UPDATE fulfilment_pickline SET units = %s WHERE id = %s", (units, rest_id))
