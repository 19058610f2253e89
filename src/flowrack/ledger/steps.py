"""Writes of the ledger: the only code that changes stock. Each call is a constant number of statements.

The functions behind these calls stand in ledger/sql. Locks are taken pools first, then cells, then books, each by
ascending id, so a command that both claims and posts should claim first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError

from flowrack.ledger import locks
from flowrack.ledger.refusals import refusal_of
from flowrack.ledger.types import BadMove, CellClaim, Move, PoolClaim, Posting
from flowrack.platform import sql
from flowrack.platform.runner import Context

_POST = """
    SELECT o_posting, o_moves, o_values FROM ledger_post(
        %s, %s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
        %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::bigint[])
"""


def post(ctx: Context, moves: Sequence[Move]) -> Posting:
    """Post a batch of moves: all or nothing. One statement, whatever the size.

    Refuses with BadMove, LotRequired, InsufficientStock, CommittedStock, SerialTaken, LpnElsewhere, CostMissing,
    OverReturn or NothingClaimed, each naming every bad line (counted from 1).
    """
    return _post(ctx, moves, reverses=None)


def claim_stock(moves: Sequence[Move]) -> None:
    """Lock the stock of all moves that a command posts in more than one posting, before the first. Three statements."""
    locks.stock(moves)


def claim_pools(item_ids: Sequence[int], site_id: int) -> dict[int, int]:
    """Hold all our own pools of items at a site until the command ends, so that what is read of them then stays true;
    the units that are free in each, by the pool's id. One statement."""
    return locks.pools(item_ids, site_id)


def _post(ctx: Context, moves: Sequence[Move], reverses: int | None) -> Posting:
    if not moves:
        raise BadMove("There is nothing to move.", fix="Send at least one line.")
    row = _call(
        _POST,
        (
            ctx.actor_id,
            ctx.command_id,
            ctx.device,
            ctx.now,
            reverses,
            [m.item_id for m in moves],
            [m.lot_id for m in moves],
            [m.owner_id for m in moves],
            [m.source.location_id for m in moves],
            [m.source.lpn_id for m in moves],
            [str(m.source.quality) for m in moves],
            [m.target.location_id for m in moves],
            [m.target.lpn_id for m in moves],
            [str(m.target.quality) for m in moves],
            [m.units for m in moves],
            [m.value for m in moves],
            [m.reason for m in moves],
            [m.origin for m in moves],
            [m.demand for m in moves],
            [str(m.claim) for m in moves],
            [m.of_move for m in moves],
        ),
    )
    return Posting(posting_id=row[0], move_ids=row[1], values=row[2])


def reverse(ctx: Context, posting_id: int, *, reason: str = "reversal") -> Posting:
    """Post the exact opposite of a posting, dated today: same units, same value, claims given back.

    Refuses with AlreadyReversed when it was reversed before or what came in was used since, and with
    InsufficientStock when the stock has moved on.
    """
    row = _call(
        "SELECT o_posting, o_moves, o_values FROM ledger_reverse(%s, %s, %s, %s, %s, %s)",
        (ctx.actor_id, ctx.command_id, ctx.device, ctx.now, posting_id, reason),
    )
    if row[0] is None:
        raise BadMove(f"There is no posting {posting_id}.", fix="Check the posting.")
    return Posting(posting_id=row[0], move_ids=row[1], values=row[2])


def commit(ctx: Context, claims: Sequence[PoolClaim]) -> None:
    """Promise units of pools to demands; refuses with NotFree naming every short line."""
    _commit(ctx, claims, everything=True)


def commit_up_to(ctx: Context, claims: Sequence[PoolClaim]) -> list[int]:
    """Promise what is free, at most what each claim asks, first come first served; the units granted per claim."""
    return _commit(ctx, claims, everything=False)


def commit_at_last(ctx: Context, claims: Sequence[PoolClaim], *, leaving: Sequence[int] = ()) -> None:
    """Promise what was read to be free, in one message with the commit of the command, `leaving` so many units of the
    pool of each claim for others.

    If somebody was faster the command begins again; see Context.at_last.
    """
    if claims:
        ctx.at_last(
            """SELECT ledger_commit_as_read(%s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                                            %s::text[], %s::bigint[])""",
            (ctx.command_id, *_pool_arrays(claims), list(leaving) or [0] * len(claims)),
        )


def _commit(ctx: Context, claims: Sequence[PoolClaim], *, everything: bool) -> list[int]:
    if not claims:
        return []
    row = _call(
        """SELECT ledger_commit(%s, %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                                %s::boolean)""",
        (ctx.command_id, *_pool_arrays(claims), everything),
    )
    granted: list[int] = row[0]
    return granted


def uncommit(ctx: Context, claims: Sequence[PoolClaim]) -> None:
    """Take promises back; refuses with NothingClaimed when a demand holds less."""
    if claims:
        _call(
            "SELECT ledger_uncommit(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])",
            _pool_arrays(claims),
        )


def reserve(ctx: Context, claims: Sequence[CellClaim]) -> None:
    """Reserve units on cells; refuses with NotFree naming every short line."""
    if claims:
        _call(
            "SELECT ledger_reserve(%s, %s::bigint[], %s::bigint[], %s::text[])",
            (ctx.command_id, [c.cell_id for c in claims], [c.units for c in claims], [c.ref for c in claims]),
        )


def unreserve(ctx: Context, claims: Sequence[CellClaim]) -> None:
    """Take reservations back; refuses with NothingClaimed when a demand holds less."""
    if claims:
        _call(
            "SELECT ledger_unreserve(%s::bigint[], %s::bigint[], %s::text[])",
            ([c.cell_id for c in claims], [c.units for c in claims], [c.ref for c in claims]),
        )


def _pool_arrays(
    claims: Sequence[PoolClaim],
) -> tuple[list[int], list[int], list[int], list[int], list[int], list[str]]:
    return (
        [c.item_id for c in claims],
        [c.lot_id for c in claims],
        [c.site_id for c in claims],
        [c.owner_id for c in claims],
        [c.units for c in claims],
        [c.ref for c in claims],
    )


def _call(statement: str, params: Sequence[Any]) -> tuple[Any, ...]:
    try:
        row = sql.fetch_one(statement, params)
    except DatabaseError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise  # as it came: its cause tells the door whether to try again
        raise refusal from error
    assert row is not None, "a function call always returns a row"
    return row
