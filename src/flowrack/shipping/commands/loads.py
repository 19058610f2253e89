"""Loads: planned, changed, started, called off, gone; and how a site loads."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.locations import queries as places
from flowrack.locations.types import Kind
from flowrack.parties import queries as parties
from flowrack.platform import decisions, numbers
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import steps as sales
from flowrack.sales.types import ORDER
from flowrack.shared import hazmat
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import (
    queries_along,
    queries_loads,
    rules_load_carriers,
    rules_loads,
    states,
    steps_along,
    steps_behind,
    steps_load_transfers,
    steps_loads,
)
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.queries_load_transfers import PlannedTransfer
from flowrack.shipping.queries_loads import PlannedOrder
from flowrack.shipping.rules_load_carriers import ChosenFor
from flowrack.shipping.states import LoadState
from flowrack.shipping.steps_loads import Stop
from flowrack.shipping.types_along import HoldEnd
from flowrack.shipping.types_loads import (
    LOAD,
    CancelLoad,
    ChangeLoad,
    DoorLeft,
    LeaveDoor,
    LoadCancelled,
    LoadPlanned,
    LoadPolicySet,
    LoadRefused,
    LoadStarted,
    NotTogether,
    OnOtherLoad,
    PlanLoad,
    SetLoadPolicy,
    StartLoad,
    TransferStop,
    Truck,
)
from flowrack.shipping.types_trucks import LoadChanged
from flowrack.storage.types_transfers import TRANSFER

MOST_ORDERS = 500
MOST_LATE = 24 * 60  # minutes


@command(permission="shipping.plan_loads", result=LoadPlanned, is_small=lambda req: len(req.order_ids) <= 50)
def plan_load(ctx: Context, req: PlanLoad) -> LoadPlanned:
    """Plan a truck: orders and staged transfers in the order of their delivery, one stop for each address or site.

    Refuses with LoadRefused (a transfer that is not staged, an order that is closed, of another site, or prepared with
    one that is not on the load or goes to another address; a cut-off that was over a day ago), OnOtherLoad, or
    NotTogether when the segregation table forbids goods of two orders on one truck, and with OtherCarrier where another
    carrier was chosen for orders and the site asks why, or lets them not go.
    """
    ctx.require("shipping.plan_loads", req.site_id)
    sales.claim_orders(req.order_ids)  # an order that leaves by itself at this moment does not wait for a truck
    planned = _orders(req.site_id, req.order_ids, others=len(req.transfers))
    sent = steps_load_transfers.planned(ctx, req.site_id, req.transfers)
    _check_truck(req.site_id, req.truck)
    warnings = _check_goods([*planned, *sent], req.truck) + _check_cut_off(ctx, req.truck)
    others, told = _check_carrier(ctx, req.site_id, planned, req.truck)
    warnings += told
    number = numbers.next_number("LD")
    load_id = steps_loads.insert_load(ctx, req.site_id, number, req.truck)
    stops = _stops(planned, sent, req.transfers)
    steps_loads.write_stops(load_id, stops)
    steps_load_transfers.set_truck((), [one.transfer_id for one in sent], number)
    _record_else(ctx, others, number, req.truck)
    ctx.subject = ref(LOAD, load_id)
    ctx.about(ORDER, req.order_ids)
    ctx.about(TRANSFER, [one.transfer_id for one in sent])
    return LoadPlanned(load_id, number, len(stops), warnings)


@command(permission="shipping.plan_loads", result=LoadPlanned, is_small=lambda req: len(req.order_ids) <= 50)
def change_load(ctx: Context, req: ChangeLoad) -> LoadPlanned:
    """Give a load other orders, another order of stops or another truck, until it is closed.

    Refuses like plan_load, and with LoadRefused when goods of an order that should go are on the truck, or where
    nothing is said of its transfers.
    """
    load = steps_loads.claim(ctx, req.load_id, "shipping.plan_loads")
    states.advance_load(LoadState(load.state), "change", number=load.number)
    asked = steps_load_transfers.wanted(load.load_id, req.transfers)
    sales.claim_orders(req.order_ids)
    planned = _orders(load.site_id, req.order_ids, of=load.number, others=len(asked))
    sent = steps_load_transfers.planned(ctx, load.site_id, asked, of=load.number)
    _check_truck(load.site_id, req.truck)
    warnings = _check_goods([*planned, *sent], req.truck)
    others, told = _check_carrier(ctx, load.site_id, planned, req.truck)
    warnings += [*told, *queries_along.words(load.load_id, ctx.now)]
    if req.truck.cut_off_at != load.cut_off_at:
        warnings += _check_cut_off(ctx, req.truck)
    if load.state == LoadState.LOADING and not req.truck.door_id:
        raise LoadRefused("The truck stands at a door.", fix="Name the door, or call the load off.")
    before = rules_loads.plates(queries_loads.contents(load.load_id))
    aboard = {one.key for one in queries_loads.on_truck(load.load_id)}
    gone = [
        BadLine(0, "order_ids", f"{before[key].name} of {number} is on the truck.", "Take it off first.")
        for key in aboard & before.keys()
        for order_id, number in before[key].orders.items()
        if order_id not in req.order_ids
    ]
    kept = {one.transfer_id for one in sent}
    gone += [
        BadLine(0, "transfers", f"{before[key].name} of {number} is on the truck.", "Take it off first.")
        for key in aboard & before.keys()
        for transfer_id, number in before[key].transfers.items()
        if transfer_id not in kept
    ]
    if gone:
        raise LoadRefused(gone[0].message, lines=gone, fix=gone[0].fix)
    if load.signed_by:
        steps_loads.unsign(load.load_id)
    _tell_changed(ctx, load, req)
    stops = _stops(planned, sent, asked)
    steps_load_transfers.set_truck(steps_load_transfers.live(load.load_id), kept, load.number)
    steps_loads.change_truck(load.load_id, req.truck)
    steps_loads.write_stops(load.load_id, stops)
    at = {("order", order_id): n for n, stop in enumerate(stops, 1) for order_id in stop.order_ids}
    at |= {("transfer", one): n for n, stop in enumerate(stops, 1) for one in stop.transfer_ids}
    moved = {
        key: min([at["order", o] for o in before[key].orders] + [at["transfer", one] for one in before[key].transfers])
        for key in aboard & before.keys()
    }
    if moved:
        steps_loads.renumber(load.load_id, moved)
    _record_else(ctx, others, load.number, req.truck)
    ctx.about(ORDER, req.order_ids)
    ctx.about(TRANSFER, kept)
    return LoadPlanned(load.load_id, load.number, len(stops), warnings)


def _tell_changed(ctx: Context, load: LockedLoad, req: ChangeLoad) -> None:
    """Tell later stages, while its old orders stand there, that a truck leaves at another time or without some."""
    before = _order_ids(load.load_id)
    is_moved = req.truck.cut_off_at != load.cut_off_at
    if load.cut_off_at is not None and (is_moved or set(before) - set(req.order_ids)):
        cause = f"{load.number} leaves at another time" if is_moved else f"{load.number} goes without some orders"
        orders = sorted({*before, *req.order_ids})
        ctx.emit(LoadChanged(load.load_id, load.number, load.site_id, orders, load.cut_off_at, cause))


def _order_ids(load_id: int) -> list[int]:
    return [order_id for stop in queries_loads.stops(load_id) for order_id in stop.order_ids]


def _orders(site_id: int, order_ids: Sequence[int], *, of: str = "", others: int = 0) -> list[PlannedOrder]:
    """The orders in the order of the request; `of` is the load that they may be on already.

    `others` is what else goes on it: a load of transfers alone needs no order.
    """
    if not order_ids and others:
        return []
    if not order_ids or len(set(order_ids)) < len(order_ids) or len(order_ids) > MOST_ORDERS:
        raise LoadRefused(
            f"A load has 1 to {MOST_ORDERS} orders, each once.", fix="Choose the orders in the order of delivery."
        )
    known = queries_loads.orders(order_ids)
    bad: list[BadLine] = []
    taken: list[BadLine] = []
    for n, order_id in enumerate(order_ids, 1):
        one = known.get(order_id)
        if one is None or one.site_id != site_id:
            bad.append(BadLine(n, "order_ids", "There is no such order at this site.", "Choose the orders again."))
        elif one.state not in ("confirmed", "released"):
            bad.append(BadLine(n, "order_ids", f"{one.number} is {one.state}.", "Choose open orders."))
        elif missing := [other for other in one.with_orders if other not in order_ids]:
            words = f"{one.number} waits on one shipment with {len(missing)} orders that are not on this load."
            bad.append(BadLine(n, "order_ids", words, "Add them, or call that shipment off."))
        elif any(known[other].place != one.place for other in one.with_orders):
            words = f"{one.number} waits on one shipment with orders for another address."
            bad.append(BadLine(n, "order_ids", words, "Call that shipment off and prepare one for each address."))
        elif one.load and one.load != of:
            taken.append(BadLine(n, "order_ids", f"{one.number} is on {one.load}.", "Take it off that load first."))
    if bad:
        raise LoadRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    if taken:
        raise OnOtherLoad(taken[0].message, lines=taken, fix=taken[0].fix)
    return [known[order_id] for order_id in order_ids]


def _check_truck(site_id: int, truck: Truck) -> None:
    """Refuse a door of another site, and a party that is no carrier."""
    bad = []
    if truck.door_id:
        door = places.locations([truck.door_id]).get(truck.door_id)
        if door is None or door.site_id != site_id or door.kind != Kind.DOOR:
            bad.append(BadLine(0, "door_id", "There is no such door at this site.", "Choose a dock door."))
    if truck.carrier_id:
        carrier = parties.parties([truck.carrier_id]).get(truck.carrier_id)
        if carrier is None or not carrier.is_carrier:
            bad.append(BadLine(0, "carrier_id", "This is no carrier.", "Choose a party that is a carrier."))
    if min(truck.max_weight_g, truck.max_volume_ml) < 0:
        bad.append(BadLine(0, "max_weight_g", "A truck takes something.", "Leave its limit at 0 if it is not known."))
    if bad:
        raise LoadRefused(bad[0].message, lines=bad, fix=bad[0].fix)


def _check_goods(planned: Sequence[PlannedOrder | PlannedTransfer], truck: Truck) -> list[str]:
    """Refuse goods that may not travel together; what must be separated or is too heavy is a warning."""
    together: dict[str, str] = {}
    for one in planned:
        together.update(one.hazardous)
    found = rules_loads.pairs(together, {})
    forbidden = [pair for pair in found if pair.cell != hazmat.SEPARATED]
    if forbidden:
        away = rules_loads.two_trucks([(one.number, one.hazardous) for one in planned])
        fix = f"Put {rules_loads.listed(away)} on another truck." if away else "Split the order over two trucks."
        lines = [BadLine(0, "order_ids", pair.sentence, fix) for pair in forbidden]
        raise NotTogether(forbidden[0].sentence, lines=lines, fix=f"{fix} {rules_loads.NOT_ADVICE}")
    warnings = [pair.sentence for pair in found]
    heavy = rules_loads.too_much(
        sum(one.weight_g for one in planned),
        sum(one.volume_ml for one in planned),
        truck.max_weight_g,
        truck.max_volume_ml,
    )
    return [*warnings, heavy] if heavy else warnings


def _check_carrier(
    ctx: Context, site_id: int, planned: Sequence[PlannedOrder], truck: Truck
) -> tuple[list[ChosenFor], list[str]]:
    """The orders that go with another carrier than the chosen one, and what to tell of the truck's. Three queries."""
    chosen = [ChosenFor(one.order_id, one.number, one.chosen_id, one.chosen) for one in planned]
    others = rules_load_carriers.elsewhere(chosen, truck.carrier_id)
    name = parties.parties([truck.carrier_id])[truck.carrier_id].name if truck.carrier_id else ""
    policy = queries_loads.policy(site_id).carrier_else if others else ""
    words = rules_load_carriers.check_carrier(others, policy=policy, reason=truck.carrier_reason, truck=name)
    unpriced = truck.carrier_id and any(one.carrier_id for one in chosen)
    if unpriced and not queries_loads.has_card(truck.carrier_id, ctx.now.date()):
        return others, [*filter(None, [words]), f"{name} has no rate card: what the truck costs is not known."]
    return others, [words] if words else []


