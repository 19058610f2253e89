"""Writes of EDI 856 on their way, inside somebody's command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shipping.rules_messages import Sending


def keep_puts(ctx: Context, sent: Sequence[int], failed: Sequence[tuple[int, str, int, datetime]]) -> None:
    """Messages that are in their folders, and those (id, words, tries, next try) that are not. Two statements."""
    sql.execute(
        """
        UPDATE shipping_noticemessage SET state = 'sent', sends = sends + 1, said = '', tries = 0, next_at = NULL,
               sent_at = %s
        WHERE id = ANY(%s::bigint[]) AND state = 'waiting'
        """,
        (ctx.now, sorted(set(sent))),
    )
    sql.execute(
        """
        UPDATE shipping_noticemessage m SET said = f.said, tries = f.tries, next_at = f.next_at
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS said, unnest(%s::int[]) AS tries,
                     unnest(%s::timestamptz[]) AS next_at) AS f
        WHERE m.id = f.id AND m.state = 'waiting'
        """,
        [list(column) for column in zip(*failed, strict=True)] or [[]] * 4,
    )


def set_sending(ctx: Context, message_id: int, state: Sending) -> None:
    """The message waits once more, or was fetched. One statement."""
    sql.execute(
        """
        UPDATE shipping_noticemessage SET state = %s, said = '', tries = 0, next_at = NULL,
               sent_at = CASE WHEN %s THEN %s ELSE sent_at END
        WHERE id = %s
        """,
        (str(state), state == Sending.FETCHED, ctx.now, message_id),
    )
