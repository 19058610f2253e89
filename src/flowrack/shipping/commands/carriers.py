"""Who takes the goods: chosen at the release, again when they are packed, again when they slip, or by a person."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.carriers import queries_choices
from flowrack.carriers import steps_choices as choices
from flowrack.carriers.queries_choices import LatestChoice
from flowrack.carriers.steps_choices import Wanted
from flowrack.platform.runner import Context, command
from flowrack.sales.types import ORDER
from flowrack.shared.refs import ref
from flowrack.shipping import queries_carriers as queries
from flowrack.shipping import steps_carriers as steps
from flowrack.shipping.queries_carriers import OrderTo
from flowrack.shipping.types import ShipmentNotFound
from flowrack.shipping.types_carriers import (
    CarrierChanged,
    CarrierChosen,
    CarrierReasonMissing,
    CarriersChosen,
    CarriersReshopped,
    ChoicesEnded,
    ChooseCarriers,
    EndChoices,
    OverrideCarrier,
    ReshopCarriers,
    ReshopOverdue,
)

CHOICE = "carriers.choice"


@command(permission="shipping.choose", result=CarriersChosen)
def choose_carriers(ctx: Context, req: ChooseCarriers) -> CarriersChosen:
    """Choose who takes orders, those for one place together, and keep every option with its reason.

    After a wave, after packing and for what a truck left behind, what a person took stays taken, as long as it takes
    the goods. What only can arrive late becomes a promise at risk. Emits shipping.carriers_chosen.
    """
    order_ids = req.order_ids
    if req.only_packed:
        order_ids = sorted({*order_ids, *(i for of in queries_choices.together_with(order_ids) for i in of)})
    orders = _open(ctx, order_ids)
    if req.only_packed:
        orders = steps.all_packed(orders)
    asked = steps.wanted(ctx, orders, wave_id=req.wave_id or None)
    stage = "packed" if orders and all(one.is_packed for one in orders) else "planned"
    made: list[CarrierChosen] = []
    rest = [(one, "") for one in asked]
    if req.only_packed or req.wave_id or req.stayed:
        made, rest = steps.keep_taken(ctx, asked)
    if req.stayed:
        stage = "again"
        rest = [(one, ". ".join(part for part in (why, req.stayed) if part)) for one, why in rest]
    for reason in sorted({reason for _, reason in rest}):
        made += steps.choose(ctx, [one for one, why in rest if why == reason], stage, reason)
    steps.warn_late(ctx, made)
    return _told(ctx, made)


def _open(ctx: Context, order_ids: Sequence[int]) -> list[OrderTo]:
    """The open orders of sites at which the person may choose. Refuses elsewhere."""
    choices.hold(order_ids)
    orders = queries.orders_to(order_ids)
    for site_id in sorted({one.site_id for one in orders}):
        ctx.require("shipping.choose", site_id)
    return orders


def _told(ctx: Context, made: list[CarrierChosen]) -> CarriersChosen:
    ctx.about(ORDER, sorted(order_id for one in made for order_id in one.order_ids))
    done = CarriersChosen(made)
    if made:
        ctx.emit(done)
    return done


@command(permission="shipping.choose", result=CarriersReshopped)
def reshop_carriers(ctx: Context, req: ReshopCarriers) -> CarriersReshopped:
    """Choose again for orders that are ready later, and tell what changed and which promised days break.

    Lines whose day breaks become promises at risk. Emits shipping.carriers_reshopped. Refuses with
    CarrierReasonMissing, and with ShipmentNotFound when no order of these is open.
    """
    if not req.reason.strip():
        raise CarrierReasonMissing("Nobody says what slipped.", fix="Say it in a few words.")
    order_ids = queries.orders_of_wave(req.wave_id) if req.wave_id else req.order_ids
    orders = _open(ctx, order_ids)
    if not orders:
        raise ShipmentNotFound("No order of these is open.", fix="Open the list of orders.")
    before = queries_choices.latest_of([one.order_id for one in orders])
    asked = steps.wanted(ctx, orders, wave_id=req.wave_id or None, ready_at=req.ready_at)
    made = steps.choose(ctx, asked, "again", req.reason.strip())
    late = steps.warn_late(ctx, made, req.reason.strip())
    changed = [change for one in made if (change := _change(one, before.get(one.order_ids[0])))]
    done = CarriersReshopped(made, changed, late)
    ctx.about(ORDER, sorted(order_id for one in made for order_id in one.order_ids))
    ctx.emit(done)
    return done


@command(permission="shipping.choose", result=CarriersReshopped)
def reshop_overdue(ctx: Context, req: ReshopOverdue) -> CarriersReshopped:
    """Time has passed: what was to leave with a departure that is over, and is still here, is chosen for anew.

    What a person took stays taken, for its next departure. Lines whose day breaks become promises at risk. A choice for
    which there is no other (no rate card is in force, or the goods were taken off the floor) is in effect no more.
    Emits shipping.carriers_reshopped. Orders that have left, or whose departure is to come, keep their choice.
    """
    choices.hold(req.order_ids)
    late = queries.overdue(ctx.now, limit=len(req.order_ids), order_ids=req.order_ids)
    orders = _open(ctx, sorted(late))
    before = queries_choices.latest_of([one.order_id for one in orders])
    made, rest = steps.keep_taken(ctx, steps.wanted(ctx, orders))
    by_reason: dict[str, list[Wanted]] = {}
    for one, why in rest:
        by_reason.setdefault(". ".join(part for part in (why, late[one.order_ids[0]]) if part), []).append(one)
    for reason, asked in sorted(by_reason.items()):
        made += steps.choose(ctx, asked, "again", reason)
    at_risk = steps.warn_late(ctx, made, late)
    choices.end(sorted(late.keys() - {order_id for one in made for order_id in one.order_ids}))
    changed = [change for one in made if (change := _change(one, before.get(one.order_ids[0])))]
    done = CarriersReshopped(made, changed, at_risk)
    ctx.about(ORDER, sorted(late))
    if made:
        ctx.emit(done)
    return done


def _change(one: CarrierChosen, was: LatestChoice | None) -> CarrierChanged | None:
    """How a choice differs from the one before it; None when it does not."""
    if was is None or (was.service_id, was.arrives_on) == (one.service_id or None, one.arrives_on):
        return None
    words = [
        " ".join(str(part) for part in parts if part)
        for parts in ((was.carrier, was.service, was.arrives_on), (one.carrier, one.service, one.arrives_on))
    ]
    return CarrierChanged(one.choice_id, one.order_ids, words[0], words[1] or "nobody", was.cost, one.cost)


@command(permission="shipping.override_carrier", result=CarriersChosen)
def override_carrier(ctx: Context, req: OverrideCarrier) -> CarriersChosen:
    """Take another service than the rule did, with a reason; what it cannot take stays refused.

    Refuses with CarrierReasonMissing, NoCarrierOption, ChoiceNotFound, and ShipmentNotFound once the orders have left.
    """
    if len(req.reason.strip()) < 3:
        raise CarrierReasonMissing("Nobody says why another service goes.", fix="Give a reason in a few words.")
    known = queries_choices.case_of(req.choice_id)
    ctx.require("shipping.override_carrier", known.case.site_id)
    choices.hold(known.order_ids)
    left = queries.left_since(req.choice_id)
    if left:
        raise ShipmentNotFound(f"Goods of this choice left with {left}.", fix="Choose again for what is still here.")
    asked = steps.wanted(ctx, queries.orders_to(known.order_ids), wave_id=known.wave_id)
    if [list(one.order_ids) for one in asked] != [known.order_ids]:
        raise ShipmentNotFound("These orders have left, or go to different places now.", fix="See the latest choice.")
    kept = choices.override(ctx, asked[0], req.service_id, req.reason.strip())
    steps.record(ctx, [kept])
    made = [steps.told(kept)]
    steps.warn_late(ctx, made, req.reason.strip())
    ctx.subject = ref(CHOICE, kept.choice_id)
    return _told(ctx, made)


@command(permission="shipping.choose", result=ChoicesEnded)
def end_choices(ctx: Context, req: EndChoices) -> ChoicesEnded:
    """What was chosen for orders that were cancelled, and of which nothing is left to send, or that ship from another
    site now, is in effect no more. Other orders keep their choice."""
    choices.hold(req.order_ids)
    over = queries.choices_over(req.order_ids)
    for site_id in sorted(set(over.values())):
        ctx.require("shipping.choose", site_id)
    choices.end(sorted(over))
    ctx.about(ORDER, sorted(over))
    return ChoicesEnded(sorted(over))
