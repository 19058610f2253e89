"""Loading: plates go on and come off, the truck is signed for, closed and sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowrack.fulfilment import steps_unproved
from flowrack.fulfilment.types import StagedUnits
from flowrack.ledger import steps as ledger
from flowrack.locations import steps as places
from flowrack.platform import decisions, numbers, photos
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as sales
from flowrack.sales import steps as sales_steps
from flowrack.shared import gs1, hazmat
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import (
    locks,
    queries_along,
    queries_behind,
    queries_loads,
    rules_behind,
    rules_loads,
    states,
    steps_along,
    steps_behind,
    steps_departures,
    steps_load_transfers,
    steps_loads,
    steps_scanned,
)
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.queries_loads import OnTruck
from flowrack.shipping.rules_loads import LOOSE, Content, Key, Plate
from flowrack.shipping.states import LoadState
from flowrack.shipping.steps_departures import Leaving
from flowrack.shipping.types import Shipped
from flowrack.shipping.types_along import HoldEnd
from flowrack.shipping.types_loads import (
    LOAD,
    AlreadyLoaded,
    Behind,
    CannotClose,
    CloseLoad,
    LoadClosed,
    LoadPlate,
    LoadSigned,
    NotLoaded,
    NotTogether,
    NotWhole,
    OutOfTurn,
    PastCutOff,
    PastTheCutOff,
    PlateLoaded,
    SignLoad,
    StopOrder,
    TakenOff,
    TakeOff,
)
from flowrack.storage.locks import StagedTransfer

SIGN_AGAIN = "The driver has signed before: let the driver sign again."


@command(permission="shipping.load", result=PlateLoaded, is_small=lambda req: True)
def load_plate(ctx: Context, req: LoadPlate) -> PlateLoaded:
    """One pallet, carton or tote goes onto the truck, or the loose goods of an order or transfer.

    A carton whose label must be scanned is proved by this scan of it. Refuses with WrongTruck (naming the right one),
    AlreadyLoaded, NotProved (its weight is off, or its label was never scanned), OutOfTurn when a later stop should go
    on first and the site does not allow it, or NotTogether by the segregation table.
    """
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    states.advance_load(LoadState(load.state), "load", number=load.number)
    if req.along:
        steps_along.refuse_taken_back(ctx, load, req.plate)
    text, at = steps_scanned.labelled(req.plate)
    if at is None and (order_id := sales.order_id_of(text)) is not None:
        sales_steps.claim_orders([order_id])  # nobody packs its loose goods at this moment
    all_plates = rules_loads.plates(queries_loads.contents(load.load_id))
    aboard = {one.key: one for one in queries_loads.on_truck(load.load_id)}
    if (rules_loads.key_of(at.lpn_id, LOOSE) if at else steps_scanned.loose_key(text)) in aboard:
        raise AlreadyLoaded(
            f"{at.code if at else text} is on the truck.", fix="Scan it again to take it off, or go on."
        )
    plate = steps_scanned.find(load, text, at, all_plates)
    steps_unproved.prove_by_scan(ctx, plate.inner, gs1.parse(req.plate).sscc)
    warnings = [
        _in_turn(load, plate, [p for key, p in all_plates.items() if key not in aboard], req.reason),
        _together(plate, [all_plates[key] for key in aboard if key in all_plates], req.separation),
        rules_loads.too_much(
            plate.weight_g + sum(one.weight_g for one in aboard.values()), 0, load.max_weight_g, load.max_volume_ml
        ),
    ]
    steps_loads.put_on(ctx, load.load_id, plate, reason=req.reason.strip()[:200], separation=req.separation[:200])
    if load.signed_by:
        steps_loads.unsign(load.load_id)
        warnings.append(SIGN_AGAIN)
    warning = " ".join(word for word in warnings if word)
    if warning:
        row = DecisionRow("loading", ref(LOAD, load.load_id), f"{plate.name}: {warning}", rules_loads.RULE)
        decisions.record(ctx, [row])
    return PlateLoaded(
        load.load_id,
        plate.name,
        plate.stop_no,
        ", ".join(sorted(plate.customers)),
        plate.units,
        len(aboard) + 1,
        len(all_plates),
        warning,
    )


def _in_turn(load: LockedLoad, plate: Plate, waiting: Sequence[Plate], reason: str) -> str:
    """Refuse or warn when goods of a later stop should go on before; the warning."""
    first = rules_loads.out_of_turn(plate.stop_no, waiting)
    rule = queries_loads.policy(load.site_id).stop_order
    if not first or rule == StopOrder.FREE:
        return ""
    words = (
        f"Stop {first[0].stop_no} goes on before stop {plate.stop_no}: {len(first)} still to load,"
        f" {rules_loads.listed([p.name for p in first])}."
    )
    if rule == StopOrder.REFUSE:
        raise OutOfTurn(words, fix=f"Load stop {first[0].stop_no} first; or let the planner change the stops.")
    if rule == StopOrder.REASON and not reason.strip():
        raise OutOfTurn(words, fix=f"Load stop {first[0].stop_no} first, or say why not.")
    return words


def _together(plate: Plate, aboard: Sequence[Plate], separation: str) -> str:
    """Refuse goods that may not travel with what is on the truck; how others are kept apart."""
    found = rules_loads.pairs(plate.hazards, rules_loads.hazards_of(aboard))
    if not found:
        return ""
    forbidden = [pair for pair in found if pair.cell != hazmat.SEPARATED]
    if forbidden:
        lines = [BadLine(0, "plate", pair.sentence, "Put it on another truck.") for pair in forbidden]
        raise NotTogether(forbidden[0].sentence, lines=lines, fix=f"Put it on another truck. {rules_loads.NOT_ADVICE}")
    if not separation.strip():
        raise NotTogether(found[0].sentence, fix="Say how they are kept apart, or put it on another truck.")
    return f"{found[0].sentence} Kept apart: {separation.strip()}."


@command(permission="shipping.load", result=TakenOff, is_small=lambda req: True)
def take_off(ctx: Context, req: TakeOff) -> TakenOff:
    """A plate comes off the truck again, before it is closed. Refuses with NotLoaded."""
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    states.advance_load(LoadState(load.state), "take off", number=load.number)
    if req.along:
        steps_along.refuse_taken_back(ctx, load, req.plate)
    scan = gs1.parse(req.plate)
    text = scan.sscc or scan.raw.strip().upper()
    at = queries_loads.plate_by_code(text)
    key = rules_loads.key_of(at.pallet_id or at.lpn_id, LOOSE) if at else steps_scanned.loose_key(text)
    if key is None or not steps_loads.take_off(ctx, load.load_id, key):
        raise NotLoaded(f"{text[:40]} is not on {load.number}.", fix="Scan what should come off.")
    if load.signed_by:
        steps_loads.unsign(load.load_id)
    total = len(rules_loads.plates(queries_loads.contents(load.load_id)))
    return TakenOff(load.load_id, text, len(queries_loads.on_truck(load.load_id)), total)


@command(permission="shipping.load", result=LoadSigned)
def sign_load(ctx: Context, req: SignLoad) -> LoadSigned:
    """The driver signs for what is on the truck, anew when that changes. Refuses an empty one, no name, no picture."""
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    states.advance_load(LoadState(load.state), "load", number=load.number)
    if not req.signed_by.strip():
        raise Invalid("Who signs?", fix="Write the driver's name.")
    if not queries_loads.on_truck(load.load_id):
        raise Invalid("Nothing is on the truck.", fix="Load it first, then let the driver sign.")
    photos.refuse_missing([req.signature])
    steps_loads.sign(ctx, load.load_id, req.signed_by.strip()[:120], req.signature)
    return LoadSigned(load.load_id)


@dataclass(slots=True)
class _Closing:
    """What is on the truck as it is closed, and what is not."""

    gone: dict[Key, Plate]
    stays: dict[Key, Plate]
    missing: list[BadLine]
    contents: list[Content]
    to_come: list[tuple[int, str, int]]  # orders with units that are not staged


@command(permission="shipping.ship", result=LoadClosed, is_small=lambda req: True)
def close_load(ctx: Context, req: CloseLoad) -> LoadClosed:
    """The truck is closed: what is on it is issued at cost, in one shipment a stop; the rest stays promised.

    Posts SHIP staging -> CUSTOMER, and TRANSFER staging -> TRANSIT of transfers; emits shipping.shipment_left for each
    shipment, storage.moved, and shipping.left_behind. Refuses
    with NotWhole, naming every plate that is missing, until `behind` says why; with CannotClose without goods, seal or
    signature; with PastTheCutOff; and as ship_confirm does.
    """
    load = steps_loads.claim(ctx, req.load_id, "shipping.ship")
    after = states.advance_load(LoadState(load.state), "close", number=load.number)
    transfers = _claim_goods(ctx, load)
    closing = _closing(load)
    _refuse_missing(load, closing, req.behind)
    warnings = [_refuse_bare(ctx, load, closing, req.seal.strip()), *queries_along.words(load.load_id, ctx.now)]
    warning = " ".join(one for one in warnings if one)
    steps_along.end(ctx, load.load_id, HoldEnd.CLOSED)
    leaving = _leaving(load, closing.gone)
    inner = {lpn_id for plate in closing.gone.values() for lpn_id in plate.inner}
    loose = {key[1] for key in closing.gone if key[1]}

    def aboard(row: StagedUnits) -> bool:
        return row.lpn_id in inner if row.lpn_id else row.order_id in loose

    done = Shipped([], 0)
    sending = steps_load_transfers.on_load(transfers, closing.gone.keys())
    beside = sending.moves(load.site_id)
    if leaving:
        going = [one for _, one in leaving]
        done = steps_departures.leave(ctx, load.site_id, going, aboard=aboard, by_truck=True, beside=beside)
    elif sending.stays:
        ledger.claim_stock(beside)
    sent = steps_load_transfers.depart(ctx, load, sending, req.seal.strip())
    stop_of = {one.shipment_id: stop_no for stop_no, one in leaving}
    steps_loads.close(ctx, load.load_id, req.seal.strip(), stop_of)
    pallets = steps_loads.empty_pallets(load.load_id, [key[0] for key in closing.gone if key[0]])
    if pallets:
        places.close_lpns(pallets, at=ctx.now)
    if warning:
        decisions.record(ctx, [DecisionRow("loading", ref(LOAD, load.load_id), warning, rules_loads.RULE)])
    stayed = steps_behind.stayed_of(closing.stays, closing.contents, closing.to_come)
    steps_behind.leave_behind(ctx, load, stayed, behind=req.behind, note=req.note)
    behind = stayed.left
    steps_load_transfers.tell_behind(ctx, load, behind, sent, behind=req.behind, note=req.note)
    ctx.subject = ref(LOAD, load.load_id)
    assert after == LoadState.CLOSED
    return LoadClosed(
        load.load_id,
        load.number,
        [one.shipment_id for one in done.shipments],
        [one.number for one in done.shipments],
        sum(one.units for one in done.shipments) + sum(one.units for one in sent.transfers),
        done.posting_id,
        behind,
        warning,
        [one.number for one in sent.transfers],
        sent.posting_id,
    )


def _claim_goods(ctx: Context, load: LockedLoad) -> list[StagedTransfer]:
    """Lock the shipments, the order lines and then the transfers of a load: what is read now is what leaves."""
    order_ids = sorted(order_id for stop in queries_loads.stops(load.load_id) for order_id in stop.order_ids)
    locks.shipments(sorted(set(queries_loads.waiting_shipments(order_ids).values())))
    sales_steps.claim_orders(order_ids)
    return steps_load_transfers.claim(ctx, load.load_id)


def _closing(load: LockedLoad) -> _Closing:
    contents = queries_loads.contents(load.load_id)
    known = rules_loads.plates(contents)
    on = queries_loads.on_truck(load.load_id)
    _refuse_changed(on, known)
    _refuse_foreign(load)
    aboard = {loaded.key for loaded in on}
    stays = {key: plate for key, plate in known.items() if key not in aboard}
    missing = [
        BadLine(0, "plate", f"{plate.name} for stop {plate.stop_no} stands in {plate.location}.", "Load it.")
        for plate in stays.values()
    ]
    to_come = queries_behind.not_staged(load.load_id)
    missing += [
        BadLine(
            0,
            "order",
            f"{rules_behind.in_units(late)} of {number} {'is' if late == 1 else 'are'} not staged.",
            "Wait for the pickers.",
        )
        for _, number, late in to_come
    ]
    return _Closing({key: known[key] for key in aboard}, stays, missing, contents, to_come)


def _refuse_changed(on: Sequence[OnTruck], known: Mapping[Key, Plate]) -> None:
    """Refuse when somebody opened or filled a plate after it went on."""
    bad = [
        BadLine(0, "plate", f"{one.code} was opened or changed since it was loaded.", "Take it off and scan it again.")
        for one in on
        if one.key not in known or known[one.key].units != one.units
    ]
    if bad:
        raise CannotClose(bad[0].message, lines=bad, fix=bad[0].fix)


def _refuse_foreign(load: LockedLoad) -> None:
    """Refuse when a plate also carries goods of an order that is not on this load: they would drive away unbooked."""
    bad = [
        BadLine(0, "plate", f"{code} also holds goods of {order}.", f"Take it off and set the goods of {order} apart.")
        for code, order in queries_loads.foreign_goods(load.load_id)
    ]
    if bad:
        raise CannotClose(bad[0].message, lines=bad, fix=bad[0].fix)


def _refuse_missing(load: LockedLoad, closing: _Closing, behind: str) -> None:
    if behind and behind not in list(Behind):
        raise Invalid(f"“{behind[:20]}” is no reason.", fix=f"One of {', '.join(Behind)}.")
    if closing.missing and not behind:
        raise NotWhole(
            f"{len(closing.missing)} of {load.number} are not on the truck: {closing.missing[0].message}",
            lines=closing.missing,
            fix="Load them, or say why they stay behind.",
        )


def _refuse_bare(ctx: Context, load: LockedLoad, closing: _Closing, seal: str) -> str:
    """Refuse an empty, unsealed or unsigned truck, and one past its cut-off; the warning if that is allowed."""
    policy = queries_loads.policy(load.site_id)
    if not closing.gone:
        raise CannotClose("Nothing is on the truck.", fix="Load something, or call the load off.")
    if policy.needs_seal and not seal:
        raise CannotClose("The truck is not sealed.", fix="Scan or type the number of the seal.")
    if seal and (queries_loads.plate_by_code(seal.upper()) or sales.order_id_of(seal.upper()) or len(seal) > 40):
        raise CannotClose(f"{seal[:40]} is no seal.", fix="Scan the number on the seal.")
    if policy.needs_signature and not load.signed_by:
        raise CannotClose("The driver has not signed.", fix="Let the driver sign first.")
    if load.cut_off_at is None or ctx.now <= load.cut_off_at:
        return ""
    minutes = int((ctx.now - load.cut_off_at).total_seconds() // 60)
    words = f"{load.carrier or 'The carrier'} was due to leave {rules_loads.so_long(minutes)} ago."
    if policy.past_cut_off == PastCutOff.REFUSE:
        raise PastTheCutOff(words, fix="Agree on a later time and move the cut-off, or give the goods another truck.")
    return words


def _leaving(load: LockedLoad, gone: Mapping[Key, Plate]) -> list[tuple[int, Leaving]]:
    """The shipments by stop: those that were prepared, and a new one for each stop's other orders."""
    stop_of: dict[int, int] = {}
    for plate in gone.values():
        for order_id in plate.orders:
            stop_of[order_id] = plate.stop_no
    prepared = queries_loads.waiting_shipments(sorted(stop_of))
    held = locks.shipments(sorted(set(prepared.values())))
    first: dict[int, int] = {}  # a shipment is told once, at the first stop of its orders
    for order_id, shipment_id in prepared.items():
        first[shipment_id] = min(stop_of[order_id], first.get(shipment_id, stop_of[order_id]))
    groups: dict[tuple[int, int], list[int]] = {}
    for order_id, stop_no in stop_of.items():
        shipment_id = prepared.get(order_id, 0)
        groups.setdefault((first.get(shipment_id, stop_no), shipment_id), []).append(order_id)
    fresh = sum(1 for _, shipment_id in groups if not shipment_id)
    names = iter(numbers.next_numbers("SH", fresh) if fresh else [])
    out: list[tuple[int, Leaving]] = []
    for (stop_no, shipment_id), order_ids in sorted(groups.items()):
        number = held[shipment_id].number if shipment_id else next(names)
        out.append((stop_no, Leaving(number, shipment_id, sorted(order_ids), load.carrier, load.trailer)))
    dropped = sorted({o for one in held.values() for o in one.order_ids} - stop_of.keys())
    if dropped:
        steps_loads.leave_shipment(sorted(held), dropped)
    return out
