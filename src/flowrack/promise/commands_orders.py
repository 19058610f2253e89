"""A quote becomes an order: of its own lines, or the promise of a line that was entered before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.promise import queries, queries_kept, queries_quotes, reasons, states, steps, steps_days, steps_kept
from flowrack.promise.locks import LockedQuote, PartRow
from flowrack.promise.queries_quotes import LineOfQuote, PlannedLine
from flowrack.promise.states import QuoteState
from flowrack.promise.steps import NewPromise, Taken
from flowrack.promise.types import (
    PROMISED,
    QUOTE,
    RULE,
    LineDoesNotFit,
    OrderQuote,
    QuoteChanged,
    QuoteEnded,
    QuoteEndedEvent,
    QuoteOrdered,
    QuoteOver,
    TakeQuote,
)
from flowrack.sales import queries_days, queries_holds, steps_entry, steps_sites
from flowrack.sales import steps as sales
from flowrack.sales.types import ORDER, EnteredOrder, NewLine, NewOrder, OrderNotFound
from flowrack.shared.refs import ref

PERMISSION, ENTER = "promise.quote", "sales.enter"
Place = tuple[int, int, date]  # site, item, day of the quote
REFERENCE = 60  # characters of a customer's reference


@command(permission="promise.quote", result=QuoteOrdered, is_small=lambda req: True)
def order_quote(ctx: Context, req: OrderQuote) -> QuoteOrdered:
    """Enter the orders for what a quote holds, one for each site, and give them its units: all, or nothing happens.

    Units of one item that leave a site on one day are a line; a substitute is a line of its own item. Emits
    sales.order_entered and promise.quote_ended. Refuses with QuoteOver, with OrderRefused as order entry does, and
    with LineDoesNotFit when the order would be held, for a held line gets no units; with QuoteChanged where a day
    cannot be kept any more, unless the customer takes the new one.
    """
    held, parts = steps.locked(ctx, req.quote_id, PERMISSION)
    state = _taken(ctx, held)
    moved, last = _moved(ctx, held, req.new_day)
    planned = queries_quotes.planned_lines(held.quote_id)
    sites = list(dict.fromkeys(line.site_id for line in planned))
    for site_id in sites:
        ctx.require(ENTER, site_id)
    by_site = [[line for line in planned if line.site_id == site_id] for site_id in sites]
    entered = steps_entry.enter(ctx, [_order(held, lines, req.reference, n, last) for n, lines in enumerate(by_site)])
    _check_held(entered)
    steps_sites.stand_beside(entered[0].order_id, [order.order_id for order in entered[1:]])
    lines = {
        (line.site_id, line.item_id, line.ships_on): line_id
        for of, order in zip(by_site, entered, strict=True)
        for line, line_id in zip(of, order.line_ids, strict=True)
    }
    taken = [Taken(p, lines[p.site_id, p.item_id, p.ships_on], p.units) for p in parts if p.is_committed]
    reason = f"Became {' and '.join(order.number for order in entered)}."
    units = steps.hand_over(ctx, held, parts, state, taken, line_id=entered[0].line_ids[0], reason=reason)
    _promise(ctx, held, planned, lines, moved, last)
    ctx.about(QUOTE, [held.quote_id])
    ctx.emit(QuoteEndedEvent([held.quote_id], state, steps.freed_by(parts, taken)))
    return QuoteOrdered(held.quote_id, entered, units)


def _moved(ctx: Context, held: LockedQuote, new_day: date | None) -> tuple[dict[Place, date], date]:
    """The new days of what cannot leave on its own any more, by site, item and day of the quote, and when the last of
    it arrives; refuses with QuoteChanged where that is not what the customer takes."""
    found = queries_kept.changes([held.quote_id], ctx.now).get(held.quote_id, [])
    if not found:
        return {}, held.arrives_on
    last = steps_kept.last_day(found, held.ships_on)
    said = f"{held.number} cannot be kept any more. {reasons.quote_changed(found)}"
    if last is None:
        raise QuoteChanged(said, fix="Give the units back and ask again.")
    if new_day != last:
        raise QuoteChanged(
            said,
            fix=f"Ask the customer; where he takes it, take it for {reasons.day(last)} (new_day "
            f"{last.isoformat()}). Else give the units back and ask again.",
        )
    days: dict[Place, date] = {}
    for one in found:
        assert one.ships_on is not None, "there is a last day"
        place = (one.part.site_id, one.part.item_id, one.part.ships_on)
        days[place] = max(one.ships_on, days.get(place, one.ships_on))
    return days, max([held.arrives_on, *(one.arrives_on for one in found if one.arrives_on is not None)])


def _promise(
    ctx: Context,
    held: LockedQuote,
    planned: list[PlannedLine],
    lines: dict[Place, int],
    moved: dict[Place, date],
    last: date,
) -> None:
    """The days of the quote are promised to its lines at once: goods to come stay for them without a gap. A day on
    which nothing leaves any more is at risk at once."""
    policies = queries.policies(sorted({line.site_id for line in planned}), ctx.now)
    places = {(line.site_id, line.item_id, line.ships_on): line for line in planned}
    leaves = {lines[place]: moved.get(place, place[2]) for place in places}
    arrives = queries_days.arrivals(list(leaves.items()))
    new = [
        NewPromise(
            lines[place],
            line.site_id,
            (on := leaves[lines[place]]),
            min(arrives[lines[place], on], last),
            policies[line.site_id][1].seconds_for(line.units),
        )
        for place, line in places.items()
    ]
    steps.write_promises(ctx, new)
    sales.set_promises({one.line_id: one.ships_on for one in new})
    fresh = {lines[place] for place in moved}
    decisions.record(
        ctx,
        [
            DecisionRow(
                "promise",
                ref(PROMISED, one.line_id),
                f"Promised to leave {reasons.day(one.ships_on)}, {_quoted(held.number, is_new=one.line_id in fresh)}",
                RULE,
                {"quote": held.number, "ships_on": one.ships_on},
            )
            for one in new
        ],
    )
    steps_days.warn(ctx, [(one.site_id, one.ships_on) for one in new])


def _quoted(number: str, *, is_new: bool) -> str:
    if is_new:
        return f"for the day of quote {number} could not be kept any more, and the customer took this one."
    return f"as it was quoted in {number}."


def _order(held: LockedQuote, lines: list[PlannedLine], reference: str, place: int, wanted_on: date) -> NewOrder:
    """The order of one site. A reference stands for one order only, so others have their site's code with it."""
    own = reference.strip()
    if own and place:
        own = f"{own[: REFERENCE - 1 - len(lines[0].site)]} {lines[0].site}"
    asked = [NewLine(line.sku, Decimal(line.units)) for line in lines]
    return NewOrder(lines[0].customer, lines[0].site_id, asked, own, wanted_on)


