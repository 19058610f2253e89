"""The door for supplier confirmations: record what was confirmed, decide on differences, set what is tolerated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.purchasing import imports_confirmations as imports
from flowrack.purchasing import locks, steps_confirmations
from flowrack.purchasing import queries_confirmations as queries
from flowrack.purchasing import queries_versions as versions
from flowrack.purchasing import rules_confirmations as rules
from flowrack.purchasing.models import ConfirmationToleranceRow, Po
from flowrack.purchasing.queries_confirmations import Foreseen, OpenLine
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules_confirmations import Judged
from flowrack.purchasing.states import PoState, advance
from flowrack.purchasing.types_confirmations import (
    BadConfirmation,
    ConfirmationsDecided,
    ConfirmationsRecorded,
    ConfirmationToleranceSet,
    Confirmed,
    ConfirmedLine,
    DecideConfirmations,
    LineOutcome,
    NewConfirmation,
    RecordConfirmations,
    SetConfirmationTolerance,
    Verdict,
)
from flowrack.purchasing.types_versions import Content, ContentLine, ForeseenMoved
from flowrack.shared.errors import BadLine, Invalid, NotFound, WrongState
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

CHANGE_WAITS = "A change of the order waits for approval, so nothing is accepted by itself."


@command(permission="purchasing.confirm", result=ConfirmationsRecorded)
def record_confirmations(ctx: Context, req: RecordConfirmations) -> ConfirmationsRecorded:
    """Record what suppliers confirmed of approved POs: many POs, many lines each.

    Each line is compared with what was asked for last. What the tolerance takes is accepted by itself and becomes a
    version of the order (which asks for approval where a policy says so); the rest waits for the buyer. Emits
    purchasing.pos_changed for what binds, and purchasing.foreseen_moved for what waits and is worse. Refuses with
    WrongState, BadConfirmation.
    """
    return _record(ctx, req.confirmations)


def _record(ctx: Context, asked: Sequence[NewConfirmation]) -> ConfirmationsRecorded:
    ids = [one.po_id for one in asked]
    if not ids or len(set(ids)) != len(ids):
        raise Invalid("Name each PO once, and at least one.")
    locks.requisitions_of(ids)
    pos = locks.pos(ids)
    for po in pos:
        ctx.require("purchasing.confirm", po.site_id)
        advance(PoState(po.state), "revise", number=po.number)
    before = queries.foreseen(ids)
    standing = versions.as_they_stand(ids, now=ctx.now)
    asked = [one if one.lines else _whole(one, standing[one.po_id]) for one in asked]
    _refuse_bad(asked, standing)
    baselines, waiting = versions.said_last(ids), versions.waiting(ids)
    tolerances = queries.tolerances_for(sorted({po.supplier_id for po in pos}))
    judged: list[list[Judged]] = []
    for po, one in zip(pos, asked, strict=True):
        base = _asked_lines(baselines[po.pk], standing[po.pk].content)
        found = [rules.judge(line, base[line.line_no], tolerances[po.supplier_id]) for line in one.lines]
        judged.append([_held_back(j) for j in found] if po.pk in waiting else found)
    confirmation_ids = steps_confirmations.write(ctx, asked)
    line_ids = steps_confirmations.write_lines(confirmation_ids, judged, [standing[po_id].line_ids for po_id in ids])
    taken, reasons = {}, {}
    for po_id, of, its_ids in zip(ids, judged, line_ids, strict=True):
        taken[po_id] = [(i, j) for i, j in zip(its_ids, of, strict=True) if j.state != Confirmed.OPEN]
        said = [f"line {j.line_no}: {j.reason[0].lower()}{j.reason[1:-1]}" for _, j in taken[po_id]]
        reasons[po_id] = f"Confirmed by {standing[po_id].supplier}: {'; '.join(said)}"
    steps_confirmations.take_over(ctx, [po for po in pos if po.pk not in waiting], standing, taken, reasons)
    _tell_foreseen(ctx, ids, before)
    if len(pos) == 1:
        ctx.subject = ref("purchasing.po", pos[0].pk)
    outcomes = [
        LineOutcome(i, po_id, j.line_no, str(j.state), j.reason)
        for po_id, of, its_ids in zip(ids, judged, line_ids, strict=True)
        for i, j in zip(its_ids, of, strict=True)
    ]
    return ConfirmationsRecorded(confirmation_ids, outcomes)


def _tell_foreseen(ctx: Context, po_ids: Sequence[int], before: dict[int, Foreseen]) -> None:
    """Who promises from these orders hears at once of what is worse than ordered, or is so no more."""
    moved = queries.foreseen_moved(before, queries.foreseen(po_ids))
    if moved:
        ctx.emit(ForeseenMoved(sorted({one.po_id for one in moved}), moved))


def _whole(one: NewConfirmation, standing: Standings) -> NewConfirmation:
    return replace(one, lines=rules.whole(standing.content, standing.came, today=standing.today))


def _refuse_bad(asked: Sequence[NewConfirmation], standing: dict[int, Standings]) -> None:
    bad: list[BadLine] = []
    first = 1
    for one in asked:
        its = standing[one.po_id]
        bad += rules.faults(one, its.content, came=its.came, today=its.today, first=first)
        first += max(len(one.lines), 1)
    if bad:
        raise BadConfirmation(
            bad[0].message if len(bad) == 1 else f"To record this, mend {len(bad)} things.", lines=bad, fix=bad[0].fix
        )


def _asked_lines(baseline: Content, now: Content) -> dict[int, ContentLine]:
    """What was asked of each line: as a person said it last, else as it stands."""
    return {x.line_no: x for content in (now, baseline) for x in content.lines if x.units}


def _held_back(judged: Judged) -> Judged:
    if judged.state == Confirmed.AS_ORDERED:
        return judged
    return replace(judged, state=Confirmed.OPEN, reason=f"{judged.reason} {CHANGE_WAITS}")


@command(permission="purchasing.accept", result=ConfirmationsDecided)
def decide_confirmations(ctx: Context, req: DecideConfirmations) -> ConfirmationsDecided:
    """Say to confirmed lines that wait: accept (they become a version), refuse (the order stays), ask again.

    Emits purchasing.pos_changed for what binds, and purchasing.foreseen_moved where the supplier's word counts no more.
    Refuses with NotFound, WrongState, RejectedBefore, Invalid without a reason for anything but acceptance.
    """
    if req.verdict not in list(Verdict):
        raise Invalid("Say accept, refuse or ask_again.", lines=[BadLine(0, "verdict", "Choose one of the three.")])
    if req.verdict != Verdict.ACCEPT and not req.reason.strip():
        raise Invalid("A reason is needed.", fix="Say what you told the supplier.", lines=[
            BadLine(0, "reason", "A reason is needed.", "Say what you told the supplier.")
        ])  # fmt: skip
    found = queries.lines_by_id(req.confirmation_line_ids)
    missing = set(req.confirmation_line_ids) - {line.id for line in found}
    if missing or not found:
        raise NotFound(f"There is no confirmed line with id {min(missing, default=0)}.")
    locks.requisitions_of([line.po_id for line in found])
    pos = locks.pos(sorted({line.po_id for line in found}))
    found = queries.lines_by_id(req.confirmation_line_ids)  # as they are now that their POs are locked
    for po in pos:
        ctx.require("purchasing.accept", po.site_id)
    settled = [line for line in found if line.state != Confirmed.OPEN]
    if settled:
        raise WrongState(
            f"{len(settled)} of these lines wait for nobody any more.",
            fix="Look at the list again.",
            lines=[BadLine(0, "confirmation_line_ids", f"{x.id} is {x.state}.") for x in settled],
        )
    version_ids: list[int] = []
    state = {Verdict.REFUSE: Confirmed.REFUSED, Verdict.ASK_AGAIN: Confirmed.ASKED_AGAIN}.get(
        Verdict(req.verdict), Confirmed.ACCEPTED
    )
    ids = [po.pk for po in pos]
    before = queries.foreseen(ids)
    steps_confirmations.decide(ctx, [line.id for line in found], state, req.reason)
    if state == Confirmed.ACCEPTED:
        version_ids = _accept(ctx, pos, found, req.reason.strip())
    _tell_foreseen(ctx, ids, before)
    if len(pos) == 1:
        ctx.subject = ref("purchasing.po", pos[0].pk)
    return ConfirmationsDecided([line.id for line in found], str(state), version_ids)


def _accept(ctx: Context, pos: Sequence[Po], found: Sequence[OpenLine], reason: str) -> list[int]:
    """What was confirmed becomes versions of the locked POs; their ids."""
    ids = [po.pk for po in pos]
    for po in pos:
        advance(PoState(po.state), "revise", number=po.number)
    waiting = versions.waiting(ids)
    for po in pos:
        if po.pk in waiting:
            raise WrongState(
                f"Version {waiting[po.pk].version_no} of {po.number} waits for approval.",
                fix="Wait for the approval, or give the change up first.",
            )
    standing = versions.as_they_stand(ids, now=ctx.now)
    _refuse_overtaken(found, standing)
    taken = defaultdict(list)
    for line in found:
        base = _asked_lines(standing[line.po_id].content, standing[line.po_id].content)
        confirmed = ConfirmedLine(line.line_no, Units(line.units), line.confirmed_on, line.unit_cost, line.reference)
        taken[line.po_id].append((line.id, rules.judge(confirmed, base[line.line_no], rules.ANYTHING)))
    said = f": {reason}" if reason else ""
    reasons = {po_id: f"Confirmed by {standing[po_id].supplier}, accepted by the buyer{said}" for po_id in ids}
    return steps_confirmations.take_over(ctx, pos, standing, taken, reasons)


def _refuse_overtaken(found: Sequence[OpenLine], standing: dict[int, Standings]) -> None:
    """Refuse with WrongState what the order cannot become any more: dropped lines, fewer units than have come."""
    bad = []
    for line in found:
        one = standing[line.po_id]
        came = one.came.get(line.line_no, 0)
        if not any(x.line_no == line.line_no and x.units for x in one.content.lines):
            bad.append(f"Line {line.line_no} of {one.number} was dropped meanwhile.")
        elif line.units < came:
            bad.append(
                f"{came:,} of line {line.line_no} of {one.number} have come or were given up, "
                f"{line.units:,} were confirmed."
            )
    if bad:
        raise WrongState(
            bad[0] if len(bad) == 1 else f"{len(bad)} of these lines cannot be accepted any more.",
            fix="Refuse what was confirmed, or ask again.",
            lines=[BadLine(0, "confirmation_line_ids", words) for words in bad],
        )


@command(permission="purchasing.tolerance", result=ConfirmationToleranceSet)
def set_confirmation_tolerance(ctx: Context, req: SetConfirmationTolerance) -> ConfirmationToleranceSet:
    """Say which differences of a supplier's confirmations (or everybody's) are accepted by themselves.

    It counts at every site, so it takes the permission for every site. What was said before is kept. Refuses with
    Invalid.
    """
    ctx.require("purchasing.tolerance", 0)
    bad = rules.tolerance_faults(req)
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    t = req.tolerance
    row = ConfirmationToleranceRow.objects.create(
        supplier_id=req.supplier_id,
        late_days=t.late_days,
        early_days=t.early_days,
        cut_pct=t.cut_pct,
        price_up_pct=t.price_up_pct,
        price_up_amount=to_money(t.price_up_amount),
        confirm_within_days=t.confirm_within_days,
        reason=req.reason.strip()[:200],
        set_by_id=ctx.actor_id,
        set_at=ctx.now,
    )
    ctx.subject = ref("purchasing.confirmation_tolerance", row.pk)
    return ConfirmationToleranceSet(row.pk)


@command(permission="purchasing.confirm", result=ImportReport)
def import_confirmations(ctx: Context, req: ImportFile) -> ImportReport:
    """Take in confirmations from a file, one row for each line; treated as if they were recorded singly.

    Emits purchasing.pos_changed for what binds. Refuses with FileRefused, ImportRefused.
    """
    found: list[NewConfirmation] = []
    report = load(imports.definition(found), req)
    if found:
        _record(ctx, found)
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    return report
