"""What people and partners do with customer orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from flowrack.platform import numbers, sql
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import locks, queries, rules, states, steps, steps_judge
from flowrack.sales.queries import KnownItem, Terms
from flowrack.sales.rules import Cut
from flowrack.sales.types import (
    ORDER,
    Cancelled,
    CancelLine,
    CancelLines,
    CancelOrder,
    ChangeLine,
    EnteredOrder,
    EnterOrders,
    LineChanged,
    LineCounts,
    LineUnitsChanged,
    NewLine,
    NewOrder,
    OrderEntered,
    OrderNotFound,
    OrderRefused,
    OrdersEntered,
    TooLate,
    UnitsCancelled,
    UnitsChange,
)
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

DEFAULT_LEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that passed all checks."""

    item_id: int
    units: int
    unit_price: Decimal
    lot: str
    in_doubt: bool


@command(permission="sales.enter", result=OrdersEntered)
def enter_orders(ctx: Context, req: EnterOrders) -> OrdersEntered:
    """Enter and confirm customer orders, all or none; what is in doubt is held for a person.

    Emits sales.order_entered for each, and sales.holds_placed. Refuses with OrderRefused, naming every unknown
    customer, item or pack, every quantity that is not a whole number of base units and every customer reference that
    was entered before.
    """
    for site_id in {order.site_id for order in req.orders}:
        ctx.require("sales.enter", site_id)
    if not req.orders:
        raise OrderRefused("There is no order in this request.", fix="Send at least one order.")
    known = queries.terms(
        [order.customer.strip() for order in req.orders],
        [order.ship_to.strip() for order in req.orders],
        [order.reference.strip() for order in req.orders],
        [order.site_id for order in req.orders],
    )
    bad = _check_heads(req.orders, known)
    lines = _check_lines(req.orders, bad)
    if bad:
        raise OrderRefused(f"The order cannot be entered: {len(bad)} to mend.", lines=bad)
    entered = _insert(ctx, req.orders, known, lines)
    _judge(ctx, known, lines, entered)
    for order, head, done in zip(req.orders, known, entered, strict=True):
        assert head.customer_id is not None
        ctx.emit(OrderEntered(done.order_id, done.number, head.customer_id, order.site_id, done.line_ids))
    ctx.about(ORDER, [one.order_id for one in entered])
    return OrdersEntered(entered)


def _check_heads(orders: list[NewOrder], known: list[Terms]) -> list[BadLine]:
    """What is wrong with customers, addresses, references and policies."""
    bad: list[BadLine] = []
    seen: set[tuple[int, str]] = set()
    for order, head in zip(orders, known, strict=True):
        if not head.site_known:
            bad.append(BadLine(0, "site", "There is no such site.", "Choose one of the sites."))
        if head.customer_id is None:
            bad.append(
                BadLine(
                    0,
                    "customer",
                    f"There is no customer “{order.customer}”.",
                    "Check the code, or enter the customer first.",
                )
            )
            continue
        if order.ship_to.strip() and head.ship_to_id is None:
            bad.append(
                BadLine(
                    0,
                    "ship_to",
                    f"{order.customer} has no address “{order.ship_to}”.",
                    "Choose one of the customer's addresses.",
                )
            )
        if order.policy and order.policy not in rules.POLICIES:
            bad.append(
                BadLine(0, "policy", f"“{order.policy}” is not a delivery policy.", "Use complete, line or partial.")
            )
        reference = order.reference.strip()
        if head.duplicate is not None:
            bad.append(
                BadLine(
                    0, "reference", f"{reference} was entered before as {head.duplicate}.", f"Open {head.duplicate}."
                )
            )
        elif reference and (head.customer_id, reference) in seen:
            bad.append(
                BadLine(0, "reference", f"{reference} stands twice in this request.", "Send each order only once.")
            )
        seen.add((head.customer_id, reference))
        if not order.lines:
            bad.append(BadLine(0, "lines", "The order has no lines.", "Add at least one line."))
    return bad


def _check_lines(orders: list[NewOrder], bad: list[BadLine]) -> list[list[_Line]]:
    """The checked lines of every order; what is wrong is added to `bad`."""
    asked = [line for order in orders for line in order.lines]
    codes = [line.item.strip() for line in asked]
    sites = [order.site_id for order in orders for _ in order.lines]
    found = queries.items(codes, [line.pack.strip() for line in asked], sites) if asked else []
    missing = sorted({code for code, item in zip(codes, found, strict=True) if item.item_id is None and code})
    if missing:
        found = queries.by_barcode(asked, sites, found, missing)
    rows = iter(zip(asked, found, strict=True))
    checked: list[list[_Line]] = []
    for order in orders:
        lines: list[_Line] = []
        for line_no in range(1, len(order.lines) + 1):
            line, item = next(rows)
            outcome = _check_line(line_no, line, item)
            if isinstance(outcome, BadLine):
                bad.append(outcome)
            else:
                lines.append(outcome)
        checked.append(lines)
    return checked


