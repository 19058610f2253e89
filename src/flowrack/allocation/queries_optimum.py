"""How far a rule set is from the best that could be given to today's open orders. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from time import monotonic

from flowrack.allocation import queries_inputs, queries_rules, queries_runs
from flowrack.allocation.rules_best import best_aims, worth_reached
from flowrack.allocation.rules_compare import from_the_beginning
from flowrack.allocation.rules_optimum import Worth, best, worth_of
from flowrack.allocation.rules_rank import looks_at
from flowrack.allocation.types_rules import BEST, InForce, RuleSet
from flowrack.sales import queries_open as open_lines
from flowrack.shared.errors import FlowrackError

MOST_LINES = 40_000
BASICS = frozenset({"today"})


@dataclass(frozen=True, slots=True)
class AgainstBest:
    """What the rules in force and (where one is named) a draft reach of the best, over so many open lines."""

    lines: int
    present: InForce
    now: Worth
    draft: Worth | None


class TooManyLines(FlowrackError):
    """More open lines than can be held against the best at once."""

    code = "too_many_lines"


def against_best(site_id: int, now: datetime, *, rule_set_id: int = 0) -> AgainstBest:
    """Share out what is free and what is promised and in no picker's hands from the beginning, and find the best.

    Both look at the same claims and pools, held lines left out. Twelve queries, then up to minutes of arithmetic.
    Raises TooManyLines above 40,000 lines.
    """
    on_the_way, present = queries_rules.background(site_id)
    draft = queries_rules.decided_rules(rule_set_id) if rule_set_id else None
    counts = queries_runs.claimed_items(site_id)
    if sum(count for _, count in counts) > MOST_LINES:
        raise TooManyLines(f"More than {MOST_LINES:,} lines are open at the site.", fix="Try a smaller site.")
    lines = open_lines.lines_waiting(site_id, [item_id for item_id, _ in counts], with_promised=True)
    needs = BASICS | looks_at(present.rules) | (looks_at(draft) if draft else frozenset())
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, present.rules, needs=needs)
    inputs = queries_inputs.inputs_of(site_id, today, claims, present.rules, is_moving=True, now=now)
    start, _ = from_the_beginning(present.rules, inputs)
    prices = open_lines.prices_of([claim.line_id for claim in start.claims])
    worth = {claim.line_id: worth_of(claim, prices[claim.line_id]) for claim in start.claims}
    most = best(start.claims, start.pools, worth)

    def reached(rules: RuleSet) -> Worth:
        if rules.full_runs == BEST:
            began = monotonic()
            found = best_aims(rules, start, worth, rules.solver_seconds, lambda: Decimal(monotonic() - began))
            return Worth(found.reached, most)
        return Worth(worth_reached(rules, start, worth), most)

    return AgainstBest(len(start.claims), present, reached(present.rules), reached(draft) if draft else None)
