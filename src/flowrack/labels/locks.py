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


def spec(code: str) -> tuple[int, str, int | None, int | None] | None:
    """A spec by its code, locked: id, kind, customer, carrier. One statement."""
    return sql.fetch_one(
        "SELECT id, kind, customer_id, carrier_id FROM labels_labelspec WHERE code = %s FOR NO KEY UPDATE", (code,)
    )
