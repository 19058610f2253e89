"""Waves on the floor: the next orders as hands get free, recall, an urgent order, splitting, and waves that slip."""

from __future__ import annotations

from flowrack.fulfilment import queries as fulfilment
from flowrack.fulfilment import steps_release as floor
from flowrack.fulfilment.types import RecallOrders, Released, ReleaseOrders
from flowrack.platform.runner import Context, command
from flowrack.sales.types import ORDER
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.waves import locks, queries, queries_floor, queries_flow, queries_pool, steps
from flowrack.waves.types import (
    AddToWave,
    CutOffMoved,
    MoveCutOff,
    NextReleased,
    NothingNext,
    NotOnFloor,
    PlanNotFound,
    RecallWave,
    ReleaseNext,
    SlipsTold,
    SplitWave,
    TellSlips,
    TemplateNotFound,
    WaveChanged,
    WaveSlipped,
)

RELEASE = "waves.release"


@command(permission="waves.release", result=NextReleased)
def release_next(ctx: Context, req: ReleaseNext) -> NextReleased:
    """Release the next orders that a continuous template takes, as far as the zones they need are under its limit.

    Those of the earliest cut-off go first, then those whose waiting costs most. Stores why each went. Refuses with
    NothingNext, saying which zone is full.
    """
    found = queries_pool.template(req.template_id)
    if found is None or not ctx.may(RELEASE, found[0]):
        raise TemplateNotFound("There is no such template.", fix="Look at the list of templates.")
    site_id, template = found
    locks.site_templates(site_id)
    if not template.wip_lines:
        raise NothingNext(f"{template.name} is released by cut-off.", fix="Make it continuous, with a limit.")
    here = queries_pool.here(site_id, ctx.now)
    assert here is not None
    chosen = queries_flow.next_of(template.template_id, ctx.now)
    if not chosen.orders:
        raise NothingNext(f"Nothing of {template.name} can go: {chosen.why}.", fix="Try again when picks are done.")
    lines = [line for one in chosen.orders for line in one.order.can_go]
    order_ids = sorted(one.order.order_id for one in chosen.orders)
    slot = chosen.orders[0].slot
    asked = ReleaseOrders(site_id, order_ids, line_ids=[line.line_id for line in lines])
    done = floor.release(ctx, asked, here.at(slot.pick_until), template.method)
    steps.start_unplanned_run(
        done.wave_id,
        template_id=template.template_id,
        template=template.name,
        method=template.method,
        service_id=slot.service_id,
        service=slot.service,
        cut_off_at=here.at(slot.cut_off_at),
        pick_until=here.at(slot.pick_until),
        why=chosen.why,
    )
    rule = f"waves.flow, template {template.name}"
    steps.tell_wave(ctx, done.wave_id, f"The next orders of {template.name}: {chosen.why}", rule=rule)
    went = set(queries_floor.lines_of(done.pick_ids))
    why = [(x.line_id, one.why) for one in chosen.orders for x in one.order.can_go if x.line_id in went]
    steps.tell_why(ctx, why, rule=rule, answer="wave.goes")
    ctx.about(ORDER, done.order_ids)
    return NextReleased(done.wave_id, len(done.order_ids), len(done.pick_ids), chosen.why)


def _wave(ctx: Context, wave_id: int) -> tuple[int, str, int]:
    """(id, number, site) of a wave at a site where the person may release."""
    found = fulfilment.access_wave(wave_id, frozenset({0}))
    if found is None or not ctx.may(RELEASE, found[2]):
        raise PlanNotFound("There is no such wave.", fix="Look at the board of waves.")
    return found


def _said(reason: str) -> str:
    if not reason.strip() or len(reason) > 200:
        raise Invalid("Say why, in up to 200 letters.", lines=[BadLine(0, "reason", "Say why.")])
    return reason.strip()


@command(permission="waves.release", result=WaveChanged)
def recall_wave(ctx: Context, req: RecallWave) -> WaveChanged:
    """Take a wave back from the floor: open picks are called back and stay promised, what is picked stays picked."""
    wave_id, number, _ = _wave(ctx, req.wave_id)
    reason = _said(req.reason)
    order_ids = queries_floor.orders_to_pick(wave_id)
    if not order_ids:
        raise NotOnFloor(f"Nothing of {number} is left to pick.", fix="What is picked can be put back with Undo.")
    done = floor.recall(ctx, RecallOrders(order_ids, reason, wave_id))
    ctx.subject = ref(floor.WAVE, wave_id)
    return WaveChanged(wave_id, number, len(done.pick_ids), done.units)


