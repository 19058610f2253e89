"""Decisions about counts: what is compared, what policy posts by itself, who must approve, which bins are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

TOLERANCE_RULE = "counting.tolerance/1"
PLAN_RULE = "counting.plan/1"
CLOCKS_AGREE = timedelta(minutes=2)  # the clocks of two devices are right to that
MOST_COUNTS = 3  # who still disagrees then is judged by two people
REASONS = {
    "miscount": "Counted wrongly before",
    "mispick": "Picked wrongly",
    "misplaced": "Put in another bin",
    "receipt_error": "Received wrongly",
    "damage": "Broken and not booked",
    "theft": "Missing without trace",
    "found": "Found",
    "unknown": "Not known",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """How items of one velocity class are counted and approved."""

    velocity: str
    every_days: int
    tolerance_percent: Decimal
    tolerance_value: Decimal
    first_limit: Decimal
    second_limit: Decimal
    is_auto: bool
    needs_recount: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a count beside the books: `units` is counted minus expected."""

    units: int
    expected_units: int
    value: Decimal
    is_tracked: bool
    is_blank: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What one finished count said of one kind of stock, and what was expected then; None is a blank."""

    counted: int | None
    expected: int

    @property
    def difference(self) -> int:
        """Counted minus expected."""
        return (self.counted or 0) - self.expected


@dataclass(frozen=True, slots=True)
class Approver:
    """What one approver may approve by amount."""

    may_high: bool
    may_any: bool


def expectation(counted: int, balances: list[int]) -> int:
    """The balance to compare a count with, of those the books passed through from opening the count to entering it.

    Goods move while people count, and nobody can say whether a pick came before or after the hand reached the bin.
    A count that equals any balance in the range is right; otherwise the nearest balance is expected.
    """
    assert balances
    lowest, highest = min(balances), max(balances)
    return max(lowest, min(highest, counted))


def balances_over(opened_units: int, changes: list[int]) -> list[int]:
    """The balances a cell passed through: at the opening, and after each change."""
    balances = [opened_units]
    for change in changes:
        balances.append(balances[-1] + change)
    return balances


def balances_between(
    on_hand: int, moves: Sequence[tuple[datetime, int]], opened_at: datetime, until: datetime
) -> list[int]:
    """The balances that a cell passed through on the floor from one time to another, oldest first.

    `moves` are (time on the floor, change of units) of what is in the balance of now, in any order. What happened after
    the time was not on the shelf yet, though it is in the books; what happened before is part of the first balance.
    """
    later = sum(change for at, change in moves if at > until)
    inside = [change for at, change in sorted(moves) if opened_at < at <= until]
    balances = balances_over(on_hand - later - sum(inside), inside)
    return [max(0, balance) for balance in balances]


def spread(counted: int, books: list[int]) -> list[int]:
    """Units counted together over the cells they lie in: each gets what the books say, the last takes the rest.

    People count the cartons of an item in a bin, not each pallet's share.
    """
    assert books
    shares = []
    for book in books[:-1]:
        shares.append(min(counted, book))
        counted -= shares[-1]
    return [*shares, counted]


def is_within_tolerance(difference: Difference, policy: Policy) -> bool:
    """Whether policy posts the difference without asking: small in percent and in money, and nothing regulated."""
    if difference.units == 0:
        return not difference.is_blank
    if difference.is_blank or difference.is_tracked or not policy.is_auto:
        return False
    if abs(difference.value) > policy.tolerance_value:
        return False
    return abs(difference.units) * 100 <= policy.tolerance_percent * difference.expected_units


def disagrees(said: Sequence[Said]) -> bool:
    """Whether the last of several counts found what none before it did: neither the same units nor the same difference.

    The difference counts because goods may have moved between two counts. A blank before says nothing of the units; a
    blank at the end takes back what was seen.
    """
    last = said[-1]
    before = [one for one in said[:-1] if one.counted is not None]
    if not before or last.counted is None:
        return bool(before)
    return not any(one.counted == last.counted or one.difference == last.difference for one in before)


def needs_another_count(policy: Policy, said: Sequence[Said]) -> bool:
    """Whether somebody else must count before anybody may approve.

    By policy everything outside tolerance is counted twice, and a third time where the two disagree; where nothing was
    entered a second count is always needed.
    """
    if len(said) < 2:
        return policy.needs_recount or any(one.counted is None for one in said)
    return policy.needs_recount and len(said) < MOST_COUNTS and disagrees(said)


def approvers_needed(difference: Difference, policy: Policy, *, is_disputed: bool = False) -> int:
    """How many people must approve: one up to the first limit, else two.

    Two always for anything with a lot or serial, and where the counts disagree to the end.
    """
    if is_disputed or difference.is_tracked or abs(difference.value) > policy.first_limit:
        return 2
    return 1


def may_give_last_approval(difference: Difference, policy: Policy, approver: Approver) -> bool:
    """Whether this person's approval is enough to post: by limits in money."""
    amount = abs(difference.value)
    if amount > policy.second_limit:
        return approver.may_any
    if amount > policy.first_limit:
        return approver.may_high or approver.may_any
    return True


@dataclass(frozen=True, slots=True)
class BinDue:
    """A bin that could be counted: its best class, when it was counted last, what lies in it and what moved."""

    location_id: int
    velocity: str
    counted_on: date | None
    value: Decimal
    moves_since: int


def choose_bins(bins: list[BinDue], every_days: dict[str, int], *, today: date, limit: int) -> list[BinDue]:
    """The bins to count today: those whose interval has passed, greatest expected loss first.

    Expected loss is taken as value times moves since the last count: a bin that nobody touched cannot have gone wrong
    as easily as a busy one. Ties go to the longer wait, then to the lower id.
    """
    due = [b for b in bins if b.counted_on is None or (today - b.counted_on).days >= every_days[b.velocity]]
    due.sort(
        key=lambda b: (
            -(b.value * (1 + b.moves_since)),
            b.counted_on or date.min,
            b.location_id,
        )
    )
    return due[:limit]


def unit_accuracy(counted_and_expected: list[tuple[int, int]]) -> Decimal | None:
    """1 - sum of absolute differences / sum of what was expected; at least 0; None when nothing was expected."""
    expected = sum(e for _, e in counted_and_expected)
    if expected == 0:
        return None
    wrong = sum(abs(c - e) for c, e in counted_and_expected)
    return max(Decimal(0), 1 - Decimal(wrong) / Decimal(expected))
