"""The door for promises that cannot hold: find them when supply moves, and close them when dealt with."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.allocation import queries_cover, queries_outlook, rules_cover, steps_exceptions
from flowrack.allocation.rules_cover import Slip
from flowrack.allocation.types_exceptions import (
    COVERED,
    CloseExceptions,
    CoverWatched,
    ExceptionClosed,
    ExceptionsClosed,
    PromisesSlipped,
    SupplyMoved,
    WatchCover,
    WatchItems,
)
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales.types import LINE
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref

RULE = "cover/1"
NO_PO = 0


@command(permission="allocation.watch", result=CoverWatched)
def watch_cover(ctx: Context, req: WatchCover) -> CoverWatched:
    """Supply moved: compare the cover of every line that waits for it, before and after, as runs will give it.

    A promised line whose cover got worse and is beyond its promise gets an exception with the reason; one that is
    covered in time again loses it; where the same is said of one already, only the reason is renewed. Emits
    allocation.promises_slipped. A constant number of statements.
    """
    moved: dict[tuple[int, int], list[SupplyMoved]] = {}
    for one in req.moved:
        moved.setdefault((one.item_id, one.site_id), []).append(one)
    pairs = sorted(moved)
    days, after = queries_outlook.days_of(pairs, ctx.now), queries_outlook.scenes(pairs, ctx.now)
    as_if = {one.po_line_id: (one.expected_before, one.units_before) for one in req.moved}
    before = queries_outlook.scenes(pairs, ctx.now, as_if)
    found: list[tuple[Slip, int, str]] = []
    fine: list[int] = []
    numbers = queries_cover.numbers_of([one.po_line_id for one in req.moved])
    for pair in pairs:
        (wants, now), (_, was) = after[pair], before[pair]
        slips, in_time = rules_cover.slips(wants, was, now, days[pair[1]])
        cause = max(moved[pair], key=lambda one: (one.units_before, -one.po_line_id)).po_line_id
        found += [(slip, cause, rules_cover.told(slip, f"{numbers[cause]} {req.what}")) for slip in slips]
        fine += in_time
    settled = steps_exceptions.settle(ctx, fine, COVERED, by_calendar=False)
    said = queries_cover.said_of([slip.line_id for slip, _, _ in found])
    same = [one for one in found if said.get(one[0].line_id) == (one[0].promised_on, one[0].after, one[0].units)]
    _explain(ctx, same)
    steps_exceptions.reword([(slip.line_id, why) for slip, _, why in same])
    found = [one for one in found if one not in same]
    _raise(ctx, found)
    return CoverWatched([slip.line_id for slip, _, _ in found], settled)


@command(permission="allocation.watch", result=CoverWatched)
def watch_items(ctx: Context, req: WatchItems) -> CoverWatched:
    """Stock of items changed: look whether what was promised of them still holds.

    A line with a promise that is not covered by its day, and has no open exception, gets one; a line that is covered
    in time again, or of which nothing waits any more, loses it. On a new day the PO that comes too late stands behind
    it. Emits allocation.promises_slipped. A constant number of statements.
    """
    pairs = [(item_id, req.site_id) for item_id in sorted(set(req.item_ids))]
    days, scenes = queries_outlook.days_of(pairs, ctx.now), queries_outlook.scenes(pairs, ctx.now)
    promised = queries_cover.promised(pairs, but_dealt_with=req.is_new_day)
    found: list[tuple[Slip, int, str]] = []
    fine: list[int] = []
    for pair in pairs:
        slips, in_time = rules_cover.broken(*scenes[pair], days[pair[1]])
        for slip in slips:
            if slip.line_id in promised:
                po_line_id = slip.po_line_id if req.is_new_day else NO_PO
                found.append((slip, po_line_id, rules_cover.told(slip, req.cause)))
        fine += in_time
    settled = steps_exceptions.settle(ctx, fine, COVERED, by_calendar=False)
    settled += steps_exceptions.settle_over(ctx, pairs)
    _raise(ctx, found)
    return CoverWatched([slip.line_id for slip, _, _ in found], settled)


def _raise(ctx: Context, found: Sequence[tuple[Slip, int, str]]) -> None:
    """Exceptions with their reason, and the event."""
    closed = queries_cover.by_calendar([slip.line_id for slip, _, _ in found]) if found else set()
    found = [one for one in found if one[0].line_id not in closed]
    if not found:
        return
    steps_exceptions.raise_exceptions(ctx, found)
    _explain(ctx, found)
    ctx.emit(PromisesSlipped([slip.line_id for slip, _, _ in found]))


def _explain(ctx: Context, found: Sequence[tuple[Slip, int, str]]) -> None:
    rows = [DecisionRow("cover", ref(LINE, slip.line_id), why, RULE, {"units": slip.units}) for slip, _, why in found]
    decisions.record(ctx, rows)


@command(permission="allocation.settle", result=ExceptionsClosed)
def close_exceptions(ctx: Context, req: CloseExceptions) -> ExceptionsClosed:
    """Close exceptions that were dealt with: the customer was told, other supply was found.

    Refuses with ExceptionClosed, Invalid without a note.
    """
    if not req.note.strip():
        raise Invalid("Say what was done.", fix="For example: customer told, agreed on 20 March.")
    ids = set(req.exception_ids)
    rows = queries_cover.exceptions_by_id(sorted(ids))
    for site_id in orders.sites_of([order_id for _, order_id in rows]):
        ctx.require("allocation.settle", site_id)
    if not ids or len(rows) != len(ids) or steps_exceptions.close(ctx, sorted(ids), req.note.strip()) != len(ids):
        raise ExceptionClosed("One of these is closed already.", fix="Look at the list again.")
    return ExceptionsClosed(sorted(ids))
