"""Dropping a throw-away database while somebody is still in it."""

from __future__ import annotations

import psycopg


def drop_database(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Drop a database if it is there, whoever of ours is connected to it, and though autovacuum is at work in it.

    DROP DATABASE ... WITH (FORCE) may be refused: only a superuser ends a superuser's process, and autovacuum works as
    one. Without FORCE the server ends autovacuum by itself; so our own connections are ended first.
    """
    server.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()
        """,
        (name,),
    )
    server.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
