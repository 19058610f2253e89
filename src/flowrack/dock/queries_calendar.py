"""Reads of the door calendar: doors, policies, what ASNs bring, appointments, free slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.dock.rules_slots import (
    DAY,
    Content,
    Detention,
    detention,
    free_starts,
    is_open,
    missing_capabilities,
    open_spans,
)
from flowrack.dock.types_appointments import DEFAULT_CAPABILITIES, NEEDS, OpenHours, Policy, Terms
from flowrack.platform import sql
from flowrack.shared.errors import NotFound

POLICY_COLUMNS = (
    "slot_minutes, setup_seconds, seconds_per_pallet, seconds_per_case, seconds_per_lot, inspected_pct, "
    "seconds_per_inspection, people_per_door, no_show_minutes"
)


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A dock door with what it can take and when."""

    location_id: int
    site_id: int
    code: str
    capabilities: list[str]
    timezone: str
    hours: list[OpenHours]

    def spans(self, first_on: date, last_on: date) -> list[tuple[datetime, datetime]]:
        """When the door is open between two days."""
        return open_spans(self.hours, first_on, last_on, self.timezone)

    def is_open(self, start: datetime, end: datetime) -> bool:
        """Whether a slot lies within the door's hours. The days around it are looked at: clocks differ."""
        return is_open(self.spans(start.date() - DAY, end.date() + DAY), start, end)


def doors(site_id: int) -> list[DoorRow]:
    """The dock doors of a site in use, in walking order. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.site_id, l.code, coalesce(d.capabilities, %s::varchar[]), s.timezone, coalesce(d.id, 0)
        FROM locations_location l JOIN locations_site s ON s.id = l.site_id
        LEFT JOIN dock_door d ON d.location_id = l.id
        WHERE l.site_id = %s AND l.kind = 'door' AND l.role = 'receiving' AND l.is_active AND l.blocked_reason = ''
          AND coalesce(d.is_active, true)
        ORDER BY l.pick_sequence, l.code
        """,
        (list(DEFAULT_CAPABILITIES), site_id),
    )
    hours: dict[int, list[OpenHours]] = {}
    for door_id, *one in sql.fetch_all(
        """
        SELECT door_id, weekday, opens_at, closes_at FROM dock_doorhours WHERE door_id = ANY(%s::bigint[])
        ORDER BY door_id, weekday
        """,
        ([row[5] for row in rows],),
    ):
        hours.setdefault(door_id, []).append(OpenHours(*one))
    return [DoorRow(*(*row[:5], hours.get(row[5], []))) for row in rows]


def policy(site_id: int) -> Policy:
    """How long things take at a site's doors. One query."""
    row = sql.fetch_one(f"SELECT {POLICY_COLUMNS} FROM dock_dockpolicy WHERE site_id = %s", (site_id,))  # noqa: S608
    return Policy(*row) if row else Policy()