def _check_line(line_no: int, line: NewLine, item: KnownItem) -> _Line | BadLine:
    trouble = _item_trouble(line_no, line, item)
    if trouble is not None:
        return trouble
    assert item.item_id is not None and item.factor is not None
    units = rules.whole_units(line_no=line_no, quantity=line.quantity, factor=item.factor, pack=line.pack)
    if isinstance(units, BadLine):
        return units
    price = item.list_price if line.unit_price is None else line.unit_price
    price = Decimal(0) if price is None else price
    if price < 0:
        return BadLine(line_no, "unit_price", "A price cannot be negative.", "Enter a discount as a lower price.")
    in_doubt = item.doubtful_units is not None and units > item.doubtful_units
    return _Line(item.item_id, units, price, line.lot.strip(), in_doubt)


def _item_trouble(line_no: int, line: NewLine, item: KnownItem) -> BadLine | None:
    """Why the code or the pack of a line cannot be ordered."""
    if item.meanings:
        return BadLine(line_no, "item", f"“{line.item}” stands for several things: {item.meanings}.", "Use the SKU.")
    if item.item_id is None:
        return BadLine(line_no, "item", f"There is no item “{line.item}”.", "Check the SKU or scan the article.")
    if not item.is_active:
        return BadLine(line_no, "item", f"{line.item} is not sold any more.", "Order its substitute.")
    if item.factor is None:
        return BadLine(
            line_no, "pack", f"{line.item} has no pack “{line.pack}”.", "Use one of its packs or base units."
        )
    return None


def _judge(ctx: Context, known: list[Terms], lines: list[list[_Line]], entered: list[EnteredOrder]) -> None:
    """Hold what is in doubt. No statement for an order of which nothing is."""
    doubtful = [
        line_id
        for of, done in zip(lines, entered, strict=True)
        for line, line_id in zip(of, done.line_ids, strict=True)
        if line.in_doubt
    ]
    order_ids = [
        done.order_id for head, done in zip(known, entered, strict=True) if head.has_credit or head.doubts_address
    ]
    if doubtful or order_ids:
        steps_judge.judge_entered(ctx, doubtful, order_ids)


def _insert(ctx: Context, orders: list[NewOrder], known: list[Terms], lines: list[list[_Line]]) -> list[EnteredOrder]:
    """Write orders and lines. Two statements."""
    names = numbers.next_numbers("SO", len(orders))
    flat = [(name, no, line) for name, of in zip(names, lines, strict=True) for no, line in enumerate(of, 1)]
    rows = sql.fetch_all(
        """
        WITH head AS (
            INSERT INTO sales_order (number, customer_id, site_id, ship_to_id, reference, tier, policy, min_life_days,
                                     state, ordered_at, requested_on, entered_by_id)
            SELECT h.number, h.customer_id, h.site_id, h.ship_to_id, h.reference, h.tier, h.policy, h.min_life_days,
                   'confirmed', %s, h.requested_on, %s
            FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
                        %s::int[], %s::date[])
                 AS h(number, customer_id, site_id, ship_to_id, reference, tier, policy, min_life_days, requested_on)
            RETURNING id, number
        ), line AS (
            INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                         picked_units, shipped_units, cancelled_units, unit_price, lot_code)
            SELECT head.id, l.line_no, l.item_id, l.units, 0, 0, 0, 0, 0, l.unit_price, l.lot
            FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::numeric[], %s::text[])
                 AS l(number, line_no, item_id, units, unit_price, lot)
            JOIN head ON head.number = l.number
            RETURNING id, order_id, line_no
        )
        SELECT head.number, head.id, array_agg(line.id ORDER BY line.line_no)
        FROM head JOIN line ON line.order_id = head.id GROUP BY head.number, head.id
        """,
        (
            ctx.now,
            ctx.actor_id,
            names,
            [head.customer_id for head in known],
            [order.site_id for order in orders],
            [head.ship_to_id for head in known],
            [order.reference.strip() for order in orders],
            [head.tier for head in known],
            [order.policy or head.policy for order, head in zip(orders, known, strict=True)],
            [head.min_life_days for head in known],
            [order.requested_on or (ctx.now + DEFAULT_LEAD).date() for order in orders],
            [row[0] for row in flat],
            [row[1] for row in flat],
            [row[2].item_id for row in flat],
            [row[2].units for row in flat],
            [row[2].unit_price for row in flat],
            [row[2].lot for row in flat],
        ),
    )
    by_number = {row[0]: row for row in rows}
    return [EnteredOrder(by_number[name][1], name, list(by_number[name][2])) for name in names]


