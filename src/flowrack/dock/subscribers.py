"""What the dock does when a PO ends: the ASNs that point to it are matched again."""

from __future__ import annotations

from flowrack.dock import commands
from flowrack.dock.types import MatchAsns
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.purchasing.types import PosCancelled, PosClosed


@subscriber("purchasing.po_closed")
def match_asns_of_closed_pos(ctx: Context, message: OutboxMessage) -> None:
    """Nothing more is expected of these POs: what was announced for them needs another line."""
    commands.match_asns(ctx, MatchAsns(message.as_type(PosClosed).po_ids))


@subscriber("purchasing.po_cancelled")
def match_asns_of_cancelled_pos(ctx: Context, message: OutboxMessage) -> None:
    """The POs were withdrawn: what was announced for them needs another line."""
    commands.match_asns(ctx, MatchAsns(message.as_type(PosCancelled).po_ids))
