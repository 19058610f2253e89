"""What a short pick did not find is found after all, before the picker's list is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flowrack.allocation import steps_take_back
from flowrack.fulfilment import locks, queries_short, steps, steps_lists, steps_short
from flowrack.fulfilment.commands.picking import PICK
from flowrack.fulfilment.commands.shorts import promise
from flowrack.fulfilment.locks import LockedList, LockedPick
from flowrack.fulfilment.queries_short import Standing
from flowrack.fulfilment.states import ListState, PickState
from flowrack.fulfilment.types import PickNotFound
from flowrack.fulfilment.types_short import ShortFound, ShortSettled, ShortUndone, UndoShort
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries_substitutes
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, ORDER, UnitsChange
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref

A_WHILE = timedelta(days=1)  # after which a short pick of a list that is over is not taken back any more


@command(permission="fulfilment.pick", result=ShortUndone)
def undo_short(ctx: Context, req: UndoShort) -> ShortUndone:
    """Take a short pick back: the units are in their bin after all, no longer in doubt, and the pick is open again.

    What came from other bins or as another item instead, and is not picked, is called back; what is picked of it stays,
    and the pick is that much smaller. Emits fulfilment.short_found, by which a count that nobody has begun is called
    off and customer service sees the promise covered again. Refuses with ShortSettled when the list is over, the bin
    was counted since, or the order has its units from elsewhere; with NotPermitted whoever neither told the short pick
    nor has its list: a lead may.
    """
    seen = queries_short.standing(req.pick_id)
    if seen is None:
        raise PickNotFound("There is no short pick to take back.", fix="Load the list again.")
    held = locks.pick_list(seen.list_id)
    picks = locks.picks([seen.rest_id, *seen.instead_ids])
    short = picks[seen.rest_id]
    ctx.require("fulfilment.pick", short.site_id)
    standing = queries_short.standing(req.pick_id)
    if standing is None or short.state != PickState.SHORT:
        raise ShortSettled("This short pick was taken back already.", fix="Load the list again.")
    _refuse_others(ctx, standing, held)
    is_long_over = held is not None and held.state == ListState.DONE and standing.told_at <= ctx.now - A_WHILE
    if is_long_over or not standing.is_at_work:
        raise ShortSettled(f"{standing.number} is over.", fix="The count of the bin will find the units.")
    doubt = queries_short.doubt_of(standing.pick_id)
    if doubt < standing.units:
        raise ShortSettled("The bin was counted since.", fix="What was found there is promised to who waits for it.")
    rests = _not_begun([picks[n] for n in standing.instead_ids], standing.line_id)
    again = _wanted_again(ctx, standing, short, rests, doubt)
    sentence = f"{standing.units} that were not found are there after all: {again} are picked from their bin."
    _tell(ctx, standing, short, again, sentence)
    return ShortUndone(standing.rest_id, again, [pick.pick_id for pick in rests], standing.list_id)


def _refuse_others(ctx: Context, standing: Standing, held: LockedList | None) -> None:
    """Who told a short pick, or has its list now, takes it back, or a lead: nobody else knows what lies in the bin."""
    mine = {standing.told_by_id, (held.taken_by_id if held else None) or 0}
    if ctx.actor_id not in mine and not ctx.may("fulfilment.release", held.site_id if held else None):
        raise NotPermitted(
            f"Another person told this short pick of {standing.number}.",
            fix="Ask them or the lead to take it back.",
            permission="fulfilment.release",
        )


def _not_begun(rests: Sequence[LockedPick], line_id: int) -> list[LockedPick]:
    """The open picks of what came instead; of a substitute only where nothing of it was picked."""
    begun = {pick.line_id for pick in rests if pick.state == PickState.PICKED} - {line_id}
    return [pick for pick in rests if pick.state == PickState.OPEN and pick.line_id not in begun]


def _wanted_again(ctx: Context, standing: Standing, short: LockedPick, rests: Sequence[LockedPick], doubt: int) -> int:
    """Call back what stood for the units, end the doubt, and open the pick for as many as the order still wants."""
    line_id, of_line = standing.line_id, ref(LINE, standing.line_id)
    held = sales.claim_lines(sorted({line_id, *(pick.line_id for pick in rests)}))
    steps_short.reopen(ctx, standing.short_id, standing.rest_id, standing.units)  # first, so that the list is not over
    steps.call_back(ctx, rests)
    own = [pick for pick in rests if pick.line_id == line_id]
    ledger.uncommit(
        ctx,
        [PoolClaim(p.item_id, p.site_id, p.units, of_line, p.lot_id, p.owner_id) for p in own]
        + [promise(short, doubt, ref(PICK, standing.pick_id))],
    )
    ledger.unreserve(ctx, [CellClaim(short.cell_id, doubt, ref(PICK, standing.pick_id))])
    freed = sum(pick.units for pick in own)
    sales.apply_units([UnitsChange(line_id, allocated=-freed)] if freed else [])
    waits = held[line_id][1].waiting + freed + _take_back(ctx, standing, rests)
    again = min(standing.units, waits)
    if again <= 0:
        raise ShortSettled(
            "The order has these units from elsewhere, or does not want them any more.",
            fix="Leave them in the bin: its count will find them.",
        )
    if again < standing.units:
        steps_short.lower(standing.rest_id, again)
    ledger.commit(ctx, [promise(short, again, of_line)])
    ledger.reserve(ctx, [CellClaim(short.cell_id, again, of_line)])
    sales.apply_units([UnitsChange(line_id, allocated=again)])
    sales.release_units([(line_id, again)], [standing.order_id])
    steps_lists.reopen(standing.list_id)
    return again


def _take_back(ctx: Context, standing: Standing, rests: Sequence[LockedPick]) -> int:
    """Substitutes of which nothing was picked are not sent; units of the line that wait again by that."""
    others = {pick.line_id for pick in rests if pick.line_id != standing.line_id}
    instead = [x for x in queries_substitutes.substitutes_of(standing.line_id) if x.line_id in others]
    if not instead:
        return 0
    counts = {key: of for key, (_, of) in sales.claim_lines(sorted(x.line_id for x in instead)).items()}
    idle = [x for x in instead if not counts[x.line_id].released + counts[x.line_id].picked + counts[x.line_id].shipped]
    if not idle:
        return 0
    kept = {x.line_id: counts[x.line_id] for x in idle}
    return steps_take_back.take_back(ctx, standing.order_id, standing.line_id, idle, kept)[0]


def _tell(ctx: Context, standing: Standing, short: LockedPick, again: int, sentence: str) -> None:
    row = DecisionRow(
        kind="short_pick",
        subject=ref(LINE, standing.line_id),
        sentence=sentence,
        rule="short-pick/2",
        detail={"pick": standing.pick_id, "missing": standing.units, "found": again},
    )
    decisions.record(ctx, [row])
    ctx.subject = ref(PICK, standing.rest_id)
    ctx.about(ORDER, [standing.order_id])
    ctx.emit(
        ShortFound(
            site_id=short.site_id,
            location_id=short.location_id,
            item_ids=[short.item_id],
            order_id=standing.order_id,
            order_line_id=standing.line_id,
            pick_id=standing.rest_id,
            units=again,
            is_bin_clear=queries_short.is_clear(short.location_id),
        )
    )
