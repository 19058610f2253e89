"""Short picks: what a bin did not hold, and what becomes of it before the picker walks on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowrack.allocation import queries_substitutes
from flowrack.allocation import steps as allocation
from flowrack.allocation.steps_at_once import give_at_once
from flowrack.allocation.types import GivenUp, PoolShortfall
from flowrack.allocation.types_substitutes import AtOnce
from flowrack.fulfilment import locks, queries_short, rules, rules_short, steps, steps_lists, steps_short
from flowrack.fulfilment.commands.picking import PICK, checked, pick_move, set_totes
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules import Demand, PickCell, PickPlan
from flowrack.fulfilment.rules_short import Fate
from flowrack.fulfilment.states import AtShort, ShortReason
from flowrack.fulfilment.types import Pick, PickShort, PickTooMany, ShortPick, ShortPicked
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim, PoolClaim
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref

NOTHING_ELSE = "no substitute of it lies in a bin here"


@command(permission="fulfilment.pick", result=ShortPicked)
def short_pick(ctx: Context, req: ShortPick) -> ShortPicked:
    """Book a pick of which fewer units were found.

    What was found is picked. What was not found stays in the books of its bin, but is for nobody until the bin is
    counted, and with it whatever else the books say of it there: who could not take what was asked has seen that no
    more can be taken. Where that leaves less than was promised, the lowest rank gives way, which may be another
    order. As the picking rule says, the rest comes as new picks of the same list: from another bin, of another lot that
    the customer takes, or as another item that he takes unasked (a line of its own, reserved). What is left waits for
    stock. Emits fulfilment.pick_short, from which counting opens a count of the bin. Refuses like confirm_picks.
    """
    if req.reason not in list(ShortReason):
        raise Invalid(f"“{req.reason}” is not a reason.", fix=f"Use one of {', '.join(ShortReason)}.")
    done = checked(ctx, [Pick(req.pick_id, req.found_units, req.tote_id)])
    if req.found_units:
        set_totes(done)
    [(pick, _, _)] = done
    rest = pick.units - req.found_units
    if rest <= 0:
        raise PickTooMany(f"The pick asks for {pick.units}; that many is not short.", fix="Confirm the pick instead.")
    policy = queries_short.policy_of(pick.list_id)
    pools = [] if policy == AtShort.WAIT else queries_substitutes.pools_instead(pick.item_id, pick.site_id)
    beside = [key for key in pools if policy == AtShort.SUBSTITUTES or key[0] == pick.item_id]
    unseen = queries_short.free_in(pick.cell_id)
    kept = max(rest - _give_way(ctx, pick, rest, unseen, beside), 0)
    own, around = locks.cells_around(pick, [key[0] for key in beside], now=ctx.now)
    unseen = min(unseen, own)  # what was put there meanwhile is not in doubt
    cells = _reachable(around, pick, req.reason)
    plans = _elsewhere(pick, kept, cells) if kept and policy != AtShort.WAIT else []
    elsewhere = sum(plan.units for plan in plans)
    ledger.uncommit(ctx, [promise(pick, kept - elsewhere, ref(LINE, pick.line_id))] if kept > elsewhere else [])
    ledger.commit(ctx, [promise(pick, rest + unseen, ref(PICK, pick.pick_id))])
    found = req.found_units
    sales.apply_units(
        [UnitsChange(pick.line_id, allocated=-found - (kept - elsewhere), released=-found + elsewhere, picked=found)]
    )
    given = AtOnce([], "")
    if rest > elsewhere and any(key[:2] != (pick.item_id, pick.lot_id) for key in beside):
        left = _at_hand(cells, plans)
        others = policy == AtShort.SUBSTITUTES
        given = give_at_once(ctx, pick.line_id, rest - elsewhere, _units(left), with_others=others)
        plans += _from_hand(pick, given, left)
    if policy == AtShort.SUBSTITUTES and rest > elsewhere and not given.given and not given.why_not:
        given = AtOnce([], NOTHING_ELSE)
    new_ids, short_id = _write(ctx, pick, req, plans, given, unseen)
    fate = rules_short.fate(pick.units, rest, req.reason, pick.location_id, plans, given, elsewhere, unseen)
    steps_short.write(ctx, pick, short_id, policy, fate, list(zip(new_ids, fate.replaces, strict=True)))
    _tell(ctx, pick, req, fate, plans, policy)
    return ShortPicked(
        req.pick_id, found, new_ids, fate.elsewhere, fate.waiting, sum(g.units for g in fate.instead), fate.replaced,
        unseen,
    )  # fmt: skip


def promise(pick: LockedPick, units: int, of: str) -> PoolClaim:
    """Units of the pool of a pick, claimed for something."""
    return PoolClaim(pick.item_id, pick.site_id, units, of, pick.lot_id, pick.owner_id)


def _give_way(
    ctx: Context, pick: LockedPick, rest: int, unseen: int, beside: Sequence[tuple[int, int, int, int]]
) -> int:
    """Free as many promises as units are in doubt, by rank; how many the pick's own line lost of them."""
    of = (pick.item_id, pick.lot_id, pick.site_id, pick.owner_id)
    done = allocation.displace(
        ctx,
        [PoolShortfall(*of, rest + unseen)],
        f"a picker found {rest} less in a bin than the books say"
        + (f", and its other {unseen} are in doubt" if unseen else ""),
        given_up=[GivenUp(pick.line_id, *of, rest)],
        beside=beside,
    )
    return sum(victim.units for victim in done.victims if victim.line_id == pick.line_id)


