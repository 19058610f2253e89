"""Planned transfers give way to what happens to stock: inside the commands that make units vanish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.storage import locks, queries_transfer_plans
from flowrack.storage import steps_transfer_plans as plans
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.queries_transfer_plans import PoolKey
from flowrack.storage.rules_transfers import GivesWay, gives_way
from flowrack.storage.states import TransferState
from flowrack.storage.types_transfer_plans import LeftToStage
from flowrack.storage.types_transfers import TRANSFER
from flowrack.tasks import steps as tasks

MOST_LOOKS = 3  # for transfers that are planned while the locks are waited for


@dataclass(frozen=True, slots=True)
class Kept:
    """Transfers, locked, that keep units of pools, and how many of each."""

    held: dict[int, StagedTransfer]
    of: dict[PoolKey, list[tuple[int, int]]]

    def units(self, key: PoolKey) -> int:
        """Units of a pool that may give way."""
        return sum(units for _, units in self.of.get(key, []))

    def take(self, key: PoolKey, missing: int) -> list[GivesWay]:
        """Which transfers lose how much of a pool: what was planned last, first."""
        return gives_way(key, self.of.get(key, []), missing)


def claim(keys: Sequence[PoolKey]) -> Kept:
    """What transfers keep of pools, the transfers locked; before order lines and pools are. Three statements, one where
    none keeps any.

    What was planned while the locks were waited for is locked too, in the order of ids; what comes later still keeps
    its units.
    """
    held: dict[int, StagedTransfer] = {}
    found = queries_transfer_plans.kept_of(keys)
    for _ in range(MOST_LOOKS):
        ids = {transfer_id for some in found.values() for transfer_id, _ in some}
        new = sorted(one for one in ids if one > max(held, default=0))
        if not new:
            break
        held |= locks.staged_transfers(new)
        found = queries_transfer_plans.kept_of(keys)
    return Kept(held, {key: [one for one in some if one[0] in held] for key, some in found.items()})


def give_way(ctx: Context, kept: Kept, losses: Sequence[GivesWay], reason: str) -> None:
    """Transfers lose units that vanish: their lines shrink, and one of which nothing is left does not go. Emits
    storage.transfer_changed. A handful of statements for each transfer, of which there are few."""
    for transfer_id in sorted({loss.transfer_id for loss in losses}):
        one = kept.held[transfer_id]
        mine = [loss for loss in losses if loss.transfer_id == transfer_id]
        lost = [LeftToStage(loss.key[0], loss.key[1], loss.units) for loss in mine]
        units = sum(loss.units for loss in lost)
        plans.give_back(ctx, transfer_id, one.site_id, lost)
        rest = sum(x.units for x in queries_transfer_plans.left_to_stage([transfer_id])[transfer_id])
        if rest or _has_more(transfer_id, units):
            plans.shrink(transfer_id, lost)
        else:
            sql.execute(
                "UPDATE storage_transfer SET state = 'cancelled', note = %s WHERE id = %s", (reason[:200], transfer_id)
            )
            tasks.cancel_of_origins(ctx, [ref(TRANSFER, transfer_id)], reason=reason)
        if not rest and one.state == TransferState.RELEASED and _has_more(transfer_id, 0):
            plans.all_staged(ctx, one)
        why = f"{units:,} of {one.number} do not go: {reason.rstrip('.')}"
        plans.tell(ctx, one, (loss.item_id for loss in lost), why)
        plans.explain(ctx, transfer_id, f"{units:,} of it do not go: {reason.rstrip('.')}.", lost=units)


def _has_more(transfer_id: int, units: int) -> bool:
    """Whether a transfer that has not ended has more units than these. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT sum(l.units) > %s FROM storage_transferline l JOIN storage_transfer t ON t.id = l.transfer_id
            WHERE t.id = %s AND t.state <> 'cancelled'
            """,
            (units, transfer_id),
        )
    )
