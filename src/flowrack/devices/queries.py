"""Reads of the devices kernel. Each function is one statement whatever the batch, but for lists (two)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowrack.devices.types import ASK_SECONDS
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """What a message of a device is checked by."""

    id: int
    code: str
    public_key: str
    state: str
    site_id: int | None
    last_seq: int
    last_hash: str
    outbox_told: int
    last_seen_at: datetime | None
    app_version: str


KEY = """
    SELECT id, code, public_key, state, site_id, last_seq, last_hash, outbox_told, last_seen_at, app_version
    FROM devices_device
"""


def so_long(seconds: int) -> str:
    """A span in words: 45 s, 90 min, 5 h 20 min, 10 days 13 h."""
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 120:
        return f"{seconds} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24:,} days {hours % 24} h"


def by_code(code: str) -> DeviceKey | None:
    """The device of a number."""
    row = sql.fetch_one(KEY + " WHERE code = %s", (code,))
    return DeviceKey(*row) if row else None


def by_key(public_key: str) -> DeviceKey | None:
    """The device of a public key."""
    row = sql.fetch_one(KEY + " WHERE public_key = %s", (public_key,))
    return DeviceKey(*row) if row else None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as people see it."""

    id: int
    code: str
    name: str
    model: str
    approval_code: str
    state: str
    state_reason: str
    site_id: int | None
    site: str
    zones: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime | None
    last_seen_at: datetime | None
    outbox_told: int
    app_version: str
    clock_offset_ms: int
    last_seq: int
    tested_at: datetime | None
    test_passed: int
    test_faults: str
    replaces: str
    person: str
    in_review: int
    parked: int

    @property
    def clock(self) -> str:
        """How wrong its clock is, in words; little is right."""
        seconds = abs(self.clock_offset_ms) // 1000
        if self.last_seen_at is None or seconds < 30:
            return "right" if self.last_seen_at and self.app_version else ""
        return f"{so_long(seconds)} {'slow' if self.clock_offset_ms > 0 else 'fast'}"

    @property
    def test(self) -> str:
        """What the sheet of codes showed."""
        return f"{self.test_passed} of 10" if self.tested_at else ""


DEVICES = """
    SELECT d.id, d.code, d.name, d.model, d.approval_code, d.state, d.state_reason, d.site_id,
           coalesce(s.code, '') AS site,
           coalesce((SELECT string_agg(z.code, ', ' ORDER BY z.code) FROM devices_devicezone dz
                     JOIN locations_zone z ON z.id = dz.zone_id WHERE dz.device_id = d.id), '') AS zones,
           d.asked_at, coalesce(a.full_name, '') AS approved_by, d.approved_at, d.last_seen_at, d.outbox_told,
           d.app_version, d.clock_offset_ms, d.last_seq, d.tested_at, d.test_passed, d.test_faults,
           coalesce(o.code, '') AS replaces,
           coalesce((SELECT u.full_name FROM devices_devicesession ds JOIN platform_user u ON u.id = ds.person_id
                     WHERE ds.device_id = d.id ORDER BY ds.began_at DESC, ds.id DESC LIMIT 1), '') AS person,
           (SELECT count(*) FROM devices_journalentry e WHERE e.device_id = d.id AND e.state = 'review') AS in_review,
           (SELECT count(*) FROM devices_journalentry e WHERE e.device_id = d.id AND e.state = 'parked') AS parked
    FROM devices_device d
    LEFT JOIN locations_site s ON s.id = d.site_id
    LEFT JOIN platform_user a ON a.id = d.approved_by_id
    LEFT JOIN devices_device o ON o.id = d.replaces_id
"""
SEEN_BY = """
    (d.site_id IS NULL OR EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = %s AND held.site_id IN (0, d.site_id) AND 'devices.view' = ANY(r.permissions)
    ))
"""


def device_page(query: ListQuery) -> Page[DeviceRow]:
    """Devices at the sites where the viewer may see them, and those that wait for approval."""
    return sql_page(
        query,
        DeviceRow,
        f"{DEVICES} WHERE {SEEN_BY}",
        [query.actor_id],
        search=("code", "name", "person", "approval_code", "zones"),
        totals={"outbox_told": "sum(outbox_told)", "in_review": "sum(in_review)"},
        conditions={"site": "(r.site = %s)"},
    )


