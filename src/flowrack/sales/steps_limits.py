"""What the customer's limits do to shipments: they wait with the reason, or the last one ends the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.sales import locks, queries_limits, rules, rules_limits, steps, steps_judge
from flowrack.sales.types import ORDER, LockedLine, UnitsCancelled, UnitsChange
from flowrack.sales.types_limits import Departure, Limits, ShipmentWaits, Verdict
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

KIND = "shipment_limits"


def judge(
    ctx: Context, lines: Sequence[LockedLine], leaving: Mapping[int, int] | None = None
) -> tuple[dict[int, Verdict], dict[int, Limits]]:
    """The verdict on the next shipment of each order that has limits; `lines` are all lines of these orders.

    `leaving` are the units of lines that would leave; without it, all that is promised and picked, as after a wave.
    No query where no order has limits, else two.
    """
    order_ids = sorted({line.order_id for line in lines if line.has_limits})
    if not order_ids:
        return {}, {}
    limits, prices = queries_limits.limits_of(order_ids, now=ctx.now), queries_limits.prices(order_ids)
    verdicts: dict[int, Verdict] = {}
    for order_id, of in limits.items():
        value, missing, busy = Decimal(0), 0, 0
        for line in lines:
            if line.order_id != order_id:
                continue
            counts = line.counts
            units = counts.allocated + counts.picked if leaving is None else leaving.get(line.line_id, 0)
            value += units * prices[line.line_id]
            missing += counts.waiting + counts.allocated + counts.picked - units
            busy += 0 if leaving is None else max(0, counts.released + counts.picked - units)
        verdicts[order_id] = rules_limits.judge_departure(of, Departure(value, missing, busy))
    return verdicts, limits


def refuse_early(ctx: Context, lines: Sequence[LockedLine], leaving: Mapping[int, int]) -> dict[int, Limits]:
    """Refuse with ShipmentWaits when a customer does not take what would leave, naming every order and the way out.

    Gives the orders that the shipment ends: pass them to `end_orders` when the goods have left.
    """
    verdicts, limits = judge(ctx, lines, leaving)
    bad = [
        BadLine(n, "order_ids", f"{limits[order_id].number} waits: {verdict.why}.", verdict.fix)
        for n, (order_id, verdict) in enumerate(((o, v) for o, v in verdicts.items() if v.why), 1)
    ]
    if bad:
        raise ShipmentWaits(bad[0].message, lines=bad, fix=bad[0].fix)
    return {order_id: limits[order_id] for order_id, verdict in verdicts.items() if verdict.ends_order}


def end_orders(ctx: Context, ended: Mapping[int, Limits]) -> None:
    """Cancel what is left of orders of which the last shipment has left, and store why. No statement without orders.

    Emits sales.units_cancelled.
    """
    for order_id, limits in ended.items():
        left = {line_id: counts for line_id, (_, counts) in locks.lines_of_order(order_id).items()}
        units = sum(counts.waiting + counts.unreleased for counts in left.values())
        sentence = rules_limits.ended_words(limits, units)
        cancel_rest(ctx, {order_id: sentence}, {order_id: True}, rule=rules_limits.RULE)


def cancel_rest(ctx: Context, why: Mapping[int, str], promised: Mapping[int, bool], *, rule: str) -> int:
    """Cancel what waits of orders, and where `promised` says so what is promised and no picker has; so many units.

    Stores the sentence of each order as its reason and emits one sales.units_cancelled for each. The lines are locked
    here. Nothing for orders of which nothing can be cancelled.
    """
    lines = locks.orders(sorted(why))
    cuts: dict[int, rules.Cut] = {}
    for line in lines:
        cut = rules.Cut(line.counts.waiting, line.counts.unreleased if promised[line.order_id] else 0)
        if cut.units:
            cuts[line.line_id] = cut
    if not cuts:
        return 0
    steps.unpromise(ctx, {line_id: cut.promised for line_id, cut in cuts.items()})
    steps.apply_units(UnitsChange(line_id, allocated=-c.promised, cancelled=c.units) for line_id, c in cuts.items())
    touched = sorted({line.order_id for line in lines if line.line_id in cuts})
    steps.settle_orders(touched, at=ctx.now)
    steps_judge.judge_cancelled(ctx, touched)
    decisions.record(ctx, [DecisionRow(KIND, ref(ORDER, o), why[o], rule, _detail(lines, cuts, o)) for o in touched])
    for order_id in touched:
        of = [line.line_id for line in lines if line.order_id == order_id and line.line_id in cuts]
        unpromised = sum(cuts[line_id].promised for line_id in of)
        ctx.emit(UnitsCancelled([order_id], of, [cuts[one].units for one in of], unpromised, why[order_id]))
    ctx.about(ORDER, touched)
    return sum(cut.units for cut in cuts.values())


def _detail(lines: Sequence[LockedLine], cuts: Mapping[int, rules.Cut], order_id: int) -> dict[str, object]:
    of = [line.line_id for line in lines if line.order_id == order_id and line.line_id in cuts]
    return {"cancelled": [[line_id, cuts[line_id].units, cuts[line_id].promised] for line_id in of]}
