"""What the dock does when a PO ends or changes: the ASNs that point to it are matched again."""

from __future__ import annotations

from flowrack.dock import commands
from flowrack.dock.queries_cover import ASN_KIND, announced
from flowrack.dock.types import MatchAsns
from flowrack.platform.outbox import OutboxMessage, subscriber
from flowrack.platform.runner import Context
from flowrack.purchasing.types import PosCancelled, PosClosed
from flowrack.purchasing.types_cover import CoverSource, register_source
from flowrack.purchasing.types_versions import PosChanged

register_source(CoverSource(ASN_KIND, "ASN", "dock_asn", announced))


@subscriber("purchasing.po_closed")
def match_asns_of_closed_pos(ctx: Context, message: OutboxMessage) -> None:
    """Nothing more is expected of these POs: what was announced for them needs another line."""
    commands.match_asns(ctx, MatchAsns(message.as_type(PosClosed).po_ids))


@subscriber("purchasing.po_cancelled")
def match_asns_of_cancelled_pos(ctx: Context, message: OutboxMessage) -> None:
    """The POs were withdrawn: what was announced for them needs another line."""
    commands.match_asns(ctx, MatchAsns(message.as_type(PosCancelled).po_ids))


@subscriber("purchasing.pos_changed")
def match_asns_of_changed_pos(ctx: Context, message: OutboxMessage) -> None:
    """Lines owe more or less than before, or were dropped or added: what was announced is matched again."""
    changed = sorted({m.po_id for m in message.as_type(PosChanged).lines if m.owed != m.owed_before})
    if changed:
        commands.match_asns(ctx, MatchAsns(changed))
