"""Reads of badges, PINs and who works where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class BadgeRow:
    """A person with their badge and PIN."""

    id: int
    person: str
    username: str
    badge: str
    issued_at: datetime | None
    issued_by: str
    pin: str
    locked_on: str


PEOPLE = """
    SELECT u.id, u.full_name AS person, u.username,
           CASE WHEN b.id IS NULL THEN 'none' ELSE 'live' END AS badge, b.issued_at,
           coalesce(i.full_name, '') AS issued_by,
           CASE WHEN p.id IS NULL THEN 'none' ELSE 'set' END AS pin,
           coalesce((SELECT string_agg(d.code, ', ' ORDER BY d.code) FROM devices_pintry t
                     JOIN devices_device d ON d.id = t.device_id
                     WHERE t.person_id = u.id AND t.failures >= 5), '') AS locked_on
    FROM platform_user u
    LEFT JOIN devices_badge b ON b.person_id = u.id AND b.revoked_at IS NULL
    LEFT JOIN platform_user i ON i.id = b.issued_by_id
    LEFT JOIN devices_pin p ON p.person_id = u.id
    WHERE u.is_active AND u.username <> 'system' AND EXISTS (
        SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
        WHERE held.user_id = u.id AND 'devices.use' = ANY(r.permissions))
"""


def badge_page(query: ListQuery) -> Page[BadgeRow]:
    """Everybody who may work with a device, with badge and PIN."""
    return sql_page(query, BadgeRow, PEOPLE, search=("person", "username"))


def badge_rows(*, after_id: int, limit: int) -> list[BadgeRow]:
    """The same in order of id."""
    rows = sql.fetch_all(f"SELECT * FROM ({PEOPLE}) p WHERE id > %s ORDER BY id LIMIT %s", (after_id, limit))  # noqa: S608
    return [BadgeRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PinOf:
    """Whose badge it is and the digest of their PIN ("" when they have none)."""

    person_id: int
    digest: str


def pin_of_badge(badge_digest: str) -> PinOf | None:
    """The person of a live badge."""
    row = sql.fetch_one(
        """
        SELECT u.id, coalesce(p.digest, '') FROM devices_badge b
        JOIN platform_user u ON u.id = b.person_id AND u.is_active
        LEFT JOIN devices_pin p ON p.person_id = u.id
        WHERE b.digest = %s AND b.revoked_at IS NULL
        """,
        (badge_digest,),
    )
    return PinOf(*row) if row else None


def pin_of_person(person_id: int) -> PinOf | None:
    """The PIN of a person who has a live badge still."""
    row = sql.fetch_one(
        """
        SELECT u.id, coalesce(p.digest, '') FROM platform_user u
        JOIN devices_badge b ON b.person_id = u.id AND b.revoked_at IS NULL
        LEFT JOIN devices_pin p ON p.person_id = u.id
        WHERE u.id = %s AND u.is_active
        """,
        (person_id,),
    )
    return PinOf(*row) if row else None


def username_of(person_id: int) -> str:
    """The name with which a person signs in; empty for nobody."""
    return sql.fetch_value("SELECT username FROM platform_user WHERE id = %s", (person_id,)) or ""


def names(person_ids: Sequence[int]) -> dict[int, str]:
    """Id -> full name of active people."""
    rows = sql.fetch_all(
        "SELECT id, full_name FROM platform_user WHERE id = ANY(%s::bigint[]) AND is_active", (sorted(set(person_ids)),)
    )
    return dict(rows)


def may_use(person_id: int, site_id: int) -> bool:
    """Whether the person may work with devices of a site."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (
                SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
                JOIN platform_user u ON u.id = held.user_id AND u.is_active
                WHERE held.user_id = %s AND held.site_id IN (0, %s) AND 'devices.use' = ANY(r.permissions))
            """,
            (person_id, site_id),
        )
    )


def deciders(site_id: int) -> list[tuple[int, str]]:
    """Who may decide about what others did at a site, by name."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT u.id, u.full_name FROM platform_user u
        JOIN platform_userrole held ON held.user_id = u.id AND held.site_id IN (0, %s)
        JOIN platform_role r ON r.id = held.role_id AND 'devices.decide' = ANY(r.permissions)
        WHERE u.is_active AND u.username <> 'system' ORDER BY 2, 1
        """,
        (site_id,),
    )
    return [(row[0], row[1]) for row in rows]


def locks_of(person_id: int) -> list[tuple[int, str]]:
    """On which devices the person's PIN is locked."""
    rows = sql.fetch_all(
        """
        SELECT d.id, d.code FROM devices_pintry t JOIN devices_device d ON d.id = t.device_id
        WHERE t.person_id = %s AND t.failures >= 5 ORDER BY d.code
        """,
        (person_id,),
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A device that somebody signed in on."""

    device: str
    method: str
    began_at: datetime


def sessions_of(person_id: int, *, limit: int) -> list[SessionRow]:
    """On which devices the person signed in, the last first."""
    rows = sql.fetch_all(
        """
        SELECT d.code, CASE s.method WHEN 'badge' THEN 'badge and PIN' WHEN 'pin' THEN 'PIN' ELSE s.method END,
               s.began_at
        FROM devices_devicesession s JOIN devices_device d ON d.id = s.device_id
        WHERE s.person_id = %s ORDER BY s.began_at DESC, s.id DESC LIMIT %s
        """,
        (person_id, limit),
    )
    return [SessionRow(*row) for row in rows]
