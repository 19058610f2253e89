"""Row locks of the ledger for commands that post more than once."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.ledger.types import Move
from flowrack.platform import sql


def stock(moves: Sequence[Move]) -> None:
    """Lock what postings of these moves change, as far as it is there: pools, then cells, then books, each by id.

    A posting locks in this order too, but two postings one after the other begin it again; so a command that posts
    twice locks the stock of both before the first. Three statements.
    """
    if not moves:
        return
    ends = [end for m in moves for end in (m.source, m.target)]
    items, lots, owners = ([value for m in moves for value in (of(m), of(m))] for of in (_item, _lot, _owner))
    at = [end.location_id for end in ends]
    sql.fetch_all(
        """
        WITH leg AS (
            SELECT DISTINCT m.item, m.lot, m.owner, p.site_id AS site
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS m(item, lot, owner, location)
            JOIN locations_location p ON p.id = m.location AND p.id = ANY(%s::bigint[])
        )
        SELECT p.id FROM ledger_pool p
        WHERE p.id = ANY(ARRAY(
            SELECT (SELECT k.id FROM ledger_pool k WHERE k.item_id = leg.item AND k.site_id = leg.site
                       AND k.lot_id = leg.lot AND k.owner_id = leg.owner) FROM leg))
        ORDER BY p.id FOR NO KEY UPDATE
        """,
        (items, lots, owners, at, at),
    )
    sql.fetch_all(
        """
        SELECT c.id FROM ledger_cell c
        WHERE c.id = ANY(ARRAY(
            SELECT ledger_cell_id(m.item, m.location, m.lot, m.lpn, m.owner, m.quality)
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
                 AS m(item, location, lot, lpn, owner, quality)))
        ORDER BY c.id FOR NO KEY UPDATE
        """,
        (items, at, lots, [end.lpn_id for end in ends], owners, [str(end.quality) for end in ends]),
    )
    sql.fetch_all(
        """
        WITH leg AS (
            SELECT DISTINCT m.item, l.lot, p.site_id AS site, p.account
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS m(item, lot, location)
            JOIN locations_location p ON p.id = m.location AND p.id = ANY(%s::bigint[])
            CROSS JOIN LATERAL (VALUES (m.lot), (0)) AS l(lot)
        )
        SELECT b.id FROM ledger_book b
        WHERE b.id = ANY(ARRAY(
            SELECT (SELECT k.id FROM ledger_book k WHERE k.item_id = leg.item AND k.site_id = leg.site
                       AND k.account = leg.account AND k.lot_id = leg.lot) FROM leg))
        ORDER BY b.id FOR NO KEY UPDATE
        """,
        (items, lots, at, at),
    )


def pools(item_ids: Sequence[int], site_id: int) -> dict[int, int]:
    """Hold all our own pools of items at a site; the units that are free in each behind the lock. One statement."""
    return dict(
        sql.fetch_all(
            """
            SELECT p.id, p.reserve + p.forward_pick - p.committed FROM ledger_pool p
            WHERE p.item_id = ANY(%s::bigint[]) AND p.site_id = %s AND p.owner_id = 1
            ORDER BY p.id FOR NO KEY UPDATE
            """,
            (list(item_ids), site_id),
        )
    )


def _item(move: Move) -> int:
    return move.item_id


def _lot(move: Move) -> int:
    return move.lot_id


def _owner(move: Move) -> int:
    return move.owner_id
