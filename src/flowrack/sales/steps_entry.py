"""Entering orders: what is wrong with what customers write, and the rows of what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from flowrack.platform import numbers, sql
from flowrack.platform.runner import Context
from flowrack.sales import queries_entry, rules, rules_terms, steps_judge, steps_sites, steps_warn
from flowrack.sales.queries_entry import KnownItem, Terms
from flowrack.sales.rules_holds import asked_together
from flowrack.sales.types import ORDER, EnteredOrder, NewLine, NewOrder, OrderEntered, OrderRefused
from flowrack.sales.types_changes import OrderTerms
from flowrack.sales.types_lists import CONTRACT
from flowrack.sales.types_terms import AS_USUAL
from flowrack.shared.errors import BadLine


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line that passed all checks."""

    item_id: int
    units: int
    unit_price: Decimal
    unit_cost: Decimal | None
    lot: str
    doubtful_units: int | None
    in_doubt: bool
    same: tuple[int, ...] = ()  # the units of all lines of the order with the item, where there are several


@dataclass(frozen=True, slots=True)
class Checked:
    """Orders with what was found: terms and good lines of each, and all that is wrong, by the place of its order."""

    known: list[Terms]
    lines: list[list[EntryLine]]
    faults: list[tuple[int, BadLine]]
    terms: list[OrderTerms]


def check(orders: Sequence[NewOrder], *, now: datetime) -> Checked:
    """Look up what orders name. Three queries at most, whatever their number; three more for codes that are no SKU."""
    known = queries_entry.terms(
        [order.customer.strip() for order in orders],
        [order.ship_to.strip() for order in orders],
        [order.reference.strip() for order in orders],
        [order.site_id for order in orders],
        [(o.channel.strip().upper(), o.order_type.strip().upper(), o.contract.strip().upper()) for o in orders],
        now=now,
    )
    faults = _check_heads(orders, known)
    terms = [
        _terms_of(place, order, head, faults) for place, (order, head) in enumerate(zip(orders, known, strict=True))
    ]
    return Checked(known, _check_lines(orders, faults), faults, terms)


def _terms_of(place: int, order: NewOrder, head: Terms, faults: list[tuple[int, BadLine]]) -> OrderTerms:
    if order.terms == AS_USUAL and not (order.policy == "complete" and (head.usual.max_shipments or 0) > 1):
        return head.usual
    terms, bad = rules_terms.at_entry(head.usual, order.terms, policy=order.policy or head.policy)
    faults += [(place, line) for line in bad]
    return terms


def _given(order: NewOrder, head: Terms, terms: OrderTerms) -> str:
    """The names of the terms of an order that are its own, with blanks between."""
    policy = ["policy"] if order.policy and order.policy != head.policy else []
    return " ".join([*policy, *rules_terms.own(head.usual, terms)])


def enter(ctx: Context, orders: Sequence[NewOrder]) -> list[EnteredOrder]:
    """Write orders that are right, hold what is in doubt, let the rules choose the site of those that any may send, and
    tell. Refuses with OrderRefused, naming all faults."""
    orders = steps_sites.with_sites(ctx, orders)
    checked = check(orders, now=ctx.now)
    if checked.faults:
        bad = [line for _, line in checked.faults]
        if len(orders) > 1:
            bad = [_of_order(place, orders[place], line) for place, line in checked.faults]
        what = "order" if len(orders) == 1 else "orders"
        raise OrderRefused(f"The {what} cannot be entered: {len(bad)} to mend.", lines=bad)
    entered = insert(ctx, orders, checked)
    judge(ctx, orders, checked, entered)
    settled = steps_sites.settle(ctx, orders, [one.order_id for one in entered])
    for at, head, done in zip(settled, checked.known, entered, strict=True):
        assert head.customer_id is not None
        ctx.emit(OrderEntered(done.order_id, done.number, head.customer_id, at.site_id, done.line_ids))
    ctx.about(ORDER, [one.order_id for one in entered])
    placed = [replace(order, site_id=at.site_id) for order, at in zip(orders, settled, strict=True)]
    told = steps_warn.warnings(placed, checked.known, ctx.now)
    return [
        replace(done, warnings=said, sends=at.sends, why=at.why)
        for done, said, at in zip(entered, told, settled, strict=True)
    ]


