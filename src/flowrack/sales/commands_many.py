"""The door of what is done to many orders at once: what can be done is done, and of each order it is told what came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.sales import (
    locks,
    queries,
    queries_about,
    queries_days,
    queries_holds,
    rules,
    rules_changes,
    rules_days,
    states,
    steps_changes,
    steps_floor,
    steps_holds,
)
from flowrack.sales.queries_days import AskedDay
from flowrack.sales.rules_holds import PERMISSION_OF
from flowrack.sales.types import ORDER, LockedLine, OrderNotFound
from flowrack.sales.types_changes import ChangeRefused, OrderChangedEvent
from flowrack.sales.types_holds import Ending, HoldKind, NewHold
from flowrack.sales.types_many import (
    MOST_ORDERS,
    CancelOrders,
    HoldOrders,
    ManyDone,
    Outcome,
    ReleaseOrderHolds,
    SetWantedDays,
)
from flowrack.shared.errors import BadLine, Busy, WrongState


@command(permission="sales.hold", result=ManyDone)
def hold_orders(ctx: Context, req: HoldOrders) -> ManyDone:
    """Hold many orders by hand; those that are finished or held by hand already stay as they are.

    Emits sales.holds_placed. Refuses with ChangeRefused without orders or a reason, and with OrderNotFound.
    """
    order_ids, lines = _locked(ctx, "sales.hold", req.order_ids, req.reason)
    held = {one.order_id for one in queries_holds.open_holds(order_ids) if _is_by_hand(one)}
    told = dict.fromkeys(held, "It is held by hand already.")
    told |= _finished(lines)
    wanted = [one for one in order_ids if one not in told]
    said = req.reason.strip()
    said = said if said[-1] in ".!?" else f"{said}."
    if wanted:
        steps_holds.place(ctx, [NewHold(order_id, 0, HoldKind.MANUAL, said) for order_id in wanted])
    ctx.about(ORDER, wanted)
    kept = {one: sum(line.counts.unreleased for line in lines[one]) for one in wanted}
    done = {one: f"On hold.{f' {kept[one]:,} reserved units stay with it.' if kept[one] else ''}" for one in wanted}
    return _told(order_ids, lines, done, told)


def _is_by_hand(hold: queries_holds.OpenHold) -> bool:
    return hold.kind == HoldKind.MANUAL and not hold.line_id


@command(permission="sales.release_holds", result=ManyDone)
def release_order_holds(ctx: Context, req: ReleaseOrderHolds) -> ManyDone:
    """Release every hold of many orders that the person may release; what another has to release stays.

    Emits sales.holds_ended. Refuses with ChangeRefused without orders or a reason, and with OrderNotFound.
    """
    order_ids, lines = _locked(ctx, "sales.release_holds", req.order_ids, req.reason)
    ending: dict[int, list[queries_holds.OpenHold]] = {}
    told: dict[int, str] = {}
    for hold in queries_holds.open_holds(order_ids):
        kind = HoldKind(hold.kind)
        if not ctx.may(PERMISSION_OF[kind], hold.site_id):
            told[hold.order_id] = f"Its {kind} hold is for the {queries_holds.who_may_release(kind)}."
        elif queries_holds.is_own(hold, ctx.actor_id):
            told[hold.order_id] = "You entered it, or brought its hold about: a colleague releases it."
        else:
            ending.setdefault(hold.order_id, []).append(hold)
    found = [hold for of in ending.values() for hold in of]
    if found:
        free = steps_holds.end(ctx, found, Ending.RELEASED, req.reason.strip())
        steps_floor.tell_released(ctx, found, free, req.reason.strip())
    ctx.about(ORDER, sorted(ending))
    done = {
        one: f"Released: {', '.join(sorted({hold.kind for hold in of}))}.{_but(told.get(one))}"
        for one, of in ending.items()
    }
    told = {one: told.get(one, "It is not on hold.") for one in order_ids if one not in done}
    return _told(order_ids, lines, done, told)


def _but(said: str | None) -> str:
    return f" {said}" if said else ""


@command(permission="sales.change", result=ManyDone)
def cancel_orders(ctx: Context, req: CancelOrders) -> ManyDone:
    """Cancel all that is left of many orders; open picks are called back. Those of which goods are picked stay.

    Emits sales.units_cancelled. Refuses with ChangeRefused without orders or a reason, with OrderNotFound, and with
    Busy where an order of which picks were called back went to the floor once more in the same moment.
    """
    _refuse_without(req.order_ids, req.reason)
    steps_floor.claim(req.order_ids)  # whoever picks waits here: what is picked is read behind these locks
    free = sql.fetch_all(
        """
        SELECT l.id, l.released_units, l.order_id FROM sales_orderline l
        WHERE l.order_id = ANY(%s::bigint[]) AND l.open_units + l.allocated_units > 0
          AND NOT EXISTS (SELECT FROM sales_orderline p WHERE p.order_id = l.order_id AND p.picked_units > 0)
        ORDER BY l.id
        """,
        (req.order_ids,),
    )
    called_back = steps_changes.free_from_floor(ctx, {row[0]: None for row in free})
    order_ids, lines = _locked(ctx, "sales.change", req.order_ids, req.reason)
    told = _finished(lines, "cancel")
    for one in order_ids:
        busy = sum(line.counts.released + line.counts.picked for line in lines[one])
        if busy and one not in told:
            if called_back and any(row[2] == one for row in free):
                raise Busy(f"{lines[one][0].number} was released to the floor just now.", fix="Cancel them again.")
            told[one] = f"{busy:,} units are being picked or are picked: put them back first."
    cuts = {
        line.line_id: cut
        for one in order_ids
        if one not in told
        for line in lines[one]
        if line.counts.waiting + line.counts.allocated and (cut := rules.cut_line(line.counts, None)) is not None
    }
    order_of = {line.line_id: one for one in order_ids for line in lines[one]}
    if cuts:
        steps_changes.cancel(ctx, cuts, order_of, req.reason.strip())
    prices = queries.unit_prices(cuts)
    done: dict[int, str] = {}
    for one in order_ids:
        mine = {line_id: cut for line_id, cut in cuts.items() if order_of[line_id] == one}
        promised, units = sum(cut.promised for cut in mine.values()), sum(cut.units for cut in mine.values())
        worth = sum((prices[line_id] * cut.units for line_id, cut in mine.items()), Decimal(0))
        given_back = f" {promised:,} of them were reserved: free for others at once." if promised else ""
        said = (
            f"{units:,} {'unit' if units == 1 else 'units'} cancelled, worth {worth:,.2f}; the rest of the order ends."
        )
        done |= {one: f"{said}{given_back}"} if mine else {}
    return _told(order_ids, lines, done, told)


@command(permission="sales.change", result=ManyDone)
def set_wanted_days(ctx: Context, req: SetWantedDays) -> ManyDone:
    """Let many orders be wanted on another day; reserved lots that would be too old then are given back.

    Emits sales.order_changed for each. Refuses with ChangeRefused without orders or a reason, or where nothing arrives
    on the day and nobody said that it is meant so; and with OrderNotFound.
    """
    order_ids, lines = _locked(ctx, "sales.change", req.order_ids, req.reason)
    heads = steps_changes.read_heads(ctx, order_ids)
    told = _finished(lines)
    for one, head in heads.items():
        if one not in told and (bad := rules_changes.day_faults(head, req.requested_on, head.latest_on)):
            told[one] = bad[0].message
        if one not in told and head.requested_on == req.requested_on and not head.gives_ship_day:
            told[one] = "It is wanted on this day already."
    moved = [one for one in order_ids if one not in told]
    lives = steps_changes.write_wanted(moved, req.requested_on)
    back = steps_changes.give_back_too_old(ctx, {one: (req.requested_on, life) for one, life in lives.items()})
    days = _days(heads, moved, req, ctx)
    if not req.is_sure:
        _refuse_doubtful({one: late.strip() for one, (_, late) in days.items() if late}, lines, req.order_ids)
    done: dict[int, str] = {}
    doubtful: set[int] = set()
    for one in moved:
        was = heads[one].requested_on
        [change] = rules_changes.changed_days(was, req.requested_on)
        ctx.emit(OrderChangedEvent(one, [change], req.reason.strip()))
        lost = f" {back[one]:,} reserved units were given back: too old by then." if back.get(one) else ""
        leaves, late = days[one]
        by = "" if late else f"; it leaves by {rules_changes.day(leaves)}"
        done[one] = f"Wanted {change.after}, not {change.before}{by}.{late}{lost}"
        doubtful |= {one} if late else set()
    ctx.about(ORDER, moved)
    return _told(order_ids, lines, done, told, doubtful)


def _days(
    heads: Mapping[int, steps_changes.Head], order_ids: Sequence[int], req: SetWantedDays, ctx: Context
) -> dict[int, tuple[date, str]]:
    """By when each order must leave for its new day, and that nothing arrives on that. One query."""
    asked = [
        AskedDay(head.site_id, head.customer_id, head.ship_to_id, req.requested_on, None, head.latest_on)
        for head in (heads[one] for one in order_ids)
    ]
    found = {}
    for one, on in zip(order_ids, queries_days.first_days(asked, ctx.now), strict=True):
        late = rules_days.nothing_arrives(arrives_on=on.arrives_on, leaves_on=on.leaves_on, there_on=on.there_on)
        found[one] = on.leaves_on, f" {late}" if late else ""
    return found


def _refuse_doubtful(late: Mapping[int, str], lines: Mapping[int, Sequence[LockedLine]], named: Sequence[int]) -> None:
    """Refuse a day on which nothing arrives, with each order of which that is so."""
    if not late:
        return
    some = "" if len(late) == len(set(named)) else f" for {len(late):,} of the orders"
    fix = "Choose another day, or say that you are sure (is_sure) to take it all the same."
    bad = [
        BadLine(named.index(one) + 1, "requested_on", f"{lines[one][0].number}: {said}", "")
        for one, said in late.items()
    ]
    raise ChangeRefused(f"Nothing arrives on this day{some}.", lines=bad, fix=fix)


def _refuse_without(order_ids: Sequence[int], reason: str) -> None:
    bad = [] if order_ids else [BadLine(0, "order_ids", "No order is named.", "Choose some in the list.")]
    bad += [] if reason.strip() else [BadLine(0, "reason", "Say why.", "A few words are enough.")]
    if len(set(order_ids)) > MOST_ORDERS:
        bad.append(
            BadLine(0, "order_ids", f"These are {len(order_ids):,} orders.", f"At most {MOST_ORDERS} at a time.")
        )
    if bad:
        raise ChangeRefused(bad[0].message, lines=bad, fix=bad[0].fix)


def _locked(
    ctx: Context, permission: str, named: Sequence[int], reason: str
) -> tuple[list[int], dict[int, list[LockedLine]]]:
    """The orders once each, and their lines, locked; refuses what names none, one that is not there, or no reason."""
    _refuse_without(named, reason)
    order_ids = list(dict.fromkeys(named))
    lines: dict[int, list[LockedLine]] = {}
    for line in locks.orders(order_ids):
        lines.setdefault(line.order_id, []).append(line)
    for site_id in sorted({of[0].site_id for of in lines.values()}):
        ctx.require(permission, site_id)
    if unknown := [one for one in order_ids if one not in lines]:
        some = "One of these orders is" if len(unknown) == 1 else f"{len(unknown)} of these orders are"
        said = f"{some} not there: id {', '.join(map(str, unknown[:3]))}{', ...' if len(unknown) > 3 else ''}."
        bad = [
            BadLine(named.index(one) + 1, "order_ids", f"There is no order with id {one}.", "Leave it out.")
            for one in unknown
        ]
        raise OrderNotFound(said, lines=bad, fix="Leave it out, or choose again.")
    return order_ids, lines


def _finished(lines: Mapping[int, Sequence[LockedLine]], action: str = "change") -> dict[int, str]:
    """The orders of which nothing can be changed any more, with what they are."""
    told = {}
    for order_id, of in lines.items():
        try:
            states.advance(states.OrderState(of[0].state), action)
        except WrongState:
            told[order_id] = f"It is {of[0].state}."
    return told


def _told(
    order_ids: Iterable[int],
    lines: Mapping[int, Sequence[LockedLine]],
    done: Mapping[int, str],
    told: Mapping[int, str],
    doubtful: Collection[int] = (),
) -> ManyDone:
    ids = list(order_ids)
    customers = queries_about.customers_of(ids)
    return ManyDone(
        [
            Outcome(
                *(one, lines[one][0].number, one in done),
                *(done.get(one) or told.get(one, "Nothing is left of it."), customers[one], one in doubtful),
            )
            for one in ids
        ]
    )