def devices(site_ids: Sequence[int] | None, *, after_id: int = 0, limit: int = 1) -> list[DeviceRow]:
    """Devices of some sites (None = all), and those of none yet, in order of id."""
    rows = sql.fetch_all(
        f"""{DEVICES} WHERE d.id > %s AND (%s::bigint[] IS NULL OR d.site_id IS NULL OR d.site_id = ANY(%s::bigint[]))
        ORDER BY d.id LIMIT %s""",
        (after_id, site_ids, site_ids, limit),
    )
    return [DeviceRow(*row) for row in rows]


def device(device_id: int, *, actor_id: int) -> DeviceRow:
    """One device that the viewer may see; refuses with NotFound."""
    row = sql.fetch_one(f"{DEVICES} WHERE d.id = %s AND {SEEN_BY}", (device_id, actor_id))
    if row is None:
        raise NotFound(f"There is no device with id {device_id}.")
    return DeviceRow(*row)


@dataclass(frozen=True, slots=True)
class ReadyEntry:
    """An entry that can be applied now."""

    id: int
    device_id: int
    seq: int
    key: str
    person_id: int
    run_as: int
    flow: str
    payload: str
    occurred_at: datetime
    device: str
    site_id: int


def ready(device_id: int, *, limit: int) -> list[ReadyEntry]:
    """What of a device waits to be applied, in its order."""
    rows = sql.fetch_all(
        """
        SELECT e.id, e.device_id, e.seq, e.key, e.person_id, e.run_as_id, e.flow, e.payload, e.occurred_at, d.code,
               coalesce(e.site_id, d.site_id, 0)
        FROM devices_journalentry e JOIN devices_device d ON d.id = e.device_id
        WHERE e.device_id = %s AND e.state = 'ready' ORDER BY e.seq LIMIT %s
        """,
        (device_id, limit),
    )
    return [ReadyEntry(*row) for row in rows]


