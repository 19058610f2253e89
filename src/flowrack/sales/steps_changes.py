"""Changing orders inside a command: units and prices of lines, days and address, rank and policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import locks, rules, steps, steps_floor, steps_judge
from flowrack.sales.rules_changes import LineWas
from flowrack.sales.types import (
    LINE,
    ORDER,
    ChangeLine,
    FreePromise,
    LineCounts,
    LineUnitsChanged,
    OrderNotFound,
    TooLate,
    UnitsCancelled,
    UnitsChange,
)
from flowrack.sales.types_changes import Fewer, LotsGivenBack
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

RULE = "order change 1"
Held = Mapping[int, tuple[int, LineCounts]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of line changes."""

    unpromised: int
    units: dict[int, int]  # before, by line


def free_from_floor(ctx: Context, wanted: Mapping[int, int | None]) -> int:
    """Call back units of the open picks of lines of which more is to go than waits or is only promised: as many as are
    missing. So many units.

    `wanted` are units to take away by line, None = all. Called before the lines are locked: picks come first. Goods
    that are picked stay where they are.
    """
    rows = sql.fetch_all(
        """
        SELECT id, open_units + allocated_units - released_units, released_units FROM sales_orderline
        WHERE id = ANY(%s::bigint[]) AND released_units > 0 ORDER BY id
        """,
        (sorted(wanted),),
    )
    busy = {
        line_id: wanted[line_id]
        for line_id, free, released in rows
        if (free + released if wanted[line_id] is None else int(wanted[line_id] or 0)) > free
    }
    return steps_floor.call_back(ctx, busy)


def clear_floor(ctx: Context, wanted: Mapping[int, Fewer]) -> int:
    """As `free_from_floor`, and what is picked of it goes back into its bins: then it waits on the line like the rest,
    to be cut with it. So many units of open picks. Refuses with TooLate when units of it are in cartons.

    What is read here only says which lines reach the floor: how much is taken from it is reckoned behind the locks.
    """
    rows = sql.fetch_all(
        """
        SELECT id, units, open_units + allocated_units - released_units FROM sales_orderline
        WHERE id = ANY(%s::bigint[]) AND released_units + picked_units > 0 ORDER BY id
        """,
        (sorted(wanted),),
    )
    busy = {
        line_id: wanted[line_id]
        for line_id, units, free in rows
        if (asked := wanted[line_id].of(units)) is None or asked > free
    }
    return steps_floor.take_back(ctx, busy)


def to_take_away(changes: Sequence[ChangeLine]) -> dict[int, Fewer]:
    """How much smaller lines become, for `clear_floor`; 0 units mean all that is left."""
    return {
        change.line_id: Fewer(to=change.units) if change.units else Fewer()
        for change in changes
        if change.units is not None
    }


def lines_as_they_are(changes: Sequence[ChangeLine]) -> dict[int, LineWas]:
    """What is wanted of the lines that a change names. One query, none without lines."""
    ids = [change.line_id for change in changes]
    rows = sql.fetch_all(
        "SELECT id, line_no, units - cancelled_units, unit_price FROM sales_orderline WHERE id = ANY(%s::bigint[])",
        (ids,),
    ) if ids else []  # fmt: skip
    return {row[0]: LineWas(*row[1:]) for row in rows}


def change_lines(ctx: Context, held: Held, changes: Sequence[ChangeLine], reason: str) -> Effect:
    """Give locked lines of one order other units or prices; 0 units cancel what is left of a line.

    Fewer units: what waits goes first, then promises that no picker has; `clear_floor` has made one of these of what
    pickers had. Emits sales.line_changed for each line with
    other units, and sales.units_cancelled. Refuses with TooLate, naming every line of which more is being picked or
    has left, and with OrderNotFound.
    """
    if any(change.line_id not in held for change in changes):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    bad = [line for n, change in enumerate(changes, 1) if (line := _too_few(n, change, held[change.line_id][1]))]
    if bad:
        raise TooLate(bad[0].message, lines=bad, fix=bad[0].fix)
    before = {change.line_id: held[change.line_id][1] for change in changes}
    cuts = {
        change.line_id: cut
        for change in changes
        if change.units is not None
        and (cut := rules.cut_line(before[change.line_id], _less(change.units, before[change.line_id]))) is not None
    }
    steps.unpromise(ctx, {line_id: cut.promised for line_id, cut in cuts.items()})
    _write(changes, before, cuts)
    cancelled = {c.line_id: cuts[c.line_id] for c in changes if c.units == 0 and cuts[c.line_id].units}
    steps.apply_units(UnitsChange(one, allocated=-c.promised, cancelled=c.units) for one, c in cancelled.items())
    order_id = held[changes[0].line_id][0]
    steps.settle_orders([order_id], at=ctx.now)
    wanted = {line_id: counts.units - counts.cancelled for line_id, counts in before.items()}
    priced = any(change.unit_price is not None for change in changes)
    steps_judge.judge_changed(ctx, order_id, wanted, is_priced=priced)
    if cancelled:
        steps_judge.judge_cancelled(ctx, [order_id])
        units, lost = [cut.units for cut in cancelled.values()], sum(cut.promised for cut in cancelled.values())
        ctx.emit(UnitsCancelled([order_id], list(cancelled), units, lost, reason))
    for change in changes:
        if change.units and change.units != before[change.line_id].units:
            ctx.emit(LineUnitsChanged(order_id, change.line_id, before[change.line_id].units, change.units))
    return Effect(sum(cut.promised for cut in cuts.values()), {one: counts.units for one, counts in before.items()})