@command(permission="waves.release", result=WaveChanged)
def add_to_wave(ctx: Context, req: AddToWave) -> WaveChanged:
    """An urgent order joins a wave that is being picked: its picks stand behind those that the wave has."""
    wave_id, number, site_id = _wave(ctx, req.wave_id)
    reason = _said(req.reason)
    line_ids = queries.free_lines(req.order_id)
    if not line_ids and (there := queries_floor.wave_of_order(req.order_id, site_id)):
        words = f"{there[0]} is in {there[2]} already: no more of it is reserved."
        way_out = (
            "Look at the picks of the wave." if there[1] == wave_id else f"Split it from {there[2]}, or recall it."
        )
        raise Invalid(words, lines=[BadLine(0, "order", words, way_out)])
    asked = ReleaseOrders(site_id, [req.order_id], line_ids=line_ids, wave_id=wave_id)
    done = floor.release(ctx, asked, method=queries_floor.method_of(wave_id))
    going = queries_floor.lines_of(done.pick_ids)
    told = f"joined {number} while it was picked: {reason}"
    steps.tell_why(ctx, [(line_id, told) for line_id in going], rule="waves.urgent", answer="wave.goes")
    return WaveChanged(wave_id, number, len(done.pick_ids), done.units, len(set(line_ids) - set(going)))


def _refuse_half(done: Released, gone: int) -> None:
    """Refuse a split after which something of the wave would be with no picker at all."""
    if done.skipped or gone:
        said = "; ".join(f"{skip.number}: {skip.why}" for skip in done.skipped[:5])
        raise NotOnFloor(
            f"{gone} of the lines to pick would leave the floor: {said or 'they would wait for a refill'}.",
            lines=[BadLine(n, "order_ids", f"{x.number}: {x.why}.") for n, x in enumerate(done.skipped, 1)],
            fix="Leave these orders in the wave, or recall them.",
        )


@command(permission="waves.release", result=WaveChanged)
def split_wave(ctx: Context, req: SplitWave) -> WaveChanged:
    """Orders of a wave become a wave of their own, with the same cut-off; their bins are chosen anew."""
    wave_id, number, site_id = _wave(ctx, req.wave_id)
    reason = _said(req.reason)
    to_pick = queries_floor.orders_to_pick(wave_id)
    strangers = sorted(set(req.order_ids) - set(to_pick))
    if strangers or not req.order_ids:
        raise NotOnFloor(
            f"{len(strangers)} of these orders have nothing left to pick in {number}." if strangers
            else "No order was chosen.",
            fix="Choose orders of the wave that are still to be picked.",
        )  # fmt: skip
    if not set(to_pick) - set(req.order_ids):
        raise NotOnFloor(f"These are all orders of {number}: there is nothing to split.", fix="Choose fewer.")
    line_ids = queries_floor.lines_to_pick(wave_id, req.order_ids)
    floor.hold(ctx, site_id, wave_id, req.order_ids)
    floor.recall(ctx, RecallOrders(list(req.order_ids), reason, wave_id))
    asked = ReleaseOrders(site_id, sorted(req.order_ids), line_ids=line_ids)
    done = floor.release(ctx, asked, queries_floor.pick_until(wave_id), queries_floor.method_of(wave_id))
    _refuse_half(done, len(set(line_ids) - set(queries_floor.lines_to_pick(done.wave_id, done.order_ids))))
    steps.split_run(wave_id, done.wave_id, f"split from {number}: {reason}")
    ctx.about(floor.WAVE, [wave_id])
    return WaveChanged(done.wave_id, done.number, len(done.pick_ids), done.units)


@command(permission="waves.release", result=CutOffMoved)
def move_cut_off(ctx: Context, req: MoveCutOff) -> CutOffMoved:
    """The truck of a wave comes later or earlier: its cut-off, and the time by which it must be picked, move alike.

    The cut-offs of the site stay as they are. A wave that had slipped is looked at anew.
    """
    wave_id, number, _ = _wave(ctx, req.wave_id)
    reason = _said(req.reason)
    if req.cut_off_at <= ctx.now:
        raise Invalid(
            "This time is over.", lines=[BadLine(0, "cut_off_at", "This time is over.", "Enter a later one.")]
        )
    pick_until = steps.move_run(wave_id, req.cut_off_at, f"cut-off moved: {reason}")
    if pick_until is None:
        raise NotOnFloor(f"{number} was released without a cut-off.", fix="Its orders say by when they leave.")
    floor.due(ctx, wave_id, pick_until)
    ctx.subject = ref(floor.WAVE, wave_id)
    return CutOffMoved(wave_id, req.cut_off_at, pick_until)


@command(permission="waves.release", result=SlipsTold)
def tell_slips(ctx: Context, req: TellSlips) -> SlipsTold:
    """Waves that are past the time by which they had to be picked slip: the carriers' side looks for another way.

    Emits waves.slipped once for each, with the orders that are not picked.
    """
    slipped = [wave_id for wave_id, site_id in locks.slipping(ctx.now) if ctx.may(RELEASE, site_id)]
    for one in queries_floor.slipped(slipped):
        ready_at = queries_flow.ready_at(one, ctx.now)
        ctx.emit(
            WaveSlipped(
                one.wave_id,
                one.number,
                one.site_id,
                one.order_ids,
                one.service_id,
                one.cut_off_at,
                one.open_picks,
                ready_at,
            )
        )
    steps.mark_slipped(ctx, slipped)
    ctx.about(floor.WAVE, slipped)
    return SlipsTold(slipped)
