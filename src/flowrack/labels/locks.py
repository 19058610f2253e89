"""Row locks of labels: a spec's version, then prints of a subject."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedVersion:
    """A version with its spec."""

    version_id: int
    spec_id: int
    number: int
    state: str
    code: str
    drafted_by: int | None


def version(version_id: int) -> LockedVersion | None:
    """One version, locked. One statement."""
    row = sql.fetch_one(
        """
        SELECT v.id, v.spec_id, v.number, v.state, s.code, v.drafted_by_id
        FROM labels_labelspecversion v JOIN labels_labelspec s ON s.id = v.spec_id WHERE v.id = %s
        FOR NO KEY UPDATE OF v
        """,
        (version_id,),
    )
    return LockedVersion(*row) if row else None


def rivals(version_id: int) -> None:
    """All specs for the same kind and for the same customer, carrier or house as a version's, locked by id.

    One statement; before the version itself, as whoever writes a draft does.
    """
    sql.execute(
        """
        SELECT s.id FROM labels_labelspecversion v JOIN labels_labelspec own ON own.id = v.spec_id
        JOIN labels_labelspec s ON s.kind = own.kind AND s.customer_id IS NOT DISTINCT FROM own.customer_id
             AND s.carrier_id IS NOT DISTINCT FROM own.carrier_id
        WHERE v.id = %s ORDER BY s.id FOR NO KEY UPDATE OF s
        """,
        (version_id,),
    )


def spec(code: str) -> tuple[int, str, int | None, int | None] | None:
    """A spec by its code, locked: id, kind, customer, carrier. One statement."""
    return sql.fetch_one(
        "SELECT id, kind, customer_id, carrier_id FROM labels_labelspec WHERE code = %s FOR NO KEY UPDATE", (code,)
    )