def booked(entries: Sequence[ReadyEntry]) -> set[int]:
    """Which of these entries are in the books, though nobody wrote down what came of them: the house went away between
    the two."""
    rows = sql.fetch_all(
        """
        SELECT e.id
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::bigint[]) AS actor_id, unnest(%s::text[]) AS key) AS e
        JOIN platform_commandrecord c ON c.actor_id = e.actor_id AND c.key = e.key
        """,
        ([one.id for one in entries], [one.run_as for one in entries], [one.key for one in entries]),
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """What a device is told of one of its entries."""

    seq: int
    state: str
    code: str
    message: str
    fix: str


def answers(device_id: int, seqs: Sequence[int]) -> list[EntryAnswer]:
    """How these entries of a device stand, in order."""
    rows = sql.fetch_all(
        """
        SELECT seq, state, code, message, fix FROM devices_journalentry
        WHERE device_id = %s AND seq = ANY(%s::bigint[]) ORDER BY seq
        """,
        (device_id, list(seqs)),
    )
    return [EntryAnswer(*row) for row in rows]


def in_review(device_id: int) -> list[int]:
    """The seqs of a device's entries that need who did them; what was handed to a lead is off the device."""
    rows = sql.fetch_all(
        """
        SELECT seq FROM devices_journalentry
        WHERE device_id = %s AND state = 'review' AND coalesce(handed_to_id, person_id) = person_id
        ORDER BY seq LIMIT 1000
        """,
        (device_id,),
    )
    return [row[0] for row in rows]


def not_applied(device_id: int) -> int:
    """How many entries of a device have come and are neither done nor before a person. One query."""
    found: int = sql.fetch_value(
        "SELECT count(*) FROM devices_journalentry WHERE device_id = %s AND state IN ('parked', 'ready')", (device_id,)
    )
    return found


def stored(device_id: int, seqs: Sequence[int]) -> dict[int, str]:
    """Seq -> hash of entries that are stored and not parked, of these seqs and those just before."""
    rows = sql.fetch_all(
        """
        SELECT seq, hash FROM devices_journalentry
        WHERE device_id = %s AND seq = ANY(%s::bigint[]) AND state <> 'parked'
        """,
        (device_id, sorted({*seqs, *(seq - 1 for seq in seqs)})),
    )
    return dict(rows)


def parked(device_id: int) -> dict[int, tuple[str, str]]:
    """Seq -> hash and previous hash of what waits for a missing entry."""
    rows = sql.fetch_all(
        "SELECT seq, hash, prev_hash FROM devices_journalentry WHERE device_id = %s AND state = 'parked'", (device_id,)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def keys_taken(device_id: int, keys: Sequence[str]) -> set[str]:
    """Which of these keys the device used already."""
    rows = sql.fetch_all(
        "SELECT key FROM devices_journalentry WHERE device_id = %s AND key = ANY(%s::text[])", (device_id, list(keys))
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class Asks:
    """How many devices wait; how many came from one address, and how many seconds ago the last of them."""

    waiting: int
    from_address: int
    seconds_since: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """When the person of an entry had last signed in on its device by then, and when somebody else had."""

    own: datetime | None
    other: datetime | None


def signed_in(
    device_id: int, seqs: Sequence[int], person_ids: Sequence[int], times: Sequence[datetime], *, slack: timedelta
) -> dict[int, SignedIn]:
    """Who had signed in on the device by the time of each entry, by seq; a time is right to within the slack."""
    rows = sql.fetch_all(
        """
        SELECT e.seq,
               (SELECT max(s.began_at) FROM devices_devicesession s
                WHERE s.device_id = %(device)s AND s.person_id = e.person_id AND s.began_at <= e.at + %(slack)s),
               (SELECT max(s.began_at) FROM devices_devicesession s
                WHERE s.device_id = %(device)s AND s.person_id <> e.person_id AND s.began_at <= e.at - %(slack)s)
        FROM (SELECT unnest(%(seqs)s::bigint[]) AS seq, unnest(%(people)s::bigint[]) AS person_id,
                     unnest(%(times)s::timestamptz[]) AS at) AS e
        """,
        {"device": device_id, "slack": slack, "seqs": list(seqs), "people": list(person_ids), "times": list(times)},
    )
    return {row[0]: SignedIn(row[1], row[2]) for row in rows}


def last_person(device_id: int) -> int:
    """Who signed in last on the device; 0 before anybody did."""
    found: int | None = sql.fetch_value(
        "SELECT person_id FROM devices_devicesession WHERE device_id = %s ORDER BY began_at DESC, id DESC LIMIT 1",
        (device_id,),
    )
    return found or 0


def gaps_before(moment: datetime) -> bool:
    """Whether something has waited since before a time for a missing entry."""
    return bool(
        sql.fetch_value(
            "SELECT EXISTS (SELECT FROM devices_journalentry WHERE state = 'parked' AND received_at < %s)", (moment,)
        )
    )


def with_ready_before(moment: datetime, *, limit: int) -> list[tuple[int, str]]:
    """Devices (id, number) of which something has waited since before a time to be applied."""
    rows = sql.fetch_all(
        """
        SELECT d.id, d.code FROM devices_device d
        WHERE EXISTS (SELECT FROM devices_journalentry e WHERE e.device_id = d.id AND e.state = 'ready'
                      AND greatest(e.received_at, e.decided_at) < %s)
        ORDER BY d.id LIMIT %s
        """,
        (moment, limit),
    )
    return [(row[0], row[1]) for row in rows]


def asks(address: str | None, now: datetime) -> Asks:
    """How many devices ask to join, and how many of a day came from an address and were not approved. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*) FILTER (WHERE state = 'asked'),
               count(*) FILTER (WHERE asked_from = %(address)s::inet AND asked_at > %(since)s),
               extract(epoch FROM %(now)s - max(asked_at) FILTER (WHERE asked_from = %(address)s::inet))
        FROM devices_device WHERE state IN ('asked', 'refused')
        """,
        {"address": address, "now": now, "since": now - timedelta(seconds=ASK_SECONDS)},
    )
    assert row is not None
    return Asks(row[0], row[1], int(row[2] or 0))


def asked_before(moment: datetime) -> bool:
    """Whether a device has waited since before a time to be approved."""
    return bool(
        sql.fetch_value("SELECT EXISTS (SELECT FROM devices_device WHERE state = 'asked' AND asked_at < %s)", (moment,))
    )