def _of_order(place: int, order: NewOrder, line: BadLine) -> BadLine:
    """The fault of one of several orders: which one, in words and in the path of the field."""
    name = f"Order {place + 1}" + (f", {order.reference.strip()}" if order.reference.strip() else "")
    at_line = f"lines.{line.line}." if line.line else ""
    return replace(line, field=f"orders.{place + 1}.{at_line}{line.field}", message=f"{name}: {line.message}")


def check_more(order: NewOrder) -> tuple[list[EntryLine], list[BadLine]]:
    """Lines for an order that stands already: what is right, and all that is wrong. One query; three more for codes
    that are no SKU."""
    faults: list[tuple[int, BadLine]] = []
    [lines] = _check_lines([order], faults)
    return lines, [line for _, line in faults]


def _check_heads(orders: Sequence[NewOrder], known: list[Terms]) -> list[tuple[int, BadLine]]:
    """What is wrong with customers, addresses, days, references and policies."""
    faults: list[tuple[int, BadLine]] = []
    seen: set[tuple[int, str]] = set()
    for place, (order, head) in enumerate(zip(orders, known, strict=True)):
        faults += [(place, line) for line in _head_faults(order, head, seen)]
        seen.add((head.customer_id or 0, order.reference.strip()))
    return faults


def _head_faults(order: NewOrder, head: Terms, seen: set[tuple[int, str]]) -> list[BadLine]:
    bad: list[BadLine] = []
    if head.today is None:
        said = "No site may send it for you." if order.any_site else "There is no such site."
        bad.append(BadLine(0, "site", said, "Choose one of the sites."))
    else:
        bad += rules.date_faults(order.requested_on, order.latest_on, head.today, ship_on=order.ship_on)
    if not order.lines:
        bad.append(BadLine(0, "lines", "The order has no lines.", "Add at least one line."))
    if order.policy and order.policy not in rules.POLICIES:
        said = f"“{order.policy}” is not a delivery policy."
        bad.append(BadLine(0, "policy", said, "Use complete, line or partial."))
    if head.customer_id is None:
        said = f"There is no customer “{order.customer}”."
        return [*bad, BadLine(0, "customer", said, "Check the code, or enter the customer first.")]
    if order.ship_to.strip() and head.ship_to_id is None:
        said = f"{order.customer} has no address “{order.ship_to}”."
        bad.append(BadLine(0, "ship_to", said, "Choose one of the customer's addresses."))
    bad += _sort_faults(order, head)
    reference = order.reference.strip()
    if head.duplicate is not None:
        said = f"{reference} was entered before as {head.duplicate}."
        bad.append(BadLine(0, "reference", said, f"Open {head.duplicate}."))
    elif reference and (head.customer_id, reference) in seen:
        bad.append(BadLine(0, "reference", f"{reference} stands twice in this request.", "Send each order only once."))
    return bad


def _sort_faults(order: NewOrder, head: Terms) -> list[BadLine]:
    """Codes that stand in no list, and contracts that are none."""
    bad: list[BadLine] = []
    if not head.knows_channel:
        whose = "" if order.channel.strip() else f" {order.customer} orders by it as a rule."
        said = f"There is no sales channel “{head.channel}” in use.{whose}"
        bad.append(BadLine(0, "channel", said, "Use one of the list: Channels and order types."))
    if not head.knows_type:
        said = f"There is no order type “{order.order_type}” in use."
        bad.append(BadLine(0, "order_type", said, "Use one of the list: Channels and order types."))
    if head.contract and not CONTRACT.match(head.contract):
        said = f"“{head.contract}” is no number of a contract."
        bad.append(BadLine(0, "contract", said, "Use letters, digits, dot, dash, slash; 40 at most, no blanks."))
    return bad


