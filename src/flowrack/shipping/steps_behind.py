"""What stays when a truck closes: kept with the cause, told with each order, and its day looked at anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flowrack.allocation import steps_exceptions as exceptions
from flowrack.allocation.steps_exceptions import NotSent
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.promise import queries as promise
from flowrack.promise.rules_case import Site
from flowrack.promise.rules_house import Trip, Work, first_trip
from flowrack.sales.types import ORDER
from flowrack.shared.refs import ref
from flowrack.shipping import queries_behind, queries_loads, rules_behind, rules_loads
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.queries_behind import LineHere
from flowrack.shipping.rules_loads import Content, Key, Plate
from flowrack.shipping.types_loads import CALLED_OFF, Behind, LeftBehind, LeftPlate


@dataclass(frozen=True, slots=True)
class Stayed:
    """Goods that did not go, with the LPN on which they stand (0 = loose, or not staged)."""

    rows: list[tuple[LeftPlate, int]] = field(default_factory=list)

    @property
    def left(self) -> list[LeftPlate]:
        """The same without LPNs."""
        return [one for one, _ in self.rows]

    @property
    def by_order(self) -> dict[int, list[LeftPlate]]:
        """What stayed of each order; goods of transfers are left out."""
        found: dict[int, list[LeftPlate]] = {}
        for one in self.left:
            if one.order_id:
                found.setdefault(one.order_id, []).append(one)
        return found

    def reasons(self, said: str) -> list[str]:
        """Of each row why it stayed. Who closes a truck says it of what stood there; beside that, what nobody had
        staged was not ready. A truck that was called off took nothing for that reason alone."""
        is_mixed = said != CALLED_OFF and len({one.is_staged for one in self.left}) > 1
        return [str(Behind.NOT_READY) if is_mixed and not one.is_staged else said for one in self.left]


@dataclass(frozen=True, slots=True)
class _Days:
    """The first day for which a line of an order is promised, and how the order leaves instead."""

    promised_on: date | None
    trip: Trip | None


def stayed_of(
    stays: Mapping[Key, Plate], contents: Iterable[Content], to_come: Iterable[tuple[int, str, int]]
) -> Stayed:
    """What is left here: plates with the units of each order and transfer on them, and units that are not staged."""
    units: dict[tuple[int, int, int], int] = {}
    for one in contents:
        whose = (one.order_id, one.transfer_id, one.lpn_id)
        units[whose] = units.get(whose, 0) + one.units
    rows = [
        (LeftPlate(order_id, number, plate.name, units[order_id, 0, key[0]]), key[0])
        for key, plate in stays.items()
        for order_id, number in plate.orders.items()
    ]
    rows += [
        (LeftPlate(0, number, plate.name, units[0, transfer_id, key[0]], transfer_id), key[0])
        for key, plate in stays.items()
        for transfer_id, number in plate.transfers.items()
    ]
    rows += [(LeftPlate(order_id, number, "", late, is_staged=False), 0) for order_id, number, late in to_come]
    return Stayed(rows)


def stay_of_called_off(ctx: Context, load: LockedLoad, reason: str) -> None:
    """A truck that is called off after its cut-off has left its goods behind; before it, they only wait for another.

    Runs while the orders are still on it. Two queries, and those of `leave_behind`.
    """
    if load.cut_off_at is None or ctx.now <= load.cut_off_at:
        return
    contents = [one for one in queries_loads.contents(load.load_id) if one.order_id]
    stayed = stayed_of(rules_loads.plates(contents), contents, queries_behind.not_staged(load.load_id))
    leave_behind(ctx, load, stayed, behind=CALLED_OFF, note=reason)


def leave_behind(ctx: Context, load: LockedLoad, stayed: Stayed, *, behind: str, note: str) -> None:
    """Keep what did not go, tell it with each order and as an event, and make promises that do not hold any more
    promises at risk. Runs when the truck's goods are issued, or none of them is. Eight statements, whatever stayed."""
    if not stayed.rows:
        return
    of = stayed.by_order
    lines = queries_behind.lines_here(list(of)) if of else []
    days = _days(ctx, load, lines)
    reasons = stayed.reasons(behind)
    why: dict[int, str] = {}
    for one, reason in zip(stayed.left, reasons, strict=True):
        why[one.order_id] = reason if one.is_staged else why.get(one.order_id, reason)
    _keep(ctx, load.load_id, stayed, days, reasons, [note.strip()[:200] if r == behind else "" for r in reasons])
    decisions.record(
        ctx,
        [
            DecisionRow(
                "left_behind",
                ref(ORDER, order_id),
                rules_behind.sentence(
                    load.number, rows, why[order_id], days[order_id].promised_on, days[order_id].trip
                ),
                rules_loads.RULE,
                {
                    "load": load.number,
                    "units": sum(one.units for one in rows),
                    "not_staged": sum(one.units for one in rows if not one.is_staged),
                    "note": note if why[order_id] == behind else "",
                },
            )
            for order_id, rows in of.items()
        ],
    )
    _warn(ctx, load, lines, days, why)
    ctx.emit(LeftBehind(load.load_id, load.number, load.site_id, behind, stayed.left))
    ctx.about(ORDER, of)


