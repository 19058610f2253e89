"""Promises of order lines: given at entry, moved when somebody tells the customer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.allocation import locks as allocation
from flowrack.allocation import queries_cover, steps_exceptions, steps_letters
from flowrack.allocation import queries_overrides as overriding
from flowrack.allocation import steps_overrides as overrides
from flowrack.allocation.steps_overrides import Decided, Part
from flowrack.allocation.types_overrides import OverrideKind
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.promise import (
    locks,
    queries,
    queries_case,
    queries_lines,
    queries_sooner,
    reasons,
    reasons_lines,
    rules,
    steps,
)
from flowrack.promise.queries_lines import OpenLine
from flowrack.promise.rules_case import Case
from flowrack.promise.rules_house import House, Trip, Work, first_trip, overload, usual_arrival
from flowrack.promise.rules_options import Answer, Leaving
from flowrack.promise.steps import NewPromise
from flowrack.promise.types import (
    PROMISED,
    RULE,
    LinePromised,
    LinesPromised,
    LinesPromisedEvent,
    MovePromises,
    OverCapacity,
    PromiseLines,
    PromisesMoved,
)
from flowrack.sales import queries_days
from flowrack.sales import steps as sales
from flowrack.sales.types import ORDER, OrderNotFound
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

SOON = timedelta(days=14)
CASE = "promise.case"
NOT_OPEN = "One of these lines is not open any more."


@command(permission="promise.apply", result=LinesPromised, is_small=lambda req: len(req.line_ids) <= 20)
def promise_lines(ctx: Context, req: PromiseLines) -> LinesPromised:
    """Give open lines that are not held their promise, in rank order, each after those before it.

    Emits promise.lines_promised. A line of which nobody can say when it leaves keeps the promise that it had. Where
    only first promises are asked for, lines that have one, or get none, are left as they are.
    """
    lines = [line for line in _locked(req.line_ids) if not (req.only_first and line.ships_on)]
    if lines:
        lines, case, found = _settled(lines, ctx.now)
    if not lines:
        return LinesPromised([])
    promised = _days(lines, case, [one.leaving for one in found])
    told = [line for line in lines if not req.only_first or line.line_id in promised]
    if not told:
        return LinesPromised([])
    _write(ctx, lines, promised)
    _explain(ctx, lines, case, found, promised, told={line.line_id for line in told})
    if req.letter:
        steps_letters.draft(ctx, _letters([line for line in told if line.ships_on], promised, req.letter))
    ctx.about(ORDER, sorted({line.order_id for line in told}))
    ctx.emit(LinesPromisedEvent([line.line_id for line in told]))
    return LinesPromised([_said(line, promised) for line in told])


@command(permission="promise.apply", result=LinesPromised, is_small=lambda req: len(req.line_ids) <= 20)
def follow_promises(ctx: Context, req: PromiseLines) -> LinesPromised:
    """Write down the days that an urgent order moved: the customer was told of them, so the promise says the same.

    Emits promise.lines_promised. Lines without a promise are left out.
    """
    sales.claim_lines(sorted(req.line_ids))
    told = queries_lines.told(req.line_ids)
    if not told:
        return LinesPromised([])
    arrives = queries_days.arrivals([(one.line_id, one.ships_on) for one in told])
    steps.write_promises(
        ctx,
        [
            NewPromise(one.line_id, one.site_id, one.ships_on, arrives[one.line_id, one.ships_on], one.seconds)
            for one in told
        ],
    )
    ctx.about(ORDER, sorted({one.order_id for one in told}))
    ctx.emit(LinesPromisedEvent([one.line_id for one in told]))
    return LinesPromised([LinePromised(o.line_id, o.ships_on, arrives[o.line_id, o.ships_on]) for o in told])


def foreseen(line_ids: Sequence[int], now: datetime, *, are_late: bool = False) -> dict[int, date | None]:
    """The days that `promise_lines` would give lines as things stand; None where nobody can say. Of lines that were
    told a later day than they should leave on, those that `move_promises` would. Nothing is locked or written."""
    lines = queries_lines.open_lines(line_ids)
    if not lines:
        return {}
    late = {line.line_id for line in lines} if are_late else ()
    case = queries_case.case_of_lines(lines, now, late)
    promised = _days(lines, case, rules.leavings(case))
    return {line.line_id: _said(line, promised).ships_on for line in lines}


def _said(line: OpenLine, promised: dict[int, NewPromise]) -> LinePromised:
    new = promised.get(line.line_id)
    return LinePromised(line.line_id, new.ships_on if new else None, new.arrives_on if new else None)


def _locked(line_ids: Sequence[int], *, with_picked: bool = False) -> list[OpenLine]:
    """The lines as they stand under the locks of their pairs."""
    before = queries_lines.open_lines(line_ids, with_picked=with_picked)
    if not before:
        return []
    sql.execute(*locks.pairs([(line.item_id, line.site_id) for line in before], alone=True))
    return queries_lines.open_lines([line.line_id for line in before], with_picked=with_picked)


def _settled(
    lines: Sequence[OpenLine],
    now: datetime,
    *,
    with_picked: bool = False,
    late: Collection[int] = (),
    beside: Collection[int] = (),
) -> tuple[list[OpenLine], Case, list[Answer]]:
    """The lines, locked but for those `beside`, and their answers by stock that no run gives away before the command
    ends.

    They are worked out before, and anew only where lines or stock moved meanwhile: runs need not wait for that.
    """
    case, found = _answers(lines, now, late, beside)
    allocation.own_promised_days([(line.item_id, line.site_id) for line in lines])
    sales.claim_lines(sorted(line.line_id for line in lines if line.line_id not in beside))
    locked = queries_lines.open_lines([line.line_id for line in lines], with_picked=with_picked)
    asked = [line for line in lines if line.wants]
    items, sites = sorted({line.item_id for line in asked}), sorted({line.site_id for line in asked})
    stocks, _ = queries.stocks(items, sites, without_lines=[line.line_id for line in lines])
    if locked != lines or tuple(stocks[pair] for pair in sorted(stocks)) != case.stocks:
        case, found = _answers(locked, now, late, beside) if locked else (case, [])
    return locked, case, found


def _answers(
    lines: Sequence[OpenLine], now: datetime, late: Collection[int] = (), beside: Collection[int] = ()
) -> tuple[Case, list[Answer]]:
    """The case, and an answer for each line that wants stock still."""
    case = queries_case.case_of_lines(lines, now, late, beside)
    return case, rules.answers(case)


def _days(lines: Sequence[OpenLine], case: Case, found: Sequence[Leaving]) -> dict[int, NewPromise]:
    """The promise of each line; an order that is delivered whole leaves with its last line."""
    days: dict[int, tuple[date, date]] = {}
    whole: dict[int, tuple[date, date] | None] = {}
    for line, one in _with_answers(lines, found):
        trip = None if one else _next_trip(line, case)
        if one and one.ships_on and one.arrives_on:
            days[line.line_id] = (one.ships_on, one.arrives_on)
        elif trip:
            days[line.line_id] = (trip.ships_on, trip.arrives_on)
        if line.policy == "complete":
            last = whole.get(line.order_id, (date.min, date.min))
            mine = days.get(line.line_id)
            whole[line.order_id] = max(last, mine) if last and mine else None
    promised = {}
    for line in lines:
        both = whole[line.order_id] if line.policy == "complete" else days.get(line.line_id)
        if both:
            seconds = case.site(line.site_id).house.policy.seconds_for(line.wants) if line.wants else 0
            promised[line.line_id] = NewPromise(line.line_id, line.site_id, *both, seconds)
    return promised


def _with_answers(
    lines: Sequence[OpenLine], found: Sequence[rules.Found]
) -> Iterator[tuple[OpenLine, rules.Found | None]]:
    """Lines with their answers; a line of which all is picked asks for no stock and has none."""
    answers = iter(found)
    for line in lines:
        yield line, next(answers) if line.wants else None


def _next_trip(line: OpenLine, case: Case) -> Trip | None:
    """How a line leaves next of which all is picked: nothing is to be done for it but to send it."""
    site = case.site(line.site_id)
    return first_trip(site.house, Work(0), now=site.now, not_before=site.now.date(), region=line.region, way=line.way)


def _write(ctx: Context, lines: Sequence[OpenLine], promised: dict[int, NewPromise]) -> None:
    moved = [key for line in lines if line.ships_on and (key := line.line_id) in promised]
    steps_exceptions.settle(ctx, moved, "It is promised for another day.", by_calendar=True)
    steps.write_promises(ctx, list(promised.values()))
    sales.set_promises({line_id: new.ships_on for line_id, new in promised.items()})


def _explain(
    ctx: Context,
    lines: Sequence[OpenLine],
    case: Case,
    found: Sequence[Answer],
    promised: dict[int, NewPromise],
    *,
    told: Collection[int] | None = None,
    named: Collection[int] = (),
) -> None:
    """The case once, and of each line (of those `told`, where it says so) the sentence and where its case is; `named`
    are those of which a person named the day."""
    said = [reasons.digest(one) for one in found]
    subject = ref(CASE, ctx.command_id)
    count = len(lines if told is None else told)
    rows = [DecisionRow("promise_case", subject, f"{count} lines promised.", RULE, {"case": case, "said": said})]
    rows = rows if found else []
    place = -1
    for line, one in _with_answers(lines, found):
        new = promised.get(line.line_id)
        if one is None:
            rows.append(DecisionRow("promise", ref(PROMISED, line.line_id), reasons_lines.of_picked(line, new), RULE))
            continue
        place += 1
        if told is not None and line.line_id not in told:
            continue
        detail = {"case": subject, "place": place, "ships_on": new.ships_on if new else None}
        words = reasons_lines.of_stock(line, case, one, new, is_named=line.line_id in named)
        rows.append(DecisionRow("promise", ref(PROMISED, line.line_id), words, RULE, detail))
    decisions.record(ctx, rows)


@command(permission="promise.move", result=LinesPromised)
def move_promises(ctx: Context, req: MovePromises) -> LinesPromised:
    """Tell customers other days: the latest promise moves, the first stays, a letter is drafted, the exception ends.

    A line without a day gets the earliest one that is possible; what is picked and has not left can move too. A line
    that arrives as it was promised gets no letter. Emits promise.promises_moved. Refuses with Invalid, naming every
    line without a reason, past, without any supply or with another day than was shown, and with OverCapacity for a day
    that is full.
    """
    lines = _locked([line.line_id for line in req.lines], with_picked=True)
    wanted = {line.line_id: (n, line.ships_on, line.seen_on) for n, line in enumerate(req.lines, 1)}
    if not lines or len(lines) != len(wanted):
        raise OrderNotFound(NOT_OPEN, fix="Look at the list again.")
    for site_id in {line.site_id for line in lines}:
        ctx.require("promise.move", site_id)
    if not req.reason.strip():
        raise Invalid("Say why the day moves.", fix="For example: the supplier delivers nine days later.")
    every, late, beside = _with_late(lines, ctx.now)
    every, case, found = _settled(every, ctx.now, with_picked=True, late=late, beside=beside)
    lines = [line for line in every if line.line_id in wanted]
    if len(lines) != len(wanted):
        raise OrderNotFound(NOT_OPEN, fix="Look at the list again.")
    days = _days(every, case, [one.leaving for one in found])
    promised = _by_carriers(lines, {line_id: new for line_id, new in days.items() if line_id in wanted})
    bad = []
    over: dict[int, str] = {}
    for line in lines:
        n, asked, seen_on = wanted[line.line_id]
        fault = _asked_day(ctx, n, line, case, asked, promised, over) if asked is not None else None
        bad += [fault] if fault else [one for one in [_other_day(n, line, promised, seen_on)] if one]
    if bad:
        raise Invalid("These days cannot be promised.", lines=bad)
    steps_exceptions.settle(ctx, [line.line_id for line in lines], f"Promise moved: {req.reason.strip()}"[:200])
    _write(ctx, lines, promised)
    _override(ctx, [line for line in lines if line.line_id in over], over, req.reason)
    named = {one.line_id for one in req.lines if one.ships_on}
    _explain(ctx, every, case, found, promised, told=set(wanted), named=named)
    told = [(line, new) for line in lines if (new := promised[line.line_id]).arrives_on != line.arrives_on]
    steps_letters.draft(
        ctx, [(line.order_id, line.line_id, reasons_lines.letter(line, new, req.reason)) for line, new in told]
    )
    ctx.about(ORDER, sorted({line.order_id for line in lines}))
    ctx.emit(PromisesMoved([line.line_id for line in lines], req.reason.strip()))
    return LinesPromised([_said(line, promised) for line in lines])


def _with_late(lines: Sequence[OpenLine], now: datetime) -> tuple[list[OpenLine], frozenset[int], frozenset[int]]:
    """Lines with all that could leave sooner than they were promised beside them, by rank: who is first has the sooner
    delivery, whether or not the other moves. Also which of all are such, and which are only beside. Two queries."""
    late = frozenset(
        queries_sooner.late_beside(sorted({(one.item_id, one.site_id) for one in lines if one.wants}), now)
    )
    beside = late - {line.line_id for line in lines}
    every = (
        queries_lines.open_lines([*(line.line_id for line in lines), *beside], with_picked=True) if beside else lines
    )
    return list(every), late, beside


def _by_carriers(lines: Sequence[OpenLine], promised: dict[int, NewPromise]) -> dict[int, NewPromise]:
    """What is picked arrives no sooner than by the carrier that was chosen for it, where that one is late."""
    late = queries_cover.late_arrivals([line.line_id for line in lines if not line.wants])
    return {
        line_id: replace(new, arrives_on=max(new.arrives_on, late.get(line_id, new.arrives_on)))
        for line_id, new in promised.items()
    }


def _other_day(n: int, line: OpenLine, promised: dict[int, NewPromise], seen_on: date | None) -> BadLine | None:
    """What is wrong with a line of which nobody can say when, or that would leave on another day than was shown."""
    new = promised.get(line.line_id)
    if new is None:
        return BadLine(n, "ships_on", f"{line.order}: nobody can say when.", "Name a day yourself.")
    if seen_on is None or new.ships_on == seen_on:
        return None
    words = (
        f"{line.order}: {line.sku} would leave {reasons.day(new.ships_on)}, not {reasons.day(seen_on)} as was shown."
    )
    return BadLine(n, "ships_on", words, "Look at the days again.")


def _asked_day(
    ctx: Context,
    n: int,
    line: OpenLine,
    case: Case,
    asked: date,
    promised: dict[int, NewPromise],
    over: dict[int, str],
) -> BadLine | None:
    """Take the day that a person names; what is wrong with it, if anything. `over` says of lines that it is full."""
    site = case.site(line.site_id)
    today = site.now.date()
    if asked < today:
        return BadLine(n, "ships_on", f"{line.order}: {asked} is past.", "Name today or a later day.")
    policy = site.house.policy
    seconds = policy.seconds_for(line.wants) if line.wants else 0
    full = overload(site.house, asked, seconds, today=today) if line.wants else None
    if full is not None and not ctx.may("promise.override", line.site_id):
        raise OverCapacity(reasons.alert(full), fix="Choose another day, or ask somebody who may override.")
    if full is not None:
        over[line.line_id] = reasons.alert(full)
    arrives = _arrival(site.house, line, asked)
    promised[line.line_id] = NewPromise(line.line_id, line.site_id, asked, arrives, seconds)
    return None


def _override(ctx: Context, lines: Sequence[OpenLine], over: dict[int, str], reason: str) -> None:
    """Write down that days were promised that are full: one override for each site."""
    for site_id in sorted({line.site_id for line in lines}):
        here = [line for line in lines if line.site_id == site_id and line.wants > 0]
        about = overriding.line_facts([line.line_id for line in here])
        units = {line.line_id: line.wants for line in here}
        overrides.record(
            ctx,
            Decided(
                OverrideKind.CAPACITY,
                site_id,
                RULE,
                0,
                f"By {RULE} another day: {over[here[0].line_id]}",
                reason,
                [Part(line_id, n) for line_id, n in units.items()],
                stake=to_money(sum((about[key].unit_price * n for key, n in units.items()), Decimal(0))),
            ),
            facts=about,
        )


def _arrival(house: House, line: OpenLine, leaves: date) -> date:
    """When what leaves on a day is there: by the fastest service of the day, else of the next day on which one goes."""
    return usual_arrival(house, line.region, leaves, leaves + SOON, line.way)


def _letters(lines: Sequence[OpenLine], promised: Mapping[int, NewPromise], reason: str) -> list[tuple[int, int, str]]:
    """A letter for each line that arrives on another day than it was promised."""
    return [
        (line.order_id, line.line_id, reasons_lines.letter(line, new, reason))
        for line in lines
        if (new := promised.get(line.line_id)) is not None and new.arrives_on != line.arrives_on
    ]
