"""The door of taking accepted substitutes back."""

from __future__ import annotations

from flowrack.allocation.types_substitutes import (
    RULE,
    NothingInstead,
    SubstitutesTakenBack,
    SubstitutesUndone,
    UndoSubstitutes,
)
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.sales import queries as orders
from flowrack.sales import queries_substitutes, steps_changes, steps_judge
from flowrack.sales import steps as sales
from flowrack.sales import steps_substitutes as lines
from flowrack.sales.queries_substitutes import InsteadOf
from flowrack.sales.states import OrderState, advance
from flowrack.sales.types import LINE, ORDER, LineCounts, OrderNotFound, TooLate, UnitsCancelled, UnitsChange
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

REASON = "the substitute was taken back"


@command(permission="allocation.substitute", result=SubstitutesUndone)
def undo_substitutes(ctx: Context, req: UndoSubstitutes) -> SubstitutesUndone:
    """Take back all that is sent instead of a line: what was reserved of it is free, and the line waits again.

    Open picks are called back. Emits allocation.substitutes_taken_back and sales.units_cancelled. Refuses with TooLate
    once any of it is picked or has left, with NothingInstead, OrderNotFound and WrongState.
    """
    order_id = orders.order_of_line(req.line_id)
    sites = orders.sites_of([order_id])
    if len(sites) != 1 or not ctx.may("allocation.substitute", sites[0]):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    asked = [one.line_id for one in queries_substitutes.substitutes_of(req.line_id)]
    called_back = steps_changes.free_from_floor(ctx, dict.fromkeys(asked))
    held = sales.claim_lines([req.line_id, *asked])
    advance(OrderState(orders.access_order(order_id, frozenset(sites)).state), "change")
    standing = [one for one in queries_substitutes.substitutes_of(req.line_id) if one.line_id in held]
    if not standing:
        raise NothingInstead("Nothing is sent instead of this line.", fix="Open the order again.")
    counts = {one.line_id: held[one.line_id][1] for one in standing}
    _refuse_picked(standing, counts)
    back = {one.line_id: _stands_for(one, counts[one.line_id]) for one in standing}
    sales.unpromise(ctx, {line_id: of.allocated for line_id, of in counts.items()})
    sales.apply_units(
        [
            *(UnitsChange(n, allocated=-of.allocated, cancelled=of.units - of.cancelled) for n, of in counts.items()),
            UnitsChange(req.line_id, cancelled=-sum(back.values())),
        ]
    )
    lines.take_back(ctx, req.line_id, list(counts))
    steps_judge.judge_cancelled(ctx, [order_id])
    decisions.record(ctx, _told(standing, counts, back, req.line_id))
    freed = [of.units - of.cancelled for of in counts.values()]
    waits_again = sum(back.values())
    ctx.about(ORDER, [order_id])
    ctx.emit(SubstitutesTakenBack(order_id, req.line_id, list(counts), waits_again))
    unpromised = sum(of.allocated for of in counts.values())
    ctx.emit(UnitsCancelled([order_id], list(counts), freed, unpromised, REASON))
    return SubstitutesUndone(order_id, waits_again, list(counts), freed, called_back)


def _refuse_picked(standing: list[InsteadOf], counts: dict[int, LineCounts]) -> None:
    bad = []
    for one in standing:
        of = counts[one.line_id]
        busy = of.released + of.picked + of.shipped
        if busy:
            said = f"{busy} of the {of.units} units that stand for {one.sku} are being picked, are picked or have left."
            bad.append(BadLine(0, "line_id", said, "Put picked units back first (Undo pick)."))
    if bad:
        raise TooLate("It is too late to take the substitute back.", lines=bad, fix=bad[0].fix)


def _stands_for(one: InsteadOf, of: LineCounts) -> int:
    """Units of the original that the rest of a substitute stands for, when the customer cancelled a part of it."""
    return one.replaces * (of.units - of.cancelled) // of.units


def _told(
    standing: list[InsteadOf], counts: dict[int, LineCounts], back: dict[int, int], original_id: int
) -> list[DecisionRow]:
    sku, again = standing[0].sku, sum(back.values())
    rows = [
        DecisionRow(
            kind="substitutes",
            subject=ref(LINE, original_id),
            sentence=f"The substitute was taken back: {again} {sku} wait again.",
            rule=RULE,
            detail={"taken_back": [[n, of.units - of.cancelled, back[n]] for n, of in counts.items()]},
        )
    ]
    return rows + [
        DecisionRow(
            kind="substitutes",
            subject=ref(LINE, line_id),
            sentence=f"Taken back: {of.units - of.cancelled} are not sent instead of {back[line_id]} {sku}.",
            rule=RULE,
            detail={"instead_of": sku, "replaces": back[line_id]},
        )
        for line_id, of in counts.items()
    ]
