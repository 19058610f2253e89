"""When waiting lines will be served, as runs of the allocation will do it, for many small questions about one scene.

It says of one pool what `Pegs` says, day by day on which something comes, without building pegs for each question: an
urgent order with a thousand lines behind it asks dozens of times what becomes of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple


class Want(NamedTuple):
    """Units that wait on one order line; they come in rank order. Without a promise the day is a wish, and is not kept
    against promises. What a quote holds of goods to come has a line below zero. Of `pegged` units more a transfer comes
    for this line alone, the last on a day: they wait for nothing else."""

    line_id: int
    units: int
    promised_on: date
    is_promised: bool = True
    number: str = ""
    pegged: int = 0
    pegged_on: date = date.min


class Coming(NamedTuple):
    """Units that are expected on a day; PO line 0 and the first of all days is stock at hand."""

    po_line_id: int
    number: str
    expected_on: date
    units: int


class Served(NamedTuple):
    """Of each want: the last day that serves it (counted from 1; 0: none), what stays without, and what comes too late,
    what stays without included."""

    on: list[int]
    left: list[int]
    late: list[int]


class Foresight:
    """Wants in rank order and what comes, ready to be asked with other units of the same wants."""

    __slots__ = ("at_hand", "comes", "days", "last", "meets", "promised")

    def __init__(self, wants: Sequence[Want], coming: Sequence[Coming], today: date) -> None:
        comes: dict[date, int] = {}
        last: dict[date, int] = {}
        for one in sorted((c for c in coming if c.units > 0), key=lambda c: (c.expected_on, c.po_line_id)):
            comes[one.expected_on] = comes.get(one.expected_on, 0) + one.units
            last[one.expected_on] = one.po_line_id
        self.days, self.comes, self.last = list(comes), list(comes.values()), list(last.values())
        self.at_hand = bool(self.days) and self.days[0] == date.min
        self.promised = [want.is_promised for want in wants]
        # How many of the days are in time for each want: what is overdue can still leave today.
        self.meets = [bisect_right(self.days, max(want.promised_on, today)) for want in wants]

    def served(self, units: Sequence[int]) -> Served:
        """How the wants are served with so many units each: on each day in rank order, as far as promises of others
        that can be kept still can."""
        left, on, late = list(units), [0] * len(units), [0] * len(units)
        waiting = [at for at, count in enumerate(left) if count > 0]
        owed = [0] * (len(self.days) + 1)  # promised units that wait, by the number of days that are in time for them
        for at in waiting:
            if self.promised[at]:
                owed[self.meets[at]] += left[at]
        stock = 0
        for n, units_of_day in enumerate(self.comes, start=1):
            stock += units_of_day
            row = list(accumulate(self.comes[n:], initial=stock))
            kept = self._all_kept(owed, row, n) or self._kept(waiting, left, row, n)
            before = stock
            for at in waiting:
                if not stock:
                    break
                mine = kept.get(at, 0) if kept is not ALL else left[at] if self.promised[at] else 0
                if not mine and not min(row):
                    continue
                place = max(self.meets[at] - n, 0) if mine else 0
                most = min(left[at], stock, _room(row, place, mine))
                if most:
                    own = min(most, mine)
                    row = [slack - most + (own if k >= place else 0) for k, slack in enumerate(row)]
                    stock -= most
                    left[at] -= most
                    on[at] = n
                    if n > self.meets[at]:
                        late[at] += most
                    if self.promised[at]:
                        owed[self.meets[at]] -= most
            if stock != before:
                waiting = [at for at in waiting if left[at]]
        return Served(on, left, [one + more for one, more in zip(late, left, strict=True)])

    def missed(self, units: Sequence[int]) -> list[int]:
        """For how many units each promise cannot be kept from now on; 0 of a want that is none."""
        row = list(accumulate(self.comes)) if self.at_hand else [0, *accumulate(self.comes)]
        first = 1 if self.at_hand else 0
        waiting = [at for at, count in enumerate(units) if count > 0]
        kept = self._kept(waiting, units, row, first)
        return [
            count - kept.get(at, 0) if promised and count > 0 else 0
            for at, (count, promised) in enumerate(zip(units, self.promised, strict=True))
        ]

    def _all_kept(self, owed: Sequence[int], row: list[int], n: int) -> dict[int, int]:
        """Whether all promises can be kept together, which needs no look at each: then `row` is what is left."""
        totals = list(accumulate(owed[n + 1 :], initial=sum(owed[: n + 1])))
        if any(total > slack for total, slack in zip(totals, row, strict=True)):
            return {}
        row[:] = [slack - total for total, slack in zip(totals, row, strict=True)]
        return ALL

    def _kept(self, waiting: Sequence[int], left: Sequence[int], row: list[int], n: int) -> dict[int, int]:
        """Units of promises, in rank order, that can be kept together; what nobody needs stays in `row`."""
        found: dict[int, int] = {}
        for at in waiting:
            if not row[-1]:
                break  # whatever comes is somebody's
            if not self.promised[at]:
                continue
            place = max(self.meets[at] - n, 0)
            most = min(left[at], *row[place:])
            if most > 0:
                found[at] = most
                for k in range(place, len(row)):
                    row[k] -= most
        return found


class Harm:
    """Who is worse off than now when lines lose promised units to an urgent one, `asker`, which misses so many."""

    def __init__(self, wants: Sequence[Want], coming: Sequence[Coming], today: date, asker: int, missing: int) -> None:
        self.ahead = Foresight(wants, coming, today)
        self.at = {want.line_id: at for at, want in enumerate(wants)}
        self.units = [want.units for want in wants]
        self.mine, self.missing = self.at.get(asker), missing
        units = self._units({})
        self.missed, served = self.ahead.missed(units), self.ahead.served(units)
        self.late, self.on = served.late, self._covered_on(served)

    def harms(self, lost: Mapping[int, int]) -> bool:
        """Whether somebody is worse off: less of a promise can be kept, more is late, or what was late comes later."""
        units = self._units(lost)
        if any(
            now > was and at != self.mine
            for at, (now, was) in enumerate(zip(self.ahead.missed(units), self.missed, strict=True))
        ):
            return True  # the cheap question first
        served = self.ahead.served(units)
        on = self._covered_on(served)
        return any(
            late and at != self.mine and (late > self.late[at] or 0 < self.on[at] < on[at])
            for at, late in enumerate(served.late)
        )

    def _units(self, lost: Mapping[int, int]) -> list[int]:
        units = list(self.units)
        for line_id, count in lost.items():
            units[self.at[line_id]] += count
        if self.mine is not None:
            units[self.mine] = max(self.missing - sum(lost.values()), 0)
        return units

    def _covered_on(self, served: Served) -> list[int]:
        """By which day all of each want is covered; beyond the last where it is not, 0 where nothing waits."""
        never = len(self.ahead.days) + 1
        return [never if left else on for on, left in zip(served.on, served.left, strict=True)]


ALL = {-1: 0}  # all promises can be kept


def _room(row: Sequence[int], place: int, mine: int) -> int:
    """Units at hand that a want may have, of which `mine` are kept for it, while all other promises stay kept."""
    most = min(row[place:]) + mine
    return min(most, *row[:place]) if place else most