def _check_lines(orders: Sequence[NewOrder], faults: list[tuple[int, BadLine]]) -> list[list[EntryLine]]:
    """The checked lines of every order; what is wrong is added to `faults`."""
    asked = [line for order in orders for line in order.lines]
    codes = [line.item.strip() for line in asked]
    sites = [order.site_id for order in orders for _ in order.lines]
    found = queries_entry.items(codes, [line.pack.strip() for line in asked], sites) if asked else []
    if any(item.item_id is None for item in found):
        customers = [order.customer.strip() for order in orders for _ in order.lines]
        found = queries_entry.by_customer(asked, customers, sites, found)
    missing = sorted({code for code, item in zip(codes, found, strict=True) if item.item_id is None and code})
    if missing:
        found = queries_entry.by_barcode(asked, sites, found, missing)
    found = _anywhere(orders, found)
    rows = iter(zip(asked, found, strict=True))
    checked: list[list[EntryLine]] = []
    for place, order in enumerate(orders):
        lines: list[EntryLine] = []
        for line_no in range(1, len(order.lines) + 1):
            line, item = next(rows)
            outcome = _check_line(line_no, line, item)
            if isinstance(outcome, BadLine):
                faults.append((place, outcome))
            else:
                lines.append(outcome)
        checked.append(_of_items(lines))
    return checked


def _anywhere(orders: Sequence[NewOrder], found: list[KnownItem]) -> list[KnownItem]:
    """Of orders that any site may send, the least limit of all sites says which lines are looked at twice. One query
    where there are such orders."""
    free = [order.any_site for order in orders for _ in order.lines]
    ids = sorted({item.item_id for item, is_free in zip(found, free, strict=True) if is_free and item.item_id})
    if not ids:
        return found
    least = queries_entry.least_doubtful(ids)
    return [
        replace(item, doubtful_units=min(item.doubtful_units or least[item.item_id], least[item.item_id]))
        if is_free and item.item_id in least
        else item
        for item, is_free in zip(found, free, strict=True)
    ]


def _of_items(lines: list[EntryLine]) -> list[EntryLine]:
    """The lines of an order; those of an item that has several are in doubt by what they ask for together, too."""
    same: dict[int, list[int]] = {}
    for line in lines:
        same.setdefault(line.item_id, []).append(line.units)
    if len(same) == len(lines):
        return lines
    found: list[EntryLine] = []
    for line in lines:
        all_units, limit = tuple(same[line.item_id]), line.doubtful_units
        is_much = limit is not None and asked_together(line.units, all_units, limit)[0] > limit
        found.append(replace(line, in_doubt=is_much, same=all_units))
    return found


def _check_line(line_no: int, line: NewLine, item: KnownItem) -> EntryLine | BadLine:
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
    return EntryLine(item.item_id, units, price, item.unit_cost, line.lot.strip(), item.doubtful_units, in_doubt)


def _item_trouble(line_no: int, line: NewLine, item: KnownItem) -> BadLine | None:
    """Why the code or the pack of a line cannot be ordered."""
    if item.meanings:
        return BadLine(line_no, "item", f"“{line.item}” stands for several things: {item.meanings}.", "Use the SKU.")
    if item.item_id is None:
        return BadLine(line_no, "item", f"There is no item “{line.item}”.", "Check the SKU or scan the article.")
    if not item.is_active:
        return BadLine(line_no, "item", f"{line.item} is not sold any more.", "Order its substitute.")
    if item.factor is None:
        has = f"Its packs: {item.packs}. Or use base units." if item.packs else "Use one of its packs or base units."
        return BadLine(line_no, "pack", f"{line.item} has no pack “{line.pack}”.", has)
    return None


def may_doubt_address(order: NewOrder, head: Terms) -> bool:
    """Whether the address is looked at twice; where it has none and any site may send it, the rules of all say."""
    return head.doubts_address or (order.any_site and head.ship_to_id is None)