def _reachable(cells: Sequence[PickCell], pick: LockedPick, reason: str) -> list[PickCell]:
    """Cells that the picker can take from: not those of a bin that cannot be reached."""
    return [c for c in cells if c.location_id != pick.location_id or reason != ShortReason.CANNOT_REACH]


def _elsewhere(pick: LockedPick, units: int, cells: Sequence[PickCell]) -> list[PickPlan]:
    """Where else the units are: first on another pallet of the same bin, then in other bins."""
    demand = Demand(pick.line_id, pick.order_id, pick.item_id, pick.lot_id, units)
    plans = rules.plan_picks([demand], [c for c in cells if c.location_id == pick.location_id])
    rest = replace(demand, units=units - sum(plan.units for plan in plans))
    return plans + rules.plan_picks([rest], [c for c in cells if c.location_id != pick.location_id])


def _at_hand(cells: Sequence[PickCell], plans: Sequence[PickPlan]) -> list[PickCell]:
    """The cells without what the plans take."""
    taken: dict[int, int] = {}
    for plan in plans:
        taken[plan.cell.cell_id] = taken.get(plan.cell.cell_id, 0) + plan.units
    return [replace(cell, free=cell.free - taken.get(cell.cell_id, 0)) for cell in cells]


def _units(cells: Sequence[PickCell]) -> Mapping[tuple[int, int], int]:
    at_hand: dict[tuple[int, int], int] = {}
    for cell in cells:
        at_hand[cell.item_id, cell.lot_id] = at_hand.get((cell.item_id, cell.lot_id), 0) + cell.free
    return at_hand


def _from_hand(pick: LockedPick, given: AtOnce, cells: Sequence[PickCell]) -> list[PickPlan]:
    """From which cells the line is given what it got; their units go to the picker."""
    demands = [Demand(g.line_id, pick.order_id, g.item_id, g.lot_id, g.units) for g in given.given]
    plans = rules.plan_picks(demands, cells)
    assert sum(plan.units for plan in plans) == sum(g.units for g in given.given), "no more was given than is at hand"
    return plans


def _write(
    ctx: Context, pick: LockedPick, req: ShortPick, plans: Sequence[PickPlan], given: AtOnce, unseen: int
) -> tuple[list[int], int]:
    """Book what was found, make the new picks and reserve their cells: their ids, and the pick that is short."""
    sales.release_units([(g.line_id, g.units) for g in given.given], [pick.order_id] if given.given else [])
    lists = [(pick.list_id, pick.place)] * len(plans)  # before what was found is booked, so that the list is not over
    new_ids = steps.insert_picks(pick.wave_id, plans, lists, first_sequence=pick.sequence) if plans else []
    short_id = _book_found(ctx, pick, req)
    rest = pick.units - req.found_units
    ledger.unreserve(ctx, [CellClaim(pick.cell_id, rest, ref(LINE, pick.line_id))])
    ledger.reserve(
        ctx,
        [CellClaim(pick.cell_id, rest + unseen, ref(PICK, pick.pick_id))]
        + [CellClaim(plan.cell.cell_id, plan.units, ref(LINE, plan.demand.line_id)) for plan in plans],
    )
    steps_lists.settle([pick.list_id], at=ctx.now)
    sales.mark_recalled([pick.order_id])
    return new_ids, short_id


def _book_found(ctx: Context, pick: LockedPick, req: ShortPick) -> int:
    """Pick what was found; the rest of the pick is short. The pick that is."""
    if not req.found_units:
        steps.mark_short(ctx, pick, req.reason)
        return pick.pick_id
    posting = ledger.post(ctx, [pick_move(pick, req.found_units, req.tote_id)])
    [short_id] = steps.close_picks(
        ctx, [(pick, req.found_units, req.tote_id)], posting_id=posting.posting_id, rest_reason=req.reason
    )
    return short_id


def _tell(ctx: Context, pick: LockedPick, req: ShortPick, fate: Fate, plans: Sequence[PickPlan], policy: str) -> None:
    row = DecisionRow(
        kind="short_pick",
        subject=ref(LINE, pick.line_id),
        sentence=fate.sentence,
        rule="short-pick/2",
        detail={
            "pick": pick.pick_id,
            "missing": fate.missing,
            "policy": policy,
            "elsewhere": [[p.cell.location_id, p.units] for p in plans if p.demand.item_id == pick.item_id],
            "instead": [[g.sku, g.units, g.replaces] for g in fate.instead],
            "why_not": fate.why_not,
        },
    )
    decisions.record(ctx, [row])
    ctx.subject = ref(PICK, pick.pick_id)
    ctx.emit(
        PickShort(
            site_id=pick.site_id,
            location_id=pick.location_id,
            item_id=pick.item_id,
            lot_id=pick.lot_id,
            pick_id=pick.pick_id,
            order_line_id=pick.line_id,
            expected_units=pick.units,
            found_units=req.found_units,
            reason=req.reason,
            instead_item_ids=sorted({g.item_id for g in fate.instead}),
        )
    )
