"""The door of ship-from: the rules choose anew, or a person says from where lines ship."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import locks as allocation
from flowrack.allocation.queries_sites import KIND, SITE_OF, company_rules
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.promise import queries, queries_sites, steps_sites
from flowrack.promise.queries_sites import MovableLine, MovableOrder
from flowrack.promise.types_sites import LinesSourced, MoveLines, MoveUnits, SiteRefused, SourceOrders, SourcingGoesOn
from flowrack.sales import steps as sales
from flowrack.sales import steps_judge
from flowrack.sales.types import ORDER, OrderNotFound
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

MOVE = "promise.move"
BY_HAND = "a person"
AT_ONCE = 10  # orders: no run gives units of their items at any site meanwhile


@command(permission="promise.apply", result=LinesSourced, is_small=lambda req: len(req.order_ids) <= 20)
def source_orders(ctx: Context, req: SourceOrders) -> LinesSourced:
    """Choose the site of orders anew that any site may send and of which nothing is in work, in rank order.

    What is in time where it is stays there. What moves gives its promises back; a line has stock at one site only.
    The first ten are done here, the others by promise.sourcing_goes_on. Emits sales.lines_moved for each order.
    """
    site_ids, force = queries.selling_sites(), company_rules()
    locked = _locked(req.order_ids[:AT_ONCE], site_ids)
    orders = [order for order in locked if order.any_site and order.state == "confirmed"]
    moved = steps_sites.source(ctx, orders, site_ids, force)
    if len(req.order_ids) > AT_ONCE:
        ctx.emit(SourcingGoesOn(req.order_ids[AT_ONCE:], req.cause))
    return LinesSourced(moved)


def _locked(order_ids: Sequence[int], site_ids: Sequence[int]) -> list[MovableOrder]:
    """The orders as they stand when no run gives them units: promised days of their items at all sites first, then
    their lines. Left out is what got another item, or another site, before its lines were locked: the event of that
    brings it again."""
    before = queries_sites.movable(order_ids)
    items = sorted({line.item_id for order in before for line in order.lines})
    if not items:
        return []
    sites = sorted({*site_ids, *(order.site_id for order in before)})
    owned = {(item_id, site_id) for item_id in items for site_id in sites}
    allocation.own_promised_days(sorted(owned))
    sales.claim_orders([order.order_id for order in before])
    found = {order.order_id: order for order in queries_sites.movable(order_ids)}
    return [found[order_id] for order_id in order_ids if order_id in found and _days_of(found[order_id]) <= owned]


def _days_of(order: MovableOrder) -> set[tuple[int, int]]:
    return {(line.item_id, order.site_id) for line in order.lines}


@command(permission="promise.move", result=LinesSourced, is_small=lambda req: True)
def move_lines(ctx: Context, req: MoveLines) -> LinesSourced:
    """Let lines of an order, or units of them, ship from another site, as a person decides, with the reason.

    Promises that no picker has are given back, and the lines are promised anew there. Emits sales.lines_moved. Refuses
    with SiteRefused, naming every line that must stay: more than waits or is only promised, on hold, sent as something
    else, or all of an order that its customer wants in one delivery; and with OrderNotFound.
    """
    found = _locked([req.order_id], [req.site_id])
    if not found:
        fix = "Open the order again and see what is in picking, and from where it ships."
        raise OrderNotFound("Nothing of this order can ship from elsewhere.", fix=fix)
    [order] = found
    ctx.require(MOVE, order.site_id)
    ctx.require(MOVE, req.site_id)
    asked = req.lines or [MoveUnits(line.line_id) for line in order.lines]
    bad = _faults(order, asked, req)
    if bad:
        raise SiteRefused(bad[0].message, lines=bad, fix=bad[0].fix)
    lines = {line.line_id: line for line in order.lines}
    wanted = {one.line_id: lines[one.line_id].units if one.units is None else one.units for one in asked}
    moved = steps_sites.move(ctx, order.order_id, wanted, req.site_id, req.reason.strip())
    if not order.any_site:
        steps_judge.judge_moved(ctx, moved.order_id, order.site_id, req.site_id)
    site = queries_sites.name_of(req.site_id)
    said = f"Ships from {site}, as a person decided: {req.reason.strip()}"
    about = [ref(SITE_OF, line_id) for line_id in moved.line_ids]
    about += [ref(ORDER, order_id) for order_id in sorted({order.order_id, moved.order_id})]
    decisions.record(ctx, [DecisionRow(KIND, subject, said, BY_HAND) for subject in about])
    return LinesSourced([moved])


def _faults(order: MovableOrder, asked: Sequence[MoveUnits], req: MoveLines) -> list[BadLine]:
    bad = []
    if not req.reason.strip():
        fix = "For example: the customer needs it sooner."
        bad.append(BadLine(0, "reason", "Say why it ships from elsewhere.", fix))
    if req.site_id not in queries.selling_sites():
        bad.append(BadLine(0, "site", "There is no such site in use.", "Choose one of the sites."))
    elif req.site_id == order.site_id:
        bad.append(BadLine(0, "site", f"{order.number} ships from there already.", "Choose another site."))
    lines = {line.line_id: line for line in order.lines}
    if len({one.line_id for one in asked}) < len(asked):
        bad.append(BadLine(0, "lines", "A line is named twice.", "Name each line once."))
    bad += [fault for n, one in enumerate(asked, 1) if (fault := _fault(n, one, lines.get(one.line_id)))]
    whole = {one.line_id for one in asked if one.line_id in lines and one.units in (None, lines[one.line_id].units)}
    if not order.may_split and (order.in_work or whole != set(lines)):
        said = f"{order.number} takes one delivery, or has limits of shipments: it is not split between sites."
        bad.append(BadLine(0, "lines", said, "Move all of it, or change its terms first."))
    return bad


def _fault(n: int, one: MoveUnits, line: MovableLine | None) -> BadLine | None:
    if line is None:
        return BadLine(n, "line", "Nothing of this line can move: it is in picking, gone, or of another order.", "")
    if line.why_not:
        return BadLine(n, "line", f"Line {line.line_no}, {line.sku}, stays: {line.why_not}.", "Settle that first.")
    if one.units is not None and not 0 < one.units <= line.units:
        said = f"Line {line.line_no}, {line.sku}: 1 to {line.units:,} can move."
        return BadLine(n, "units", said, "Call units back from picking, or move fewer.")
    return None
