"""What trials of allocation rules came to, in words and beside the rules in force, for who asks and who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.allocation.queries_trials import TrialRow
from flowrack.allocation.types_trials import DRAFT, HISTORY, KINDS, PRESENT, TODAY, TrialFigure
from flowrack.approvals.types import Change

Figures = Mapping[str, Sequence[TrialFigure]]  # by kind of trial
WORDS = {TODAY: "today's open orders", HISTORY: "history"}
SEES_MARGIN = "sales.see_margin"


def missing(found: Mapping[str, TrialRow], all_of_it: Sequence[TrialRow]) -> str:
    """On what rules were not tried as they are, and that an earlier trial counts no more; "" when nothing is missing.

    `found` are the trials that count, `all_of_it` those of the version, the newest first.
    """
    kinds = [kind for kind in KINDS if kind not in found]
    if not kinds:
        return ""
    before = [one for kind in kinds if (one := next((t for t in all_of_it if t.kind == kind and t.is_done), None))]
    said = f"Not tried on {' and '.join(WORDS[kind] for kind in kinds)} as it is now."
    for one in before:
        said += (
            f" The trial on {WORDS[one.kind]} of {_day(one.started_at)} was of another text, or against other rules."
        )
    return said


def told(found: Mapping[str, TrialRow], figures: Figures) -> str:
    """What trials came to, in sentences."""
    said = []
    today = found.get(TODAY)
    if today is not None:
        said.append(
            f"On {today.lines:,} open lines on {_day(today.started_at)}: {today.lines_gain:,} would get more, "
            f"{today.lines_lose:,} less; {today.units_moved:,} units would go to others."
        )
        said += today.warnings
    past = found.get(HISTORY)
    if past is not None and past.first_on and past.last_on:
        then, now = _of(figures.get(HISTORY, []), DRAFT), _of(figures.get(HISTORY, []), PRESENT)
        kept = f"; {_broken(then)} promises are broken, with the rules in force {_broken(now)}" if _told(then) else ""
        said.append(
            f"On history, {_day(past.first_on)} to {_day(past.last_on)}: {_fill(then)} % of the units leave by their "
            f"day, with the rules in force {_fill(now)} %{kept}."
        )
    return " ".join(said)


def changes(found: Mapping[str, TrialRow], figures: Figures, currency: str) -> list[Change]:
    """The rules in force beside those that ask, as trials found them; what is worse is marked. Margins are for who may
    see them."""
    rows: list[Change] = []
    for kind, trial in found.items():
        sides = figures.get(kind, [])
        tiers = sorted({one.tier for one in sides if one.tier})
        before, after = _of(sides, PRESENT), _of(sides, DRAFT)
        if before is None or after is None:
            continue
        if kind == TODAY:
            rows += _today(f"On {trial.lines:,} open lines", before, after, currency)
        elif trial.first_on and trial.last_on:
            label = f"On history, {_day(trial.first_on)} to {_day(trial.last_on)}"
            rows += _history(label, before, after, currency)
            for tier in tiers:
                one, other = _of(sides, PRESENT, tier), _of(sides, DRAFT, tier)
                if one is not None and other is not None and (one.broken or other.broken):
                    rows.append(_fewer(label, f"Promises broken, tier {tier}", one.broken, other.broken, one.promised))
    return rows


def _today(label: str, before: TrialFigure, after: TrialFigure, currency: str) -> list[Change]:
    return [
        _more(label, "Units promised", before.units_left, after.units_left),
        _more(label, "Whole lines", before.lines_whole, after.lines_whole),
        _money(label, "Value promised", before.value, after.value, currency),
    ]


def _history(label: str, before: TrialFigure, after: TrialFigure, currency: str) -> list[Change]:
    return [
        Change(
            label, "Units that leave by their day", f"{_fill(before)} %", f"{_fill(after)} %",
            is_exception=_fill(after) < _fill(before),
        ),
        *([_fewer(label, "Promises broken", before.broken, after.broken, before.promised)] if _told(after) else []),
        _fewer(label, "Backorder days", before.late_days, after.late_days),
        _fewer(label, "Split shipments", before.splits, after.splits),
        _money(label, "Value that left", before.value, after.value, currency),
        _money(label, "Margin", before.margin, after.margin, currency, needs=SEES_MARGIN),
    ]  # fmt: skip


def _fewer(label: str, what: str, before: int, after: int, of: int = 0) -> Change:
    """Something of which fewer are better."""
    rest = f" of {of:,}" if of else ""
    return Change(label, what, f"{before:,}{rest}", f"{after:,}{rest}", is_exception=after > before)


def _more(label: str, what: str, before: int, after: int) -> Change:
    return Change(label, what, f"{before:,}", f"{after:,}", is_exception=after < before)


def _money(label: str, what: str, before: Decimal, after: Decimal, currency: str, *, needs: str = "") -> Change:
    was, now = f"{currency}{before:,.2f}", f"{currency}{after:,.2f}"
    return Change(label, what, was, now, is_exception=after < before, needs=needs)


def _of(figures: Sequence[TrialFigure], side: str, tier: str = "") -> TrialFigure | None:
    return next((one for one in figures if (one.side, one.tier, one.week) == (side, tier, None)), None)


def _fill(one: TrialFigure | None) -> Decimal:
    return Decimal(1000 * one.units_on_time // one.units) / 10 if one is not None and one.units else Decimal("100.0")


def _told(one: TrialFigure | None) -> bool:
    """Whether customers were told days that can be broken."""
    return one is not None and one.promised > 0


def _broken(one: TrialFigure | None) -> str:
    return f"{one.broken:,} of {one.promised:,}" if one is not None else "none"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
