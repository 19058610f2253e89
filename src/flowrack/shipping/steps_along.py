"""Writes of what devices have along, and the words about it; run inside somebody's command, the load locked."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.timezone import localtime

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shipping import queries_along
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.types_along import HOLDS_FOR, HoldEnd, TakenBackFrom


def hold(ctx: Context, load_ids: Sequence[int]) -> None:
    """The device has these trucks along for an hour from now. Two statements."""
    sql.execute(
        """
        UPDATE shipping_loadalong SET until = %s, person_id = %s
        WHERE load_id = ANY(%s::bigint[]) AND device = left(%s, 80) AND ended_at IS NULL
        """,
        (ctx.now + HOLDS_FOR, ctx.actor_id, list(load_ids), ctx.device),
    )
    sql.execute(
        """
        INSERT INTO shipping_loadalong (load_id, device, person_id, since, until)
        SELECT w.id, left(%s, 80), %s, %s, %s FROM unnest(%s::bigint[]) AS w(id) ORDER BY w.id
        ON CONFLICT DO NOTHING
        """,
        (ctx.device, ctx.actor_id, ctx.now, ctx.now + HOLDS_FOR, list(load_ids)),
    )


def end(ctx: Context, load_id: int, ending: HoldEnd, *, device: str = "") -> int:
    """Holds of a truck end, of one device or of all; how many. One statement."""
    return sql.execute(
        """
        UPDATE shipping_loadalong SET ended_at = %s, ended_by_id = %s, ending = %s
        WHERE load_id = %s AND ended_at IS NULL AND (%s = '' OR device = left(%s, 80))
        """,
        (ctx.now, ctx.actor_id, str(ending), load_id, device, device),
    )


def refuse_taken_back(ctx: Context, load: LockedLoad, what: str) -> None:
    """Refuse with TakenBackFrom the scan of a device from which the truck was taken back. One query."""
    by = queries_along.taken_back([load.load_id], ctx.device).get(load.load_id)
    if by is not None:
        raise TakenBackFrom(
            f"{by[0]} took {load.number} back from {ctx.device} at {localtime(by[1]):%H:%M}. This scan of"
            f" {what[:40]} came after that.",
            fix="Look where it stands, and scan it there again: what was decided meanwhile did not count on it.",
        )
