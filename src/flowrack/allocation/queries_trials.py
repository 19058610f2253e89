"""Trials of allocation rules: what came of one as it is stored, and the trials of a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from flowrack.allocation import queries_rules
from flowrack.allocation.queries_replay import Replayed
from flowrack.allocation.queries_try import Trial
from flowrack.allocation.rules_compare import Side
from flowrack.allocation.rules_figures import NAMES
from flowrack.allocation.types_rules import RuleSet
from flowrack.allocation.types_trials import (
    DRAFT,
    HELD,
    PRESENT,
    FinishTrial,
    TrialFigure,
    TrialLine,
)
from flowrack.platform import sql
from flowrack.shared.errors import NotFound
from flowrack.shared.money import to_money

KEPT = 100  # lines that gain, and that lose
FIGURE = ", ".join(field.name for field in fields(TrialFigure))


def result_of_today(trial_id: int, trial: Trial) -> FinishTrial:
    """What is stored of a trial on today's orders."""
    found = trial.found
    sides = ((HELD, found.held), (PRESENT, found.now), (DRAFT, found.then))
    gain, lose = found.gain, found.lose
    return FinishTrial(
        trial_id,
        trial.tried,
        trial.open,
        len(gain),
        len(lose),
        sum(shift.units for shift in gain),
        [_figure(name, tier, one) for name, sums in sides for tier, one in sorted(sums.items())],
        [
            TrialLine(shift.claim.line_id, shift.held, shift.before, shift.after, to_money(shift.value))
            for shift in (*gain[:KEPT], *lose[:KEPT])
        ],
        trial.warnings,
    )


def _figure(side: str, tier: str, one: Side) -> TrialFigure:
    nothing = dict.fromkeys(("lines_on_time", "units_on_time", "late_days", "splits", "promised", "broken"), 0)
    return TrialFigure(
        side, tier, None, lines=one.lines, lines_whole=one.whole, units=one.wanted, units_left=one.units,
        value=to_money(one.value), margin=Decimal(0), **nothing,
    )  # fmt: skip


def result_of_history(trial_id: int, done: Replayed) -> FinishTrial:
    """What is stored of a trial on history."""
    figures = []
    for side, found in done.sides.items():
        for (tier, week), one in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][1] or date.min)):
            values = {name: getattr(one, name) for name in NAMES}
            values["value"], values["margin"] = to_money(one.value), to_money(one.margin)
            figures.append(TrialFigure(side, tier, week, **values))
    return FinishTrial(trial_id, done.lines, done.lines, 0, 0, 0, figures, [], [], done.unknown)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial in a list and on its page."""

    id: int
    rule_set_id: int
    rules_site_id: int
    version: int
    name: str
    kind: str
    digest: str
    instead_of: int
    sites: str
    first_on: date | None
    last_on: date | None
    started_by_id: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    job_id: int
    lines: int
    open_lines: int
    lines_gain: int
    lines_lose: int
    units_moved: int
    warnings: list[str]
    unknown: list[str]
    site_ids: list[int]

    @property
    def is_done(self) -> bool:
        """Whether its figures are there."""
        return self.state == "done"


_TRIALS = """
    SELECT t.id, t.rule_set_id, coalesce(v.site_id, 0), v.version, v.name, t.kind, t.digest, t.instead_of,
           (SELECT string_agg(s.code, ', ' ORDER BY s.code) FROM locations_site s WHERE s.id = ANY(t.site_ids)),
           t.first_on, t.last_on, t.started_by_id, coalesce(nullif(u.full_name, ''), u.username), t.started_at,
           t.finished_at,
           CASE WHEN t.finished_at IS NOT NULL THEN 'done' ELSE coalesce(j.state, 'queued') END, t.job_id, t.lines,
           t.open_lines, t.lines_gain, t.lines_lose, t.units_moved, t.warnings, t.unknown, t.site_ids
    FROM allocation_ruletrial t JOIN allocation_rulesetversion v ON v.id = t.rule_set_id
    JOIN platform_user u ON u.id = t.started_by_id LEFT JOIN platform_job j ON j.id = t.job_id
"""


def trial(trial_id: int) -> TrialRow:
    """A trial; refuses with NotFound. One query."""
    row = sql.fetch_one(_TRIALS + "WHERE t.id = %s", (trial_id,))
    if row is None:
        raise NotFound("There is no such trial.", fix="See the version of the allocation rules.")
    return TrialRow(*row)


def trials_of(rule_set_id: int, *, limit: int = 20) -> list[TrialRow]:
    """The trials of a version, the newest first. One query."""
    rows = sql.fetch_all(_TRIALS + "WHERE t.rule_set_id = %s ORDER BY t.id DESC LIMIT %s", (rule_set_id, limit))
    return [TrialRow(*row) for row in rows]


def that_count(rows: Sequence[TrialRow], *, digest: str, instead_of: int) -> dict[str, TrialRow]:
    """Of trials, the newest first: the newest of each kind that is done, of these rules against what is in force."""
    found: dict[str, TrialRow] = {}
    for row in rows:
        if row.is_done and row.digest == digest and row.instead_of == instead_of:
            found.setdefault(row.kind, row)
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """The trials of a version, the newest first, those that count by kind, and the figures of these."""

    trials: list[TrialRow]
    found: dict[str, TrialRow]
    figures: dict[str, list[TrialFigure]]


def counting(rule_set_id: int, site_id: int, rules: RuleSet) -> Counting:
    """What trials say of rules as they are now, against what is in force now. Two queries, and one for each that
    counts."""
    trials = trials_of(rule_set_id)
    found = that_count(
        trials, digest=queries_rules.digest_of(rules), instead_of=queries_rules.in_force(site_id).rule_set_id
    )
    return Counting(trials, found, {kind: figures_of(one.id) for kind, one in found.items()})


def figures_of(trial_id: int) -> list[TrialFigure]:
    """All figures of a trial. One query."""
    rows = sql.fetch_all(
        f"SELECT {FIGURE} FROM allocation_ruletrialfigure WHERE trial_id = %s ORDER BY side, tier, week",  # noqa: S608
        (trial_id,),
    )
    return [TrialFigure(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TrialLineRow:
    """A line that gains or loses, with its order as it is now."""

    line_id: int
    order_id: int
    number: str
    sku: str
    customer: str
    tier: str
    ship_by_on: date
    held: int
    before: int
    after: int
    value: Decimal

    @property
    def units(self) -> int:
        """Units more, or (negative) fewer."""
        return self.after - self.before


def lines_of(trial_id: int) -> list[TrialLineRow]:
    """Lines of a trial, the largest value first. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.line_id, l.order_id, o.number, i.sku, p.name, o.tier, o.ship_by_on, t.held, t.before, t.after,
               t.value
        FROM allocation_ruletrialline t JOIN sales_orderline l ON l.id = t.line_id
        JOIN sales_order o ON o.id = l.order_id JOIN catalog_item i ON i.id = l.item_id
        JOIN parties_party p ON p.id = o.customer_id
        WHERE t.trial_id = %s ORDER BY abs(t.value) DESC, t.line_id
        """,
        (trial_id,),
    )
    return [TrialLineRow(*row) for row in rows]
