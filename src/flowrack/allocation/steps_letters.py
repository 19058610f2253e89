"""Letters to customers whose promise moved: drafted here for every stage that moves one, sent by a person."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation.states_displacement import NoticeState
from flowrack.allocation.types_displacement import NoticesDrafted
from flowrack.platform import sql
from flowrack.platform.runner import Context


def draft(ctx: Context, letters: Sequence[tuple[int, int, str]], *, request_id: int | None = None) -> None:
    """Letters as (order, line, text), because of an urgent request or without one. Emits allocation.notices_drafted.

    One statement.
    """
    if not letters:
        return
    rows = sql.fetch_all(
        """
        INSERT INTO allocation_customernotice (order_id, order_line_id, request_id, text, state, drafted_at)
        SELECT n.order_id, n.line_id, %s, n.text, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n(order_id, line_id, text) RETURNING id
        """,
        (request_id, str(NoticeState.DRAFT), ctx.now, *(list(column) for column in zip(*letters, strict=True))),
    )
    ctx.emit(NoticesDrafted([row[0] for row in rows], sorted({order for order, _, _ in letters})))
