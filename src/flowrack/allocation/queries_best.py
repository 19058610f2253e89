"""Reads of full runs by the best total value: what a part looks at, the plan of the solver for it, and the aims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.allocation import queries_inputs, queries_rules, queries_runs
from flowrack.allocation.rules_best import best_aims
from flowrack.allocation.rules_decide import moves_promises
from flowrack.allocation.rules_optimum import worth_of
from flowrack.allocation.types_rules import BEST
from flowrack.allocation.types_runs import KeepPlan
from flowrack.platform import sql
from flowrack.sales import queries_open as open_lines


def sites_by_best(site_ids: Sequence[int]) -> list[int]:
    """The sites whose rules in force share out by the best total value in full runs. A query for each site."""
    return [site_id for site_id in site_ids if queries_rules.in_force(site_id).rules.full_runs == BEST]


def planned_parts(run_id: int) -> set[tuple[int, int]]:
    """(Part, site) of a run for which a plan is kept. One query."""
    return set(sql.fetch_all("SELECT part, site_id FROM allocation_runplan WHERE run_id = %s", (run_id,)))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The plans of all parts of a run: value in all and more than by rank, lines that stood back, programs without a
    plan in time."""

    value: Decimal
    more: Decimal
    stand_back: int
    programs: int
    unsolved: int


def plan_in_all(run_id: int) -> PlanRow | None:
    """What the solver found for a run; None where it went by rank. One query."""
    row = sql.fetch_one(
        """
        SELECT sum(worth) / 100, sum(worth - worth_by_rank) / 100,
               (SELECT count(*) FROM allocation_runaim WHERE run_id = %(run)s), sum(programs)::bigint,
               sum(unsolved)::bigint
        FROM allocation_runplan WHERE run_id = %(run)s HAVING count(*) > 0
        """,
        {"run": run_id},
    )
    return None if row is None else PlanRow(*row)


def aims_of(run_id: int, line_ids: Sequence[int]) -> dict[int, int]:
    """Units to which lines stand back in a run. One query."""
    return dict(
        sql.fetch_all(
            "SELECT line_id, units FROM allocation_runaim WHERE run_id = %s AND line_id = ANY(%s::bigint[])",
            (run_id, list(line_ids)),
        )
    )


def plan_of(
    run_id: int, part: int, site_id: int, item_ids: Sequence[int], now: datetime, spent: Callable[[], Decimal]
) -> KeepPlan | None:
    """The plan for a part of a run at a site, by what stands there now; None where nothing waits. Nothing is locked. A
    dozen queries, then up to the seconds that the rules allow, of which `spent` were used."""
    on_the_way, force = queries_rules.background(site_id)
    is_moving = moves_promises(force.rules)
    lines, torn = queries_runs.waiting_for(site_id, item_ids, with_promised=is_moving)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, force.rules)
    if not claims:
        return None
    others = queries_inputs.others_of(now, site_id, torn, force.rules)
    inputs = queries_inputs.inputs_of(site_id, today, claims, force.rules, is_moving=is_moving, now=now, others=others)
    prices = open_lines.prices_of([claim.line_id for claim in inputs.claims])
    worth = {claim.line_id: worth_of(claim, prices[claim.line_id]) for claim in inputs.claims}
    found = best_aims(force.rules, inputs, worth, force.rules.solver_seconds, spent)
    return KeepPlan(
        run_id, part, site_id, len(claims), found.programs, found.unsolved, found.by_rank, found.reached,
        list(found.aims), list(found.aims.values()),
    )  # fmt: skip
