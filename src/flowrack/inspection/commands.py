"""The door of inspection: plans, inspections and their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowrack.catalog import queries as catalog
from flowrack.inbound import steps as inbound
from flowrack.inbound.types import AvailabilityPolicy, Available
from flowrack.inspection import locks, queries, rules, states, steps, steps_stock, steps_verdict
from flowrack.inspection.models import Inspection, Photo
from flowrack.inspection.rules import PlanRow
from flowrack.inspection.states import InspectionState
from flowrack.inspection.types import (
    INSPECTION,
    AddPhoto,
    BadPlan,
    BadResult,
    Decide,
    Decided,
    DecidedEvent,
    DropLines,
    InspectionsOpened,
    JudgedLine,
    LinesDropped,
    Mode,
    OpenInspections,
    PhotoAdded,
    PlanSet,
    ReceivedForInspection,
    Recorded,
    RecordResults,
    ReleasedEvent,
    ResumeSampling,
    SampleTooLarge,
    SamplingResumed,
    SetPlan,
    Severity,
    Started,
    StartInspection,
    Verdict,
)
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Quality
from flowrack.platform import photos
from flowrack.platform.decisions import record
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid, WrongState
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

COVERED = "an inspection plan covers it"


@command(permission="inspection.plan", result=PlanSet)
def set_plan(ctx: Context, req: SetPlan) -> PlanSet:
    """Say how goods of a scope are inspected from a day on, or end that.

    The scope's earlier plan ends where this one begins; its goods become available after inspection unless a person set
    another policy. A plan for all sites needs the right at all. Refuses with BadPlan naming every fault.
    """
    ctx.require("inspection.plan", req.site_id)
    req = replace(req, valid_from=req.valid_from or ctx.now.date())
    assert req.valid_from is not None
    bad = rules.plan_faults(req)
    exists, running, version, since = queries.scope_of(req.item_id, req.family_id, req.supplier_id, req.site_id)
    if not exists:
        bad.append(BadLine(0, "scope", "There is no such item, family, supplier or site.", "Choose one that exists."))
    if since is not None and req.valid_from < since:
        bad.append(BadLine(0, "valid_from", f"A newer plan counts from {since} on.", f"Begin on {since} or later."))
    if bad:
        raise BadPlan(bad[0].message, lines=bad, fix=bad[0].fix)
    scope = (req.item_id, req.family_id, req.supplier_id, req.site_id)
    covered = AvailabilityPolicy(Available.AFTER_INSPECTION, *scope, reason=COVERED, valid_from=req.valid_from)
    if not req.is_active:
        steps.end_plan(running, on=req)
        inbound.end_availability_of(covered)
        return PlanSet(0, version)
    plan_id = steps.write_plan(ctx, req, version=version + 1, replaces=running)
    inbound.set_availability(ctx, [covered], keep=True)
    ctx.subject = ref("inspection.plan", plan_id)
    return PlanSet(plan_id, version + 1)


@command(permission="inspection.open", result=InspectionsOpened)
def open_inspections(ctx: Context, req: OpenInspections) -> InspectionsOpened:
    """Take received lines up for inspection, by item and lot, each with its sample and the reason for it.

    Lines join the inspection of their lot on the same receipt until somebody starts it. Lines that were taken back, and
    available goods that no plan covers, need none. A lot that skip-lot passes by is released at once.
    """
    ctx.require("inspection.open", req.site_id)
    plans = queries.plans_for(req.site_id, req.supplier_id, sorted({x.item_id for x in req.lines}), day=ctx.now.date())
    lines = [
        x
        for x in req.lines
        if x.quality == Quality.INSPECTION or (x.quality == Quality.AVAILABLE and x.item_id in plans)
    ]
    lines = steps.still_to_inspect(lines) if lines else []
    if not lines:
        return InspectionsOpened([], [])
    severities = steps.severities(req.supplier_id, [x.item_id for x in lines])
    of = {(n.item_id, n.lot_id, n.quality): n for n in locks.open_of_receipt(req.receipt_id)}
    for x in lines:
        _join(ctx, req, x, of)
    touched = [of[key] for key in dict.fromkeys((x.item_id, x.lot_id, x.quality) for x in lines)]
    samples = []
    for n in touched:
        plan, history = plans.get(n.item_id, PlanRow()), severities[n.item_id].history
        draw = f"{req.receipt_id}:{n.item_id}:{n.lot_id}"
        sample = rules.sample_of(lot=n.lot_units, plan=plan, history=history, draw=draw)
        steps.apply_sample(n, sample, plan, history)
        samples.append((sample, plan, history))
    skipped = [n for n in touched if n.mode == Mode.SKIP]
    for n in skipped:
        n.state = states.advance(InspectionState(n.state), "skip", number="The lot")
        n.released_units = n.lot_units
    steps.save_all(touched)
    steps.write_lines([(of[x.item_id, x.lot_id, x.quality], x) for x in lines])
    record(ctx, [steps.sampling_decision(n, *about) for n, about in zip(touched, samples, strict=True)])
    _release_skipped(ctx, skipped)
    return InspectionsOpened([n.pk for n in touched], [n.pk for n in skipped])


def _join(
    ctx: Context, req: OpenInspections, line: ReceivedForInspection, of: dict[tuple[int, int, str], Inspection]
) -> None:
    key = (line.item_id, line.lot_id, line.quality)
    if key not in of:
        of[key] = Inspection(
            site_id=req.site_id, receipt_id=req.receipt_id, supplier_id=req.supplier_id, item_id=line.item_id,
            lot_id=line.lot_id, quality=line.quality, state=InspectionState.OPEN, lot_units=Units(0), opened_at=ctx.now,
            tested_units=Units(0), sorted_units=Units(0), released_units=Units(0), held_units=Units(0),
            damaged_units=Units(0),
        )  # fmt: skip
    of[key].lot_units = Units(of[key].lot_units + line.units)


def _release_skipped(ctx: Context, skipped: Sequence[Inspection]) -> None:
    """Make lots that skip-lot passed by available where they stand. Two queries and one posting for all."""
    asked = [n for n in skipped if n.quality == Quality.INSPECTION]
    if not asked:
        return
    site_id, receipt_id = asked[0].site_id, asked[0].receipt_id
    cells = steps_stock.cells_at_site(site_id, sorted({n.item_id for n in asked}))
    counted = queries.lines_of_all([n.pk for n in asked])
    moves: list[Move] = []
    lines: list[JudgedLine] = []
    for n in asked:
        mine = steps_stock.nearest(cells, n.item_id, n.lot_id, n.quality, counted.get(n.pk, []))
        parts = [("available", n.lot_units)]
        found = steps_stock.judge(mine, parts, reason="SKIP_LOT", origin=ref(INSPECTION, n.pk))
        moves += found[0]
        lines += found[1]
    posting = ledger.post(ctx, moves)
    ctx.emit(ReleasedEvent(site_id, posting.posting_id, ref("inbound.receipt", receipt_id), lines))


@command(permission="inspection.open", result=LinesDropped)
def drop_lines(ctx: Context, req: DropLines) -> LinesDropped:
    """Take lines that were taken back off their inspections; one that has none left is cancelled."""
    held = locks.of_lines(req.receipt_line_ids)
    for site_id in sorted({n.site_id for n in held}):
        ctx.require("inspection.open", site_id)
    lost = steps.drop_lines(req.receipt_line_ids)
    cancelled = []
    for n in held:
        n.lot_units = Units(max(n.lot_units - lost.get(n.pk, 0), 0))
        if n.lot_units == 0 and n.state in (InspectionState.OPEN, InspectionState.STARTED):
            n.state = states.advance(InspectionState(n.state), "cancel", number=n.number)
            cancelled.append(n.pk)
        n.sample_units = Units(min(n.sample_units, n.lot_units))
    steps.save_all(held)
    return LinesDropped([n.pk for n in held], cancelled)


@command(permission="inspection.inspect", result=Started)
def start_inspection(ctx: Context, req: StartInspection) -> Started:
    """Begin to look at a lot: from now on later counts make an inspection of their own."""
    n = locks.inspection(req.inspection_id)
    ctx.require("inspection.inspect", n.site_id)
    n.state = states.advance(InspectionState(n.state), "start", number=n.number)
    n.started_by_id, n.started_at = ctx.actor_id, ctx.now
    n.save(update_fields=["state", "started_by", "started_at"])
    ctx.subject = ref(INSPECTION, n.pk)
    return Started(n.pk, n.number, n.sample_units, n.accept, n.reject)


@command(permission="inspection.inspect", result=Recorded)
def record_results(ctx: Context, req: RecordResults) -> Recorded:
    """Keep what was found, and how many units were tested by now.

    A measured value outside its limits is a defect. Refuses with BadResult, SampleTooLarge, WrongState.
    """
    n = locks.inspection(req.inspection_id)
    ctx.require("inspection.inspect", n.site_id)
    states.advance(InspectionState(n.state), "record", number=n.number)
    if req.tested_units > n.lot_units:
        raise SampleTooLarge(
            f"{req.tested_units} units tested, but the lot has {n.lot_units}.", fix=f"Test at most {n.lot_units}."
        )
    checks = {c.id: c for c in queries.checks_of(n.pk)}
    results, bad = steps_verdict.judged(req, checks)
    if bad:
        raise BadResult(bad[0].message, lines=bad, fix=bad[0].fix)
    steps.write_results(ctx, n, results)
    is_sorting = n.state == InspectionState.SORTING
    if is_sorting:
        n.sorted_units = Units(req.tested_units)
    else:
        n.tested_units = Units(req.tested_units)
    n.save(update_fields=["sorted_units" if is_sorting else "tested_units"])
    found = queries.defects_of(n.pk, is_sorting=is_sorting)
    if found.critical + found.major + found.minor > 0 == req.tested_units:
        raise BadResult("Defects were found, but no unit was tested.", fix="Say how many units were tested.")
    ctx.subject = ref(INSPECTION, n.pk)
    sample = rules.sample_in(n)
    word = rules.outlook(
        sample=sample,
        tested=n.tested_units,
        found=queries.defects_of(n.pk, is_sorting=False),
        unmeasured=len(queries.unmeasured(n.pk)),
    )
    return Recorded(n.pk, req.tested_units, found.critical, found.major, found.minor, word)


@command(permission="inspection.decide", result=Decided)
def decide(ctx: Context, req: Decide) -> Decided:
    """Give the verdict on a lot: release, hold, split, or sort every unit.

    Posts the units into their qualities where they stand; moves the supplier's severity by the sample's result; emits
    inspection.decided. Refuses with WrongState, DutiesConflict (S05), ResultsMissing, LotRejected, BadSplit, Invalid,
    and with the ledger's InsufficientStock or CommittedStock.
    """
    about = queries.inspection_row(req.inspection_id)
    severities = steps.severities(about.supplier_id, [about.item_id]) if about else {}
    n = locks.inspection(req.inspection_id)
    ctx.require("inspection.decide", n.site_id)
    after = states.advance(
        InspectionState(n.state), "sort" if req.verdict == Verdict.SORT else "decide", number=n.number
    )
    for receiver in queries.receivers_of(n.pk):
        ctx.require_other_person(
            receiver, rule="S05", sentence="You received these goods, so somebody else must decide on them."
        )
    word = steps_verdict.check(n, req)
    if word != rules.UNDECIDED:
        steps_verdict.count_lot(ctx, n, severities[n.item_id])
        n.sample_result = word
    parts = steps_verdict.parts_of(n, req)
    n.state, n.verdict, n.reason = after, req.verdict, req.reason.strip()[:200]
    lines, hold_id = steps_verdict.post(ctx, n, req, parts) if parts else ([], 0)
    steps_verdict.save(ctx, n)
    ctx.subject = ref(INSPECTION, n.pk)
    if parts:
        ctx.emit(
            DecidedEvent(
                n.pk, n.site_id, n.supplier_id, n.item_id, n.lot_id, req.verdict, parts["available"], parts["hold"],
                parts["damaged"], lines,
            )
        )  # fmt: skip
    now = queries.severity_of(n.supplier_id, n.item_id)
    return Decided(
        n.pk, n.number, n.state, n.released_units, n.held_units, n.damaged_units, hold_id, n.posting_id,
        now.severity if now else "",
    )  # fmt: skip


@command(permission="inspection.inspect", result=PhotoAdded)
def add_photo(ctx: Context, req: AddPhoto) -> PhotoAdded:
    """Keep a picture with an inspection; it was sent before, and the same one is kept once.

    Refuses with PhotoRefused when it was not sent, and with WrongState.
    """
    n = locks.inspection(req.inspection_id)
    ctx.require("inspection.inspect", n.site_id)
    if n.state == InspectionState.CANCELLED:
        raise WrongState(f"{n.number} is cancelled.", fix="Choose another inspection.", state=n.state)
    photos.refuse_missing([req.digest])
    photo, _ = Photo.objects.get_or_create(
        inspection_id=n.pk,
        digest=req.digest,
        defaults={"filename": req.filename[:120], "note": req.note.strip()[:200], "taken_by_id": ctx.actor_id,
                  "taken_at": ctx.now},
    )  # fmt: skip
    ctx.subject = ref(INSPECTION, n.pk)
    return PhotoAdded(photo.pk)


@command(permission="inspection.plan", result=SamplingResumed)
def resume_sampling(ctx: Context, req: ResumeSampling) -> SamplingResumed:
    """Sample a supplier's lots of an item again after sampling was discontinued; it begins tightened.

    Refuses with WrongState when it is not discontinued, and with Invalid without a reason.
    """
    if not req.reason.strip():
        raise Invalid("Sampling resumes for a reason.", fix="Say what the supplier changed.")
    if req.item_id not in catalog.items([req.item_id]) or queries.severity_of(req.supplier_id, req.item_id) is None:
        raise Invalid("No lot of this supplier and item was ever inspected.", fix="Check the supplier and the item.")
    locked = locks.severities(req.supplier_id, [req.item_id])[req.item_id]
    if locked.history.severity is not Severity.DISCONTINUED:
        raise WrongState(f"Sampling is {locked.history.severity}.", fix="Nothing needs to be done.")
    steps.write_severity(
        ctx, locked, rules.History(severity=Severity.TIGHTENED), f"resumed: {req.reason.strip()}", inspection_id=None
    )
    return SamplingResumed(Severity.TIGHTENED)
