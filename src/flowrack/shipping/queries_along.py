"""Which devices have trucks along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import localtime

from flowrack.platform import sql
from flowrack.platform.web.along import Held
from flowrack.shipping.types_along import AlongOn

_ALONG = """
    SELECT a.load_id, h.number, a.device, coalesce(nullif(u.full_name, ''), u.username), a.since, a.until
    FROM shipping_loadalong a JOIN shipping_load h ON h.id = a.load_id JOIN platform_user u ON u.id = a.person_id
"""


def along_on(load_ids: Sequence[int], now: datetime) -> list[AlongOn]:
    """The devices that have these trucks along now. One query."""
    rows = sql.fetch_all(
        _ALONG + "WHERE a.load_id = ANY(%s::bigint[]) AND a.ended_at IS NULL AND a.until > %s ORDER BY a.load_id, a.id",
        (list(load_ids), now),
    )
    return [AlongOn(*row) for row in rows]


def words(load_id: int, now: datetime) -> list[str]:
    """The warning of each device that has a truck along. One query."""
    return [
        f"{one.device} ({one.person}) has it along since {localtime(one.since):%H:%M}: scans that it has not sent"
        " are not known here."
        for one in along_on([load_id], now)
    ]


def held_on(device: str, now: datetime) -> list[Held]:
    """The trucks that a device has along. One query."""
    rows = sql.fetch_all(
        _ALONG + "WHERE a.device = left(%s, 80) AND a.ended_at IS NULL AND a.until > %s ORDER BY a.id LIMIT 50",
        (device, now),
    )
    return [Held(f"truck {one.load}", one.person, one.until) for one in (AlongOn(*row) for row in rows)]


def taken_back(load_ids: Sequence[int], device: str) -> dict[int, tuple[str, datetime]]:
    """Trucks that were taken back from a device and are not with it again: by whom and when. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (a.load_id) a.load_id, a.ending, coalesce(nullif(u.full_name, ''), u.username), a.ended_at
        FROM shipping_loadalong a LEFT JOIN platform_user u ON u.id = a.ended_by_id
        WHERE a.load_id = ANY(%s::bigint[]) AND a.device = left(%s, 80) ORDER BY a.load_id, a.id DESC
        """,
        (list(load_ids), device),
    )
    return {load_id: (person, at) for load_id, ending, person, at in rows if ending == "taken_back"}


def to_renew(load_ids: Sequence[int], device: str, before: datetime) -> list[int]:
    """Of these trucks those that the device does not have along beyond a time. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id FROM unnest(%s::bigint[]) AS w(id)
        WHERE NOT EXISTS (SELECT FROM shipping_loadalong a WHERE a.load_id = w.id AND a.device = left(%s, 80)
                          AND a.ended_at IS NULL AND a.until > %s)
        ORDER BY w.id
        """,
        (list(load_ids), device, before),
    )
    return [row[0] for row in rows]
