"""What people and partners change on orders, until they leave."""

from __future__ import annotations

from dataclasses import replace

from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import (
    locks,
    queries,
    rules,
    rules_changes,
    rules_terms,
    states,
    steps_changes,
    steps_holds,
    steps_judge,
)
from flowrack.sales.rules import Cut
from flowrack.sales.steps_changes import Head
from flowrack.sales.types import (
    ORDER,
    Cancelled,
    CancelLine,
    CancelLines,
    CancelOrder,
    ChangeLine,
    LineChanged,
    LineCounts,
    OrderNotFound,
    TooLate,
)
from flowrack.sales.types_changes import (
    Changed,
    ChangeOrder,
    ChangeRefused,
    Fewer,
    OrderChanged,
    OrderChangedEvent,
    OverrideOrder,
)
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="sales.change", result=LineChanged)
def change_line(ctx: Context, req: ChangeLine) -> LineChanged:
    """Change how many units a customer wants of a line, or its price.

    Fewer units: what waits goes first, then promises are taken back, then from pickers (their open picks are called
    back), last of all what is picked: it goes back into its bins. Emits sales.line_changed. Refuses with TooLate when
    more is in cartons or has left than the new quantity.
    """
    called_back = steps_changes.clear_floor(ctx, steps_changes.to_take_away([req]))
    held = locks.lines([req.line_id])
    order_id = _order_of(held)
    _check_orders(ctx, [order_id], action="change")
    effect = steps_changes.change_lines(ctx, held, [req], "")
    ctx.subject = ref(ORDER, order_id)
    units = req.units or effect.units[req.line_id]
    return LineChanged(req.line_id, units, effect.unpromised, called_back, effect.units[req.line_id])


@command(permission="sales.change", result=OrderChanged)
def change_order(ctx: Context, req: ChangeOrder) -> OrderChanged:
    """Change the days, the address and the lines of an order, all or nothing.

    Promises that would not live long enough on the new day are given back; address, quantities and credit are judged
    anew. Emits sales.order_changed, sales.line_changed and sales.units_cancelled. Refuses with ChangeRefused, naming
    every bad field, and as `change_line`.
    """
    called_back = steps_changes.clear_floor(ctx, steps_changes.to_take_away(req.lines))
    held = locks.lines_of_order(req.order_id)
    head = steps_changes.read_head(ctx, req.order_id)
    ctx.require("sales.change", head.site_id)
    states.advance(states.OrderState(head.state), "change")
    after = _wished(head, req)
    changed = rules_changes.changed(head, after)
    if not changed and not req.lines:
        raise ChangeRefused("Nothing is different.", fix="Change a day, the address or a line.")
    was = head.requested_on, head.min_life_days - head.transit_days
    becomes = steps_changes.write_head(req.order_id, after) if changed else was
    unpromised, lines = 0, steps_changes.lines_as_they_are(req.lines)
    if becomes != was:
        unpromised = sum(steps_changes.give_back_too_old(ctx, {req.order_id: becomes}).values())
        held = locks.lines_of_order(req.order_id)
    if req.lines:
        unpromised += steps_changes.change_lines(ctx, held, req.lines, req.reason.strip()).unpromised
    if after.ship_to_id != head.ship_to_id:
        steps_judge.judge_addresses(ctx, [req.order_id])
    if changed:
        ctx.emit(OrderChangedEvent(req.order_id, changed, req.reason.strip()))
    ctx.subject = ref(ORDER, req.order_id)
    of_lines = rules_changes.lines_changed(lines, steps_changes.lines_as_they_are(req.lines))
    return OrderChanged(req.order_id, [*changed, *of_lines], unpromised, called_back)


def _wished(head: Head, req: ChangeOrder) -> Head:
    """The order as it should be, or a refusal that names every bad field."""
    requested_on = req.requested_on or head.requested_on
    latest_on = None if req.no_latest else req.latest_on or head.latest_on
    bad = rules_changes.day_faults(head, requested_on, latest_on)
    twice = len({line.line_id for line in req.lines}) < len(req.lines)
    bad += [BadLine(0, "lines", "A line stands twice.", "Name each line once.")] if twice else []
    after = replace(head, requested_on=requested_on, latest_on=latest_on)
    if requested_on != head.requested_on or latest_on != head.latest_on:
        after = replace(after, gives_ship_day=False)  # these are days of arrival
    code = req.ship_to.strip()
    if code and code != head.ship_to:
        found = steps_changes.address_of(head.customer_id, code)
        if found is None:
            fix = "Choose one of the customer's addresses in use."
            bad.append(BadLine(0, "ship_to", f"The customer has no address “{code}” in use.", fix))
        else:
            after = replace(after, ship_to_id=found, ship_to=code)
    if bad:
        raise ChangeRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    return after


