"""Writes of put-backs."""

from __future__ import annotations

from flowrack.fulfilment import locks, queries_putback
from flowrack.fulfilment.types import PickNotFound
from flowrack.fulfilment.types_short import PutBackDone
from flowrack.platform import sql
from flowrack.platform.runner import Context


def ask(ctx: Context, order_id: int, cancels: bool, reason: str) -> None:
    """What is picked of an order is to come back; what was said before of it counts no more. One statement."""
    sql.execute(
        """
        INSERT INTO fulfilment_putback (order_id, cancels, reason, asked_by_id, asked_at)
        VALUES (%s, %s, left(%s, 200), %s, %s)
        ON CONFLICT (order_id) WHERE back_at IS NULL DO UPDATE
        SET cancels = excluded.cancels, reason = excluded.reason, asked_by_id = excluded.asked_by_id,
            asked_at = excluded.asked_at
        """,
        (order_id, cancels, reason, ctx.actor_id, ctx.now),
    )


def note_back(ctx: Context, site_id: int, order_id: int) -> None:
    """Goods of an order are back: when these were the last, that is told. Three statements and the event.

    Two that put the last goods of an order back at once, each on a list of its own, go one after the other here; else
    each would see the other's goods on their way, and nobody would tell.
    """
    if not locks.put_back(order_id) or queries_putback.is_waited_for(order_id):
        return
    row = sql.fetch_one(
        """
        UPDATE fulfilment_putback b SET back_at = %s FROM platform_user u
        WHERE b.order_id = %s AND b.back_at IS NULL AND u.id = b.asked_by_id
        RETURNING b.id, b.cancels, b.reason, u.full_name
        """,
        (ctx.now, order_id),
    )
    if row is not None:
        ctx.emit(PutBackDone(site_id, order_id, *row))


def end(ctx: Context, put_back_id: int, outcome: str) -> int:
    """What became of the order; its id. One statement."""
    order_id = sql.fetch_value(
        """
        UPDATE fulfilment_putback SET outcome = left(%s, 200) WHERE id = %s AND back_at IS NOT NULL RETURNING order_id
        """,
        (outcome, put_back_id),
    )
    if order_id is None:
        raise PickNotFound("There is no such put-back.", fix="Look at the list of put-backs.")
    return int(order_id)
