"""The words of trials: a version of the allocation rules tried on today's orders, or on history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid

TRIAL = "allocation.trial"
TODAY, HISTORY = "today", "history"
KINDS = (TODAY, HISTORY)
HELD, HAPPENED, PRESENT, DRAFT = "held", "happened", "present", "draft"
SIDES = (HELD, HAPPENED, PRESENT, DRAFT)


@dataclass(frozen=True, slots=True)
class TryRuleSet:
    """Try a version on today's open orders; nothing is promised. `site_id` 0 = every site for which it would count."""

    rule_set_id: int
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class ReplayRuleSet:
    """Try a version on what happened from a day to a day; without days on the last year, until yesterday."""

    rule_set_id: int
    first_on: date | None = None
    last_on: date | None = None
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """The trial, and the job that works on it; 0 where it is done."""

    trial_id: int
    job_id: int


@dataclass(frozen=True, slots=True)
class TrialFigure:
    """What one side gives to a tier ("" = all), in a week (its Monday) or in all. See `rules_figures.Figures`."""

    side: str
    tier: str
    week: date | None
    lines: int
    lines_on_time: int
    lines_whole: int
    units: int
    units_on_time: int
    units_left: int
    late_days: int
    splits: int
    promised: int
    broken: int
    value: Decimal
    margin: Decimal


@dataclass(frozen=True, slots=True)
class TrialLine:
    """An order line that a version gives more or fewer units than the rules in force."""

    line_id: int
    held: int
    before: int
    after: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class FinishTrial:
    """What came of a trial."""

    trial_id: int
    lines: int
    open_lines: int
    lines_gain: int
    lines_lose: int
    units_moved: int
    figures: list[TrialFigure] = field(default_factory=list)
    shifts: list[TrialLine] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """The trial is done."""

    trial_id: int
    rule_set_id: int


class RulesNotTried(FlowrackError):
    """Nobody tried the rules as they are now; or said why not."""

    code = "allocation_rules_not_tried"


class NoHistory(Invalid):
    """There is nothing to try rules on."""

    code = "no_history"
