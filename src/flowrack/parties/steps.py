"""Writes of parties that must run inside somebody's command."""

from __future__ import annotations

from flowrack.platform import sql


def ensure_zero_rows() -> None:
    """Put row 1 (our own company) back; for tests whose database was emptied."""
    sql.execute(
        "INSERT INTO parties_party (id, code, name, is_owner) VALUES (1, 'OWN', 'Our company', true)"
        " ON CONFLICT DO NOTHING"
    )
    sql.fetch_value(
        "SELECT setval(pg_get_serial_sequence('parties_party', 'id'), GREATEST(1, (SELECT max(id) FROM parties_party)))"
    )
