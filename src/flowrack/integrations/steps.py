"""Writes of integrations that stand outside the stages: people of a simulated house, and the progress of a replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.platform import sql


def ensure_people(rows: Sequence[tuple[str, str, str, str]]) -> dict[str, int]:
    """Make users (username, full name, password hash, role code) with their one role at every site; ids by username.

    People who exist keep their password. Two statements.
    """
    sql.execute(
        """
        INSERT INTO platform_user (username, full_name, password, email, is_active)
        SELECT p.username, p.full_name, p.password, '', true
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS p(username, full_name, password)
        ON CONFLICT (username) DO NOTHING
        """,
        ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]),
    )
    found = sql.fetch_all(
        """
        WITH held AS (
            INSERT INTO platform_userrole (user_id, role_id, site_id)
            SELECT u.id, r.id, 0
            FROM unnest(%s::text[], %s::text[]) AS p(username, role)
            JOIN platform_user u ON u.username = p.username
            JOIN platform_role r ON r.code = p.role
            ON CONFLICT (user_id, role_id, site_id) DO NOTHING
        )
        SELECT username, id FROM platform_user WHERE username = ANY(%s::text[])
        """,
        ([r[0] for r in rows], [r[3] for r in rows], [r[0] for r in rows]),
    )
    return dict(found)


def name_own_company(name: str) -> None:
    """Call our own company by its name."""
    sql.execute("UPDATE parties_party SET name = %s WHERE id = 1", (name,))


def is_lived_in(code: str) -> bool:
    """Whether goods have moved here though this replay (its code, its sites' codes begin with it) never began."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM ledger_move)
                   AND NOT EXISTS (SELECT FROM integrations_replayrun WHERE starts_with(code, %s))
            """,
            (code,),
        )
    )


def open_run(code: str, settings: str) -> tuple[date | None, str]:
    """The progress of a replay (day, step), made when it is new. One statement."""
    row = sql.fetch_one(
        """
        INSERT INTO integrations_replayrun (code, settings) VALUES (%s, %s)
        ON CONFLICT (code) DO UPDATE SET updated_at = clock_timestamp()
        RETURNING day, step
        """,
        (code, settings),
    )
    assert row is not None, "an upsert returns its row"
    return row[0], row[1]


def mark_progress(code: str, on: date, step: str) -> None:
    """Remember the last finished step of a replay."""
    sql.execute(
        "UPDATE integrations_replayrun SET day = %s, step = %s, updated_at = clock_timestamp() WHERE code = %s",
        (on, step, code),
    )


def refresh_statistics() -> None:
    """Let the planner know what was just imported in bulk; autovacuum would do it a minute later."""
    sql.execute("ANALYZE")


def free_leases() -> None:
    """Give up the leases of a process that was killed on events, so that a resumed replay need not wait for them."""
    sql.execute(
        "UPDATE platform_outboxevent SET leased_until = NULL WHERE done_at IS NULL AND leased_until IS NOT NULL"
    )
