"""Row locks of proofs and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.platform import sql


def chain(site_id: int) -> tuple[int, str]:
    """(number, hash) of a site's newest proof, locked: proofs of a site are written one after the other."""
    row = sql.fetch_one(
        "SELECT last_no, last_sha256 FROM shipping_proofchain WHERE site_id = %s FOR NO KEY UPDATE", (site_id,)
    )
    assert row is not None, "the head of the chain is made before it is locked"
    return row[0], row[1]


def messages(message_ids: Sequence[int]) -> dict[int, int]:
    """How often messages that wait were tried, by id, locked in their order. One statement."""
    rows = sql.fetch_all(
        """
        SELECT id, tries FROM shipping_noticemessage WHERE id = ANY(%s::bigint[]) AND state = 'waiting'
        ORDER BY id FOR NO KEY UPDATE
        """,
        (sorted(set(message_ids)),),
    )
    return dict(rows)


def notices(shipment_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """(id, answer) of the notices of shipments, locked in the order of the shipments. One statement."""
    rows = sql.fetch_all(
        """
        SELECT shipment_id, id, answer FROM shipping_departurenotice WHERE shipment_id = ANY(%s::bigint[])
        ORDER BY shipment_id FOR NO KEY UPDATE
        """,
        (sorted(set(shipment_ids)),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def notice(shipment_id: int) -> tuple[int, str, datetime] | None:
    """(id, answer, due time) of a shipment's notice, locked; None without one."""
    row = sql.fetch_one(
        "SELECT id, answer, due_at FROM shipping_departurenotice WHERE shipment_id = %s FOR NO KEY UPDATE",
        (shipment_id,),
    )
    return (row[0], row[1], row[2]) if row else None