def judge(ctx: Context, orders: Sequence[NewOrder], checked: Checked, entered: list[EnteredOrder]) -> None:
    """Hold what is in doubt. No statement for an order of which nothing is."""
    doubtful = [
        line_id
        for of, done in zip(checked.lines, entered, strict=True)
        for line, line_id in zip(of, done.line_ids, strict=True)
        if line.in_doubt
    ]
    order_ids = [
        done.order_id
        for order, head, done in zip(orders, checked.known, entered, strict=True)
        if head.has_credit or may_doubt_address(order, head)
    ]
    if doubtful or order_ids:
        steps_judge.judge_entered(ctx, doubtful, order_ids)


_INSERT = """
    WITH head AS (
        INSERT INTO sales_order (number, customer_id, site_id, ship_to_id, reference, tier, policy, min_life_days,
                                 substitutes, lot_rule, max_shipments, last_shipment, min_shipment_value,
                                 cancel_after_days, state, ordered_at, requested_on, latest_on, ship_by_on,
                                 latest_ship_on, gives_ship_day, channel, order_type, contract, given_terms,
                                 any_site, entered_by_id)
        SELECT h.number, h.customer_id, h.site_id, h.ship_to_id, h.reference, h.tier, h.policy,
               h.life_days, h.substitutes, h.lot_rule, h.max_shipments, h.last_shipment, h.min_shipment_value,
               h.cancel_after_days, 'confirmed', %s, h.requested_on, h.latest_on,
               h.ship_on, CASE WHEN h.ship_on IS NOT NULL THEN h.latest_on END, h.ship_on IS NOT NULL,
               h.channel, h.order_type, h.contract, string_to_array(h.given, ' '), h.any_site, %s
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
                    %s::date[], %s::date[], %s::date[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::int[], %s::text[], %s::numeric[], %s::int[], %s::text[], %s::int[], %s::text[], %s::boolean[])
             WITH ORDINALITY
             AS h(number, customer_id, site_id, ship_to_id, reference, tier, policy, requested_on, latest_on,
                  ship_on, channel, order_type, contract, given, max_shipments, last_shipment,
                  min_shipment_value, cancel_after_days, substitutes, life_days, lot_rule, any_site, n)
        ORDER BY h.n RETURNING id, number
    ), line AS (
        INSERT INTO sales_orderline (order_id, line_no, item_id, units, allocated_units, released_units,
                                     picked_units, shipped_units, cancelled_units, unit_price, unit_cost, lot_code)
        SELECT head.id, l.line_no, l.item_id, l.units, 0, 0, 0, 0, 0, l.unit_price, l.unit_cost, l.lot
        FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[], %s::text[])
             WITH ORDINALITY AS l(number, line_no, item_id, units, unit_price, unit_cost, lot, n)
        JOIN head ON head.number = l.number
        ORDER BY l.n RETURNING id, order_id, line_no
    )
    SELECT head.number, head.id, array_agg(line.id ORDER BY line.line_no)
    FROM head JOIN line ON line.order_id = head.id GROUP BY head.number, head.id
"""


def insert(ctx: Context, orders: Sequence[NewOrder], checked: Checked) -> list[EnteredOrder]:
    """Write orders and lines with their terms; the database works out the days by which they must leave. Two
    statements."""
    known = checked.known
    names = numbers.next_numbers("SO", len(orders))
    flat = [(name, no, line) for name, of in zip(names, checked.lines, strict=True) for no, line in enumerate(of, 1)]
    rows = sql.fetch_all(
        _INSERT,
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
            [order.requested_on for order in orders],
            [order.latest_on for order in orders],
            [order.ship_on for order in orders],
            [head.channel for head in known],
            [order.order_type.strip().upper() for order in orders],
            [head.contract for head in known],
            [_given(*row) for row in zip(orders, known, checked.terms, strict=True)],
            *([getattr(terms, name) for terms in checked.terms] for name in rules_terms.NAMES),
            [order.any_site for order in orders],
            [row[0] for row in flat],
            [row[1] for row in flat],
            [row[2].item_id for row in flat],
            [row[2].units for row in flat],
            [row[2].unit_price for row in flat],
            [row[2].unit_cost for row in flat],
            [row[2].lot for row in flat],
        ),
    )
    by_number = {row[0]: row for row in rows}
    return [EnteredOrder(by_number[name][1], name, list(by_number[name][2])) for name in names]
