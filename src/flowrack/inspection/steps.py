"""Writes of inspection that its commands share, and those that later stages call: holds."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.inbound import steps as inbound
from flowrack.inspection import locks, queries, steps_places
from flowrack.inspection import steps_releases as releases
from flowrack.inspection.locks import LockedSeverity
from flowrack.inspection.models import Inspection
from flowrack.inspection.rules import SAMPLING_RULE, History, PlanRow, Sample
from flowrack.inspection.types import CheckResult, HeldStock, NewCheck, ReceivedForInspection, SetPlan
from flowrack.inspection.types_holds import HeldLine, NewHold
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

# --- plans ---


def write_plan(ctx: Context, req: SetPlan, *, version: int, replaces: int) -> int:
    """Write a plan with its checks; the one it replaces ends where it begins. Three statements."""
    assert req.valid_from is not None
    end_plan(replaces, on=req)
    plan_id: int = sql.fetch_value(
        """
        INSERT INTO inspection_plan
               (item_id, family_id, supplier_id, site_id, version, level, aql, aql_minor, tighten_after, skip_after,
                skip_one_in, valid_from, set_by_id, set_at)
        VALUES (nullif(%s, 0), nullif(%s, 0), nullif(%s, 0), nullif(%s, 0), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING id
        """,
        (req.item_id, req.family_id, req.supplier_id, req.site_id, version, req.level, req.aql, req.aql_minor,
         req.tighten_after, req.skip_after, req.skip_one_in, req.valid_from, ctx.actor_id, ctx.now),
    )  # fmt: skip
    _write_checks(plan_id, req.checks)
    return plan_id


def end_plan(plan_id: int, *, on: SetPlan) -> None:
    """End a plan where another begins (0 = there is none). One statement."""
    if plan_id:
        sql.execute(
            "UPDATE inspection_plan SET valid_until = greatest(%s, valid_from) WHERE id = %s", (on.valid_from, plan_id)
        )


def _write_checks(plan_id: int, checks: Sequence[NewCheck]) -> None:
    sql.execute(
        """
        INSERT INTO inspection_check (plan_id, line_no, name, kind, defect_class, unit, low, high)
        SELECT %s, c.line_no, c.name, c.kind, c.defect_class, c.unit, c.low, c.high
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::numeric[]) WITH ORDINALITY
             AS c(name, kind, defect_class, unit, low, high, line_no)
        """,
        (
            plan_id,
            [c.name.strip()[:80] for c in checks],
            [str(c.kind) for c in checks],
            [str(c.defect_class) for c in checks],
            [c.unit.strip()[:12] for c in checks],
            [c.low for c in checks],
            [c.high for c in checks],
        ),
    )


# --- inspections ---


def still_to_inspect(lines: Sequence[ReceivedForInspection]) -> list[ReceivedForInspection]:
    """Lines without those that were taken back and those that an inspection took up already. Two statements."""
    ids = [x.receipt_line_id for x in lines]
    stand = inbound.keep_lines(ids)
    known = sql.fetch_all(
        "SELECT receipt_line_id FROM inspection_inspectionline WHERE receipt_line_id = ANY(%s::bigint[])", (ids,)
    )
    open_ids = stand - {row[0] for row in known}
    return [x for x in lines if x.receipt_line_id in open_ids]


def severities(supplier_id: int, item_ids: Sequence[int]) -> dict[int, LockedSeverity]:
    """What earlier lots of a supplier say of each item, locked; it begins where an item is new. Two statements."""
    sql.execute(
        """
        INSERT INTO inspection_supplierseverity (supplier_id, item_id)
        SELECT %s, i FROM unnest(%s::bigint[]) AS i ORDER BY i ON CONFLICT (supplier_id, item_id) DO NOTHING
        """,
        (supplier_id, sorted(set(item_ids))),
    )
    return locks.severities(supplier_id, item_ids)


def apply_sample(inspection: Inspection, sample: Sample, plan: PlanRow, history: History) -> None:
    """Let the inspection say what is to be looked at and by which plan; the caller saves it."""
    inspection.plan_id = plan.plan_id or None
    inspection.mode, inspection.letter, inspection.severity = sample.mode, sample.letter, history.severity
    inspection.sample_units = Units(sample.units)
    inspection.accept, inspection.reject = sample.accept, sample.reject
    inspection.accept_minor, inspection.reject_minor = sample.accept_minor, sample.reject_minor


def save_all(inspections: Sequence[Inspection]) -> None:
    """Write inspections, new ones and changed ones. At most three statements."""
    new = [n for n in inspections if n.pk is None]
    for inspection, number in zip(new, next_numbers("IN", len(new)) if new else [], strict=True):
        inspection.number = number
    Inspection.objects.bulk_create(new)
    known = [n for n in inspections if n not in new]
    if known:
        Inspection.objects.bulk_update(
            known,
            ["plan", "mode", "letter", "severity", "lot_units", "sample_units", "accept", "reject", "accept_minor",
             "reject_minor", "state"],
        )  # fmt: skip


def write_lines(lines: Sequence[tuple[Inspection, ReceivedForInspection]]) -> None:
    """Tie receipt lines to their inspections. One statement."""
    sql.execute(
        """
        INSERT INTO inspection_inspectionline (inspection_id, receipt_line_id, location_id, lpn_id, units)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        """,
        (
            [n.pk for n, _ in lines],
            [x.receipt_line_id for _, x in lines],
            [x.location_id for _, x in lines],
            [x.lpn_id for _, x in lines],
            [x.units for _, x in lines],
        ),
    )


def drop_lines(receipt_line_ids: Sequence[int]) -> dict[int, int]:
    """Take receipt lines off their inspections; units lost by inspection. One statement."""
    rows = sql.fetch_all(
        """
        WITH gone AS (
            UPDATE inspection_inspectionline SET is_dropped = true
            WHERE receipt_line_id = ANY(%s::bigint[]) AND NOT is_dropped RETURNING inspection_id, units
        )
        SELECT inspection_id, sum(units)::bigint FROM gone GROUP BY 1
        """,
        (list(receipt_line_ids),),
    )
    return dict(rows)


def sampling_decision(inspection: Inspection, sample: Sample, plan: PlanRow, history: History) -> DecisionRow:
    """Why so many units are looked at: the plan, the letter, the severity and what earlier lots said."""
    return DecisionRow(
        kind="sampling",
        subject=ref("inspection.inspection", inspection.pk),
        sentence=sample.sentence,
        rule=SAMPLING_RULE,
        detail={
            "lot": inspection.lot_units,
            "plan": {
                "id": plan.plan_id,
                "version": plan.version,
                "level": plan.level,
                "aql": str(plan.aql),
                "aql_minor": str(plan.aql_minor) if plan.aql_minor is not None else None,
                "skip": [plan.skip_after, plan.skip_one_in],
            },
            "letter": sample.letter,
            "sample": [sample.units, sample.accept, sample.reject],
            "history": {
                "severity": str(history.severity),
                "recent": history.recent,
                "score": history.score,
                "accepted_run": history.accepted_run,
            },
        },
    )


def write_results(ctx: Context, inspection: Inspection, results: Sequence[CheckResult]) -> None:
    """Keep answers; the same check and unit again replaces what was said before. One statement."""
    sql.execute(
        """
        INSERT INTO inspection_result
               (inspection_id, is_sorting, check_line_id, unit_no, defect_class, measured, defective_units, note,
                recorded_by_id, recorded_at)
        SELECT %s, %s, nullif(r.check_id, 0), r.unit_no, r.defect_class, r.measured, r.defective, r.note, %s, %s
        FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::numeric[], %s::int[], %s::text[])
             AS r(check_id, unit_no, defect_class, measured, defective, note)
        ON CONFLICT (inspection_id, is_sorting, check_line_id, unit_no, defect_class) DO UPDATE
        SET measured = excluded.measured, defective_units = excluded.defective_units, note = excluded.note,
            recorded_by_id = excluded.recorded_by_id, recorded_at = excluded.recorded_at
        """,
        (
            inspection.pk,
            inspection.state == "sorting",
            ctx.actor_id,
            ctx.now,
            [r.check_id for r in results],
            [r.unit_no for r in results],
            [str(r.defect_class) for r in results],
            [r.measured for r in results],
            [r.defective_units for r in results],
            [r.note.strip()[:200] for r in results],
        ),
    )


def write_severity(
    ctx: Context, locked: LockedSeverity, after: History, why: str, *, inspection_id: int | None
) -> None:
    """Keep what the lots of a supplier and item say by now, and why the severity changed. Two statements at most."""
    sql.execute(
        """
        UPDATE inspection_supplierseverity
        SET severity = %s, recent = %s, score = %s, accepted_run = %s, tightened_rejects = %s WHERE id = %s
        """,
        (str(after.severity), after.recent, after.score, after.accepted_run, after.tightened_rejects,
         locked.severity_id),
    )  # fmt: skip
    if after.severity is not locked.history.severity:
        sql.execute(
            """
            INSERT INTO inspection_severitychange
                   (of_id, from_severity, to_severity, reason, inspection_id, changed_by_id, changed_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            """,
            (locked.severity_id, str(locked.history.severity), str(after.severity), why[:200], inspection_id,
             ctx.actor_id, ctx.now),
        )  # fmt: skip


# --- holds: called by later stages, too ---


def write_holds(ctx: Context, holds: Sequence[NewHold]) -> list[int]:
    """Keep who holds what, why, whose it is, until when and where it stands; the ids in order. Two statements."""
    if not holds:
        return []
    rows = sql.fetch_all(
        """
        WITH made AS (
        INSERT INTO inspection_hold
               (number, site_id, item_id, lot_id, lpn_id, location_id, quality, units, left_units, reason, owner_id,
                due_at, inspection_id, cause, placed_by_id, placed_at)
        SELECT h.number, h.site, h.item, h.lot, h.lpn, h.location, h.quality, h.units, h.units, h.reason, h.owner,
               h.due, nullif(h.inspection, 0), h.cause, %s, %s
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                    %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::text[]) WITH ORDINALITY
             AS h(number, site, item, lot, lpn, location, quality, units, reason, owner, due, inspection, cause, place)
        ORDER BY h.place RETURNING id, location_id, lpn_id, units
        ), places AS (
            INSERT INTO inspection_holdplace (hold_id, location_id, lpn_id, units)
            SELECT id, location_id, lpn_id, units FROM made
        )
        SELECT id FROM made ORDER BY id
        """,
        (
            ctx.actor_id,
            ctx.now,
            next_numbers("HD", len(holds)),
            [h.site_id for h in holds],
            [h.item_id for h in holds],
            [h.lot_id for h in holds],
            [h.lpn_id for h in holds],
            [h.location_id for h in holds],
            [h.quality for h in holds],
            [h.units for h in holds],
            [h.reason.strip()[:200] for h in holds],
            [h.owner_id or ctx.actor_id for h in holds],
            [h.due_at for h in holds],
            [h.inspection_id for h in holds],
            [str(h.cause) for h in holds],
        ),
    )
    return [row[0] for row in rows]


def settle_holds(
    ctx: Context,
    site_id: int,
    gone: Sequence[HeldLine],
    *,
    reason: str,
    posting_id: int,
    is_release: bool = True,
    by_id: int | None = None,
) -> list[int]:
    """Units at places left their quality: their holds are settled, those placed there first; the holds' ids.

    A release refuses with DutiesConflict when the person placed one of them (S22); to hold them otherwise, or to throw
    them away, is open to who placed the hold. Units that no hold names need none.
    """
    taken = releases.settled_by(site_id, gone)
    for hold, _ in taken if is_release else ():
        ctx.require_other_person(
            hold.placed_by_id, rule="S22", sentence=f"You placed {hold.number}, so somebody else must release it."
        )
    near = [(x.location_id, x.lpn_id) for x in gone]
    write_releases(
        ctx, [(hold.pk, n) for hold, n in taken], near=near, reason=reason, posting_id=posting_id, by_id=by_id
    )
    return [hold.pk for hold, _ in taken]


def write_releases(
    ctx: Context,
    taken: Sequence[tuple[int, int]],
    *,
    near: Sequence[tuple[int, int]],
    reason: str,
    posting_id: int,
    by_id: int | None = None,
) -> None:
    """Take released units off their holds, those near these (location, LPN) first, and keep by whom (`by_id`, else the
    actor). Five statements at most.

    Releases of these holds that wait are void: what they ask for is not there any more.
    """
    if not taken:
        return
    sql.execute(
        """
        WITH t AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS t(hold, units)), less AS (
            UPDATE inspection_hold h SET left_units = h.left_units - t.units,
                   closed_at = CASE WHEN h.left_units = t.units THEN %s::timestamptz END
            FROM t WHERE h.id = t.hold
        )
        INSERT INTO inspection_holdrelease (hold_id, units, reason, released_by_id, released_at, posting_id)
        SELECT t.hold, t.units, %s, %s, %s, %s FROM t
        """,
        ([h for h, _ in taken], [u for _, u in taken], ctx.now, reason.strip()[:200],
         by_id or ctx.actor_id, ctx.now, posting_id),
    )  # fmt: skip
    steps_places.settle(dict(taken), near)
    releases.void_of_holds(ctx, [hold_id for hold_id, _ in taken])


def refuse_held(site_id: int, stock: Sequence[tuple[int, int, int, str]], *, what: str) -> None:
    """Refuse stock that is not available, (line, item, lot, quality) each, naming the hold in the way. Two queries.

    `what` says what was wanted: "go to a pick face".
    """
    bad = [x for x in stock if x[3] != "available"]
    if not bad:
        return
    items = sorted({item_id for _, item_id, _, _ in bad})
    holds, looked_at = queries.holds_on(site_id, items), queries.waiting_on(site_id, items)
    lines, named = [], []
    for line, item_id, lot_id, quality in bad:
        hold = holds.get((item_id, lot_id))
        number = looked_at.get((item_id, lot_id), "") if quality == "inspection" else ""
        words = f"held by {hold.named}" if hold else f"in inspection {number}" if number else WORDS[quality]
        fix = (
            f"Release {hold.number} first." if hold else "Wait for its verdict." if number else "Wait for its release."
        )
        lines.append(BadLine(line, "quality", f"This stock cannot {what}: it is {words}.", fix))
        if hold:
            named.append({"id": hold.id, "number": hold.number, "reason": hold.reason, "owner": hold.owner})
    raise HeldStock(lines[0].message, lines=lines, fix=lines[0].fix, holds=named)


def refuse_undecided(site_id: int, stock: Sequence[tuple[int, int, int, str]]) -> None:
    """Refuse to release stock, (line, item, lot, quality) each, before the verdict on it. One query."""
    asked = [x for x in stock if x[3] == "inspection"]
    looked_at = queries.waiting_on(site_id, sorted({x[1] for x in asked})) if asked else {}
    lines = [
        BadLine(line, "quality", f"Inspection {number} has not decided on this stock yet.", "Decide there.")
        for line, item_id, lot_id, _ in asked
        if (number := looked_at.get((item_id, lot_id)))
    ]
    if lines:
        raise HeldStock(lines[0].message, lines=lines, fix=lines[0].fix)


WORDS = {
    "inspection": "in inspection, without a verdict yet",
    "quarantine": "in quarantine",
    "damaged": "damaged",
    "expired": "expired",
    "hold": "on hold",
}
