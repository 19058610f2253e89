"""Reads of what devices did and could not be applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.devices import queries
from flowrack.platform import sql
from flowrack.platform.web.journal import goes_back, words_of
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of a journal as people see it."""

    id: int
    device_id: int
    device: str
    device_name: str
    site_id: int | None
    seq: int
    person_id: int
    person: str
    flow: str
    payload: str
    claimed_at: str
    occurred_at: datetime
    received_at: datetime
    offset_ms: int
    state: str
    code: str
    message: str
    fix: str
    decision: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    handed_to: str

    @property
    def goes_back(self) -> bool:
        """Whether who did it may put the goods back, and so end it."""
        return goes_back(self.flow)

    @property
    def work(self) -> str:
        """What kind of work it is."""
        return words_of(self.flow, self.payload)[0]

    @property
    def what(self) -> str:
        """What the device says that was done."""
        return words_of(self.flow, self.payload)[1]


ENTRIES = """
    SELECT e.id, e.device_id, d.code AS device, d.name AS device_name,
           coalesce(e.site_id, d.site_id) AS site_id, e.seq, e.person_id,
           p.full_name AS person, e.flow, e.payload, e.claimed_at, e.occurred_at, e.received_at, e.offset_ms, e.state,
           e.code, e.message, e.fix, e.decision, coalesce(b.full_name, '') AS decided_by, e.decided_at, e.reason,
           coalesce(h.full_name, '') AS handed_to
    FROM devices_journalentry e
    JOIN devices_device d ON d.id = e.device_id
    JOIN platform_user p ON p.id = e.person_id
    LEFT JOIN platform_user b ON b.id = e.decided_by_id
    LEFT JOIN platform_user h ON h.id = e.handed_to_id
"""
SEEN_BY = """
    (%(actor)s IN (e.person_id, e.handed_to_id) OR EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %(actor)s AND held.site_id IN (0, coalesce(e.site_id, d.site_id))
          AND 'devices.decide' = ANY(r.permissions)
    ))
"""


def entry_page(query: ListQuery) -> Page[EntryRow]:
    """Entries of one's own, and of everybody at the sites where one decides."""
    return sql_page(
        query,
        EntryRow,
        f"{ENTRIES} WHERE {SEEN_BY.replace('%(actor)s', '%s')}",
        [query.actor_id, query.actor_id],
        search=("device", "device_name", "person", "message"),
    )


def entry(entry_id: int, *, actor_id: int) -> EntryRow:
    """One entry that the viewer may see; refuses with NotFound."""
    row = sql.fetch_one(f"{ENTRIES} WHERE e.id = %(id)s AND {SEEN_BY}", {"id": entry_id, "actor": actor_id})
    if row is None:
        raise NotFound(f"There is no entry with id {entry_id}.")
    return EntryRow(*row)


def entries(actor_id: int, *, states: Sequence[str], after_id: int = 0, limit: int) -> list[EntryRow]:
    """Entries that the viewer may see in some states, in order of id."""
    rows = sql.fetch_all(
        f"""{ENTRIES} WHERE e.id > %(after)s AND e.state = ANY(%(states)s::text[]) AND {SEEN_BY}
        ORDER BY e.id LIMIT %(limit)s""",
        {"after": after_id, "states": list(states), "actor": actor_id, "limit": limit},
    )
    return [EntryRow(*row) for row in rows]


def waiting_for(person_id: int, *, limit: int = 100) -> list[EntryRow]:
    """What a person did, or was handed, and must look at; the oldest first."""
    rows = sql.fetch_all(
        f"""{ENTRIES} WHERE e.state = 'review' AND coalesce(e.handed_to_id, e.person_id) = %s
        ORDER BY e.occurred_at, e.id LIMIT %s""",
        (person_id, limit),
    )
    return [EntryRow(*row) for row in rows]


def needs_of(person_id: int) -> int:
    """How many entries a person must look at: what they did, on any device, or were handed. One query."""
    found: int = sql.fetch_value(
        """
        SELECT count(*) FROM devices_journalentry e
        WHERE e.state = 'review' AND coalesce(e.handed_to_id, e.person_id) = %s
        """,
        (person_id,),
    )
    return found


def needs_of_last(device_id: int) -> dict[str, int]:
    """Who signed in last on a device, and how many entries that person must look at. Two queries."""
    person_id = queries.last_person(device_id)
    return {"person": person_id, "count": needs_of(person_id)}


def count_waiting(actor_id: int) -> int:
    """How many entries the viewer may decide about."""
    found: int = sql.fetch_value(
        f"""SELECT count(*) FROM (SELECT FROM devices_journalentry e JOIN devices_device d ON d.id = e.device_id
        WHERE e.state = 'review' AND {SEEN_BY} LIMIT 1000) waits""",  # noqa: S608 - text of this module
        {"actor": actor_id},
    )
    return found


def devices_of(entry_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The devices of these entries, by id."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT d.id, d.code FROM devices_journalentry e JOIN devices_device d ON d.id = e.device_id
        WHERE e.id = ANY(%s::bigint[]) ORDER BY 1
        """,
        (list(entry_ids),),
    )
    return [(row[0], row[1]) for row in rows]


def of_device(device_id: int, *, limit: int) -> list[EntryRow]:
    """The last entries of a device."""
    rows = sql.fetch_all(f"{ENTRIES} WHERE e.device_id = %s ORDER BY e.seq DESC LIMIT %s", (device_id, limit))
    return [EntryRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PersonOn:
    """Somebody on a device since a time."""

    person: str
    method: str
    began_at: datetime


def people_on(device_id: int, *, limit: int) -> list[PersonOn]:
    """Who signed in on a device, the last first."""
    rows = sql.fetch_all(
        """
        SELECT u.full_name, CASE s.method WHEN 'badge' THEN 'badge and PIN' WHEN 'pin' THEN 'PIN' ELSE s.method END,
               s.began_at
        FROM devices_devicesession s JOIN platform_user u ON u.id = s.person_id
        WHERE s.device_id = %s ORDER BY s.began_at DESC, s.id DESC LIMIT %s
        """,
        (device_id, limit),
    )
    return [PersonOn(*row) for row in rows]
