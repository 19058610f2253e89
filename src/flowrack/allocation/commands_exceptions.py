"""The door for promises that cannot hold: find them when supply moves, and close them when dealt with."""

from __future__ import annotations

from flowrack.allocation import queries_cover, rules_cover, steps_exceptions
from flowrack.allocation.rules_cover import Coming
from flowrack.allocation.types_exceptions import (
    CloseExceptions,
    CoverWatched,
    ExceptionClosed,
    ExceptionsClosed,
    PromisesSlipped,
    SupplyMoved,
    WatchCover,
)
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales.types import LINE
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref

RULE = "cover/1"


@command(permission="allocation.watch", result=CoverWatched)
def watch_cover(ctx: Context, req: WatchCover) -> CoverWatched:
    """Supply moved: compare the cover of every line that waits for it, before and after.

    A line whose cover got worse and is beyond its promise gets an exception with the reason; one that is covered in
    time again loses it. Emits allocation.promises_slipped. A constant number of statements.
    """
    moved: dict[tuple[int, int], list[SupplyMoved]] = {}
    for one in req.moved:
        moved.setdefault((one.item_id, one.site_id), []).append(one)
    pairs = sorted(moved)
    wants, after = queries_cover.wants(pairs), queries_cover.coming(pairs)
    found, fine = [], []
    numbers = queries_cover.numbers_of([one.po_line_id for one in req.moved])
    for pair in pairs:
        slips, in_time = rules_cover.slips(wants[pair], _before(after[pair], moved[pair]), after[pair])
        cause = max(moved[pair], key=lambda one: (one.units_before, -one.po_line_id)).po_line_id
        found += [(slip, cause, rules_cover.told(slip, numbers[cause])) for slip in slips]
        fine += in_time
    settled = steps_exceptions.settle(ctx, fine, "It is covered in time again.")
    if found:
        steps_exceptions.raise_exceptions(ctx, found)
        decisions.record(
            ctx,
            [
                DecisionRow("cover", ref(LINE, slip.line_id), reason, RULE, {"units": slip.units})
                for slip, _, reason in found
            ],
        )
        ctx.emit(PromisesSlipped([slip.line_id for slip, _, _ in found]))
    return CoverWatched([slip.line_id for slip, _, _ in found], settled)


def _before(after: list[Coming], moved: list[SupplyMoved]) -> list[Coming]:
    """The supply as it was before these lines moved."""
    old = {one.po_line_id: one for one in moved}
    kept = [c for c in after if c.po_line_id not in old]
    return kept + [
        Coming(one.po_line_id, "", one.expected_before, one.units_before)
        for one in moved
        if one.expected_before is not None and one.units_before > 0
    ]


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
