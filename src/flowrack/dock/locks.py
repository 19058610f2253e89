"""The only row locks of the dock. An ASN is locked before its lines, an appointment before its ASNs."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.dock.models import Appointment, Asn
from flowrack.platform import sql
from flowrack.shared.errors import NotFound


def asn(asn_id: int) -> Asn:
    """The ASN, locked. Refuses with NotFound."""
    found = Asn.objects.select_for_update(no_key=True).filter(pk=asn_id).first()
    if found is None:
        raise NotFound(f"There is no ASN with id {asn_id}.")
    return found


def asns_of_lines(line_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """The ASNs of these lines, locked in order of id: (id, number, state)."""
    return [
        (row[0], row[1], row[2])
        for row in sql.fetch_all(
            """
            SELECT id, number, state FROM dock_asn
            WHERE id IN (SELECT asn_id FROM dock_asnline WHERE id = ANY(%s::bigint[]))
            ORDER BY id FOR NO KEY UPDATE
            """,
            (sorted(line_ids),),
        )
    ]


def asns(asn_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """These ASNs, locked in order of id: (id, number, state)."""
    return [
        (row[0], row[1], row[2])
        for row in sql.fetch_all(
            "SELECT id, number, state FROM dock_asn WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            (sorted(asn_ids),),
        )
    ]


def appointment(appointment_id: int) -> Appointment:
    """The appointment, locked. Refuses with NotFound."""
    found = Appointment.objects.select_for_update(no_key=True).filter(pk=appointment_id).first()
    if found is None:
        raise NotFound(f"There is no appointment with id {appointment_id}.")
    return found