def _days(ctx: Context, load: LockedLoad, lines: Sequence[LineHere]) -> dict[int, _Days]:
    """For each order how what is still here leaves next, by the calendar and the work of its site. One query."""
    by_order: dict[int, list[LineHere]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    site = promise.sites([load.site_id], ctx.now)[load.site_id] if lines else None
    return {
        order_id: _Days(min((x.promised_on for x in of if x.promised_on), default=None), _next(site, of))
        for order_id, of in by_order.items()
        if site is not None
    }


def _next(site: Site, of: Sequence[LineHere]) -> Trip | None:
    work = sum(site.house.policy.seconds_for(line.to_pick) for line in of if line.to_pick)
    return first_trip(
        site.house, Work(work), now=site.now, not_before=site.now.date(), region=of[0].region, way=of[0].way
    )


def _keep(
    ctx: Context,
    load_id: int,
    stayed: Stayed,
    days: Mapping[int, _Days],
    reasons: Sequence[str],
    notes: Sequence[str],
) -> None:
    """What did not go, each with its reason. One statement."""
    none = _Days(None, None)
    of = [days.get(one.order_id, none) for one in stayed.left]
    sql.execute(
        """
        INSERT INTO shipping_loadbehind (load_id, order_id, transfer_id, lpn_id, units, is_staged, promised_on, next_on,
                                         arrives_on, reason, note, stayed_at, stayed_by_id)
        SELECT %s::bigint, nullif(b.order_id, 0), nullif(b.transfer_id, 0), b.lpn, b.units, b.staged, b.promised,
               b.next, b.arrives, b.reason, b.note, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::date[], %s::date[],
                    %s::date[], %s::text[], %s::text[])
             AS b(order_id, transfer_id, lpn, units, staged, promised, next, arrives, reason, note)
        """,
        (
            load_id,
            ctx.now,
            ctx.actor_id,
            [one.order_id for one in stayed.left],
            [one.transfer_id for one in stayed.left],
            [lpn_id for _, lpn_id in stayed.rows],
            [one.units for one in stayed.left],
            [one.is_staged for one in stayed.left],
            [one.promised_on for one in of],
            [one.trip.ships_on if one.trip else None for one in of],
            [one.trip.arrives_on if one.trip else None for one in of],
            list(reasons),
            list(notes),
        ),
    )


def _warn(
    ctx: Context, load: LockedLoad, lines: Sequence[LineHere], days: Mapping[int, _Days], why: Mapping[int, str]
) -> None:
    """Lines that leave after their promised day by now are promises at risk, for customer service."""
    found = []
    for line in lines:
        trip = days[line.order_id].trip
        if line.promised_on is None or (trip is not None and trip.ships_on <= line.promised_on):
            continue
        late = max((trip.arrives_on - line.arrives_on).days, 0) if trip and line.arrives_on else None
        words = rules_behind.at_risk(load.number, why[line.order_id], trip)
        arrives_on = trip.arrives_on if trip else None
        found.append(
            NotSent(
                line.line_id, line.units, line.promised_on, trip.ships_on if trip else None, words, arrives_on, late
            )
        )
    exceptions.raise_not_sent(ctx, found)
