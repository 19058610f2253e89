"""Locks of promise. Advisory locks on (item, site) come before any row, by item, then site; see the stage page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.sql import Asked


def pairs(wanted: Iterable[tuple[int, int]], *, alone: bool, customer_id: int = 0) -> Asked:
    """What locks items at sites until the command ends: shared with others, or (`alone`) for itself. One statement.

    A customer is locked first, so that what he holds can be counted.
    """
    keys = sorted(set(wanted))
    return (
        f"""
        SELECT CASE WHEN k.item = 0 THEN pg_advisory_xact_lock(hashtextextended('promise customer ' || k.site, 0))
                    ELSE {"pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"}(
                         hashtextextended('promise ' || k.item || ' ' || k.site, 0)) END
        FROM (SELECT item, site FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS u(item, site, n)
              ORDER BY n OFFSET 0) AS k
        """,  # noqa: S608 - one of two names
        (
            [*([0] if customer_id else []), *(item for item, _ in keys)],
            [*([customer_id] if customer_id else []), *(site for _, site in keys)],
        ),
    )


def safety(site_id: int) -> None:
    """Hold the safety stock of a site until the command ends, so that its history has no gaps. One statement."""
    sql.execute("SELECT pg_advisory_xact_lock(hashtextextended('promise safety ' || %s::text, 0))", (site_id,))


def pools(item_ids: Iterable[int], site_ids: Iterable[int]) -> Asked:
    """What holds all our own pools of items at sites, in order of id. One statement."""
    return (
        """
        SELECT p.id FROM ledger_pool p
        WHERE p.item_id = ANY(%s::bigint[]) AND p.site_id = ANY(%s::bigint[]) AND p.owner_id = 1
        ORDER BY p.id FOR NO KEY UPDATE
        """,
        (list(item_ids), list(site_ids)),
    )


@dataclass(frozen=True, slots=True)
class LockedQuote:
    """A quote, locked."""

    quote_id: int
    number: str
    state: str
    customer_id: int
    item_id: int
    units: int
    option: str
    ships_on: date
    arrives_on: date
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PartRow:
    """What a quote holds."""

    quote_id: int
    item_id: int
    lot_id: int
    site_id: int
    units: int
    is_committed: bool
    ships_on: date


_QUOTE = """
    SELECT id, number, state, customer_id, item_id, units, option, ships_on, arrives_on, expires_at FROM promise_quote
"""


def quote(quote_id: int) -> LockedQuote | None:
    """A quote, locked; None when there is none. One statement."""
    row = sql.fetch_one(_QUOTE + "WHERE id = %s FOR NO KEY UPDATE", (quote_id,))
    return LockedQuote(*row) if row else None


def question(question_id: int) -> tuple[int, str, int] | None:
    """Site, state and asker of a question to the planner, locked; None when there is none. One statement."""
    return sql.fetch_one(
        "SELECT site_id, state, asked_by_id FROM promise_plannerquestion WHERE id = %s FOR NO KEY UPDATE",
        (question_id,),
    )


def expired(now: datetime, *, limit: int) -> list[LockedQuote]:
    """Open quotes whose time is over, locked in order of id; those that somebody works on are left. One statement."""
    rows = sql.fetch_all(
        _QUOTE + "WHERE state = 'open' AND expires_at <= %s ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
        (now, limit),
    )
    return [LockedQuote(*row) for row in rows]


def parts(quote_ids: Iterable[int]) -> list[PartRow]:
    """What quotes hold that are locked. One query."""
    rows = sql.fetch_all(
        """
        SELECT quote_id, item_id, lot_id, site_id, units, is_committed, ships_on FROM promise_quotepart
        WHERE quote_id = ANY(%s::bigint[]) AND is_open ORDER BY id
        """,
        (list(quote_ids),),
    )
    return [PartRow(*row) for row in rows]
