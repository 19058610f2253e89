"""Promised units go to the floor as a wave, and come back from it: inside commands of this and of later stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flowrack.fulfilment import locks, queries_release, rules, steps, steps_cartons, steps_lists
from flowrack.fulfilment.types import (
    CutOffSeen,
    NoStaging,
    NothingToRelease,
    PickClosed,
    Recalled,
    RecallOrders,
    Released,
    ReleaseOrders,
    Skipped,
    WaveGone,
    WaveReleased,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.replenishment import steps_release as refills
from flowrack.sales import queries_holds as holds
from flowrack.sales import steps as sales
from flowrack.sales import steps_limits as limits
from flowrack.sales.types import LINE, ORDER, LockedLine
from flowrack.sales.types_limits import Verdict
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

WAVE = "fulfilment.wave"

DueOf = Callable[[Context, int, Sequence[int]], datetime | None]
_due_of: list[DueOf] = []


def register_due(find: DueOf) -> None:
    """Make known who says, for a new wave and its lines, by when it must be picked when its release does not say so."""
    _due_of.append(find)


Begin = Callable[[int], datetime]
Timer = Callable[[Context, ReleaseOrders, datetime], Begin]
Suggest = Callable[[int, Sequence[int], datetime], CutOffSeen | None]
_timers: list[tuple[Timer, Suggest]] = []


def register_timer(begin: Timer, suggest: Suggest) -> None:
    """Make known who begins a wave that a person releases for a cut-off, and which cut-off is offered for orders."""
    _timers.append((begin, suggest))


def suggested_cut_off(site_id: int, order_ids: Sequence[int], now: datetime) -> CutOffSeen | None:
    """The cut-off that a person is offered who releases these orders by hand."""
    return next((seen for _, suggest in _timers if (seen := suggest(site_id, order_ids, now))), None)


def _timer(ctx: Context, req: ReleaseOrders) -> Begin | None:
    """What is known of the orders before they go, for the cut-off that was asked."""
    if req.cut_off_at is None:
        return None
    if req.cut_off_at <= ctx.now or req.wave_id:
        said = "The wave has a cut-off of its own." if req.wave_id else "This time is over."
        raise Invalid(said, lines=[BadLine(0, "cut_off_at", said, "Leave it empty, or enter a later one.")])
    return next((begin(ctx, req, req.cut_off_at) for begin, _ in _timers), None)


def release(ctx: Context, req: ReleaseOrders, until: datetime | None = None, method: str = "") -> Released:
    """Give the promised units of orders to pickers, as a wave of their own or as part of one on the floor.

    Chooses and reserves cells: whole LPNs that fit, then the forward pick, then the reserve, in walking order. Makes
    the lists by which they are picked, the refills that pick faces need now, and plans the cartons of each order. Parts
    of pallets wait for a refill where the site's policy says so. `until` says by when it must be picked; what joins
    a wave has the time of that. `method` picks it otherwise than the rules of the zones say. Emits
    fulfilment.wave_released. Orders that cannot be released yet are skipped with the reason, held lines left out;
    refuses with NothingToRelease when none can.
    """
    ctx.require("fulfilment.release", req.site_id)
    begin = _timer(ctx, req)
    first = _joined(req) if req.wave_id else 1
    lines = sales.claim_orders(req.order_ids)
    chosen, skipped = _releasable(lines, req, limits.judge(ctx, lines)[0])
    wanted = set(req.line_ids)
    items = sorted({x.item_id for x in lines if x.order_id in chosen})
    waiting_at = refills.claim_faces(ctx, req.site_id, items)
    demands = steps.demands_of(
        [x for x in lines if x.order_id in chosen and not x.is_held and (not wanted or x.line_id in wanted)]
    )
    whole = {x.order_id for x in lines if x.policy == "complete"}
    plans, left = rules.left_for_refill(steps.plan_picks(demands, req.site_id, now=ctx.now), waiting_at, whole)
    released = {plan.demand.order_id for plan in plans}
    for order_id in chosen.keys() - released:
        waits = any(plan.demand.order_id == order_id for plan in left)
        why = "it waits for the refill of a pick face" if waits else "its units lie in no bin from which can be picked"
        skipped.append(Skipped(order_id, chosen[order_id], why))
    if not plans:
        raise NothingToRelease(
            "Nothing of these orders can be picked now.",
            fix="; ".join(f"{skip.number}: {skip.why}" for skip in skipped[:5]) or "Run the allocation first.",
        )
    wave = steps.wave_of(req.wave_id) if req.wave_id else steps.new_wave(ctx, req.site_id, req.staging_id)
    if wave is None:
        raise NoStaging("This site has no staging location.", fix="Add a zone with the role staged and a place in it.")
    wave_id, number, staging_id = wave
    ledger.reserve(ctx, [CellClaim(p.cell.cell_id, p.units, ref(LINE, p.demand.line_id)) for p in plans])
    places, list_ids = steps_lists.plan_lists(wave_id, req.site_id, staging_id, plans, method)
    pick_ids = steps.insert_picks(wave_id, plans, places, first_sequence=first)
    cartons = steps_cartons.plan_cartons(wave_id, plans, ctx.now.date())
    sales.release_units([(plan.demand.line_id, plan.units) for plan in plans], sorted(released))
    refills.after_release(
        ctx,
        req.site_id,
        items,
        left=[(p.demand.line_id, waiting_at[p.demand.item_id], p.demand.item_id, p.units) for p in left],
        given=[p.demand.line_id for p in plans],
        because=f"wave {number} was released",
    )
    until = begin(wave_id) if begin else until
    _due_from_now(ctx, req, wave_id, list_ids, [p.demand.line_id for p in plans], until)
    ctx.subject = ref(WAVE, wave_id)
    ctx.about(ORDER, sorted(released))
    ctx.emit(WaveReleased(wave_id, number, req.site_id, sorted(released), pick_ids))
    units = sum(plan.units for plan in plans)
    return Released(wave_id, number, pick_ids, units, sorted(released), skipped, cartons, list_ids)


def _joined(req: ReleaseOrders) -> int:
    """Where picks that join a wave stand in it: behind those it has. Refuses a wave that is over or of another site."""
    found = locks.wave(req.wave_id)
    if found is None or found.site_id != req.site_id:
        raise WaveGone("There is no such wave at this site.", fix="Look at the pick board.")
    if not found.open_picks:
        raise WaveGone("All picks of this wave are done.", fix="Release the orders as a wave of their own.")
    return found.last_sequence + 1


def due(ctx: Context, wave_id: int, at: datetime) -> None:
    """By when the lists of a wave must be picked: those due first are taken first, and faces are refilled by it."""
    _set_due(ctx, wave_id, locks.lists_of_wave(wave_id), at)


def _due_from_now(
    ctx: Context, req: ReleaseOrders, wave_id: int, list_ids: Sequence[int], line_ids: Sequence[int],
    until: datetime | None,
) -> None:  # fmt: skip
    """The same for the lists of a release: nobody else sees them yet."""
    if until is None and req.wave_id:
        until = queries_release.due_of(wave_id)
    elif until is None:
        until = next((at for find in _due_of if (at := find(ctx, wave_id, line_ids))), None)
    if until is not None:
        _set_due(ctx, wave_id, list_ids, until)


def _set_due(ctx: Context, wave_id: int, list_ids: Sequence[int], at: datetime) -> None:
    sql.execute("UPDATE fulfilment_picklist SET due_at = %s WHERE id = ANY(%s::bigint[])", (at, list(list_ids)))
    site_id, units = queries_release.units_to_pick(wave_id)
    refills.time_draws(ctx, site_id, ref(WAVE, wave_id), units, until=at)


def hold(ctx: Context, site_id: int, wave_id: int, order_ids: Sequence[int]) -> None:
    """Lock what of orders in a wave is called back and released again in one go, in the order of all who lock it: lists
    with their picks, order lines, and the faces of the items before their cells. Four statements."""
    picks = [pick for pick in locks.open_picks_of(order_ids) if pick.wave_id == wave_id]
    sales.claim_orders(order_ids)
    refills.claim_faces(ctx, site_id, sorted({pick.item_id for pick in picks}))


def recall(ctx: Context, req: RecallOrders) -> Recalled:
    """Call orders back from the floor: open picks are taken away, the units stay promised to their lines.

    Refuses with PickClosed when no pick of the orders (in the wave, where one is named) is open.
    """
    picks = [pick for pick in locks.open_picks_of(req.order_ids) if req.wave_id in (0, pick.wave_id)]
    if not picks:
        raise PickClosed("No pick of these orders is open.", fix="What is picked can be put back with Undo.")
    for site_id in {pick.site_id for pick in picks}:
        ctx.require("fulfilment.release", site_id)
    steps.call_back(ctx, picks)
    steps_cartons.drop_plans(picks)
    ctx.about(ORDER, sorted({pick.order_id for pick in picks}))
    return Recalled([pick.pick_id for pick in picks], sum(pick.units for pick in picks))


def _releasable(
    lines: Sequence[LockedLine], req: ReleaseOrders, verdicts: Mapping[int, Verdict]
) -> tuple[dict[int, str], list[Skipped]]:
    """Orders (id -> number) that may go to the floor, and those that may not with the reason."""
    by_order: dict[int, list[LockedLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    chosen: dict[int, str] = {}
    skipped: list[Skipped] = []
    held = holds.words_of([line.order_id for line in lines if line.is_held]) if any(x.is_held for x in lines) else {}
    for order_id, of in by_order.items():
        why = _why_not(of, req, held.get(order_id, ""))
        if not why and order_id in verdicts:
            why = verdicts[order_id].why
        if why:
            skipped.append(Skipped(order_id, of[0].number, why))
        else:
            chosen[order_id] = of[0].number
    return chosen, skipped


def _why_not(lines: Sequence[LockedLine], req: ReleaseOrders, held: str) -> str:
    head = lines[0]
    if head.site_id != req.site_id:
        return "it ships from another site"
    if head.state not in ("confirmed", "released"):
        return f"it is {head.state}"
    if not any(line.counts.unreleased and not line.is_held for line in lines):
        return f"it is {held}" if held else "nothing is reserved for it that is not in picking"
    waiting = sum(line.counts.waiting for line in lines)
    if head.policy == "complete" and waiting:
        return f"{waiting} units wait and the customer takes one complete delivery"
    left_out = sum(1 for line in lines if req.line_ids and line.counts.unreleased and line.line_id not in req.line_ids)
    if head.policy == "complete" and left_out:
        are = "is" if left_out == 1 else "are"
        return f"{left_out} of its lines {are} not chosen and the customer takes one complete delivery"
    return ""