@command(permission="sales.override", result=OrderChanged)
def override_order(ctx: Context, req: OverrideOrder) -> OrderChanged:
    """Rank an order as another tier, or deliver it by another policy, than its customer's terms say; stores why.

    Emits sales.order_changed. Refuses with ChangeRefused (no reason, nothing different), DutiesConflict for an order
    that the person entered, and WrongState.
    """
    locks.lines_of_order(req.order_id)
    head = steps_changes.read_head(ctx, req.order_id)
    ctx.require("sales.override", head.site_id)
    states.advance(states.OrderState(head.state), "change")
    said = "You entered this order: a colleague decides on its rank and policy."
    ctx.require_other_person(head.entered_by_id, rule="S15", sentence=said)
    after = replace(head, tier=req.tier or head.tier, policy=req.policy or head.policy)
    changed = rules_changes.changed(head, after)
    bad = rules_changes.override_faults(req, is_different=bool(changed))
    if after.policy == "complete" and head.policy != "complete":
        bad += _too_many_shipments(req.order_id, head.site_id)
    if bad:
        raise ChangeRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_changes.write_head(req.order_id, after)
    if after.policy != head.policy:
        steps_holds.mark_anew(req.order_id)
    sentence = f"{rules_changes.in_words(changed)} Why: {req.reason.strip()}"
    row = DecisionRow("override", ref(ORDER, req.order_id), sentence, "person", {"by": ctx.actor_id})
    decisions.record(ctx, [row])
    ctx.emit(OrderChangedEvent(req.order_id, changed, req.reason.strip()))
    ctx.subject = ref(ORDER, req.order_id)
    return OrderChanged(req.order_id, [Changed(c.field, c.before, c.after) for c in changed], 0)


def _too_many_shipments(order_id: int, site_id: int) -> list[BadLine]:
    """Why an order cannot be delivered complete: it may have several shipments."""
    most = queries.access_order(order_id, frozenset({site_id})).max_shipments or 1
    fix = "Set the shipments to 1 or any number first (Terms)."
    return [BadLine(0, "policy", rules_terms.contradiction(most), fix)] if most > 1 else []


@command(permission="sales.change", result=Cancelled)
def cancel_lines(ctx: Context, req: CancelLines) -> Cancelled:
    """Cancel units of order lines; promises are taken back and free for others at once, open picks called back, and
    what is picked goes back into its bins.

    Emits sales.units_cancelled. Refuses with TooLate, naming every line of which less can be cancelled.
    """
    called_back = steps_changes.clear_floor(ctx, {line.line_id: Fewer(by=line.units) for line in req.lines})
    held = locks.lines([line.line_id for line in req.lines])
    return _cancel(ctx, held, req.lines, req.reason, called_back)


@command(permission="sales.change", result=Cancelled)
def cancel_order(ctx: Context, req: CancelOrder) -> Cancelled:
    """Cancel all that is left of an order; its open picks are called back, and what is picked goes back into its bins.

    Emits sales.units_cancelled. Refuses with TooLate while units are in cartons, and with WrongState when the order is
    finished.
    """
    called_back = steps_changes.clear_floor(ctx, dict.fromkeys(_line_ids(req.order_id), Fewer()))
    held = locks.lines_of_order(req.order_id)
    if not held:
        raise OrderNotFound("There is no such order.", fix="Search for it by number.")
    busy = sum(counts.released + counts.picked for _, counts in held.values())
    if busy:
        raise TooLate(
            f"{busy} units of this order are being picked or are picked.",
            fix="Somebody gave them to the floor in this moment: cancel it again.",
        )
    wanted = [CancelLine(line_id) for line_id, (_, counts) in held.items() if counts.waiting + counts.allocated]
    return _cancel(ctx, held, wanted, req.reason, called_back)


def _line_ids(order_id: int) -> list[int]:
    rows = sql.fetch_all("SELECT id FROM sales_orderline WHERE order_id = %s ORDER BY id", (order_id,))
    return [row[0] for row in rows]


def _cancel(
    ctx: Context,
    held: dict[int, tuple[int, LineCounts]],
    wanted: list[CancelLine],
    reason: str,
    called_back: int,
) -> Cancelled:
    """Check, take promises back, count the units as cancelled and close orders of which nothing is left."""
    _check_orders(ctx, sorted({order_id for order_id, _ in held.values()}), action="cancel")
    cuts: dict[int, Cut] = {}
    bad: list[BadLine] = []
    for n, line in enumerate(wanted, 1):
        if line.line_id not in held or line.line_id in cuts:
            bad.append(BadLine(n, "line_id", "There is no such line, or it stands twice.", "Open the order again."))
            continue
        counts = held[line.line_id][1]
        cut = rules.cut_line(counts, line.units)
        if cut is None or cut.units <= 0 or (line.units is not None and line.units <= 0):
            can = counts.waiting + counts.unreleased
            said = f"Only {can} units of this line can still be cancelled."
            bad.append(BadLine(n, "units", said, "Cancel as many, or fewer."))
            continue
        cuts[line.line_id] = cut
    if bad or not cuts:
        raise TooLate("This cannot be cancelled as asked.", lines=bad, fix="See each line.")
    unpromised = steps_changes.cancel(ctx, cuts, {line_id: held[line_id][0] for line_id in cuts}, reason)
    return Cancelled(list(cuts), [cut.units for cut in cuts.values()], unpromised, called_back)


def _order_of(held: dict[int, tuple[int, LineCounts]]) -> int:
    if not held:
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    [(order_id, _)] = held.values()
    return order_id


def _check_orders(ctx: Context, order_ids: list[int], *, action: str) -> None:
    """Refuse unless the actor may change orders at their sites and each is in a state that allows the action."""
    rows = sql.fetch_all("SELECT site_id, state FROM sales_order WHERE id = ANY(%s::bigint[])", (order_ids,))
    for site_id, state in rows:
        ctx.require("sales.change", site_id)
        states.advance(states.OrderState(state), action)
