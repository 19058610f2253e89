"""What a verdict needs: answers judged by their limits, the checks before it, its moves, and the supplier's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowrack.inspection import queries, rules, steps, steps_stock
from flowrack.inspection.locks import LockedSeverity
from flowrack.inspection.models import Inspection
from flowrack.inspection.queries import CheckRow, UnmeasuredRow
from flowrack.inspection.states import InspectionState
from flowrack.inspection.types import (
    INSPECTION,
    BadSplit,
    CheckKind,
    CheckResult,
    Decide,
    DefectClass,
    JudgedLine,
    LotRejected,
    RecordResults,
    ResultsMissing,
    Severity,
    Verdict,
)
from flowrack.inspection.types_holds import NewHold
from flowrack.ledger import steps as ledger
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


def judged(req: RecordResults, checks: Mapping[int, CheckRow]) -> tuple[list[CheckResult], list[BadLine]]:
    """The answers with their class and whether they are defects, and what makes no sense."""
    found: list[CheckResult] = []
    bad: list[BadLine] = []
    if req.tested_units < 0:
        bad.append(BadLine(0, "tested_units", "Less than no unit cannot be tested.", "Say how many were tested."))
    for i, result in enumerate(req.results, start=1):
        check = checks.get(result.check_id)
        if result.check_id and check is None:
            bad.append(BadLine(i, "check", "This check is not on the plan's list.", "Use the checks of the plan."))
        elif result.unit_no < 0 or result.unit_no > req.tested_units:
            bad.append(BadLine(i, "unit", f"Unit {result.unit_no} of {req.tested_units} tested.", "Count from 1."))
        elif result.measured is not None and not result.measured.is_finite():
            bad.append(BadLine(i, "measured", "This is no measured value.", "Type digits."))
        elif check is not None and check.kind == CheckKind.MEASURE and result.measured is None:
            bad.append(BadLine(i, "measured", f"“{check.name}” is a measured value.", "Type what was measured."))
        elif not 0 <= result.defective_units <= (1 if result.unit_no else req.tested_units):
            most = 1 if result.unit_no else req.tested_units
            bad.append(BadLine(i, "defective_units", f"{result.defective_units} of {most} cannot be defective.", ""))
        else:
            found.append(_judged_one(result, check))
    return found, bad


def _judged_one(result: CheckResult, check: CheckRow | None) -> CheckResult:
    if check is None:
        return replace(result, measured=None)
    kind = DefectClass(check.defect_class)
    if check.kind != CheckKind.MEASURE:
        return replace(result, defect_class=kind, measured=None)
    assert result.measured is not None
    outside = rules.is_outside(result.measured, low=check.low, high=check.high)
    return replace(result, defect_class=kind, defective_units=1 if outside else 0)


def check(n: Inspection, req: Decide) -> str:
    """Whether the sample passes, fails or is not tested in full; refuses a verdict that it does not allow."""
    sample, found = rules.sample_in(n), queries.defects_of(n.pk, is_sorting=False)
    missing = queries.unmeasured(n.pk)
    word = n.sample_result or rules.outlook(sample=sample, tested=n.tested_units, found=found, unmeasured=len(missing))
    if word == rules.UNDECIDED and req.verdict != Verdict.HOLD:
        raise _missing(n, missing)
    is_sorted = n.state == InspectionState.SORTING
    if is_sorted and n.sorted_units < n.lot_units and req.verdict != Verdict.HOLD:
        raise ResultsMissing(
            f"{n.sorted_units} of {n.lot_units} units are sorted.", fix="Sort the rest, or hold the lot."
        )
    if req.verdict == Verdict.RELEASE and (word == rules.FAILS or is_sorted):
        raise LotRejected(
            f"{n.number} failed: {found.critical} critical, {found.major} major, {found.minor} minor defects in"
            f" {n.tested_units}; {n.reject} reject.",
            fix="Hold it, sort every unit, or split it after sorting.",
        )
    if req.verdict == Verdict.SPLIT and word == rules.FAILS and not is_sorted and n.tested_units < n.lot_units:
        raise LotRejected(f"{n.number} failed, so it is split only after sorting.", fix="Sort every unit first.")
    if req.verdict != Verdict.RELEASE and not req.reason.strip():
        raise Invalid("This verdict needs a reason.", fix="Say in a few words what was found.")
    return word


def _missing(n: Inspection, checks: Sequence[UnmeasuredRow]) -> ResultsMissing:
    """What the sample lacks: units, or values of a measured check; all of it at once."""
    if n.tested_units < n.sample_units:
        return ResultsMissing(
            f"{n.tested_units} of {n.sample_units} units are tested.",
            fix=f"Test {n.sample_units - n.tested_units} more, or hold the lot.",
        )
    lines = [
        BadLine(row.line_no, "measured", f"{row.words}.", f"Measure {row.sample_units - row.values} more.")
        for row in checks
    ]
    return ResultsMissing(lines[0].message, lines=lines, fix=f"{lines[0].fix[:-1]}, or hold the lot.")


def parts_of(n: Inspection, req: Decide) -> dict[str, int]:
    """Units by their new quality; empty when the lot is to be sorted first."""
    if req.verdict == Verdict.SORT:
        return {}
    if req.verdict == Verdict.RELEASE:
        return {"available": n.lot_units, "hold": 0, "damaged": 0}
    if req.verdict == Verdict.HOLD:
        return {"available": 0, "hold": n.lot_units, "damaged": 0}
    fault = rules.split_faults(
        lot=n.lot_units, released=req.released_units, held=req.held_units, damaged=req.damaged_units
    )
    if fault:
        raise BadSplit(fault, fix=f"Let the parts add up to {n.lot_units}.")
    return {"available": req.released_units, "hold": req.held_units, "damaged": req.damaged_units}


def count_lot(ctx: Context, n: Inspection, locked: LockedSeverity) -> None:
    """Let the lot count for the supplier's severity: once, by its sample, and only where a plan asked for one."""
    plan, history = queries.plan_by_id(n.plan_id), locked.history
    if not plan.plan_id or n.sample_result or history.severity is Severity.DISCONTINUED:
        return
    result = rules.outcome(
        sample=rules.sample_in(n),
        found=queries.defects_of(n.pk, is_sorting=False),
        lot=n.lot_units,
        plan=plan,
        severity=history.severity,
    )
    after, why = rules.after_lot(history, result, accept=n.accept, tighten_after=plan.tighten_after)
    steps.write_severity(ctx, locked, after, why, inspection_id=n.pk)


