"""What people do with returns: announce, receive, decide, close."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place
from flowrack.locations import queries as locations
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, command
from flowrack.returns import locks, queries, rules, states, steps
from flowrack.returns.models import Disposition, ReturnedLot, Rma, RmaLine
from flowrack.returns.states import RmaState
from flowrack.returns.steps import Arrival
from flowrack.returns.types import (
    LOT,
    RMA,
    BlindLine,
    CloseRma,
    Condition,
    CreateRma,
    Dispose,
    Disposed,
    DisposedSplit,
    NewRmaLine,
    NotInReview,
    OverReturn,
    ReceiveBlind,
    ReceiveReturn,
    ReturnReceived,
    ReturnRefused,
    RmaClosed,
    RmaCreated,
    Split,
    Verdict,
)
from flowrack.shared.errors import BadLine, NotPermitted
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

SCRAP_LIMIT = Decimal(500)
RESTOCK_ROLES = ("receiving", "reserve", "forward_pick")


@command(permission="returns.create", result=RmaCreated)
def create_rma(ctx: Context, req: CreateRma) -> RmaCreated:
    """Announce that a customer sends goods back.

    From an order: never more than its lines sent, less what was announced before. Unmatched: a customer, items and
    a reason. Posts nothing; emits returns.created. Refuses with OverReturn or ReturnRefused.
    """
    ctx.require("returns.create", req.site_id)
    _check_reason(req.reason, req.lines)
    if req.order_id:
        head = queries.order_head(req.order_id)
        if head is None:
            raise ReturnRefused("There is no such order.", fix="Announce the goods without an order.")
        locks.returns_of_orders([req.order_id])
        customer_id, item_ids = head[0], _items_of_sent_lines(req.lines)
    else:
        customer_id, item_ids = req.customer_id, _items_named(req.lines, req.site_id)
    if not customer_id:
        raise ReturnRefused("A return needs a customer.", fix="Name the customer or the order.")
    rma, lines = _make(ctx, req, customer_id, item_ids)
    done = RmaCreated(rma_id=rma.pk, number=rma.number, line_ids=[line.pk for line in lines])
    ctx.subject = ref(RMA, rma.pk)
    ctx.emit(done)
    return done


@command(permission="returns.receive", result=ReturnReceived)
def receive_return(ctx: Context, req: ReceiveReturn) -> ReturnReceived:
    """Book announced goods into return review.

    Posts CUSTOMER -> return review at the cost with which the units left; stores a proposal per returned lot; emits
    returns.received. Refuses with WrongState, OverReturn or ReturnRefused.
    """
    rma, lines = locks.rma(req.rma_id)
    ctx.require("returns.receive", rma.site_id)
    ctx.subject = ref(RMA, rma.pk)
    rma.state = states.advance(RmaState(rma.state), "receive")
    arrivals = _arrivals(req, lines)
    _check_review_place(req.location_id, rma.site_id)
    if rma.order_id:
        locks.returns_of_orders([rma.order_id])
    customer = locations.virtual(rma.site_id, "CUSTOMER")
    done = steps.receive(ctx, rma, arrivals, location_id=req.location_id, customer_location_id=customer)
    rma.save(update_fields=["state"])
    return done


@command(permission="returns.receive", result=ReturnReceived)
def receive_blind(ctx: Context, req: ReceiveBlind) -> ReturnReceived:
    """Book goods that nobody announced into return review, under a new RMA; no credit follows by itself.

    Posts CUSTOMER -> return review, matched lines at the cost they left with, others at the present unit cost;
    emits returns.received. Refuses with OverReturn or ReturnRefused.
    """
    ctx.require("returns.receive", req.site_id)
    _check_reason(req.reason, req.lines)
    _check_review_place(req.location_id, req.site_id)
    matched = [line.order_line_id for line in req.lines if line.order_line_id]
    orders = queries.order_of_lines(matched)
    locks.returns_of_orders([found[0] for found in orders.values()])
    _check_blind(req.lines, req.site_id, orders)
    made = [NewRmaLine(units=x.units, order_line_id=x.order_line_id, item_id=x.item_id) for x in req.lines]
    head = CreateRma(site_id=req.site_id, reason=req.reason, lines=made)
    rma, lines = _make(ctx, head, req.customer_id, [x.item_id for x in req.lines], is_blind=True)
    ctx.subject = ref(RMA, rma.pk)
    arrivals = [
        Arrival(line, x.units, Condition(x.condition), x.lot_id, x.lpn_id)
        for line, x in zip(lines, req.lines, strict=True)
    ]
    customer = locations.virtual(req.site_id, "CUSTOMER")
    return steps.receive(ctx, rma, arrivals, location_id=req.location_id, customer_location_id=customer)


@command(permission="returns.dispose", result=Disposed)
def dispose(ctx: Context, req: Dispose) -> Disposed:
    """Decide what becomes of returned units; one returned lot may be split by condition.

    Posts restock (return review -> a place), damaged (quality), scrap (-> SCRAP) or back to the supplier
    (-> SUPPLIER); plans the putaway of what waits in receiving; emits returns.disposed; closes returns that are
    finished by it. Refuses with NotInReview, ReturnRefused, DutiesConflict S13, NotPermitted (scrap above 500.00).
    """
    lots = locks.returned_lots([s.returned_lot_id for s in req.splits])
    if not lots:
        raise ReturnRefused("There is nothing to decide.", fix="Choose returned goods first.")
    sites = {lot.line.rma.site_id for lot in lots.values()}
    if len(sites) > 1:
        raise ReturnRefused("The goods lie at different sites.", fix="Decide site by site.")
    [site_id] = sites
    ctx.require("returns.dispose", site_id)
    for rma in {lot.line.rma.pk: lot.line.rma for lot in lots.values()}.values():
        states.advance(RmaState(rma.state), "dispose")
        ctx.require_other_person(
            rma.created_by_id, rule="S13", sentence=f"You announced {rma.number}; somebody else must decide on it."
        )
    ctx.subject = ref(RMA, next(iter(lots.values())).line.rma_id)
    _check_splits(ctx, req.splits, lots, site_id)
    return _post_splits(ctx, req.splits, lots, site_id)


@command(permission="returns.create", result=RmaClosed)
def close_rma(ctx: Context, req: CloseRma) -> RmaClosed:
    """Stop waiting for what has not come back; a return of which nothing came is cancelled.

    Posts nothing. Refuses with WrongState, or ReturnRefused while goods wait for a decision.
    """
    rma, lines = locks.rma(req.rma_id)
    ctx.require("returns.create", rma.site_id)
    ctx.subject = ref(RMA, rma.pk)
    waiting = sum(line.received_units - line.disposed_units for line in lines.values())
    if waiting:
        raise ReturnRefused(f"{waiting} units wait for a decision.", fix="Decide on them, then close the return.")
    if not req.reason.strip():
        raise ReturnRefused("Closing early needs a reason.", fix="Say why the rest will not come.")
    came = any(line.received_units for line in lines.values())
    rma.state = states.advance(RmaState(rma.state), "close" if came else "cancel")
    rma.closed_at = ctx.now
    rma.note = f"{rma.note}\n{req.reason}".strip()
    rma.save(update_fields=["state", "closed_at", "note"])
    missing = sum(line.units - line.received_units for line in lines.values())
    return RmaClosed(rma_id=rma.pk, state=rma.state, missing_units=missing)


def _check_reason(reason: str, lines: Sequence[NewRmaLine | BlindLine]) -> None:
    if reason not in rules.REASONS:
        raise ReturnRefused("A return needs a reason.", fix=f"Use one of: {', '.join(rules.REASONS)}.")
    if not lines:
        raise ReturnRefused("A return needs at least one line.", fix="Add what comes back.")
    bad = [
        BadLine(n, "units", "Units must be 1 or more.", "Type how many come back.")
        for n, line in enumerate(lines, start=1)
        if line.units < 1
    ]
    if bad:
        raise ReturnRefused("Some lines cannot be returned.", lines=bad)


def _items_of_sent_lines(lines: Sequence[NewRmaLine]) -> list[int]:
    sent = queries.sent_lines([line.order_line_id for line in lines])
    wanted: dict[int, int] = {}
    bad = []
    for n, line in enumerate(lines, start=1):
        if line.order_line_id not in sent:
            bad.append(BadLine(n, "order_line_id", "There is no such order line.", "Choose a line of the order."))
            continue
        wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + line.units
        returnable = sent[line.order_line_id].returnable
        if wanted[line.order_line_id] > returnable:
            shipped = sent[line.order_line_id].shipped_units
            sentence = f"{shipped} were sent, {shipped - returnable} are announced: {returnable} can come back."
            bad.append(BadLine(n, "units", sentence, f"Use at most {returnable}."))
    if bad:
        raise OverReturn("You cannot return more than was sent.", lines=bad)
    return [sent[line.order_line_id].item_id for line in lines]


def _items_named(lines: Sequence[NewRmaLine], site_id: int) -> list[int]:
    known = queries.items([line.item_id for line in lines], site_id)
    bad = [
        BadLine(n, "item_id", "There is no such item.", "Scan or search the item.")
        for n, line in enumerate(lines, start=1)
        if line.item_id not in known
    ]
    if bad:
        raise ReturnRefused("Some lines cannot be returned.", lines=bad)
    return [line.item_id for line in lines]


def _make(
    ctx: Context, req: CreateRma, customer_id: int, item_ids: Sequence[int], *, is_blind: bool = False
) -> tuple[Rma, list[RmaLine]]:
    rma = Rma.objects.create(
        number=next_number("RMA"),
        site_id=req.site_id,
        customer_id=customer_id,
        order_id=req.order_id or None,
        reason=req.reason,
        note=req.note,
        is_blind=is_blind,
        state=RmaState.RECEIVING if is_blind else RmaState.ANNOUNCED,
        created_by_id=ctx.actor_id,
        created_at=ctx.now,
    )
    lines = RmaLine.objects.bulk_create(
        RmaLine(rma=rma, line_no=n, item_id=item_id, order_line_id=line.order_line_id or None, units=Units(line.units))
        for n, (line, item_id) in enumerate(zip(req.lines, item_ids, strict=True), start=1)
    )
    return rma, lines


def _arrivals(req: ReceiveReturn, lines: dict[int, RmaLine]) -> list[Arrival]:
    if not req.lines:
        raise ReturnRefused("Nothing was received.", fix="Scan at least one item.")
    came = {key: int(line.received_units) for key, line in lines.items()}
    arrivals, bad = [], []
    for n, seen in enumerate(req.lines, start=1):
        line = lines.get(seen.rma_line_id)
        if line is None:
            bad.append(BadLine(n, "rma_line_id", "This line is not on the return.", "Receive it as a blind return."))
        elif seen.units < 1:
            bad.append(BadLine(n, "units", "Units must be 1 or more.", "Type how many came."))
        elif seen.condition not in list(Condition):
            bad.append(BadLine(n, "condition", "The condition is A, B, C or D.", "Use the grade sheet."))
        elif came[line.pk] + seen.units > line.units:
            left = line.units - came[line.pk]
            sentence = f"{line.units} were announced, {came[line.pk]} have come: {left} are left."
            bad.append(BadLine(n, "units", sentence, "Receive the rest as a blind return."))
        else:
            came[line.pk] += seen.units
            arrivals.append(Arrival(line, seen.units, Condition(seen.condition), seen.lot_id, seen.lpn_id))
    if bad:
        raise ReturnRefused("Some goods cannot be received on this return.", lines=bad)
    return arrivals


def _check_review_place(location_id: int, site_id: int) -> None:
    place = queries.places([location_id]).get(location_id)
    if place is None or place.site_id != site_id or place.role != "return_review":
        raise ReturnRefused(
            "Returned goods go to a place for return review at this site.", fix="Scan a return review location."
        )


def _check_blind(lines: Sequence[BlindLine], site_id: int, orders: dict[int, tuple[int, int, int]]) -> None:
    facts = queries.items([line.item_id for line in lines], site_id)
    sent = queries.sent_lines(list(orders))
    bad = []
    for n, line in enumerate(lines, start=1):
        item = facts.get(line.item_id)
        if item is None:
            bad.append(BadLine(n, "item_id", "There is no such item.", "Scan or search the item."))
        elif line.condition not in list(Condition):
            bad.append(BadLine(n, "condition", "The condition is A, B, C or D.", "Use the grade sheet."))
        elif line.order_line_id and (
            line.order_line_id not in sent or sent[line.order_line_id].item_id != line.item_id
        ):
            bad.append(BadLine(n, "order_line_id", f"{item.sku} was not sent on that line.", "Leave the order out."))
        elif not line.order_line_id and item.unit_cost is None:
            bad.append(BadLine(n, "item_id", f"{item.sku} has no known cost.", "Set a standard cost for it first."))
    if bad:
        raise ReturnRefused("Some goods cannot be received as they are.", lines=bad)


def _check_splits(ctx: Context, splits: Sequence[Split], lots: dict[int, ReturnedLot], site_id: int) -> None:
    left = {key: int(lot.left_units) for key, lot in lots.items()}
    places = queries.places([s.location_id for s in splits if s.verdict == Verdict.RESTOCK])
    bad, short, scrapped = [], [], Decimal(0)
    for n, split in enumerate(splits, start=1):
        lot = lots[split.returned_lot_id]
        left[lot.pk] -= split.units
        if split.verdict not in list(Verdict):
            bad.append(BadLine(n, "verdict", "No such verdict.", f"Use one of: {', '.join(Verdict)}."))
        elif split.units < 1:
            bad.append(BadLine(n, "units", "Units must be 1 or more.", "Type how many."))
        elif left[lot.pk] < 0:
            sentence = f"{lot.left_units} units wait for a decision here."
            short.append(BadLine(n, "units", sentence, f"Split at most {lot.left_units} units."))
        elif split.verdict != lot.proposal and not split.reason.strip():
            sentence = f"The proposal is {lot.proposal}; another verdict needs a reason."
            bad.append(BadLine(n, "reason", sentence, "Say why."))
        elif split.verdict == Verdict.RESTOCK:
            place = places.get(split.location_id)
            if place is None or place.site_id != site_id or place.role not in RESTOCK_ROLES:
                sentence = "Restocked goods go to a receiving place or a bin of this site."
                bad.append(BadLine(n, "location_id", sentence, "Scan the place."))
        elif split.verdict == Verdict.SCRAP:
            scrapped += lot.value * split.units / lot.units
    if bad:
        raise ReturnRefused("Some verdicts cannot be given.", lines=bad + short)
    if short:
        raise NotInReview("There are not so many units in return review.", lines=short)
    if scrapped > SCRAP_LIMIT and not ctx.may("returns.scrap_high", site_id):
        raise NotPermitted(
            f"Scrapping {to_money(scrapped)} is above {SCRAP_LIMIT}.00.", fix="Ask the warehouse manager to do it."
        )


def _post_splits(ctx: Context, splits: Sequence[Split], lots: dict[int, ReturnedLot], site_id: int) -> Disposed:
    posting = ledger.post(ctx, [_move(s, lots[s.returned_lot_id], site_id) for s in splits])
    rows = Disposition.objects.bulk_create(
        Disposition(
            returned_lot_id=s.returned_lot_id,
            verdict=s.verdict,
            units=Units(s.units),
            value=value,
            reason=s.reason,
            posting_id=posting.posting_id,
            decided_by_id=ctx.actor_id,
            decided_at=ctx.now,
        )
        for s, value in zip(splits, posting.values, strict=True)
    )
    lines: dict[int, RmaLine] = {}
    for s in splits:
        lot = lots[s.returned_lot_id]
        lot.left_units = Units(lot.left_units - s.units)
        line = lines.setdefault(lot.line_id, lot.line)
        line.disposed_units = Units(line.disposed_units + s.units)
    ReturnedLot.objects.bulk_update(lots.values(), ["left_units"])
    RmaLine.objects.bulk_update(lines.values(), ["disposed_units"])
    steps.plan_putaways(ctx, site_id, rows, splits, lots)
    closed = steps.close_if_finished(ctx, sorted({line.rma_id for line in lines.values()}))
    done = Disposed(
        posting_id=posting.posting_id,
        site_id=site_id,
        splits=[_told(row, s, lots[s.returned_lot_id]) for row, s in zip(rows, splits, strict=True)],
        closed_rma_ids=closed,
    )
    ctx.emit(done)
    return done


def _move(split: Split, lot: ReturnedLot, site_id: int) -> Move:
    here = Place(lot.location_id, lot.lpn_id)
    targets = {
        Verdict.RESTOCK: lambda: Place(split.location_id),
        Verdict.DAMAGED: lambda: Place(lot.location_id, lot.lpn_id, "damaged"),
        Verdict.SCRAP: lambda: Place(locations.virtual(site_id, "SCRAP")),
        Verdict.SUPPLIER: lambda: Place(locations.virtual(site_id, "SUPPLIER")),
    }
    return Move(
        item_id=lot.line.item_id,
        units=split.units,
        source=here,
        target=targets[Verdict(split.verdict)](),
        reason=f"RETURN_{split.verdict.upper()}",
        lot_id=lot.lot_id,
        origin=ref(LOT, lot.pk),
    )


def _told(row: Disposition, split: Split, lot: ReturnedLot) -> DisposedSplit:
    return DisposedSplit(
        disposition_id=row.pk,
        rma_line_id=lot.line_id,
        item_id=lot.line.item_id,
        lot_id=lot.lot_id,
        lpn_id=0 if split.verdict == Verdict.RESTOCK else lot.lpn_id,
        location_id=split.location_id or lot.location_id,
        units=split.units,
        verdict=split.verdict,
    )
