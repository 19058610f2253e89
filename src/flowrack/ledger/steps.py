"""Writes of the ledger: the only code that changes stock. Each call is a constant number of statements."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.ledger.types import CellClaim, Move, PoolClaim, Posting
from flowrack.platform.runner import Context


def post(ctx: Context, moves: Sequence[Move]) -> Posting:
    """Post a batch of moves: all or nothing."""
    raise NotImplementedError


def reverse(ctx: Context, posting_id: int) -> Posting:
    """Post the exact opposite of a posting, today."""
    raise NotImplementedError


def commit(ctx: Context, claims: Sequence[PoolClaim]) -> None:
    """Promise units of pools to demands; refuses with NotFree naming every short line."""
    raise NotImplementedError


def commit_up_to(ctx: Context, claims: Sequence[PoolClaim]) -> list[int]:
    """Promise what is free, at most what each claim asks, first come first served; the units granted per claim."""
    raise NotImplementedError


def uncommit(ctx: Context, claims: Sequence[PoolClaim]) -> None:
    """Take promises back; refuses with NothingClaimed when a demand holds less."""
    raise NotImplementedError


def reserve(ctx: Context, claims: Sequence[CellClaim]) -> None:
    """Reserve units on cells; refuses with NotFree naming every short line."""
    raise NotImplementedError


def unreserve(ctx: Context, claims: Sequence[CellClaim]) -> None:
    """Take reservations back; refuses with NothingClaimed when a demand holds less."""
    raise NotImplementedError
