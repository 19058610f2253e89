"""A rule set tried on today's open orders beside the one in force. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flowrack.allocation import queries_inputs, queries_rules, queries_runs
from flowrack.allocation.rules_check import told_unmatched, unmatched_of
from flowrack.allocation.rules_compare import Comparison, compare
from flowrack.allocation.rules_decide import Inputs
from flowrack.allocation.rules_rank import looks_at
from flowrack.allocation.types_rules import KEEP, InForce, RuleSet
from flowrack.sales import queries_open as open_lines

MOST_AT_ONCE = 40_000  # lines that are tried while somebody waits; more are a job
BATCH = 400  # items


@dataclass(slots=True)
class Trial:
    """What came of a trial: the rules in force at each site, the comparison, lines tried of all that are open, and
    what of the rules is for none of them."""

    present: list[InForce] = field(default_factory=list)
    found: Comparison = field(default_factory=Comparison)
    tried: int = 0
    open: int = 0
    unmatched: set[tuple[str, str]] | None = None
    warnings: list[str] = field(default_factory=list)


def open_lines_of(site_ids: Sequence[int]) -> int:
    """How many lines a trial at sites looks at. One query a site."""
    return sum(count for site_id in site_ids for _, count in queries_runs.claimed_items(site_id))


def try_rules(
    rules: RuleSet,
    site_ids: Sequence[int],
    now: datetime,
    *,
    most: int | None = None,
    tell: Callable[[int, int], None] = lambda tried, of: None,
) -> Trial:
    """Share out what is free and what is promised and in no picker's hands by the present rules and by these.

    Items are taken until `most` lines are tried; without it, all. Ten queries for each batch of items.
    """
    counts = {site_id: queries_runs.claimed_items(site_id) for site_id in site_ids}
    trial = Trial(open=sum(count for of_site in counts.values() for _, count in of_site))
    for site_id, items in counts.items():
        on_the_way, present = queries_rules.background(site_id)
        trial.present.append(present)
        for batch in _batches(items, queries_runs.tied_items([site_id])):
            if most is not None and trial.tried >= most:
                break
            _try_batch(trial, rules, site_id, batch, present, on_the_way, now)
            tell(trial.tried, trial.open)
    trial.found.shifts.sort(key=lambda shift: (-abs(shift.value), shift.claim.line_id))
    trial.warnings = told_unmatched(rules, trial.unmatched or set(), trial.tried)
    return trial


def warnings_of(rules: RuleSet, site_ids: Sequence[int], now: datetime) -> list[str]:
    """What of the rules is for none of today's open lines. Four queries for each batch of items."""
    unmatched: set[tuple[str, str]] | None = None
    tried = 0
    for site_id in site_ids:
        on_the_way, _ = queries_rules.background(site_id)
        for batch in _batches(queries_runs.claimed_items(site_id), []):
            lines = open_lines.lines_waiting(site_id, batch, with_promised=True)
            today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, rules)
            found = unmatched_of(rules, claims, today=today.toordinal())
            unmatched = found if unmatched is None else unmatched & found
            tried += len(claims)
    return told_unmatched(rules, unmatched or set(), tried) if tried else []


def _batches(counts: Sequence[tuple[int, int]], tied: Sequence[Sequence[int]]) -> list[list[int]]:
    """Items in batches that are read together; those of one complete order stand in one batch."""
    group = {item_id: [item_id] for item_id, _ in counts}
    for items in tied:
        first, *others = [item_id for item_id in items if item_id in group]
        for item_id in others:
            mine, its = group[first], group[item_id]
            if mine is not its:
                mine += its
                group.update(dict.fromkeys(its, mine))
    found: list[list[int]] = [[]]
    for item_id, _ in counts:
        if group[item_id][0] != item_id:
            continue
        if len(found[-1]) >= BATCH:
            found.append([])
        found[-1] += group[item_id]
    return found if counts else []


def _try_batch(
    trial: Trial,
    rules: RuleSet,
    site_id: int,
    item_ids: list[int],
    present: InForce,
    on_the_way: dict[int, int],
    now: datetime,
) -> None:
    lines = open_lines.lines_waiting(site_id, item_ids, with_promised=True)
    both = looks_at(present.rules) | looks_at(rules)
    reading = rules if rules.promises == KEEP else present.rules
    today, claims = queries_inputs.claims_of(now, site_id, lines, on_the_way, reading, needs=both)
    if not claims:
        return
    with_packs = rules if rules.supply.full_packs else present.rules
    reading = replace(with_packs, promises=reading.promises)
    inputs: Inputs = queries_inputs.inputs_of(site_id, today, claims, reading, is_moving=True, now=now)
    trial.tried += len(claims)
    prices = open_lines.prices_of([claim.line_id for claim in claims])
    trial.found.add(compare(present.rules, rules, inputs, prices))
    unmatched = unmatched_of(rules, claims, today=today.toordinal())
    trial.unmatched = unmatched if trial.unmatched is None else trial.unmatched & unmatched
