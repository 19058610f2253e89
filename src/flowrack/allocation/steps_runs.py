"""Full runs in parts, and what becomes free served to those who wait for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowrack.allocation import queries_inputs, steps_run
from flowrack.allocation.queries_runs import waiting_for, whole_orders
from flowrack.allocation.rules_certificates import in_groups
from flowrack.allocation.rules_decide import Decision, Inputs, decide
from flowrack.allocation.rules_pegs import summed
from flowrack.allocation.steps_run import Ran
from flowrack.allocation.types_rules import InForce
from flowrack.allocation.types_runs import KeepPlan, Part
from flowrack.ledger import steps as ledger
from flowrack.platform import decisions, sql
from flowrack.platform.runner import NOT_AS_READ, Context
from flowrack.sales import steps as sales
from flowrack.sales.types import OpenLine

BEHIND = 20  # claims behind the last one that got something, in the certificate


def insert(ctx: Context, site_id: int) -> int:
    """Write a run; its id. One statement."""
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_run (site_id, started_by_id, started_at)
            VALUES (nullif(%s, 0), %s, %s) RETURNING id
            """,
            (site_id, ctx.actor_id, ctx.now),
        )
    )


def set_job(run_id: int, job_id: int) -> None:
    """Note which job does a run. One statement."""
    sql.execute("UPDATE allocation_run SET job_id = %s WHERE id = %s", (job_id, run_id))


def finish(ctx: Context, run_id: int) -> bool:
    """Note that a run has come to its end; whether it was under way. One statement."""
    return bool(
        sql.execute(
            "UPDATE allocation_run SET finished_at = %s WHERE id = %s AND finished_at IS NULL", (ctx.now, run_id)
        )
    )


