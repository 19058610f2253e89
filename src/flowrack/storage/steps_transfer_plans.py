"""Writes of transfers before they leave; run inside somebody's command."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.purchasing.queries import business_days
from flowrack.shared.errors import BadLine, Invalid, NotFound
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_transfer_plans, queries_trips, steps_transfer_tasks, steps_transfers
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.models_transfers import Transfer
from flowrack.storage.rules_transfers import Wanted
from flowrack.storage.states import TransferState
from flowrack.storage.types_transfer_plans import (
    KeptForTransfer,
    LeftToStage,
    PlanTransfer,
    TransferChanged,
    TransferNotPlanned,
)
from flowrack.storage.types_transfers import TRANSFER

RULE = "storage.transfer/1"
TO_STAGE = (TransferState.PLANNED, TransferState.RELEASED)
BEEN = {
    TransferState.PLANNED: "is not released",
    TransferState.RELEASED: "is released",
    TransferState.STAGED: "is staged",
    TransferState.CANCELLED: "was called off",
}


def claim(ctx: Context, transfer_ids: Sequence[int], permission: str) -> list[StagedTransfer]:
    """Transfers of which not all is staged, locked, in the order of the request; the person may do it at each sender.

    Refuses with NotFound, TransferNotPlanned and NotPermitted. One statement.
    """
    held = locks.staged_transfers(transfer_ids)
    for transfer_id in transfer_ids:
        one = held.get(transfer_id)
        if one is None or not ctx.may("storage.view", one.site_id):
            raise NotFound(f"There is no transfer with id {transfer_id}.")
        ctx.require(permission, one.site_id)
        if one.state not in TO_STAGE:
            was = BEEN.get(TransferState(one.state), "has left")
            raise TransferNotPlanned(f"{one.number} {was}.", fix="Look at the transfer.")
    return [held[transfer_id] for transfer_id in transfer_ids]


def day_there(ctx: Context, site_id: int, to_site_id: int, named: date | None) -> date | None:
    """When goods are there: the named day, which must not be past, else the first that calendars and cut-offs allow."""
    if named is None:
        return queries_trips.arrives_on(site_id, to_site_id, ctx.now)
    if named < business_days([to_site_id], now=ctx.now)[to_site_id]:
        line = BadLine(0, "due_on", f"{named:%-d %b %Y} is past.", "Name today or a later day, or none.")
        raise Invalid(line.message, lines=[line], fix=line.fix)
    return named


def good_on(ctx: Context, to_site_id: int, due_on: date | None) -> date:
    """The day on which goods must be good still: when they are there, today where nobody knows. One query at most."""
    return due_on or business_days([to_site_id], now=ctx.now)[to_site_id]


def day_kept(ctx: Context, site_id: int, to_site_id: int, due_on: date | None) -> date | None:
    """The day of goods that are ready only now: the one that was told, unless it is past, or none was."""
    if due_on is not None and due_on >= business_days([to_site_id], now=ctx.now)[to_site_id]:
        return due_on
    return queries_trips.arrives_on(site_id, to_site_id, ctx.now)


def write_plan(ctx: Context, req: PlanTransfer, number: str, due_on: date | None, kept: Sequence[Wanted]) -> int:
    """A planned transfer with its lines, and the stock that is kept for it. Three statements. Refuses with NotFree."""
    made = Transfer(
        number=number, site_id=req.site_id, to_site_id=req.to_site_id, state=TransferState.PLANNED, due_on=due_on,
        reason=req.reason.strip()[:200], for_ref=req.for_ref, planned_at=ctx.now, planned_by_id=ctx.actor_id,
        sent_by_id=ctx.actor_id,
    )  # fmt: skip
    made.save()
    write_lines(int(made.pk), kept)
    keep(ctx, int(made.pk), req.site_id, kept)
    return int(made.pk)


def write_lines(transfer_id: int, goods: Iterable[Wanted | LeftToStage]) -> None:
    """The lines of a transfer, one for each item and lot. One statement."""
    steps_transfers.write_lines(transfer_id, [(x.item_id, x.lot_id, "available", x.units) for x in goods])


def keep(ctx: Context, transfer_id: int, site_id: int, kept: Sequence[Wanted]) -> None:
    """Promise free stock to a transfer. One statement. Refuses with NotFree."""
    ledger.commit(ctx, _claims(transfer_id, site_id, kept))


def give_back(ctx: Context, transfer_id: int, site_id: int, left: Sequence[LeftToStage]) -> None:
    """What was kept for a transfer is free again. One statement."""
    ledger.uncommit(ctx, _claims(transfer_id, site_id, left))


def _claims(transfer_id: int, site_id: int, goods: Sequence[Wanted | LeftToStage]) -> list[PoolClaim]:
    return [PoolClaim(x.item_id, site_id, x.units, ref(TRANSFER, transfer_id), x.lot_id) for x in goods]


def rewrite(
    ctx: Context, transfer_id: int, due_on: date | None, reason: str, lines: Sequence[Wanted | LeftToStage]
) -> None:
    """Other lines and another day. Three statements."""
    sql.execute("DELETE FROM storage_transferline WHERE transfer_id = %s", (transfer_id,))
    write_lines(transfer_id, lines)
    sql.execute(
        "UPDATE storage_transfer SET due_on = %s, reason = coalesce(nullif(%s, ''), reason) WHERE id = %s",
        (due_on, reason.strip()[:200], transfer_id),
    )


def release(ctx: Context, released: Sequence[StagedTransfer]) -> None:
    """People on the floor may stage planned transfers: each is a task of its own. Three statements."""
    transfer_ids = [one.transfer_id for one in released]
    sql.execute(
        "UPDATE storage_transfer SET state = 'released', released_at = %s WHERE id = ANY(%s::bigint[])",
        (ctx.now, transfer_ids),
    )
    steps_transfer_tasks.make(ctx, released)


def all_staged(ctx: Context, one: StagedTransfer) -> None:
    """Nothing is left to stage: the transfer waits for its truck. A day that is past, or was never known, is found
    anew. Seven statements at most; tells who waits where it goes when the day moved."""
    due_on = day_kept(ctx, one.site_id, one.to_site_id, one.due_on)
    sql.execute(
        """
        UPDATE storage_transfer SET state = 'staged', staged_at = %s, sent_by_id = %s, due_on = %s WHERE id = %s
        """,
        (ctx.now, ctx.actor_id, due_on, one.transfer_id),
    )
    steps_transfer_tasks.done(ctx, one.transfer_id)
    if due_on != one.due_on:
        tell(
            ctx,
            one,
            queries_transfer_plans.items_of([one.transfer_id])[one.transfer_id],
            f"{one.number} comes on another day",
        )


def set_days(days: Sequence[tuple[int, date]]) -> None:
    """On which day transfers are there. One statement."""
    sql.execute(
        """
        UPDATE storage_transfer t SET due_on = d.on_day
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::date[]) AS on_day) AS d WHERE t.id = d.id
        """,
        ([transfer_id for transfer_id, _ in days], [day for _, day in days]),
    )


def shrink(transfer_id: int, left: Sequence[LeftToStage]) -> None:
    """Units that do not go leave the lines of a transfer; a line of which none goes is gone. Two statements."""
    columns = ([x.item_id for x in left], [x.lot_id for x in left], [x.units for x in left])
    gone = """
        (SELECT unnest(%s::bigint[]) AS item_id, unnest(%s::bigint[]) AS lot_id, unnest(%s::bigint[]) AS units) AS g
        WHERE l.transfer_id = %s AND l.item_id = g.item_id AND l.lot_id = g.lot_id
    """
    sql.execute(
        f"DELETE FROM storage_transferline l USING {gone} AND l.units <= g.units",  # noqa: S608 - a constant
        (*columns, transfer_id),
    )
    sql.execute(
        f"UPDATE storage_transferline l SET units = l.units - g.units FROM {gone} AND l.units > g.units",  # noqa: S608
        (*columns, transfer_id),
    )


def tell(ctx: Context, one: StagedTransfer, item_ids: Iterable[int], cause: str, *, freed: bool = False) -> None:
    """Tell later stages that other goods are to come than before, or on another day."""
    items = sorted(set(item_ids))
    ctx.emit(TransferChanged(one.transfer_id, one.number, one.site_id, one.to_site_id, items, cause, freed))


def explain(ctx: Context, transfer_id: int, sentence: str, **detail: object) -> None:
    """Why a transfer goes, or goes otherwise, in its timeline. One statement."""
    decisions.record(ctx, [DecisionRow("transfer", ref(TRANSFER, transfer_id), sentence, RULE, detail)])


def refuse_onto_kept(moves: Sequence[Move], *, but: Collection[str] = ()) -> None:
    """Refuse with KeptForTransfer goods that would be put onto a plate that waits for a truck with a transfer: they
    would stay behind, or go along unknown. One query, none for moves that put nothing onto a plate."""
    coming = {
        m.target.lpn_id: n for n, m in enumerate(moves, 1) if m.target.lpn_id and m.source.lpn_id != m.target.lpn_id
    }
    kept = queries_transfer_plans.kept_on(sorted(coming)) if coming else {}
    bad = [
        BadLine(
            coming[lpn_id], "lpn", f"{plate} waits for its truck with {number}.",
            "Use another pallet, or take these goods into that transfer.",
        )
        for lpn_id, (plate, number) in sorted(kept.items())
        if number not in but
    ]  # fmt: skip
    if bad:
        raise KeptForTransfer(bad[0].message, lines=bad, fix=bad[0].fix)