def _less(units: int, counts: LineCounts) -> int | None:
    """How many units go; None = all that can."""
    return None if units == 0 else max(0, counts.units - units)


def _too_few(n: int, change: ChangeLine, counts: LineCounts) -> BadLine | None:
    """Why a line cannot have these units; None when it can."""
    if change.units is None:
        return None
    gone = counts.cancelled + counts.shipped
    busy = counts.released + counts.picked
    if change.units == 0:
        if not counts.waiting + counts.unreleased:
            said = f"Nothing of this line can be cancelled: {busy} are being picked or are picked, {gone} have left."
            return BadLine(n, "units", said, "What has left comes back as a return.")
        return None
    if change.units < max(1, gone + busy):
        said = (
            f"{gone + busy} units of this line are being picked, have left or were cancelled; {change.units} is fewer."
        )
        fix = f"Enter {max(1, gone + busy)} or more; what has left comes back as a return."
        return BadLine(n, "units", said, fix)
    return None


def _write(changes: Sequence[ChangeLine], before: Mapping[int, LineCounts], cuts: Mapping[int, rules.Cut]) -> None:
    """New units and prices, one statement; a line that is cancelled keeps its units."""
    rows = [
        (
            change.line_id,
            change.units or before[change.line_id].units,
            cuts[change.line_id].promised if change.units and change.line_id in cuts else 0,
            change.unit_price,
        )
        for change in changes
    ]
    sql.execute(
        """
        UPDATE sales_orderline l SET units = c.units, allocated_units = l.allocated_units - c.unpromised,
               unit_price = coalesce(c.price, l.unit_price)
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[]) AS c(id, units, unpromised, price)
        WHERE l.id = c.id
        """,
        tuple(list(column) for column in zip(*rows, strict=True)),
    )


def cancel(ctx: Context, cuts: Mapping[int, rules.Cut], order_of: Mapping[int, int], reason: str) -> int:
    """Cancel units of locked lines: promises are taken back, and what nothing is left of is closed; how many units were
    promised. Emits sales.units_cancelled."""
    steps.unpromise(ctx, {line_id: cut.promised for line_id, cut in cuts.items()})
    steps.apply_units(UnitsChange(line_id, allocated=-c.promised, cancelled=c.units) for line_id, c in cuts.items())
    order_ids = sorted({order_of[line_id] for line_id in cuts})
    steps.settle_orders(order_ids, at=ctx.now)
    steps_judge.judge_cancelled(ctx, order_ids)
    ctx.about(ORDER, order_ids)
    lost = sum(cut.promised for cut in cuts.values())
    ctx.emit(UnitsCancelled(order_ids, list(cuts), [cut.units for cut in cuts.values()], lost, reason))
    return lost


@dataclass(frozen=True, slots=True)
class Head:
    """What can be changed of an order as a whole."""

    site_id: int
    state: str
    customer_id: int
    number: str
    tier: str
    policy: str
    requested_on: date
    latest_on: date | None
    ship_to_id: int | None
    ship_to: str
    transit_days: int
    min_life_days: int
    entered_by_id: int
    today: date
    ship_by_on: date
    latest_ship_on: date | None
    gives_ship_day: bool
    cancel_after_days: int | None


def read_head(ctx: Context, order_id: int) -> Head:
    """The order, whose lines the caller has locked; refuses with OrderNotFound. One query."""
    found = read_heads(ctx, [order_id])
    if not found:
        raise OrderNotFound("There is no such order.", fix="Search for it by number.")
    return found[order_id]


def read_heads(ctx: Context, order_ids: Sequence[int]) -> dict[int, Head]:
    """Orders, whose lines the caller has locked. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.site_id, o.state, o.customer_id, o.number, o.tier, o.policy, o.requested_on, o.latest_on,
               o.ship_to_id, coalesce(a.code, ''), o.transit_days, o.min_life_days, o.entered_by_id,
               (%s::timestamptz AT TIME ZONE s.timezone)::date, o.ship_by_on, o.latest_ship_on, o.gives_ship_day,
               o.cancel_after_days
        FROM sales_order o JOIN locations_site s ON s.id = o.site_id
        LEFT JOIN parties_address a ON a.id = o.ship_to_id WHERE o.id = ANY(%s::bigint[])
        ORDER BY o.id FOR NO KEY UPDATE OF o
        """,
        (ctx.now, list(order_ids)),
    )
    return {row[0]: Head(*row[1:]) for row in rows}