def post(ctx: Context, n: Inspection, req: Decide, parts: Mapping[str, int]) -> tuple[list[JudgedLine], int]:
    """Give the units their qualities where they stand, and keep a hold for those that are held; (lines, hold)."""
    cells = steps_stock.cells_of(n.site_id, n.item_id, n.lot_id, n.quality, queries.lines_of(n.pk))
    if not cells:
        raise Invalid("None of these goods stand in inspection any more.", fix="Look up where they are.")
    origin = ref(INSPECTION, n.pk)
    moves, lines = steps_stock.judge(cells, list(parts.items()), reason="INSPECTION", origin=origin)
    n.posting_id = ledger.post(ctx, moves).posting_id if moves else 0
    n.released_units, n.held_units = Units(parts["available"]), Units(parts["hold"])
    n.damaged_units = Units(parts["damaged"])
    held = [line for line in lines if line.quality == "hold"]
    if not held:
        return lines, 0
    hold = NewHold(
        site_id=n.site_id, item_id=n.item_id, lot_id=n.lot_id, lpn_id=held[0].lpn_id if len(held) == 1 else 0,
        location_id=held[0].location_id, quality="hold", units=n.held_units, reason=req.reason,
        owner_id=req.owner_id, due_at=req.due_at, inspection_id=n.pk, cause=req.cause,
    )  # fmt: skip
    return lines, steps.write_holds(ctx, [hold])[0]


def save(ctx: Context, n: Inspection) -> None:
    """Write the verdict; of a lot that is only sorted first, nobody decided yet."""
    if n.state == InspectionState.DECIDED:
        n.decided_by_id, n.decided_at = ctx.actor_id, ctx.now
    n.save()
