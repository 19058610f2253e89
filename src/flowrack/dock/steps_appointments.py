"""Writes of the door calendar that its commands share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.dock import locks, steps
from flowrack.dock.types_appointments import DoorOccupied, SlotTaken
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine


def insert_appointment(
    ctx: Context,
    *,
    site_id: int,
    door_id: int,
    slot: tuple[datetime, datetime],
    carrier_id: int,
    reference: str,
    needs: Sequence[str],
    is_drop: bool,
    labour_minutes: int,
    is_walk_in: bool = False,
) -> tuple[int, str]:
    """Write an appointment, or a walk-in that is checked in now; (id, number). Two statements."""
    number = next_number("DA")
    appointment_id = sql.fetch_value(
        """
        INSERT INTO dock_appointment (number, site_id, door_id, carrier_id, reference, slot, state, is_drop, is_walk_in,
                                      needs, labour_minutes, created_by_id, created_at, checked_in_at)
        VALUES (%s, %s, nullif(%s::bigint, 0), nullif(%s::bigint, 0), %s, tstzrange(%s, %s), %s, %s, %s, %s::varchar[],
                %s, %s, %s, %s) RETURNING id
        """,
        (
            number,
            site_id,
            door_id,
            carrier_id,
            reference.strip()[:80],
            *slot,
            "checked_in" if is_walk_in else "scheduled",
            is_drop,
            is_walk_in,
            list(needs),
            labour_minutes,
            ctx.actor_id,
            ctx.now,
            ctx.now if is_walk_in else None,
        ),
    )
    return int(appointment_id), number


def link_asns(appointment_id: int, asn_ids: Sequence[int]) -> None:
    """These ASNs come with this truck. One statement."""
    sql.execute(
        """
        INSERT INTO dock_appointmentasn (appointment_id, asn_id)
        SELECT %s, id FROM unnest(%s::bigint[]) AS n(id)
        ON CONFLICT (appointment_id, asn_id) DO UPDATE SET is_live = true
        """,
        (appointment_id, sorted(set(asn_ids))),
    )


def free_asns(appointment_ids: Sequence[int]) -> None:
    """The ASNs of these trucks need another appointment. One statement."""
    sql.execute(
        "UPDATE dock_appointmentasn SET is_live = false WHERE appointment_id = ANY(%s::bigint[])",
        (list(appointment_ids),),
    )


def asns_of(appointment_id: int) -> list[int]:
    """The open ASNs that were announced with a truck and that no other truck has. One statement."""
    rows = sql.fetch_all(
        """
        SELECT x.asn_id FROM dock_appointmentasn x JOIN dock_asn a ON a.id = x.asn_id AND a.ended_at IS NULL
        WHERE x.appointment_id = %s AND NOT EXISTS (
            SELECT FROM dock_appointmentasn o WHERE o.asn_id = x.asn_id AND o.is_live AND o.appointment_id <> %s)
        ORDER BY x.asn_id
        """,
        (appointment_id, appointment_id),
    )
    return [row[0] for row in rows]


def asns_arrive(asn_ids: Sequence[int]) -> None:
    """The truck of these ASNs is here; those that arrived or are being received stay as they are. Two statements."""
    steps.set_asn_states([a for a in locks.asns(asn_ids) if a[2] == "expected"], "arrive")


def asns_leave(asn_ids: Sequence[int]) -> None:
    """The truck of these ASNs went away unopened. Two statements."""
    steps.set_asn_states([a for a in locks.asns(asn_ids) if a[2] == "arrived"], "leave")


def release(ctx: Context, appointment_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Those of the appointments that are still waited for become no-shows: (id, site) of each. One statement."""
    rows = sql.fetch_all(
        """
        UPDATE dock_appointment a SET state = 'no_show', version = a.version + 1,
               end_reason = to_char(%s::timestamptz AT TIME ZONE site.timezone, '"had not come by" YYYY-MM-DD HH24:MI')
        FROM locations_site site
        WHERE site.id = a.site_id AND a.id = ANY(%s::bigint[]) AND a.state = 'scheduled' RETURNING a.id, a.site_id
        """,
        (ctx.now, sorted(appointment_ids)),
    )
    return [(row[0], row[1]) for row in rows]


def _slot_taken() -> SlotTaken:
    line = BadLine(0, "starts_at", "Somebody has just taken this door at that time.", "Choose another slot.")
    return SlotTaken(line.message, lines=[line], fix=line.fix)


def _door_occupied() -> DoorOccupied:
    line = BadLine(0, "door", "Another truck has just docked at this door.", "Choose another door.")
    return DoorOccupied(line.message, lines=[line], fix=line.fix)


refuse_on("appointment_no_overlap_at_door", _slot_taken)
refuse_on("appointment_one_truck_at_a_door", _door_occupied)