def keep_plan(ctx: Context, req: KeepPlan) -> None:
    """Write the plan of a part and the lines that stand back. Two statements."""
    sql.execute(
        """
        INSERT INTO allocation_runplan
               (run_id, part, site_id, lines, programs, unsolved, worth_by_rank, worth, found_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            req.run_id, req.part, req.site_id, req.lines, req.programs, req.unsolved, req.worth_by_rank, req.worth,
            ctx.now,
        ),
    )  # fmt: skip
    if req.line_ids:
        sql.execute(
            """
            INSERT INTO allocation_runaim (run_id, line_id, units)
            SELECT %s, a.line_id, a.units FROM unnest(%s::bigint[], %s::bigint[]) AS a(line_id, units)
            """,
            (req.run_id, req.line_ids, req.units),
        )


def parts(items: Sequence[tuple[int, int]], tied: Sequence[Sequence[int]], most: int) -> list[Part]:
    """Cut (item, lines) into parts of about `most` lines; the items of one complete order stay together."""
    root: dict[int, int] = {}

    def top(item_id: int) -> int:
        while root.setdefault(item_id, item_id) != item_id:
            root[item_id] = item_id = root[root[item_id]]
        return item_id

    for item_ids in tied:
        for item_id in item_ids[1:]:
            one, other = sorted((top(item_ids[0]), top(item_id)))
            root[other] = one
    groups: dict[int, list[tuple[int, int]]] = {}
    for item_id, lines in items:
        groups.setdefault(top(item_id), []).append((item_id, lines))
    found: list[Part] = []
    for _, group in sorted(groups.items()):
        lines = sum(count for _, count in group)
        if not found or found[-1].lines + lines > most:
            found.append(Part([], 0))
        last = found[-1]
        found[-1] = Part(last.item_ids + [item_id for item_id, _ in group], last.lines + lines)
    return found


def serve(
    ctx: Context, site_id: int, item_ids: Sequence[int], on_the_way: Mapping[int, int], force: InForce
) -> Ran | None:
    """Promise what is free of items to those who wait; None when nobody gets anything. A dozen statements. The caller
    shares their promised days (`steps_run.ground`).

    Lines are read without locks, and those that get something are locked and looked at again: a receipt of an item
    for which thousands wait locks the few that it serves. The certificate holds the claims down to the last that got
    something, and some behind it.
    """
    lines, torn = waiting_for(site_id, item_ids)
    found = None if ctx.locks_first else _decided(ctx, site_id, lines, torn, on_the_way, force)
    if found is not None and not found.served:
        return None
    items = sorted({line.item_id for line in lines})
    if found is None or sales.claim_still_open(sorted(found.served)) != found.as_read:
        lines, torn = whole_orders(sales.claim_lines_of_items([site_id], items))
        ledger.claim_pools(items, site_id)
        found = _decided(ctx, site_id, lines, torn, on_the_way, force)
        if not found.served:
            return None
    elif not steps_run.are_held(found.inputs, site_id):
        _begin_again()
    shown, decided = _down_to_the_last(found.inputs, found.decision, force)
    told = steps_run.told_beside(decided, site_id, shown.today)
    only = frozenset(found.served)
    ordered = {line.line_id: line.ordered_units for line in lines}
    decisions.record(ctx, steps_run.explain(decided, told, force, shown.today, ordered, only=only))
    steps_run.store(ctx, site_id, shown, decided, told, force)
    steps_run.tell_at_risk(ctx, site_id, found.decision)
    return Ran(found.decision, steps_run.promise(ctx, site_id, found.inputs, found.decision, force))


def _begin_again() -> None:
    """Stock that is kept moved: the door begins anew, and has the pools before it reads."""
    sql.execute(f"DO $$ BEGIN RAISE EXCEPTION 'stock moved meanwhile' USING ERRCODE = '{NOT_AS_READ}'; END $$")


def would_serve(
    ctx: Context, site_id: int, item_ids: Sequence[int], on_the_way: Mapping[int, int], force: InForce
) -> dict[int, dict[int, int]]:
    """What `serve` would give now: units by line, by item. Nothing is locked and nothing written."""
    found = _decided(ctx, site_id, *waiting_for(site_id, item_ids), on_the_way, force)
    given: dict[int, dict[int, int]] = {}
    for share in found.decision.shares:
        if share.units:
            given.setdefault(share.claim.item_id, {})[share.claim.line_id] = share.units
    return given


def looked_at(
    ctx: Context, site_id: int, item_ids: Sequence[int], on_the_way: Mapping[int, int], force: InForce
) -> Inputs:
    """All that a run for items would look at now. Nothing is locked and nothing written."""
    return _inputs(ctx, site_id, *waiting_for(site_id, item_ids), on_the_way, force)


def _inputs(
    ctx: Context,
    site_id: int,
    lines: Sequence[OpenLine],
    torn: Sequence[OpenLine],
    on_the_way: Mapping[int, int],
    force: InForce,
) -> Inputs:
    today, claims = queries_inputs.claims_of(ctx.now, site_id, lines, on_the_way, force.rules)
    others = queries_inputs.others_of(ctx.now, site_id, torn, force.rules)
    return queries_inputs.inputs_of(site_id, today, claims, force.rules, is_moving=False, now=ctx.now, others=others)


@dataclass(frozen=True, slots=True)
class _Found:
    """A decision over lines as they were read: which get something, and what those waited for."""

    inputs: Inputs
    decision: Decision
    served: set[int]
    as_read: dict[int, int]


def _decided(
    ctx: Context,
    site_id: int,
    lines: Sequence[OpenLine],
    torn: Sequence[OpenLine],
    on_the_way: Mapping[int, int],
    force: InForce,
) -> _Found:
    inputs = _inputs(ctx, site_id, lines, torn, on_the_way, force)
    decision = decide(force.rules, inputs)
    served = {share.claim.line_id for share in decision.shares if share.units}
    return _Found(inputs, decision, served, {line.line_id: line.units for line in lines if line.line_id in served})


def _down_to_the_last(inputs: Inputs, decision: Decision, force: InForce) -> tuple[Inputs, Decision]:
    """The inputs without the claims far behind the last one served, where that changes nothing."""
    last = max(n for n, share in enumerate(decision.shares) if share.units)
    near = decision.shares[: last + 1 + BEHIND]
    if len(near) == len(decision.shares):
        return inputs, decision
    orders = {share.claim.order_id for share in near}
    lines = {share.claim.line_id for share in near}
    claims = [c for c in inputs.claims if c.line_id in lines or (c.policy == "complete" and c.order_id in orders)]
    near_by = {claim.line_id for claim in claims}
    far = [c for c in inputs.claims if c.line_id not in near_by and c.promised_on is not None]
    shown = in_groups(replace(inputs, claims=claims, beside=[*inputs.beside, *summed(far, "behind")]))
    decided = decide(force.rules, shown)
    got = {share.claim.line_id: share.takes for share in decision.shares if share.units}
    if {share.claim.line_id: share.takes for share in decided.shares if share.units} != got:
        return inputs, decision
    return shown, decided
