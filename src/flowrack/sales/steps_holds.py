"""Writes of order holds: what is held gets nothing new, and is free again when its last hold ends."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.ledger.verify import also_verify
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, refuse_on
from flowrack.sales import queries_holds, rules_holds
from flowrack.sales.queries_holds import OpenHold
from flowrack.sales.types import LINE, ORDER, LockedLine
from flowrack.sales.types_holds import BadHold, Ending, HoldsEndedEvent, HoldsPlacedEvent, NewHold, OnHold
from flowrack.shared.errors import BadLine, WrongState
from flowrack.shared.refs import ref

KIND = "hold"
ENDED = {
    Ending.RELEASED: "Released",
    Ending.CHANGED: "No longer in doubt",
    Ending.CANCELLED: "Cancelled",
}


def place(ctx: Context, new: Sequence[NewHold]) -> list[int]:
    """Hold orders and lines, whose lines the caller has locked; the ids. Emits sales.holds_placed. Three statements.

    Where a customer takes only complete orders, a held line holds all of its order.
    """
    if not new:
        return []
    rows = sql.fetch_all(
        """
        INSERT INTO sales_hold (order_id, line_id, kind, sentence, placed_by_id, placed_at, ending, reason)
        SELECT n.order_id, nullif(n.line_id, 0), n.kind, left(n.sentence, 300), %s, %s, '', ''
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY
             AS n(order_id, line_id, kind, sentence, place)
        ORDER BY n.place RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            [one.order_id for one in new],
            [one.line_id for one in new],
            [one.kind for one in new],
            [one.sentence for one in new],
        ),
    )
    hold_ids = [row[0] for row in rows]
    marked = sql.fetch_all(
        """
        UPDATE sales_orderline l SET held_at_units = l.allocated_units + l.picked_units + l.shipped_units
        FROM sales_order o JOIN sales_hold h ON h.order_id = o.id AND h.id = ANY(%s::bigint[])
        WHERE l.order_id = o.id AND l.held_at_units IS NULL
          AND (h.line_id IS NULL OR h.line_id = l.id OR o.policy = 'complete')
        RETURNING l.id
        """,
        (hold_ids,),
    )
    decisions.record(ctx, [_placed_row(one) for one in new])
    ctx.emit(
        HoldsPlacedEvent(
            hold_ids,
            [str(one.kind) for one in new],
            sorted({one.order_id for one in new}),
            sorted({row[0] for row in marked}),
        )
    )
    return hold_ids


def _placed_row(new: NewHold) -> DecisionRow:
    who = queries_holds.who_may_release(new.kind)
    return DecisionRow(
        kind=KIND,
        subject=ref(LINE, new.line_id) if new.line_id else ref(ORDER, new.order_id),
        sentence=f"Held: {new.sentence}{_limit(new)} Whoever is {who} may release it.",
        rule=new.rule or rules_holds.RULE,
        detail={"kind": str(new.kind), **new.detail},
    )


def _limit(new: NewHold) -> str:
    """The rule that made the limit of a quantity."""
    said = new.detail.get("limit_rule")
    return f" {said}" if said else ""


def end(ctx: Context, holds: Sequence[OpenHold], ending: Ending, reason: str) -> list[int]:
    """End holds, of whose orders the caller has locked the lines; the lines that nothing holds any more.

    Emits sales.holds_ended. Refuses with WrongState when one of them has ended meanwhile. Three statements.
    """
    if not holds:
        return []
    ids = [hold.id for hold in holds]
    order_ids = sorted({hold.order_id for hold in holds})
    ended = sql.execute(
        """
        UPDATE sales_hold SET ended_by_id = %s, ended_at = %s, ending = %s, reason = left(%s, 200)
        WHERE id = ANY(%s::bigint[]) AND ended_at IS NULL
        """,
        (ctx.actor_id, ctx.now, ending, reason, ids),
    )
    if ended != len(ids):
        raise WrongState("One of these holds has ended meanwhile.", fix="Look at the list again.")
    freed = sql.fetch_all(
        """
        UPDATE sales_orderline l SET held_at_units = NULL FROM sales_order o
        WHERE o.id = l.order_id AND o.id = ANY(%s::bigint[]) AND l.held_at_units IS NOT NULL AND NOT EXISTS (
            SELECT FROM sales_hold h WHERE h.order_id = o.id AND h.ended_at IS NULL
            AND (h.line_id IS NULL OR h.line_id = l.id OR o.policy = 'complete')
        )
        RETURNING l.id
        """,
        (order_ids,),
    )
    free = sorted(row[0] for row in freed)
    decisions.record(ctx, [_ended_row(hold, ending, reason) for hold in holds])
    ctx.emit(HoldsEndedEvent(ids, str(ending), order_ids, free))
    return free


