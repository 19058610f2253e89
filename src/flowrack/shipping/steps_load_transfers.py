"""Transfers on loads: what a plan may name, and what leaves with the truck; runs inside somebody's command."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flowrack.ledger.types import Move
from flowrack.locations import queries as places
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import queries_load_transfers, queries_loads, rules_loads
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.queries_load_transfers import PlannedTransfer
from flowrack.shipping.rules_loads import Key
from flowrack.shipping.types_loads import BEHIND_WORDS, Behind, LeftPlate, LoadRefused, OnOtherLoad, TransferStop
from flowrack.storage import queries_staged, steps_staged
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.types_transfers import TRANSFER, StagedGoods, TransfersLeft


def planned(ctx: Context, site_id: int, stops: Sequence[TransferStop], *, of: str = "") -> list[PlannedTransfer]:
    """The transfers of a plan, locked; `of` is the load that they may be on already.

    Refuses with LoadRefused (one that is named twice, of another site, or not staged), and with OnOtherLoad. Two
    statements.
    """
    ids = [one.transfer_id for one in stops]
    if not ids:
        return []
    if len(set(ids)) < len(ids):
        raise LoadRefused("A transfer goes on a load once.", fix="Name each transfer once.")
    known = queries_load_transfers.transfers(ids)
    bad, taken = [], []
    for n, transfer_id in enumerate(ids, 1):
        one = known.get(transfer_id)
        if one is None or one.site_id != site_id:
            bad.append(
                BadLine(n, "transfers", "There is no such transfer at this site.", "Choose the transfers again.")
            )
        elif one.state != "staged":
            words = f"{one.number} is {one.state.replace('_', ' ')}."
            bad.append(BadLine(n, "transfers", words, "Choose transfers that wait in staging."))
        elif one.load and one.load != of:
            taken.append(BadLine(n, "transfers", f"{one.number} is on {one.load}.", "Take it off that load first."))
    if bad:
        raise LoadRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    if taken:
        raise OnOtherLoad(taken[0].message, lines=taken, fix=taken[0].fix)
    steps_staged.claim(ctx, ids)
    return [known[transfer_id] for transfer_id in ids]


def live(load_id: int) -> list[int]:
    """The transfers of a load. One query."""
    return sorted(one for stop in queries_loads.stops(load_id) for one in stop.transfer_ids)


def wanted(load_id: int, stops: list[TransferStop] | None) -> list[TransferStop]:
    """The transfers that a load is to have. Refuses with LoadRefused where nothing was said of them and it has some:
    who knows of orders alone takes none of them off."""
    if stops is not None:
        return stops
    names = sorted(one.number for one in queries_load_transfers.on_load(load_id) if one.transfer_id)
    if names:
        bad = BadLine(
            0, "transfers", f"{', '.join(names)} goes on this load.", "Send its transfers; [] takes them off."
        )
        raise LoadRefused(bad.message, lines=[bad], fix=bad.fix)
    return []


def set_truck(was: Collection[int], now: Collection[int], number: str) -> None:
    """Tell transfers which load takes them, and those that are off it that none does. Two statements at most."""
    if gone := sorted(set(was) - set(now)):
        steps_staged.plan_truck(gone, "")
    if now:
        steps_staged.plan_truck(sorted(now), number)


@dataclass(frozen=True, slots=True)
class OnLoad:
    """The transfers of a load, locked, and their goods: what is on the truck and what stays of those that leave."""

    held: list[StagedTransfer]
    aboard: list[StagedGoods]
    stays: list[StagedGoods]

    def moves(self, site_id: int) -> list[Move]:
        """What leaving changes: goods on the truck leave, what stays changes hands where it stands."""
        goods = [*self.aboard, *self.stays]
        return steps_staged.moves(goods, places.virtual(site_id, "TRANSIT")) if goods else []


def claim(ctx: Context, load_id: int) -> list[StagedTransfer]:
    """The transfers of a load, locked. Refuses with TransferNotStaged. Two statements at most."""
    ids = live(load_id)
    return steps_staged.claim(ctx, ids) if ids else []


def on_load(held: list[StagedTransfer], gone: Collection[Key]) -> OnLoad:
    """What of locked transfers is on the truck, and what is not. One query at most."""
    goods = queries_staged.goods([one.transfer_id for one in held]) if held else []
    aboard = [one for one in goods if _key(one) in gone]
    with_goods = {one.transfer_id for one in aboard}
    stays = [one for one in goods if one.transfer_id in with_goods and _key(one) not in gone]
    return OnLoad(held, aboard, stays)


def depart(ctx: Context, load: LockedLoad, on: OnLoad, seal: str) -> TransfersLeft:
    """What is on the truck is on its way; what is not waits, under a transfer of its own if it was split."""
    set_truck([one.transfer_id for one in on.held], (), "")
    with_goods = {one.transfer_id for one in on.aboard}
    if not with_goods:
        return TransfersLeft(0, [])
    return steps_staged.depart(
        ctx,
        [one for one in on.held if one.transfer_id in with_goods],
        on.aboard,
        stays=on.stays,
        carrier_id=load.carrier_id,
        truck=", ".join(part for part in (load.number, f"seal {seal}" if seal else "") if part),
    )


def _key(one: StagedGoods) -> Key:
    return rules_loads.key_of(one.lpn_id, 0, one.transfer_id)


def tell_behind(
    ctx: Context, load: LockedLoad, left: Sequence[LeftPlate], done: TransfersLeft, *, behind: str, note: str
) -> None:
    """Why goods of transfers stayed, in the timeline of each. One statement."""
    rests = {one.transfer_id: one.rest for one in done.transfers if one.rest}
    by_transfer: dict[int, list[LeftPlate]] = {}
    for one in left:
        if one.transfer_id:
            by_transfer.setdefault(one.transfer_id, []).append(one)
    if not by_transfer:
        return
    why = BEHIND_WORDS[Behind(behind)].lower()
    rows = [
        DecisionRow(
            "left_behind",
            ref(TRANSFER, transfer_id),
            f"{load.number} left without {rules_loads.listed([one.plate for one in of])}: {why}. It stands staged"
            f"{f' as {rests[transfer_id]}' if transfer_id in rests else ''}.",
            rules_loads.RULE,
            {"load": load.number, "units": sum(one.units for one in of), "note": note},
        )
        for transfer_id, of in by_transfer.items()
    ]
    decisions.record(ctx, rows)
    ctx.about(TRANSFER, by_transfer)