@command(permission="sales.change", result=LineChanged)
def change_line(ctx: Context, req: ChangeLine) -> LineChanged:
    """Change how many units a customer wants of a line, or its price.

    Fewer units: what waits goes first, then promises that are not in picking are taken back. Emits
    sales.line_changed. Refuses with TooLate when more is being picked or has left than the new quantity.
    """
    order_id, counts = _one_line(ctx, req.line_id, action="change")
    unpromised = 0
    units = counts.units if req.units is None else req.units
    least = counts.cancelled + counts.released + counts.picked + counts.shipped
    if units < max(1, least):
        raise TooLate(
            f"{least} units of this line are being picked, have left or were cancelled; {units} is fewer.",
            fix=f"Enter {max(1, least)} or more, or call the order back from picking first.",
        )
    if units < counts.units:
        cut = rules.cut_line(counts, counts.units - units)
        assert cut is not None, "the least quantity was checked"
        unpromised = cut.promised
        steps.unpromise(ctx, {req.line_id: cut.promised})
    sql.execute(
        """
        UPDATE sales_orderline SET units = %s, allocated_units = allocated_units - %s,
               unit_price = coalesce(%s::numeric, unit_price) WHERE id = %s
        """,
        (units, unpromised, req.unit_price, req.line_id),
    )
    steps.settle_orders([order_id], at=ctx.now)
    if units != counts.units or req.unit_price is not None:
        steps_judge.judge_changed(
            ctx, order_id, req.line_id, counts.units - counts.cancelled, is_priced=req.unit_price is not None
        )
    ctx.subject = ref(ORDER, order_id)
    ctx.emit(LineUnitsChanged(order_id, req.line_id, counts.units, units))
    return LineChanged(req.line_id, units, unpromised)


@command(permission="sales.change", result=Cancelled)
def cancel_lines(ctx: Context, req: CancelLines) -> Cancelled:
    """Cancel units of order lines; promises that are not in picking are taken back and free for others at once.

    Emits sales.units_cancelled. Refuses with TooLate, naming every line of which less can be cancelled.
    """
    held = locks.lines([line.line_id for line in req.lines])
    return _cancel(ctx, held, req.lines, req.reason)


@command(permission="sales.change", result=Cancelled)
def cancel_order(ctx: Context, req: CancelOrder) -> Cancelled:
    """Cancel all that is left of an order.

    Emits sales.units_cancelled. Refuses with TooLate while units are in picking or picked, and with WrongState when the
    order is finished.
    """
    held = locks.lines_of_order(req.order_id)
    if not held:
        raise OrderNotFound("There is no such order.", fix="Search for it by number.")
    busy = sum(counts.released + counts.picked for _, counts in held.values())
    if busy:
        raise TooLate(
            f"{busy} units of this order are being picked or are picked.",
            fix="Call the order back from picking, then cancel it.",
        )
    wanted = [CancelLine(line_id) for line_id, (_, counts) in held.items() if counts.waiting + counts.allocated]
    return _cancel(ctx, held, wanted, req.reason)


def _cancel(ctx: Context, held: dict[int, tuple[int, LineCounts]], wanted: list[CancelLine], reason: str) -> Cancelled:
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
            bad.append(
                BadLine(n, "units", f"Only {can} units of this line can still be cancelled.", "Call it back first.")
            )
            continue
        cuts[line.line_id] = cut
    if bad or not cuts:
        raise TooLate("This cannot be cancelled as asked.", lines=bad, fix="See each line.")
    steps.unpromise(ctx, {line_id: cut.promised for line_id, cut in cuts.items()})
    steps.apply_units(UnitsChange(line_id, allocated=-c.promised, cancelled=c.units) for line_id, c in cuts.items())
    order_ids = sorted({held[line_id][0] for line_id in cuts})
    steps.settle_orders(order_ids, at=ctx.now)
    steps_judge.judge_cancelled(ctx, order_ids)
    units = [cut.units for cut in cuts.values()]
    unpromised = sum(cut.promised for cut in cuts.values())
    ctx.about(ORDER, order_ids)
    ctx.emit(UnitsCancelled(order_ids, list(cuts), units, unpromised, reason))
    return Cancelled(list(cuts), units, unpromised)


def _one_line(ctx: Context, line_id: int, *, action: str) -> tuple[int, LineCounts]:
    held = locks.lines([line_id])
    if line_id not in held:
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    order_id, counts = held[line_id]
    _check_orders(ctx, [order_id], action=action)
    return order_id, counts


def _check_orders(ctx: Context, order_ids: list[int], *, action: str) -> None:
    """Refuse unless the actor may change orders at their sites and each is in a state that allows the action."""
    rows = sql.fetch_all("SELECT site_id, state FROM sales_order WHERE id = ANY(%s::bigint[])", (order_ids,))
    for site_id, state in rows:
        ctx.require("sales.change", site_id)
        states.advance(states.OrderState(state), action)


def _reference_taken() -> OrderRefused:
    line = BadLine(0, "reference", "This customer reference was entered a moment ago.", "Look at the open orders.")
    return OrderRefused("The order was entered before.", lines=[line])


refuse_on("sales_order_reference_once", _reference_taken)
