"""Substitutes that are not sent after all: inside the commands that take them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.allocation.types_substitutes import RULE, SubstitutesTakenBack
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales import steps_judge
from flowrack.sales import steps_substitutes as lines
from flowrack.sales.queries_substitutes import InsteadOf
from flowrack.sales.types import LINE, LineCounts, UnitsCancelled, UnitsChange
from flowrack.shared.refs import ref

REASON = "the substitute was taken back"


def take_back(
    ctx: Context, order_id: int, line_id: int, standing: Sequence[InsteadOf], counts: Mapping[int, LineCounts]
) -> tuple[int, list[int]]:
    """Free what is reserved for these substitutes of a line, cancel them, and let the line wait again.

    The lines are locked, and nothing of the substitutes is with a picker, picked or gone. Units of the line that wait
    again, and the units of each substitute. Emits allocation.substitutes_taken_back and sales.units_cancelled.
    """
    back = {one.line_id: _stands_for(one, counts[one.line_id]) for one in standing}
    sales.unpromise(ctx, {line_id: of.allocated for line_id, of in counts.items()})
    sales.apply_units(
        [
            *(UnitsChange(n, allocated=-of.allocated, cancelled=of.units - of.cancelled) for n, of in counts.items()),
            UnitsChange(line_id, cancelled=-sum(back.values())),
        ]
    )
    lines.take_back(ctx, line_id, list(counts))
    steps_judge.judge_cancelled(ctx, [order_id])
    decisions.record(ctx, _told(standing, counts, back, line_id))
    freed = [of.units - of.cancelled for of in counts.values()]
    waits_again = sum(back.values())
    ctx.emit(SubstitutesTakenBack(order_id, line_id, list(counts), waits_again))
    unpromised = sum(of.allocated for of in counts.values())
    ctx.emit(UnitsCancelled([order_id], list(counts), freed, unpromised, REASON))
    return waits_again, freed


def _stands_for(one: InsteadOf, of: LineCounts) -> int:
    """Units of the original that the rest of a substitute stands for, when the customer cancelled a part of it."""
    return one.replaces * (of.units - of.cancelled) // of.units


def _told(
    standing: Sequence[InsteadOf], counts: Mapping[int, LineCounts], back: Mapping[int, int], original_id: int
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