def _check_held(entered: list[EnteredOrder]) -> None:
    doubts = dict.fromkeys(hold.sentence for hold in queries_holds.open_holds([order.order_id for order in entered]))
    if doubts:
        raise LineDoesNotFit(
            f"The order would be held, and a held order gets no units: {' '.join(doubts)}",
            fix="Have that settled and try again, or give the units back and enter the order under Orders.",
        )


def _taken(ctx: Context, held: LockedQuote) -> QuoteState:
    """The state of a quote that is taken now; refuses with QuoteOver, also when only its time is over."""
    state = states.advance(QuoteState(held.state), "take")
    if held.expires_at <= ctx.now:
        raise QuoteOver("The time of this quote is over.", fix="Ask again: the answer may be another one by now.")
    return state


@command(permission="promise.quote", result=QuoteEnded, is_small=lambda req: True)
def take_quote(ctx: Context, req: TakeQuote) -> QuoteEnded:
    """The quote becomes the promise of an order line: what it holds of stock is the line's, in one transaction.

    Nobody can come in between, for the pools stay locked. What the line does not need is free. Emits
    promise.quote_ended. Refuses with QuoteOver, with LineDoesNotFit for a line of another customer, or when the quote
    holds stock of another item or site, and with QuoteChanged where a day cannot be kept any more, unless the customer
    takes the new one.
    """
    held, parts = steps.locked(ctx, req.quote_id, PERMISSION)
    state = _taken(ctx, held)
    lines = sales.claim_lines([req.line_id])
    line = queries_quotes.line_of(req.line_id)  # as it is locked: it may ship from another site by now
    if line is None or not lines:
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    ctx.require(PERMISSION, line.site_id)
    _check_fit(held, parts, line)
    _moved(ctx, held, req.new_day)
    wanted = lines[req.line_id][1].waiting
    taken = []
    for part in parts:
        units = min(part.units, wanted) if part.is_committed else 0
        if units:
            wanted -= units
            taken.append(Taken(part, req.line_id, units))
    freed = steps.hand_over(ctx, held, parts, state, taken, line_id=req.line_id)
    ctx.about(QUOTE, [held.quote_id])
    ctx.about(ORDER, [line.order_id])
    ctx.emit(QuoteEndedEvent([held.quote_id], state, steps.freed_by(parts, taken)))
    return QuoteEnded([held.quote_id], freed)


def _check_fit(held: LockedQuote, parts: list[PartRow], line: LineOfQuote) -> None:
    if line.customer_id != held.customer_id:
        raise LineDoesNotFit("The order is another customer's.", fix="Take the quote for its own customer.")
    if line.item_id != held.item_id:
        raise LineDoesNotFit("The line wants another item.", fix="Choose the line with the item of the quote.")
    if line.is_held:
        raise LineDoesNotFit("The line is on hold.", fix="Have the hold released first.")
    stock = {(part.item_id, part.site_id) for part in parts if part.is_committed}
    if stock - {(line.item_id, line.site_id)}:
        raise LineDoesNotFit(
            "The quote holds stock of another item or site than the line's; the line cannot get it.",
            fix="Make the orders from the quote itself: each item and site gets its line.",
        )
