"""What an order leaves of the budgets that count for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import BadLine

MOST_BUDGET = Decimal(10) ** 12
LENGTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """A budget that counts, and what is left of it; no family = everything that the site orders."""

    budget_id: int
    site: str
    family_id: int | None
    family: str
    month: date
    months: int
    amount: Decimal
    left: Decimal

    @property
    def label(self) -> str:
        """Site, family and period as people say them: W1, Valves, Mar 2026."""
        return ", ".join(part for part in (self.site, self.family, period(self.month, self.months)) if part)


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What an order takes of a budget, and what was left before and is left after it; negative is over."""

    budget: BudgetLeft
    before: Decimal
    amount: Decimal

    @property
    def after(self) -> Decimal:
        """What is left after the order."""
        return self.before - self.amount


def period(month: date, months: int) -> str:
    """Mar 2026, or the first and the last month: Jan to Dec 2026."""
    if months == 1:
        return f"{month:%b %Y}"
    last = month.year * 12 + month.month - 1 + months - 1
    end = date(last // 12, last % 12 + 1, 1)
    begin = f"{month:%b}" if end.year == month.year else f"{month:%b %Y}"
    return f"{begin} to {end:%b %Y}"


def uses(budgets: Sequence[BudgetLeft], by_family: Mapping[int | None, Decimal]) -> list[BudgetUse]:
    """What an order takes of each budget: the whole of it of those for everything, its lines of a family of those for
    the family. Budgets of families that it does not touch are left out."""
    whole = sum(by_family.values(), Decimal(0))
    return [
        BudgetUse(budget, budget.left, whole if budget.family_id is None else by_family[budget.family_id])
        for budget in budgets
        if budget.family_id is None or budget.family_id in by_family
    ]


def by_family(lines: Iterable[tuple[int, Decimal]], families: Mapping[int, int | None]) -> dict[int | None, Decimal]:
    """The money of (item, money) lines by item family."""
    found: dict[int | None, Decimal] = {}
    for item_id, amount in lines:
        family = families.get(item_id)
        found[family] = found.get(family, Decimal(0)) + amount
    return found


def tightest(used: Sequence[BudgetUse]) -> BudgetUse | None:
    """The budget of which the order leaves the least; None without any."""
    return min(used, key=lambda use: (use.after, use.budget.budget_id), default=None)


def overdrawn(used: Mapping[int, Sequence[BudgetUse]], seen: Mapping[int, Decimal | None]) -> dict[int, str]:
    """What would overdraw a budget, and by more than was `seen` (None: no budget was), in words, by key."""
    found = {}
    for key, uses_ in used.items():
        tight, was = tightest(uses_), seen.get(key)
        if tight is not None and tight.after < min(Decimal(0), was or Decimal(0)):
            than = "" if was is None else f", not {was:,.2f} as when it was asked"
            found[key] = f"Budget {tight.budget.label} would be left with {tight.after:,.2f}{than}."
    return found


def budget_faults(*, amount: Decimal, month: date, months: int, today: date) -> list[BadLine]:
    """What is wrong with a budget: an amount below nothing or without end, or a period that is over or none."""
    bad = []
    if not amount.is_finite() or not 0 <= amount <= MOST_BUDGET:
        bad.append(BadLine(0, "amount", "That is no budget.", "Type 0 or more."))
    if months not in LENGTHS:
        bad.append(BadLine(0, "months", f"{months} months are no period.", "Choose 1, 3, 6 or 12."))
    elif month.year * 12 + month.month + months <= today.year * 12 + today.month:
        bad.append(BadLine(0, "month", f"{period(month, months)} is over.", "Choose a period that is not over."))
    return bad