def _record_else(ctx: Context, others: Sequence[ChosenFor], number: str, truck: Truck) -> None:
    """Why orders go with another carrier stands with each of them. One statement."""
    why = f": {truck.carrier_reason.strip()}" if truck.carrier_reason.strip() else ""
    decisions.record(
        ctx,
        [
            DecisionRow(
                "carrier", ref(ORDER, one.order_id), f"Goes on {number} though {one.carrier} was chosen{why}.",
                rules_load_carriers.RULE, {"load": number, "chosen": one.carrier, "carrier": truck.carrier_id},
            )
            for one in others
        ],
    )  # fmt: skip


def _check_cut_off(ctx: Context, truck: Truck) -> list[str]:
    """Refuse a cut-off that was over a day ago, which is a slip; one that is over since is a warning."""
    minutes = int((ctx.now - truck.cut_off_at).total_seconds() // 60) if truck.cut_off_at else 0
    if minutes < 1:
        return []
    words = f"The cut-off is over since {rules_loads.so_long(minutes)}."
    if minutes > MOST_LATE:
        fix = "Enter the time at which the truck leaves, or leave it empty."
        raise LoadRefused(words, lines=[BadLine(0, "cut_off_at", words, fix)], fix=fix)
    return [words]


def _stops(
    planned: Sequence[PlannedOrder], sent: Sequence[PlannedTransfer], where: Sequence[TransferStop]
) -> list[Stop]:
    """One stop for each address and each site, in the order in which they first come."""
    stops: dict[tuple[int, int | None, int], Stop] = {}

    def carry(after: int) -> None:
        for one, at in zip(sent, where, strict=True):
            if after == (at.after_orders if 0 <= at.after_orders <= len(planned) else len(planned)):
                stop = stops.setdefault((0, None, one.to_site_id), Stop(to_site_id=one.to_site_id))
                stop.transfer_ids.append(one.transfer_id)

    for n, one in enumerate(planned):
        carry(n)
        customer_id, address_id = one.place
        stop = stops.setdefault((customer_id, address_id, 0), Stop(customer_id, address_id or 0))
        stop.order_ids.append(one.order_id)
    carry(len(planned))
    return list(stops.values())


@command(permission="shipping.load", result=LoadStarted)
def start_load(ctx: Context, req: StartLoad) -> LoadStarted:
    """The truck stands at its door and loading begins.

    Refuses with OtherCarrier as plan_load does, for packing may have chosen again; with LoadRefused without a door,
    DoorTaken when another truck is being loaded there, or WrongState.
    """
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    states.advance_load(LoadState(load.state), "start", number=load.number)
    _check_still_chosen(load)
    door_id = req.door_id or load.door_id or 0
    door = places.locations([door_id]).get(door_id)
    if door is None or door.site_id != load.site_id or door.kind != Kind.DOOR:
        raise LoadRefused("The truck needs a dock door of this site.", fix="Name the door at which it stands.")
    steps_loads.start(ctx, load.load_id, door_id)
    return LoadStarted(load.load_id, load.number, door.code)


def _check_still_chosen(load: LockedLoad) -> None:
    """What was chosen since the truck was planned counts too, and where no other carrier than the chosen one may take
    goods, a truck of nobody is not loaded. Two queries."""
    chosen = queries_loads.chosen_on(load.load_id)
    policy = queries_loads.policy(load.site_id).carrier_else
    others = rules_load_carriers.elsewhere(chosen, load.carrier_id or 0)
    rules_load_carriers.check_carrier(others, policy=policy, reason=load.carrier_reason, truck=load.carrier)
    rules_load_carriers.check_named(chosen, load.carrier_id or 0, policy=policy)


@command(permission="shipping.plan_loads", result=LoadCancelled)
def cancel_load(ctx: Context, req: CancelLoad) -> LoadCancelled:
    """The truck does not go: what is on it comes off, its orders are free for another. Refuses once it is closed.

    After its cut-off its goods are left behind: kept and told as those of a truck that left without them.
    """
    load = steps_loads.claim(ctx, req.load_id, "shipping.plan_loads")
    states.advance_load(LoadState(load.state), "cancel", number=load.number)
    reason = req.reason.strip()
    if not reason:
        raise Invalid("Say why the truck does not go.", fix="Write a reason.")
    order_ids = _order_ids(load.load_id)
    transfer_ids = steps_load_transfers.live(load.load_id)
    if load.cut_off_at is not None:
        cause = f"{load.number} was called off: {reason}"
        ctx.emit(LoadChanged(load.load_id, load.number, load.site_id, order_ids, load.cut_off_at, cause))
    steps_behind.stay_of_called_off(ctx, load, reason)
    steps_loads.call_off(ctx, load.load_id, reason[:200])
    steps_load_transfers.set_truck(transfer_ids, (), "")
    steps_along.end(ctx, load.load_id, HoldEnd.CALLED_OFF)
    ctx.about(ORDER, order_ids)
    ctx.about(TRANSFER, transfer_ids)
    return LoadCancelled(load.load_id, order_ids, transfer_ids)


@command(permission="shipping.load", result=DoorLeft)
def leave_door(ctx: Context, req: LeaveDoor) -> DoorLeft:
    """The closed truck is gone and its door is free. Refuses with WrongState unless it is closed."""
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    states.advance_load(LoadState(load.state), "leave", number=load.number)
    steps_loads.leave_door(ctx, load.load_id)
    return DoorLeft(load.load_id)


@command(permission="shipping.policy", result=LoadPolicySet)
def set_load_policy(ctx: Context, req: SetLoadPolicy) -> LoadPolicySet:
    """Say how a site loads: the order of stops, the cut-off, seal and signature, how long proofs are kept."""
    ctx.require("shipping.policy", req.site_id)
    places.virtual(req.site_id, "CUSTOMER")
    steps_loads.write_policy(req.site_id, req.policy)
    ctx.subject = ref("locations.site", req.site_id)
    return LoadPolicySet(req.site_id)
