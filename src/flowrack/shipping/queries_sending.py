"""Reads of EDI 856 on their way: what waits for its folder, the list for other systems, and what a 997 is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.shared.x12 import Address


@dataclass(frozen=True, slots=True)
class SendingRow:
    """An 856 and how far it is; folder empty = it waits to be fetched through the API."""

    id: int
    shipment_id: int
    shipment: str
    site_id: int
    customer_id: int
    customer: str
    control: int
    sha256: str
    made_at: datetime
    folder: str
    state: str
    sends: int
    tries: int
    said: str
    next_at: datetime | None
    sent_at: datetime | None
    answer: str
    answered_at: datetime | None


_SENDING = """
    SELECT m.id, n.shipment_id, h.number, h.site_id, n.customer_id, p.name, m.control, m.sha256, m.made_at,
           coalesce(t.edi_folder, ''), m.state, m.sends, m.tries, m.said, m.next_at, m.sent_at, n.answer, n.answered_at
    FROM shipping_noticemessage m JOIN shipping_departurenotice n ON n.id = m.notice_id
    JOIN shipping_shipment h ON h.id = n.shipment_id JOIN parties_party p ON p.id = n.customer_id
    LEFT JOIN shipping_noticeterms t ON t.customer_id = n.customer_id
"""


def messages_after(site_ids: frozenset[int], *, after_id: int, state: str, limit: int) -> list[SendingRow]:
    """Messages with ids above `after_id` (of a state, if one is named), for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _SENDING
        + """ WHERE m.id > %(after)s AND (%(state)s = '' OR m.state = %(state)s)
          AND (0 = ANY(%(sites)s::bigint[]) OR h.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY m.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "state": state, "limit": limit},
    )
    return [SendingRow(*row) for row in rows]


def sending_of(shipment_id: int) -> SendingRow | None:
    """The 856 of a shipment; None when none was written. One query."""
    row = sql.fetch_one(_SENDING + " WHERE n.shipment_id = %s", (shipment_id,))
    return SendingRow(*row) if row else None


def to_put(now: datetime, *, limit: int) -> list[tuple[SendingRow, str]]:
    """Messages that go into the folders of their customers now, with their contents, the oldest first. One query."""
    rows = sql.fetch_all(
        _SENDING.replace("n.answered_at\n", "n.answered_at, m.content\n")
        + """ WHERE m.state = 'waiting' AND t.edi_folder <> '' AND (m.next_at IS NULL OR m.next_at <= %s)
        ORDER BY m.id LIMIT %s""",
        (now, limit),
    )
    return [(SendingRow(*row[:-1]), row[-1]) for row in rows]


def shipments_answered(controls: Sequence[int], sender: Address, receiver: Address) -> dict[int, tuple[int, int]]:
    """Control number -> shipment and its site, of messages that went to whoever sends a 997, by the ids and qualifiers
    of the envelope in which they went: who changes his terms later still answers what he got. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.control, n.shipment_id, h.site_id FROM shipping_noticemessage m
        JOIN shipping_departurenotice n ON n.id = m.notice_id JOIN shipping_shipment h ON h.id = n.shipment_id
        WHERE m.control = ANY(%s::bigint[]) AND upper(m.receiver) = %s AND m.receiver_qualifier = %s
          AND upper(m.sender) = %s AND m.sender_qualifier = %s ORDER BY m.id
        """,
        (sorted(set(controls)), sender.id.upper(), sender.qualifier, receiver.id.upper(), receiver.qualifier),
    )
    return {row[0]: (row[1], row[2]) for row in rows}
