"""A rule set tried on today's open orders beside the one in force. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.allocation import queries_inputs, queries_rules, queries_runs
from flowrack.allocation.rules_check import warnings_of
from flowrack.allocation.rules_compare import Comparison, compare
from flowrack.allocation.rules_decide import Inputs
from flowrack.allocation.rules_rank import looks_at
from flowrack.allocation.types_rules import InForce, RuleSet
from flowrack.sales import queries_open as open_lines

MOST_TRIED = 40_000  # lines that a page tries while somebody waits for it
BATCH = 400  # items


@dataclass(slots=True)
class Trial:
    """What came of a trial: the present rules, the comparison, lines tried of all that are open, and warnings."""

    present: InForce
    found: Comparison
    tried: int
    open: int
    warnings: list[str]


def try_rules(rules: RuleSet, site_id: int, now: datetime, *, most: int = MOST_TRIED) -> Trial:
    """Share out what is free and what is promised and in no picker's hands by the present rules and by these.

    Items are taken until `most` lines are tried. Ten queries for each batch of items.
    """
    on_the_way, present = queries_rules.background(site_id)
    counts = queries_runs.claimed_items(site_id)
    trial = Trial(present, Comparison(), 0, sum(count for _, count in counts), [])
    unmatched: set[str] | None = None
    batch: list[int] = []
    lines = 0
    for n, (item_id, count) in enumerate(counts, start=1):
        batch.append(item_id)
        lines += count
        is_last = n == len(counts) or trial.tried + lines >= most
        if len(batch) < BATCH and not is_last:
            continue
        warned = _try_batch(trial, rules, site_id, batch, on_the_way, now)
        unmatched = set(warned) if unmatched is None else unmatched & set(warned)
        batch, lines = [], 0
        if is_last:
            break
    trial.found.shifts.sort(key=lambda shift: (-abs(shift.value), shift.claim.line_id))
    trial.warnings = sorted(unmatched or ())
    return trial


def _try_batch(
    trial: Trial, rules: RuleSet, site_id: int, item_ids: list[int], on_the_way: dict[int, int], now: datetime
) -> list[str]:
    lines = open_lines.lines_waiting(site_id, item_ids, with_promised=True)
    both = looks_at(trial.present.rules) | looks_at(rules)
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, rules, needs=both)
    if not claims:
        return []
    inputs: Inputs = queries_inputs.inputs_of(site_id, today, claims, rules, is_moving=True)
    trial.tried += len(claims)
    prices = open_lines.prices_of([claim.line_id for claim in claims])
    trial.found.add(compare(trial.present.rules, rules, inputs, prices))
    return warnings_of(rules, claims, today=today.toordinal())
