"""What the promise says in the preview of an order's change: the day on which its lines could leave then."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.promise import commands_lines
from flowrack.sales import steps_floor
from flowrack.sales.types_changes import LineSeen, OrderSeen


def tell(ctx: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """Works out anew when the lines leave that the change touches, in the preview's transaction, and tells which days
    move. Nothing is locked: the preview has the lines already, and locks on items at sites come before any row."""
    if after.state not in ("confirmed", "released"):
        return []
    touched = _touched(before, after)
    told = dict(
        sql.fetch_all(
            "SELECT id, promised_on FROM sales_orderline WHERE id = ANY(%s::bigint[]) AND promised_on IS NOT NULL",
            ([line.line_id for line in touched],),
        )
    )
    new = {line.line_id for line in before.lines if not line.units} & {line.line_id for line in touched}
    if not told and not new:
        return []
    days = commands_lines.foreseen(sorted(line.line_id for line in touched if new or line.line_id in told), ctx.now)
    said = []
    for line in touched:
        was, now = told.get(line.line_id), days.get(line.line_id)
        if line.line_id in new and line.line_id in days:
            could = f"could leave on {now:%d %b %Y}" if now else "nobody can say yet when it leaves"
            said.append(f"Line {line.line_no}, {line.sku}: {could}.")
        elif line.line_id in days and was is not None and now is None:
            said.append(f"Line {line.line_no}, {line.sku}: promised for {was:%d %b %Y}; nobody can say when it leaves.")
        elif was is not None and now is not None and now != was:
            said.append(f"Line {line.line_no}, {line.sku}: leaves on {now:%d %b %Y}, not on {was:%d %b %Y}.")
    return said


def _touched(before: OrderSeen, after: OrderSeen) -> list[LineSeen]:
    """The lines whose day may move: all where the order itself changed or grew by a line that all of it waits for, else
    those of other units."""
    were = {line.line_id: line for line in before.lines}
    is_other = (before.requested_on, before.ship_to, before.policy) != (after.requested_on, after.ship_to, after.policy)
    is_other = is_other or (after.policy == "complete" and any(not line.units for line in before.lines))
    return [
        line
        for line in after.lines
        if line.units > line.cancelled and (is_other or line.units != were[line.line_id].units)
    ]


steps_floor.register_teller(30, tell)