def mark_anew(order_id: int) -> None:
    """The order is delivered by another policy: a held line holds all of a complete order, and only itself else.

    The caller has locked the lines. One statement.
    """
    sql.execute(
        """
        UPDATE sales_orderline l
        SET held_at_units = CASE WHEN w.is_held THEN l.allocated_units + l.picked_units + l.shipped_units END
        FROM (
            SELECT l.id, EXISTS (SELECT FROM sales_hold h WHERE h.order_id = o.id AND h.ended_at IS NULL
                                 AND (h.line_id IS NULL OR h.line_id = l.id OR o.policy = 'complete')) AS is_held
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id WHERE o.id = %s
        ) AS w
        WHERE l.id = w.id AND w.is_held <> (l.held_at_units IS NOT NULL)
        """,
        (order_id,),
    )


def refuse_held(lines: Sequence[LockedLine]) -> None:
    """Refuse with OnHold when one of the lines is held, naming every order with its hold. No query when none is."""
    held = {line.order_id: line.number for line in lines if line.is_held}
    if not held:
        return
    words = queries_holds.words_of(sorted(held))
    bad = [
        BadLine(n, "order_ids", f"{number} is {words[order_id]}.", "Release the hold first, or leave the order out.")
        for n, (order_id, number) in enumerate(sorted(held.items()), 1)
    ]
    raise OnHold(bad[0].message, lines=bad, fix=bad[0].fix)


def _ended_row(hold: OpenHold, ending: Ending, reason: str) -> DecisionRow:
    said = f"{ENDED[ending]}: {reason}" if reason else f"{ENDED[ending]}."
    return DecisionRow(
        kind=KIND,
        subject=ref(LINE, hold.line_id) if hold.line_id else ref(ORDER, hold.order_id),
        sentence=f"{said} Stock is looked for now." if ending is not Ending.CANCELLED else said,
        rule=rules_holds.RULE,
        detail={"kind": hold.kind, "hold": hold.id, "ending": str(ending)},
    )


also_verify(
    "lines are held exactly while a hold stands",
    """
        SELECT l.id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
         WHERE l.held_at_units IS NOT NULL AND NOT EXISTS (
               SELECT FROM sales_hold h WHERE h.order_id = o.id AND h.ended_at IS NULL
                  AND (h.line_id IS NULL OR h.line_id = l.id OR o.policy = 'complete'))
        UNION ALL
        SELECT l.id FROM sales_hold h JOIN sales_order o ON o.id = h.order_id
          JOIN sales_orderline l ON l.order_id = o.id
         WHERE h.ended_at IS NULL AND l.held_at_units IS NULL
           AND (h.line_id IS NULL OR h.line_id = l.id OR o.policy = 'complete')""",
)
also_verify(
    "holds stand on open orders",
    """
        SELECT h.id FROM sales_hold h JOIN sales_order o ON o.id = h.order_id
         WHERE h.ended_at IS NULL AND o.state NOT IN ('confirmed', 'released')""",
)
also_verify(
    "no line was promised stock while it was held",
    """
        SELECT h.id, d.id FROM sales_hold h
          JOIN sales_orderline l ON l.order_id = h.order_id AND (h.line_id IS NULL OR l.id = h.line_id)
          JOIN platform_decision d ON d.subject = 'sales.line:' || l.id AND d.kind = 'allocation' AND d.detail ? 'took'
         WHERE d.decided_at > h.placed_at AND (h.ended_at IS NULL OR d.decided_at < h.ended_at)""",
)
refuse_on(
    "sales_line_held_gets_nothing",
    lambda: OnHold("One of these lines is on hold: nothing new is promised to it.", fix="Release the hold first."),
)
refuse_on(
    "sales_hold_once",
    lambda: BadHold("This was held for the same reason a moment ago.", fix="Look at the order again."),
)
