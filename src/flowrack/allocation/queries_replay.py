"""A rule set tried on the company's own history, beside the rules in force and what happened. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from flowrack.allocation import queries_rules
from flowrack.allocation.queries_history import ALWAYS_UNKNOWN, past_of
from flowrack.allocation.rules_figures import NAMES, Figures, Key, measure
from flowrack.allocation.rules_history import simulate
from flowrack.allocation.types_rules import InForce, RuleSet

HAPPENED, PRESENT, DRAFT = "happened", "present", "draft"
SIDES = (HAPPENED, PRESENT, DRAFT)
Tell = Callable[[int, int, str], None]  # steps done, steps in all, words


@dataclass(slots=True)
class Replayed:
    """What came of a trial on history: figures of each side by tier and week, and what the simulation does not know."""

    first_on: date
    last_on: date
    present: list[InForce] = field(default_factory=list)  # of each site
    sides: dict[str, dict[Key, Figures]] = field(default_factory=lambda: {side: {} for side in SIDES})
    lines: int = 0
    unknown: list[str] = field(default_factory=list)

    def add(self, side: str, found: dict[Key, Figures]) -> None:
        """Take the figures of a site in."""
        for key, one in found.items():
            sums = self.sides[side].setdefault(key, Figures())
            for name in NAMES:
                setattr(sums, name, getattr(sums, name) + getattr(one, name))


def replay_rules(
    rules: RuleSet,
    sites: Sequence[tuple[int, str]],
    first: date,
    last: date,
    tell: Tell = lambda done, of, words: None,
) -> Replayed:
    """Play history day by day at each site (id, code), by the rules in force there and by these.

    Seven queries for each site; all else happens in memory.
    """
    done = Replayed(first, last)
    days = (last - first).days + 1
    of = days * 2 * len(sites)
    for n, (site_id, code) in enumerate(sites):
        present = queries_rules.in_force(site_id)
        done.present.append(present)
        past = past_of(site_id, first, last)
        done.lines += len(past.history.lines)
        done.unknown += [f"{code}: {sentence}" for sentence in past.unknown]
        done.add(HAPPENED, measure(past.history, past.history.left))
        for side, (name, its) in enumerate(((PRESENT, present.rules), (DRAFT, rules))):
            before = (2 * n + side) * days

            def told(day: date, before: int = before, code: str = code) -> None:
                tell(before + (day - first).days + 1, of, f"{code}, {day.isoformat()}")

            done.add(name, measure(past.history, simulate(its, past.history, told)))
    done.unknown += ALWAYS_UNKNOWN
    return done