def address_of(customer_id: int, code: str) -> int | None:
    """The id of an address in use of a customer. One query."""
    found = sql.fetch_value(
        "SELECT id FROM parties_address WHERE party_id = %s AND code = %s AND is_active", (customer_id, code)
    )
    return None if found is None else int(found)


def write_head(order_id: int, head: Head) -> tuple[date, int]:
    """Bring an order in line with a head: the day on which it is wanted then, and the days of life that dated stock
    must have left on it. One statement; the database works out by when it must leave."""
    row = sql.fetch_one(
        """
        UPDATE sales_order SET requested_on = %s, latest_on = %s, latest_ship_on = %s, ship_to_id = %s,
               gives_ship_day = %s, tier = %s, policy = %s, given_terms = CASE WHEN policy = %s THEN given_terms
               ELSE array_remove(given_terms, 'policy') || CASE WHEN %s = coalesce(
                   (SELECT t.ships_partial FROM parties_customerterms t WHERE t.party_id = customer_id), 'partial')
                   THEN '{}' ELSE ARRAY['policy'] END::varchar[] END
        WHERE id = %s RETURNING requested_on, min_life_days - transit_days
        """,
        (
            *(head.requested_on, head.latest_on, head.latest_ship_on, head.ship_to_id, head.gives_ship_day),
            *(head.tier, head.policy, head.policy, head.policy, order_id),
        ),
    )
    assert row is not None, "the order was read before"
    return row[0], row[1]


def write_wanted(order_ids: Sequence[int], requested_on: date) -> dict[int, int]:
    """Let orders be wanted at the door on a day; by order the days of life that dated stock must have left on it. One
    statement; the database works out by when they must leave."""
    rows = sql.fetch_all(
        """
        UPDATE sales_order SET requested_on = %s, gives_ship_day = false WHERE id = ANY(%s::bigint[])
        RETURNING id, min_life_days - transit_days
        """,
        (requested_on, list(order_ids)),
    )
    return dict(rows)


def give_back_too_old(ctx: Context, wanted: Mapping[int, tuple[date, int]]) -> dict[int, int]:
    """Give back promises, in no picker's hands, of lots that would not live long enough any more on the day on which an
    order arrives; so many units by order. `wanted` are days of arrival and of life by order, whose lines are locked.

    Stores why on each line. Emits sales.lots_given_back.
    """
    order_of = {line.line_id: line.order_id for line in locks.orders(sorted(wanted))} if wanted else {}
    promises = [promise for promise in locks.promises(sorted(order_of)) if promise.units > 0] if order_of else []
    rows = sql.fetch_all(
        "SELECT id, expires_on, code FROM catalog_lot WHERE id = ANY(%s::bigint[]) AND expires_on IS NOT NULL",
        (sorted({promise.lot_id for promise in promises}),),
    ) if promises else []  # fmt: skip
    dated: dict[int, tuple[date, str]] = {lot_id: (expires_on, code) for lot_id, expires_on, code in rows}
    gone = [
        promise
        for promise in promises
        if promise.lot_id in dated and _is_too_old(dated[promise.lot_id][0], *wanted[order_of[promise.line_id]])
    ]
    if not gone:
        return {}
    ledger.uncommit(ctx, [_claim(promise) for promise in gone])
    steps.apply_units(UnitsChange(promise.line_id, allocated=-promise.units) for promise in gone)
    decisions.record(ctx, [_too_old(p, dated[p.lot_id], *wanted[order_of[p.line_id]]) for p in gone])
    ctx.emit(LotsGivenBack([promise.line_id for promise in gone], [promise.units for promise in gone]))
    found: dict[int, int] = {}
    for promise in gone:
        order_id = order_of[promise.line_id]
        found[order_id] = found.get(order_id, 0) + promise.units
    return found


def _is_too_old(expires_on: date, arrives_on: date, life_days: int) -> bool:
    return (expires_on - arrives_on).days < max(life_days, 0)


def _claim(promise: FreePromise) -> PoolClaim:
    return PoolClaim(
        item_id=promise.item_id,
        site_id=promise.site_id,
        units=promise.units,
        ref=ref(LINE, promise.line_id),
        lot_id=promise.lot_id,
        owner_id=promise.owner_id,
    )


def _too_old(promise: FreePromise, lot: tuple[date, str], arrives_on: date, needs: int) -> DecisionRow:
    days = (lot[0] - arrives_on).days
    what = f"{promise.units} units of lot {lot[1]} were given back"
    said = f"{what}: {days} days left on {arrives_on:%d %b}, {needs} are needed."
    return DecisionRow("order_change", ref(LINE, promise.line_id), said, RULE, {"lot": promise.lot_id, "days": days})
