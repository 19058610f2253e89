"""Writes of counting that happen inside a command: tasks are made, counts compared, differences posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.allocation.types import PoolShortfall
from flowrack.counting import queries, rules
from flowrack.counting.models import Count, CountLine, CountTask, Variance
from flowrack.counting.rules import Difference
from flowrack.counting.types import LEASE, TASK, VARIANCE, CountPosted, CountRefused, Decision, PostedVariance
from flowrack.fulfilment import steps as floor
from flowrack.ledger import queries as stock
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import ALLOCATABLE, Move, Place
from flowrack.locations import queries as locations
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


def make_tasks(
    ctx: Context, *, site_id: int, location_ids: Sequence[int], cause: str, due_on: date, note: str = ""
) -> list[tuple[int, str]]:
    """Tasks for bins that wait for none yet: (id, number). Two statements whatever the number of bins."""
    if not location_ids:
        return []
    rows = sql.fetch_all(
        """
        INSERT INTO counting_counttask (number, site_id, location_id, cause, note, state, due_on, asked_by_id, asked_at)
        SELECT t.number, %s, t.location, %s, %s, 'due', %s, %s, %s
        FROM unnest(%s::text[], %s::bigint[]) AS t(number, location)
        ON CONFLICT (location_id) WHERE state IN ('due', 'counting', 'review', 'recount') DO NOTHING
        RETURNING id, number
        """,
        (
            site_id,
            cause,
            note,
            due_on,
            ctx.actor_id,
            ctx.now,
            next_numbers("CNT", len(location_ids)),
            list(location_ids),
        ),
    )
    return [(row[0], row[1]) for row in rows]


def keep_leases(ctx: Context, site_id: int) -> list[int]:
    """Keep what a person has along on a device for longer; which those are. One statement.

    A lease that was over for less than half a day goes on too, as long as nobody else took the bin.
    """
    rows = sql.fetch_all(
        """
        UPDATE counting_counttask SET lease_until = %s
        WHERE site_id = %s AND state IN ('due', 'recount') AND leased_by_id = %s AND device = left(%s, 80)
          AND lease_until >= %s::timestamptz - interval '12 hours'
        RETURNING id
        """,
        (ctx.now + LEASE, site_id, ctx.actor_id, ctx.device, ctx.now),
    )
    return sorted(row[0] for row in rows)


def lease(ctx: Context, task_ids: Sequence[int]) -> None:
    """Give counts to a person and a device for a while. One statement."""
    sql.execute(
        """
        UPDATE counting_counttask SET leased_by_id = %s, device = left(%s, 80), lease_until = %s
        WHERE id = ANY(%s::bigint[])
        """,
        (ctx.actor_id, ctx.device, ctx.now + LEASE, list(task_ids)),
    )


def compare(lines: Sequence[CountLine], location_id: int, *, since_move_id: int) -> dict[int, int]:
    """Set what each entered line is compared with; the books of now by line id. Two queries."""
    paths = queries.paths(location_id, since_move_id=since_move_id)
    now: dict[int, int] = {}
    for line in lines:
        key = (line.item_id, line.lot_id, line.lpn_id, line.owner_id, line.quality)
        path = [line.opened_units, *paths.get(key, [0])]
        now[line.pk] = path[-1]
        if line.counted_units is None:
            line.expected_units = Units(path[-1])
        else:
            line.expected_units = Units(rules.expectation(line.counted_units, path))
    return now


def make_variances(count: Count, lines: Sequence[CountLine]) -> list[Variance]:
    """The differences of a finished count; those of earlier counts of the task no longer stand."""
    Variance.objects.filter(task=count.task, decision=Decision.OPEN).update(decision=Decision.SUPERSEDED)
    facts = queries.items([line.item_id for line in lines], count.task.site_id)
    made = []
    for line in lines:
        is_blank = line.counted_units is None
        units = (line.counted_units or 0) - line.expected_units
        if units == 0:
            continue
        made.append(
            Variance(
                task=count.task,
                line=line,
                units=Units(units),
                value=to_money(units * facts[line.item_id].unit_cost),
                is_blank=is_blank,
                decision=Decision.OPEN,
            )
        )
    return Variance.objects.bulk_create(made)


def difference_of(variance: Variance, facts: queries.ItemFacts) -> Difference:
    """A variance as the rules see it."""
    return Difference(
        units=variance.units,
        expected_units=variance.line.expected_units,
        value=variance.value,
        is_tracked=facts.tracking != "none",
        is_blank=variance.is_blank,
    )


def post(
    ctx: Context,
    task: CountTask,
    variances: Sequence[Variance],
    decision: Decision,
    *,
    still_open: Sequence[Variance] = (),
) -> int:
    """Post differences to the ledger and mark them settled; the posting's id, 0 when there was nothing to post.

    What pickers did not find is free again or written off, except of items of which a difference is `still_open`.
    Shortages that promised stock must bear displace promises first. Emits counting.posted.
    """
    free_promises(ctx, task, variances, still_open)
    if not variances:
        return 0
    facts = queries.items([v.line.item_id for v in variances], task.site_id)
    adjustment = locations.virtual(task.site_id, "ADJUSTMENT")
    posting = ledger.post(ctx, [_move(v, task, facts[v.line.item_id], adjustment) for v in variances])
    for variance, value in zip(variances, posting.values, strict=True):
        variance.value = value if variance.units > 0 else -value
        variance.decision = decision
        variance.posting_id = posting.posting_id
        variance.decided_at = ctx.now
    Variance.objects.bulk_update(
        variances,
        ["units", "value", "decision", "reason", "posting_id", "decided_at", "first_approver", "second_approver"],
    )
    ctx.emit(
        CountPosted(
            task_id=task.pk,
            site_id=task.site_id,
            variances=[
                PostedVariance(v.pk, v.line.item_id, v.line.lot_id, task.location_id, v.units, v.value)
                for v in variances
            ],
        )
    )
    return posting.posting_id


def free_promises(ctx: Context, task: CountTask, variances: Sequence[Variance], still_open: Sequence[Variance]) -> None:
    """Make room for shortages: doubts end, picks of what is not there are called back, the lowest ranks lose."""
    if locations.locations([task.location_id])[task.location_id].role not in ALLOCATABLE:
        return
    short: dict[tuple[int, int, int], int] = {}
    gone: dict[tuple[int, int, int, int, str], int] = {}
    for v in variances:
        line = v.line
        gone[(line.item_id, line.lot_id, line.lpn_id, line.owner_id, line.quality)] = -v.units
        if line.quality == "available":
            key = (line.item_id, line.lot_id, line.owner_id)
            short[key] = short.get(key, 0) - v.units
    cells = stock.cells_at([task.location_id])
    lacking = {
        cell.cell_id: gone.get((cell.item_id, cell.lot_id, cell.lpn_id, cell.owner_id, cell.quality), 0) - cell.free
        for cell in cells
    }
    undecided = {(v.line.item_id, v.line.lot_id) for v in still_open}
    floor.displace(
        ctx,
        [
            PoolShortfall(item_id=item_id, lot_id=lot_id, site_id=task.site_id, owner_id=owner_id, units=units)
            for (item_id, lot_id, owner_id), units in short.items()
        ],
        f"count {task.number} found less than the books said",
        lacking={cell_id: units for cell_id, units in lacking.items() if units > 0},
        counted=[cell.cell_id for cell in cells if (cell.item_id, cell.lot_id) not in undecided],
    )


def _move(variance: Variance, task: CountTask, facts: queries.ItemFacts, adjustment: int) -> Move:
    line = variance.line
    here = Place(task.location_id, line.lpn_id, line.quality)
    gain = variance.units > 0
    return Move(
        item_id=line.item_id,
        units=abs(variance.units),
        source=Place(adjustment) if gain else here,
        target=here if gain else Place(adjustment),
        reason="COUNT",
        lot_id=line.lot_id,
        owner_id=line.owner_id,
        value=to_money(abs(variance.units) * facts.unit_cost) if gain and facts.costing != "standard" else None,
        origin=ref(VARIANCE, variance.pk),
    )


def explain_policy(ctx: Context, task: CountTask, settled: Sequence[Variance], left: Sequence[Variance]) -> None:
    """Store why policy posted some differences by itself and left others to people."""
    decisions.record(
        ctx,
        [
            DecisionRow(
                kind="count",
                subject=ref(VARIANCE, v.pk),
                sentence=(
                    f"Posted by policy: {v.units:+d} units, {v.value} is inside tolerance."
                    if v.decision == Decision.POLICY
                    else f"Waits for approval: {v.units:+d} units, {v.value} is outside what policy may post."
                ),
                rule=rules.TOLERANCE_RULE,
                detail={"task": ref(TASK, task.pk), "units": v.units, "expected": v.line.expected_units},
            )
            for v in [*settled, *left]
        ],
    )


def renew_variances(task: CountTask, lines: Sequence[CountLine], facts: dict[int, queries.ItemFacts]) -> list[Variance]:
    """Bring the open differences of a task in line with new expectations; those that are left."""
    known = {v.line_id: v for v in Variance.objects.filter(task=task, decision=Decision.OPEN)}
    decided = set(Variance.objects.filter(task=task).exclude(decision=Decision.OPEN).values_list("line_id", flat=True))
    left, gone, fresh = [], [], []
    for line in lines:
        variance = known.get(line.pk)
        settled = variance is None and line.pk in decided
        units = (line.counted_units or 0) - line.expected_units
        if settled or (variance is None and units == 0):
            continue
        if variance is None:
            variance = Variance(task=task, line=line, decision=Decision.OPEN, is_blank=line.counted_units is None)
            fresh.append(variance)
        variance.line = line
        variance.units = Units(units)
        variance.value = to_money(units * facts[line.item_id].unit_cost)
        if units == 0:
            variance.decision = Decision.SUPERSEDED
            gone.append(variance)
        else:
            variance.first_approver_id = None
            left.append(variance)
    Variance.objects.bulk_create(fresh)
    changed = [v for v in [*left, *gone] if v not in fresh]
    Variance.objects.bulk_update(changed, ["units", "value", "decision", "first_approver"])
    return left


def open_variances(task: CountTask, ids: Sequence[int]) -> list[Variance]:
    """The open differences of a task that were named, or all of them. Blank ones count the bin's books of now."""
    rows = Variance.objects.filter(task=task, decision=Decision.OPEN).select_related("line").order_by("pk")
    found = [v for v in rows if not ids or v.pk in ids]
    missing = set(ids) - {v.pk for v in found}
    if missing or not found:
        raise CountRefused("There is nothing open to approve here.", fix="Look at the review again.")
    return found


def left_open(task: CountTask, decided: Sequence[Variance]) -> list[Variance]:
    """The open differences of a task without those that are decided now."""
    rows = Variance.objects.filter(task=task, decision=Decision.OPEN).select_related("line")
    return list(rows.exclude(pk__in=[v.pk for v in decided]))


def save_first_approvals(waiting: Sequence[Variance]) -> None:
    """Keep the first of two signatures."""
    Variance.objects.bulk_update(waiting, ["reason", "first_approver"])


def is_settled(task: CountTask) -> bool:
    """Whether no difference of the task is open."""
    return not Variance.objects.filter(task=task, decision=Decision.OPEN).exists()
