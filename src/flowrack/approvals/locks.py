"""The only row locks of approvals: requests in id order; and a person's submissions where a policy adds them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class LockedRequest:
    """A request as a verdict needs it, locked."""

    request_id: int
    number: str
    kind: str
    subject: str
    site_id: int
    state: str
    content_hash: str
    requester_id: int
    barred_ids: list[int]


_LOCKED = "id, number, kind, subject, coalesce(site_id, 0), state, content_hash, requester_id, barred_ids"


def requests(request_ids: Sequence[int]) -> dict[int, LockedRequest]:
    """The requests, locked in order of id. One statement."""
    rows = sql.fetch_all(
        f"SELECT {_LOCKED} FROM approvals_request WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
        (list(request_ids),),
    )
    return {row[0]: LockedRequest(*row) for row in rows}


def live(kinds: Sequence[str], subjects: Sequence[str]) -> dict[tuple[str, str], LockedRequest]:
    """The live requests of documents by (kind, subject), locked in order of id. One statement."""
    rows = sql.fetch_all(
        f"""
        SELECT {_LOCKED} FROM approvals_request
        WHERE (kind, subject) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND state IN ('waiting', 'approved')
        ORDER BY id FOR NO KEY UPDATE
        """,  # noqa: S608
        (list(kinds), list(subjects)),
    )
    return {(row[2], row[3]): LockedRequest(*row) for row in rows}


def submissions_of(pairs: Sequence[tuple[str, int]]) -> None:
    """Let nobody else submit for these (kind, requester) until the end of the transaction. One statement."""
    sql.fetch_all(
        """
        SELECT pg_advisory_xact_lock(hashtextextended('approvals ' || p.kind || ' ' || p.requester, 0))
        FROM (SELECT kind, requester FROM unnest(%s::text[], %s::bigint[]) AS p(kind, requester)
              GROUP BY kind, requester ORDER BY kind, requester) AS p
        """,
        ([kind for kind, _ in pairs], [requester for _, requester in pairs]),
    )
