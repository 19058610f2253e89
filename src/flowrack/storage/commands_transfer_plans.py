"""The door of transfers that are planned: planned, changed, released to the floor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flowrack.catalog import queries as catalog
from flowrack.ledger import steps as ledger
from flowrack.locations import queries as locations
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.purchasing.queries import business_days
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.storage import (
    locks,
    queries_claims,
    queries_staged,
    queries_transfer_plans,
    queries_trips,
    rules_transfers,
)
from flowrack.storage import steps_transfer_plans as plans
from flowrack.storage.locks import StagedTransfer
from flowrack.storage.rules_transfers import Wanted
from flowrack.storage.states import TransferState
from flowrack.storage.steps_staged import UNSENT
from flowrack.storage.types_transfer_plans import (
    ChangeTransfer,
    LeftToStage,
    PlanTransfer,
    ReleaseTransfers,
    RenewTransferDays,
    TransferDaysRenewed,
    TransferPlanned,
    TransfersReleased,
)
from flowrack.storage.types_transfers import TRANSFER

A_REF = re.compile(r"[a-z]+\.[a-z_]+:[1-9]\d{0,18}")


@command(permission="storage.plan_transfers", result=TransferPlanned)
def plan_transfer(ctx: Context, req: PlanTransfer) -> TransferPlanned:
    """Goods should go from a site to another: free stock there is kept for them from now on, and where they go they
    are to come on a day.

    Emits storage.transfer_changed. Refuses with Invalid (the same site, lines or a day that make no sense), with the
    ledger's NotFree, and with PromisedThere what others at the sender count on, unless that is asked for.
    """
    ctx.require("storage.plan_transfers", req.site_id)
    if req.to_site_id == req.site_id:
        raise Invalid("It is at that site already.", fix="Choose another site.")
    if req.for_ref and not A_REF.fullmatch(req.for_ref):
        line = BadLine(0, "for_ref", "This names no demand.", "Leave it empty, or name one such as sales.line:991.")
        raise Invalid(line.message, lines=[line], fix=line.fix)
    locations.site(req.to_site_id)
    skus = {item.item_id: item.sku for item in catalog.items({line.item_id for line in req.lines}).values()}
    rules_transfers.refuse_no_plan(req.lines, skus)
    due_on = plans.day_there(ctx, req.site_id, req.to_site_id, req.due_on)
    ledger.claim_pools(sorted(skus), req.site_id)
    free = queries_transfer_plans.free_pools(skus, req.site_id)
    good_on = plans.good_on(ctx, req.to_site_id, due_on)
    kept = rules_transfers.from_pools(req.lines, free, skus, good_on)
    if not req.takes_promised:
        spare = queries_claims.spare(sorted(skus), req.site_id, ctx.now)
        rules_transfers.refuse_promised(req.lines, spare, skus, asked=req.lines)
    number = next_number("TR")
    transfer_id = plans.write_plan(ctx, req, number, due_on, kept)
    made = StagedTransfer(transfer_id, number, TransferState.PLANNED, req.site_id, req.to_site_id, due_on, "", "")
    plans.tell(ctx, made, skus, f"{number} was planned")
    plans.explain(ctx, transfer_id, _sentence(req.reason, kept, skus), due_on=str(due_on or ""))
    ctx.subject = ref(TRANSFER, transfer_id)
    if req.for_ref:
        ctx.subjects.append(req.for_ref)
    return TransferPlanned(transfer_id, number, len(req.lines), sum(x.units for x in kept), due_on)


@command(permission="storage.plan_transfers", result=TransferPlanned)
def change_transfer(ctx: Context, req: ChangeTransfer) -> TransferPlanned:
    """Other goods, or another day, for a transfer of which not all is staged; what stands staged stays on it.

    Emits storage.transfer_changed. Refuses with NotFound, TransferNotPlanned, Invalid, with the
    ledger's NotFree, and with PromisedThere where more should go than before and others count on it.
    """
    [one] = plans.claim(ctx, [req.transfer_id], "storage.plan_transfers")
    left = queries_transfer_plans.left_to_stage([one.transfer_id])[one.transfer_id]
    staged = [LeftToStage(x.item_id, x.lot_id, x.units) for x in queries_staged.goods([one.transfer_id])]
    before = {x.item_id for x in (*left, *staged)}
    skus = {item.item_id: item.sku for item in catalog.items(before | {x.item_id for x in req.lines}).values()}
    rules_transfers.refuse_no_plan(req.lines, skus)
    due_on = plans.day_there(ctx, one.site_id, one.to_site_id, req.due_on)
    rest = rules_transfers.after_staged(req.lines, staged, skus)
    ledger.claim_pools(sorted(skus), one.site_id)
    plans.give_back(ctx, one.transfer_id, one.site_id, left)
    free = queries_transfer_plans.free_pools((line.item_id for line in rest), one.site_id)
    kept = rules_transfers.from_pools(rest, free, skus, plans.good_on(ctx, one.to_site_id, due_on))
    if not req.takes_promised:
        more = rules_transfers.more_than(rest, left)
        spare = queries_claims.spare(sorted({line.item_id for line in more}), one.site_id, ctx.now)
        rules_transfers.refuse_promised(more, spare, skus, asked=req.lines)
    plans.keep(ctx, one.transfer_id, one.site_id, kept)
    plans.rewrite(ctx, one.transfer_id, due_on, req.reason, [*staged, *kept])
    if not kept and one.state == TransferState.RELEASED:
        plans.all_staged(ctx, replace(one, due_on=due_on))
    plans.tell(ctx, one, skus, f"{one.number} was changed", freed=True)
    plans.explain(ctx, one.transfer_id, _sentence(req.reason, [*staged, *kept], skus), due_on=str(due_on or ""))
    ctx.subject = ref(TRANSFER, one.transfer_id)
    units = sum(line.units for line in req.lines)
    return TransferPlanned(one.transfer_id, one.number, len(req.lines), units, due_on)


def _sentence(reason: str, kept: Sequence[Wanted | LeftToStage], skus: dict[int, str]) -> str:
    """What is kept, and why."""
    units: dict[int, int] = {}
    for x in kept:
        units[x.item_id] = units.get(x.item_id, 0) + x.units
    named = [f"{count:,} of {skus[item_id]}" for item_id, count in list(units.items())[:3]]
    more = f" and {len(units) - 3} more items" if len(units) > 3 else ""
    why = f": {reason.strip().rstrip('.')}" if reason.strip() else ""
    return f"{', '.join(named)}{more} {'is' if sum(units.values()) == 1 else 'are'} kept for it{why}."


@command(permission="storage.apply", result=TransferDaysRenewed)
def renew_transfer_days(ctx: Context, req: RenewTransferDays) -> TransferDaysRenewed:
    """Transfers that have not left though they should be there: each comes on the first day on which it still can.

    A day that somebody names while the locks are waited for stands. Emits storage.transfer_changed. Two queries for
    each site from which some are late, and five statements.
    """
    found = locks.staged_transfers(queries_transfer_plans.late(ctx.now))
    today = business_days(sorted({one.to_site_id for one in found.values()}), now=ctx.now) if found else {}
    held = {key: one for key, one in found.items() if one.due_on is None or one.due_on < today[one.to_site_id]}
    sites = sorted({(one.site_id, one.to_site_id) for one in held.values()})
    days = {pair: queries_trips.arrives_on(*pair, ctx.now) for pair in sites}
    renewed = [
        (one, day)
        for one in held.values()
        if one.state in UNSENT and (day := days[one.site_id, one.to_site_id]) is not None and day != one.due_on
    ]
    plans.set_days([(one.transfer_id, day) for one, day in renewed])
    items = queries_transfer_plans.items_of([one.transfer_id for one, _ in renewed])
    for one, _ in renewed:
        plans.tell(ctx, one, items[one.transfer_id], f"{one.number} has not left in time")
    ctx.about(TRANSFER, [one.transfer_id for one, _ in renewed])
    return TransferDaysRenewed(len(renewed))


@command(permission="storage.plan_transfers", result=TransfersReleased)
def release_transfers(ctx: Context, req: ReleaseTransfers) -> TransfersReleased:
    """People on the floor may stage planned transfers now; those that are released already stay so.

    Refuses with NotFound and TransferNotPlanned.
    """
    if not req.transfer_ids:
        raise Invalid("No transfer was named.", fix="Choose at least one.")
    ids = sorted(set(req.transfer_ids))
    held = plans.claim(ctx, ids, "storage.plan_transfers")
    planned = [one for one in held if one.state == TransferState.PLANNED]
    plans.release(ctx, planned)
    ctx.about(TRANSFER, ids)
    return TransfersReleased(len(planned))
