"""Lines that are sent instead of others, written for the stage that chooses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.runner import Context


@dataclass(frozen=True, slots=True)
class Instead:
    """Units of another item, at a price, for units of a line."""

    item_id: int
    units: int
    unit_price: Decimal
    replaces: int
    is_price_protected: bool


def substitute(ctx: Context, line_id: int, wanted: Sequence[Instead]) -> list[int]:
    """New lines of the order that stand for waiting units of a locked line, which does not wait for them any more.

    The new lines, in order; nothing is promised to them yet. The database refuses more than waits. Two statements.
    """
    if not wanted:
        return []
    rows = sql.fetch_all(
        """
        WITH original AS (SELECT order_id FROM sales_orderline WHERE id = %s),
        made AS (
            INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                         picked_units, shipped_units, cancelled_units, unit_price, lot_code)
            SELECT original.order_id, t.line_no + n.place, n.item_id, n.units, 0, 0, 0, 0, 0, n.unit_price, ''
            FROM original
            CROSS JOIN LATERAL (
                SELECT max(l.line_no) AS line_no FROM sales_orderline l WHERE l.order_id = original.order_id
            ) AS t
            CROSS JOIN unnest(%s::bigint[], %s::bigint[], %s::numeric[]) WITH ORDINALITY
                 AS n(item_id, units, unit_price, place)
            RETURNING id, line_no
        ), named AS (
            INSERT INTO sales_substitution (line_id, original_id, replaces, is_price_protected, accepted_by_id,
                                            accepted_at)
            SELECT m.id, %s, n.replaces, n.protected, %s, %s
            FROM (SELECT id, row_number() OVER (ORDER BY line_no) AS place FROM made) AS m
            JOIN unnest(%s::bigint[], %s::boolean[]) WITH ORDINALITY AS n(replaces, protected, place)
                 ON n.place = m.place
        )
        SELECT id FROM made ORDER BY line_no
        """,
        (
            line_id,
            [one.item_id for one in wanted],
            [one.units for one in wanted],
            [one.unit_price for one in wanted],
            line_id,
            ctx.actor_id,
            ctx.now,
            [one.replaces for one in wanted],
            [one.is_price_protected for one in wanted],
        ),
    )
    replaced = sum(one.replaces for one in wanted)
    sql.execute("UPDATE sales_orderline SET cancelled_units = cancelled_units + %s WHERE id = %s", (replaced, line_id))
    return [row[0] for row in rows]


def take_back(ctx: Context, original_id: int, line_ids: Sequence[int]) -> None:
    """Substitutes do not stand for a line any more. What is cancelled of them is the caller's part. One statement."""
    sql.execute(
        """
        UPDATE sales_substitution SET undone_by_id = %s, undone_at = %s
        WHERE original_id = %s AND line_id = ANY(%s::bigint[]) AND undone_at IS NULL
        """,
        (ctx.actor_id, ctx.now, original_id, list(line_ids)),
    )