def terms(carrier_ids: Sequence[int]) -> dict[int, Terms]:
    """What carriers ask for waiting; those who have not said are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT carrier_id, free_minutes, interval_minutes, amount FROM dock_detentionterms
        WHERE carrier_id = ANY(%s::bigint[])
        """,
        (sorted(set(carrier_ids)),),
    )
    return {row[0]: Terms(*row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class AsnLoad:
    """An ASN as an appointment needs it: where it goes, what it brings and needs, which truck has it."""

    asn_id: int
    number: str
    state: str
    site_id: int
    carrier_id: int
    content: Content
    needs: list[str]
    appointment: str


def loads(asn_ids: Sequence[int]) -> list[AsnLoad]:
    """What ASNs bring, in order of id. A pallet counts once, whatever stands on it. One query."""
    rows = sql.fetch_all(
        """
        SELECT a.id, a.number, a.state, a.site_id, coalesce(a.carrier_id, 0),
               (SELECT count(*) FROM dock_asnpack p
                WHERE p.asn_id = a.id AND p.kind = 'pallet' AND p.parent_id IS NULL),
               coalesce(l.cases, 0), coalesce(l.lots, 0), coalesce(l.reefer, false), coalesce(l.hazmat, false),
               coalesce((SELECT ap.number FROM dock_appointmentasn x
                         JOIN dock_appointment ap ON ap.id = x.appointment_id WHERE x.asn_id = a.id AND x.is_live), '')
        FROM dock_asn a
        LEFT JOIN LATERAL (
            SELECT sum(-(-x.units / x.case_units)) FILTER (
                       WHERE p.id IS NULL OR (p.kind = 'carton' AND p.parent_id IS NULL))::bigint AS cases,
                   count(DISTINCT (x.item_id, x.lot_code)) FILTER (WHERE x.lot_code <> '') AS lots,
                   bool_or(i.temperature <> 'ambient') AS reefer, bool_or(i.hazard_class <> '') AS hazmat
            FROM dock_asnline x JOIN catalog_item i ON i.id = x.item_id LEFT JOIN dock_asnpack p ON p.id = x.pack_id
            WHERE x.asn_id = a.id
        ) AS l ON true
        WHERE a.id = ANY(%s::bigint[]) ORDER BY a.id
        """,
        (sorted(set(asn_ids)),),
    )
    return [
        AsnLoad(
            asn_id=row[0],
            number=row[1],
            state=row[2],
            site_id=row[3],
            carrier_id=row[4],
            content=Content(*row[5:8]),
            needs=[need for need, is_so in zip(NEEDS, row[8:10], strict=True) if is_so],
            appointment=row[10],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment with its truck, door and clock."""

    id: int
    number: str
    state: str
    site_id: int
    door_id: int
    door: str
    carrier_id: int
    carrier: str
    reference: str
    starts_at: datetime
    ends_at: datetime
    is_drop: bool
    is_walk_in: bool
    needs: list[str]
    labour_minutes: int
    version: int
    checked_in_at: datetime | None
    due_at: datetime
    door_at: datetime | None
    out_at: datetime | None
    detention_minutes: int
    detention_amount: Decimal
    end_reason: str
    asn_ids: list[int]
    asns: list[str]
    suppliers: list[str]
    pallets: int
    units: int
    received_units: int
    flagged: int
    free_minutes: int
    interval_minutes: int
    interval_amount: Decimal
    created_by: str

    @property
    def name(self) -> str:
        """Who comes: the suppliers, else the carrier, else the reference."""
        return ", ".join(self.suppliers[:2]) or self.carrier or self.reference or self.number

    def clock(self, now: datetime) -> Detention:
        """The detention as it stands: kept at check-out, running before."""
        if self.out_at is not None or self.checked_in_at is None:
            return Detention(self.detention_minutes, self.detention_amount)
        return detention(
            checked_in_at=self.checked_in_at,
            slot_starts_at=self.due_at,
            until=now,
            terms=Terms(self.free_minutes, self.interval_minutes, self.interval_amount),
            is_drop=self.is_drop,
        )


APPOINTMENT = """
    SELECT ap.id, ap.number, ap.state, ap.site_id, coalesce(ap.door_id, 0) AS door_id, coalesce(d.code, '') AS door,
           coalesce(ap.carrier_id, 0) AS carrier_id, coalesce(c.name, '') AS carrier, ap.reference,
           lower(ap.slot) AS starts_at, upper(ap.slot) AS ends_at, ap.is_drop, ap.is_walk_in, ap.needs,
           ap.labour_minutes, ap.version, ap.checked_in_at, coalesce(ap.due_at, lower(ap.slot)) AS due_at, ap.door_at,
           ap.out_at, ap.detention_minutes, ap.detention_amount, ap.end_reason,
           coalesce(n.ids, '{}') AS asn_ids, coalesce(n.numbers, '{}') AS asns,
           coalesce(n.suppliers, '{}') AS suppliers, coalesce(n.pallets, 0) AS pallets, coalesce(n.units, 0) AS units,
           coalesce(n.received, 0) AS received_units, coalesce(n.flagged, 0) AS flagged,
           coalesce(t.free_minutes, 120), coalesce(t.interval_minutes, 60), coalesce(t.amount, 0),
           u.full_name AS created_by
    FROM dock_appointment ap
    JOIN platform_user u ON u.id = ap.created_by_id
    LEFT JOIN locations_location d ON d.id = ap.door_id
    LEFT JOIN parties_party c ON c.id = ap.carrier_id
    LEFT JOIN dock_detentionterms t ON t.carrier_id = ap.carrier_id
    LEFT JOIN LATERAL (
        SELECT array_agg(a.id ORDER BY a.id) AS ids, array_agg(a.number ORDER BY a.id) AS numbers,
               array_agg(DISTINCT s.name) AS suppliers,
               sum((SELECT count(*) FROM dock_asnpack p
                    WHERE p.asn_id = a.id AND p.kind = 'pallet' AND p.parent_id IS NULL))::bigint AS pallets,
               sum((SELECT sum(l.units) FROM dock_asnline l WHERE l.asn_id = a.id))::bigint AS units,
               sum((SELECT sum(l.received_units) FROM dock_asnline l WHERE l.asn_id = a.id))::bigint AS received,
               sum((SELECT count(*) FROM dock_asnline l WHERE l.asn_id = a.id AND l.flags <> '{}'))::bigint AS flagged
        FROM dock_appointmentasn x JOIN dock_asn a ON a.id = x.asn_id JOIN parties_party s ON s.id = a.supplier_id
        WHERE x.appointment_id = ap.id
    ) AS n ON true
"""


def appointments(
    *, site_ids: Sequence[int], since: datetime, until: datetime, states: Sequence[str] = (), limit: int | None = None
) -> list[AppointmentRow]:
    """Appointments whose slot touches a time, and trucks that are here, by door and start. One query."""
    rows = sql.fetch_all(
        APPOINTMENT
        + """
        WHERE (0 = ANY(%s::bigint[]) OR ap.site_id = ANY(%s::bigint[]))
          AND (%s::text[] = '{}' OR ap.state = ANY(%s::text[]))
          AND (ap.slot && tstzrange(%s, %s) OR ap.state IN ('checked_in', 'at_door'))
        ORDER BY lower(ap.slot), ap.id LIMIT %s
        """,
        (list(site_ids), list(site_ids), list(states), list(states), since, until, limit),
    )
    return [AppointmentRow(*row) for row in rows]


def appointments_after(
    *, site_ids: Sequence[int], before: int | None, states: Sequence[str] = (), limit: int
) -> list[AppointmentRow]:
    """Appointments of sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        APPOINTMENT
        + """
        WHERE (0 = ANY(%s::bigint[]) OR ap.site_id = ANY(%s::bigint[]))
          AND (%s::text[] = '{}' OR ap.state = ANY(%s::text[])) AND (%s::bigint IS NULL OR ap.id < %s::bigint)
        ORDER BY ap.id DESC LIMIT %s
        """,
        (list(site_ids), list(site_ids), list(states), list(states), before, before, limit),
    )
    return [AppointmentRow(*row) for row in rows]


def appointment(appointment_id: int) -> AppointmentRow:
    """One appointment. One query. Refuses with NotFound."""
    row = sql.fetch_one(APPOINTMENT + " WHERE ap.id = %s", (appointment_id,))
    if row is None:
        raise NotFound(f"There is no appointment with id {appointment_id}.")
    return AppointmentRow(*row)


def in_the_way(door_id: int, start: datetime, end: datetime, *, but: int = 0) -> tuple[str, datetime, datetime] | None:
    """The live appointment of a door that overlaps a slot: (number, start, end). One query."""
    row = sql.fetch_one(
        """
        SELECT number, lower(slot), upper(slot) FROM dock_appointment
        WHERE door_id = %s AND slot && tstzrange(%s, %s) AND id <> %s
          AND state IN ('scheduled', 'checked_in', 'at_door') ORDER BY lower(slot) LIMIT 1
        """,
        (door_id, start, end, but),
    )
    return (row[0], row[1], row[2]) if row else None


def standing_at(door_id: int, *, but: int = 0) -> str:
    """The number of the appointment whose truck stands at a door; empty when it is free. One query."""
    number = sql.fetch_value(
        "SELECT number FROM dock_appointment WHERE door_id = %s AND state = 'at_door' AND id <> %s", (door_id, but)
    )
    return str(number or "")


def overdue(now: datetime) -> list[int]:
    """Appointments whose truck did not come in time, at every site. One query."""
    rows = sql.fetch_all(
        """
        SELECT ap.id FROM dock_appointment ap LEFT JOIN dock_dockpolicy p ON p.site_id = ap.site_id
        WHERE ap.state = 'scheduled'
          AND lower(ap.slot) + make_interval(mins => coalesce(p.no_show_minutes, %s)) <= %s::timestamptz
        ORDER BY ap.id LIMIT 1000
        """,
        (Policy().no_show_minutes, now),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot that a truck may book."""

    door_id: int
    door: str
    starts_at: datetime
    ends_at: datetime


def availability(
    site_id: int,
    *,
    first_on: date,
    last_on: date,
    minutes: int,
    needs: Sequence[str],
    is_drop: bool,
    now: datetime,
    limit: int = 500,
) -> list[FreeSlot]:
    """Free slots of suitable doors between two days of the site, by time and door. Four queries."""
    here, rules = doors(site_id), policy(site_id)
    busy: dict[int, list[tuple[datetime, datetime]]] = {}
    for door_id, start, end in sql.fetch_all(
        """
        SELECT door_id, lower(slot), upper(slot) FROM dock_appointment
        WHERE door_id = ANY(%s::bigint[]) AND state IN ('scheduled', 'checked_in', 'at_door')
        """,
        ([door.location_id for door in here],),
    ):
        busy.setdefault(door_id, []).append((start, end))
    length = timedelta(minutes=minutes)
    found = [
        FreeSlot(door.location_id, door.code, start, start + length)
        for door in here
        if not missing_capabilities(door.capabilities, needs, is_drop=is_drop)
        for start in free_starts(
            door.spans(first_on, last_on),
            busy.get(door.location_id, []),
            minutes=minutes,
            policy=rules,
            not_before=now,
            limit=limit,
        )
    ]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.door))[:limit]
