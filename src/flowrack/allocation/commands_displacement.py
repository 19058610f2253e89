"""The door of urgent orders: call one urgent, do what was allowed, withdraw the question, deal with the letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation import locks_displacement as locks
from flowrack.allocation import queries_displacement as queries
from flowrack.allocation import queries_urgent
from flowrack.allocation import reasons_displacement as reasons
from flowrack.allocation import steps_displacement as steps
from flowrack.allocation import steps_displacement_asking as asking
from flowrack.allocation import steps_overriding as overriding
from flowrack.allocation.queries_displacement import AskedRow, Judged, UrgentOrder
from flowrack.allocation.reasons import kept_for
from flowrack.allocation.rules_displacement import Plan
from flowrack.allocation.states_displacement import NoticeState, PriorityState, advance
from flowrack.allocation.types_displacement import (
    PRIORITY,
    ApplyPriority,
    BadPriority,
    FollowUrgent,
    NothingToMove,
    NoticeSettled,
    NoticesSettled,
    PriorityApplied,
    PriorityAsked,
    PriorityEnded,
    PriorityRequested,
    RequestPriority,
    SettleNotices,
    UrgentFollowed,
    UrgentLine,
    WithdrawPriority,
)
from flowrack.approvals import steps as approvals
from flowrack.approvals.queries import business_days, standing
from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.sales.states import OrderState
from flowrack.sales.states import advance as advance_order
from flowrack.sales.types import ORDER, OrderNotFound
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shared.refs import ref


@command(permission="allocation.prioritise", result=PriorityRequested)
def request_priority(ctx: Context, req: RequestPriority) -> PriorityRequested:
    """Call an order urgent: it gets what is free, then what others lose without harm; for the rest somebody is asked.

    Emits allocation.priority_requested, allocation.displaced. An order that is urgent already keeps its request.
    Refuses with BadPriority, OrderNotFound, WrongState, and with NothingToMove, naming why nobody gives way.
    """
    order, reason = _order(ctx, req.order_id), req.reason.strip()
    if not reason:
        raise BadPriority("An urgent order needs a reason.", fix="Say in a few words why it cannot wait.")
    today = business_days([order.site_id], now=ctx.now)[order.site_id]
    line_ids, keys = queries.candidates(order, today, ctx.now)
    steps.hold_all(line_ids, keys)
    order = _order(ctx, req.order_id, today)
    same = queries.waiting_request(order.order_id)
    if same:
        return _as_asked(ctx, same)
    _refuse_without_need(order)
    judged = queries.judge(order, today, line_ids, ctx.now)
    _refuse_without_gain(judged)
    lost = steps.move(ctx, order.site_id, judged, is_allowed=False)
    facts = steps.facts_for(judged)
    pending = sum(one.made.pending for one in judged)
    request_id, number = steps.insert(ctx, order, reason, judged, facts, is_done=not pending)
    approval = ""
    if pending:
        site = queries.site_code(order.site_id)
        question = asking.submission(ctx, request_id, number, order, reason, judged, facts, site)
        [outcome] = approvals.submit(ctx, [question])
        approval = outcome.number
        if outcome.is_approved:  # no policy asks
            lost = _take_the_rest(ctx, order, request_id, judged, lost)
            pending = 0
    state = PriorityState.WAITING if pending else PriorityState.GRANTED
    overriding.urgent(ctx, order, reason, judged, is_allowed=not pending)
    steps.explain(
        ctx, request_id, judged, pending=approval if pending else "", by="" if pending else "policy", done=not pending
    )
    steps.tell(ctx, request_id, order.order_id, judged, facts, lost, is_allowed=not pending)
    ctx.about(PRIORITY, [request_id])
    ctx.about(ORDER, [order.order_id])
    moved = sum(one.made.got for one in judged)
    ctx.emit(PriorityAsked(request_id, order.order_id, order.site_id, moved, pending))
    return PriorityRequested(request_id, number, str(state), approval, _lines(judged, is_done=not pending))


def _order(ctx: Context, order_id: int, today: date | None = None) -> UrgentOrder:
    found = queries.urgent_order(order_id, today)
    if found is None or not ctx.may("allocation.prioritise", found.site_id):
        raise OrderNotFound("There is no such order.", fix="Search for it by number.")
    advance_order(OrderState(found.state), "change")
    return found


def _refuse_without_need(order: UrgentOrder) -> None:
    if order.asks:
        return
    if order.held:
        raise BadPriority(f"What waits of {order.number} is on hold.", fix="Have the hold released first.")
    raise NothingToMove(f"Nothing of {order.number} waits for stock.", fix="Release it to the pickers.")


def _refuse_without_gain(judged: Sequence[Judged]) -> None:
    if any(one.made.got or one.made.pending for one in judged):
        return
    items = catalog.items([one.item_id for one in judged])
    lines = [
        BadLine(
            n,
            "order",
            _nobody(one, items[one.item_id].sku),
            "Offer a substitute or a part, or wait for the next delivery.",
        )
        for n, one in enumerate(judged, start=1)
    ]
    raise NothingToMove(lines[0].message, lines=lines, fix=lines[0].fix)


def _nobody(one: Judged, sku: str) -> str:
    """Why nobody gives way to a line."""
    rules = dict.fromkeys(reasons.SPARED[spared.rule] for spared in one.made.spared)
    if one.made.kept:
        rules[kept_for(one.made.kept, one.made.keeper)] = None
    why = "; ".join(rules) or "nobody is promised any of it"
    return f"Nobody can give way for the {one.made.ask.units:,} of {sku} that are missing: {why}."


def _take_the_rest(
    ctx: Context, order: UrgentOrder, request_id: int, judged: Sequence[Judged], lost: dict[int, int]
) -> dict[int, int]:
    """No policy asks: what would have waited moves as well."""
    rest = [Judged(one.item_id, _only_allowed(one.made), one.scene) for one in judged]
    for line_id, units in steps.move(ctx, order.site_id, rest, is_allowed=True).items():
        lost[line_id] = lost.get(line_id, 0) + units
    steps.mark_moved(request_id)
    steps.end(ctx, request_id, PriorityState.GRANTED)
    return lost


def _only_allowed(made: Plan) -> Plan:
    return Plan(made.ask, to_allow=made.to_allow, slips=made.slips, leaves=made.leaves)


def _as_asked(ctx: Context, request_id: int) -> PriorityRequested:
    """The answer for an order that is urgent already: its request, and how its lines stand."""
    row = queries_urgent.request_row(request_id)
    assert row is not None, "it waits"
    pending = queries_urgent.pending_of(row.order_id)
    lines = [
        UrgentLine(ask.line_id, 0, pending.get(ask.line_id, 0), ask.units)
        for _, ask in getattr(queries.urgent_order(row.order_id), "asks", [])
    ]
    ctx.about(PRIORITY, [request_id])
    return PriorityRequested(request_id, row.number, row.state, row.approval, lines)


def _lines(judged: Sequence[Judged], *, is_done: bool) -> list[UrgentLine]:
    found = []
    for one in judged:
        units = one.made.got + (one.made.pending if is_done else 0)
        pending = 0 if is_done else one.made.pending
        found.append(UrgentLine(one.made.ask.line_id, units, pending, one.made.ask.units - units))
    return found


@command(permission="allocation.apply", result=PriorityApplied)
def apply_priority(ctx: Context, req: ApplyPriority) -> PriorityApplied:
    """Do what was allowed for an urgent order, judged anew: never more than that, never what was picked meanwhile.

    A rejected request ends, and all stays as it was. Emits allocation.displaced, allocation.priority_ended.
    """
    asked = queries.asked(req.request_id)
    if asked is None:
        raise NotFound(f"There is no request with id {req.request_id}.")
    order = queries.urgent_order(asked.order_id)
    assert order is not None, "a request names its order"
    today = business_days([order.site_id], now=ctx.now)[order.site_id]
    line_ids, keys = queries.candidates(order, today, ctx.now)
    steps.hold_all(line_ids, keys)
    state = locks.request_state(req.request_id)
    ctx.about(PRIORITY, [req.request_id])
    ctx.about(ORDER, [order.order_id])
    if state != PriorityState.WAITING:
        return PriorityApplied(req.request_id, state, 0)
    subject = ref(PRIORITY, req.request_id)
    verdict = standing([subject], PRIORITY)[subject]
    if req.state != "approved" or verdict.content_hash != req.content_hash:
        steps.end(ctx, req.request_id, PriorityState.REJECTED, verdict.last_reason)
        steps.explain_rejection(ctx, asked, verdict.last_by, verdict.last_reason)
        ctx.emit(PriorityEnded(req.request_id, order.order_id, str(PriorityState.REJECTED), 0))
        return PriorityApplied(req.request_id, str(PriorityState.REJECTED), 0)
    return _apply(ctx, asked, line_ids, verdict.last_by)


def _apply(ctx: Context, asked: AskedRow, line_ids: Sequence[int], by: str) -> PriorityApplied:
    today = business_days([asked.site_id], now=ctx.now)[asked.site_id]
    order = queries.urgent_order(asked.order_id, today)
    assert order is not None, "a request names its order"
    allowed: dict[int, dict[int, int]] = {}
    for row in queries_urgent.displaced([asked.request_id])[asked.request_id]:
        if not row.is_automatic:
            allowed.setdefault(row.to_line_id, {})[row.from_line_id] = row.units
    is_open = order.state in ("confirmed", "released")
    judged = (
        queries.judge(order, today, line_ids, ctx.now, allowed=allowed, seen=queries.slips_seen(asked.request_id))
        if is_open
        else []
    )
    facts = steps.facts_for(judged)
    lost = steps.move(ctx, order.site_id, judged, is_allowed=True)
    steps.write_rows(asked.request_id, judged, facts, is_allowed=True)
    units = sum(one.made.got + one.made.pending for one in judged)
    said = steps.said_of(judged) if judged else "Nothing of the order waits any more."
    state = PriorityState.GRANTED if units else PriorityState.VOIDED
    steps.end(ctx, asked.request_id, state, said)
    overriding.urgent(ctx, order, asked.reason, judged, is_allowed=True, asked=asked)
    steps.explain(ctx, asked.request_id, judged, by=by, done=True)
    steps.tell(ctx, asked.request_id, order.order_id, judged, facts, lost, is_allowed=True)
    ctx.emit(PriorityEnded(asked.request_id, order.order_id, str(state), units))
    return PriorityApplied(asked.request_id, str(state), units)


@command(permission="allocation.prioritise", result=PriorityApplied)
def withdraw_priority(ctx: Context, req: WithdrawPriority) -> PriorityApplied:
    """Nobody needs to decide any more; what moved at once stays where it is. Refuses with WrongState, NotFound."""
    asked = queries.asked(req.request_id)
    if asked is None or not ctx.may("allocation.prioritise", asked.site_id):
        raise NotFound(f"There is no request with id {req.request_id}.")
    state = advance(PriorityState(locks.request_state(req.request_id)), "withdraw", number=asked.number)
    approvals.withdraw(ctx, PRIORITY, [ref(PRIORITY, req.request_id)], reason=req.reason.strip() or "withdrawn")
    steps.end(ctx, req.request_id, state, req.reason.strip())
    ctx.about(PRIORITY, [req.request_id])
    ctx.emit(PriorityEnded(req.request_id, asked.order_id, str(state), 0))
    return PriorityApplied(req.request_id, str(state), 0)


@command(permission="allocation.follow", result=UrgentFollowed)
def follow_urgent(ctx: Context, req: FollowUrgent) -> UrgentFollowed:
    """Void what waits for orders of which nothing waits any more. Emits allocation.priority_ended."""
    gone: list[int] = []
    for request_id in queries.waiting_requests_of(req.order_ids):
        asked = queries.asked(request_id)
        order = queries.urgent_order(asked.order_id) if asked else None
        if asked is None or order is None or order.asks:
            continue
        if locks.request_state(request_id) == PriorityState.WAITING:
            reason = "Nothing of the order waits any more."
            approvals.void(ctx, PRIORITY, [ref(PRIORITY, request_id)], reason=reason)
            steps.end(ctx, request_id, PriorityState.VOIDED, reason)
            ctx.emit(PriorityEnded(request_id, asked.order_id, str(PriorityState.VOIDED), 0))
            gone.append(request_id)
    return UrgentFollowed(gone)


@command(permission="allocation.notify", result=NoticesSettled)
def settle_notices(ctx: Context, req: SettleNotices) -> NoticesSettled:
    """Say of drafts that they were sent, or are not needed. Refuses with NoticeSettled, BadPriority."""
    if req.state not in (NoticeState.SENT, NoticeState.DROPPED):
        raise BadPriority("A letter is sent or dropped.", fix="Choose one of them.")
    ids = sorted(set(req.notice_ids))
    found = locks.notices(ids)
    for _, _, site_id in found:
        ctx.require("allocation.notify", site_id)
    if not ids or len(found) != len(ids) or any(state != NoticeState.DRAFT for _, state, _ in found):
        raise NoticeSettled("One of these letters is dealt with already.", fix="Look at the list again.")
    sql.execute(
        "UPDATE allocation_customernotice SET state = %s, settled_by_id = %s, settled_at = %s WHERE id = ANY(%s)",
        (req.state, ctx.actor_id, ctx.now, ids),
    )
    return NoticesSettled(ids)
