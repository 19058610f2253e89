"""At which dock place a receiver stands, when nobody has said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class StandsAt:
    """A dock place and why it is the one that is meant."""

    location_id: int
    code: str
    why: str


def stands_at(site_id: int, *, person_id: int, asn_id: int = 0, po_ids: Sequence[int] = ()) -> StandsAt | None:
    """Where the truck of the ASN, or of an ASN that fills the POs, stands; else where their receipt is open; else where
    the person received last. None when none of these is known. One query."""
    row = sql.fetch_one(
        """
        WITH asn AS (
            SELECT %(asn)s::bigint AS id
            UNION SELECT l.asn_id FROM dock_asnline l JOIN purchasing_poline pl ON pl.id = l.po_line_id
            WHERE %(asn)s = 0 AND pl.po_id = ANY(%(pos)s::bigint[])
        ), place AS (
            SELECT 1 AS rank, a.door_at AS at, a.door_id AS id, 'where its truck stands' AS why
            FROM dock_appointmentasn x JOIN dock_appointment a ON a.id = x.appointment_id
            WHERE x.is_live AND x.asn_id IN (SELECT id FROM asn) AND a.state IN ('at_door', 'checked_in')
            UNION ALL
            SELECT 2, r.opened_at, r.location_id, 'where its receipt is open'
            FROM inbound_receipt r WHERE r.po_id = ANY(%(pos)s::bigint[]) AND r.state = 'open'
            UNION ALL
            (SELECT 3, r.opened_at, r.location_id, 'where you received last'
             FROM inbound_receipt r WHERE r.site_id = %(site)s AND r.opened_by_id = %(person)s
             ORDER BY r.id DESC LIMIT 1)
        )
        SELECT l.id, l.code, place.why FROM place
        JOIN locations_location l ON l.id = place.id AND l.site_id = %(site)s AND l.is_active AND l.role = 'receiving'
        ORDER BY place.rank, place.at DESC NULLS LAST LIMIT 1
        """,
        {"asn": asn_id, "pos": list(po_ids), "site": site_id, "person": person_id},
    )
    return StandsAt(*row) if row else None
