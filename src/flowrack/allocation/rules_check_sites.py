"""Whether what a rule set says of sites makes sense: numbers, names, preferences that hide others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowrack.allocation.types_rules import FULL, SITE_ORDERS, SitePreference, SiteRule
from flowrack.shared.errors import BadLine

MOST_PREFERENCES = 200
MOST_DAYS = 60
MOST_NAME = 60


def site_faults(rule: SiteRule, first: int) -> Iterator[BadLine]:
    """All that is wrong with the choice of sites; preferences are lines from `first` on."""
    if rule.order not in SITE_ORDERS:
        yield BadLine(0, "site_order", f"{rule.order} is no order of sites.", f"Choose of {', '.join(SITE_ORDERS)}.")
    if not rule.split_cost.is_finite() or not 0 <= rule.split_cost < 1_000_000:
        yield BadLine(0, "split_cost", "A split costs 0 or more, below a million.", "0: it costs nothing.")
    if not 0 <= rule.late_days <= MOST_DAYS:
        yield BadLine(0, "late_days", f"A line may be 0 to {MOST_DAYS} days late.", "0: any delay counts.")
    if not 0 <= rule.late_percent <= FULL:
        yield BadLine(0, "late_percent", "A day late costs 0 to 100 % of the price.", "1 is usual.")
    if len(rule.preferences) > MOST_PREFERENCES:
        yield BadLine(0, "preferences", f"A rule set has {MOST_PREFERENCES} preferences at most.", "Use regions.")
    yield from _preferences(rule.preferences, first)


def _preferences(preferences: Sequence[SitePreference], first: int) -> Iterator[BadLine]:
    names: dict[str, int] = {}
    for n, one in enumerate(preferences, start=first):
        name = one.name.strip()
        if not name or len(one.name) > MOST_NAME or ":" in one.name:
            said = f"A name has 1 to {MOST_NAME} characters, and no colon."
            yield BadLine(n, "name", said, "People read it in the reasons.")
        elif name in names:
            yield BadLine(n, "name", f"Preference {names[name]} is called “{name}”, too.", "Name it otherwise.")
        names.setdefault(name, n - first + 1)
        if not one.sites:
            yield BadLine(n, "sites", f"“{name}” names no site.", "Name the first, then the others.")
        if len(set(one.sites)) < len(one.sites):
            yield BadLine(n, "sites", f"“{name}” names a site twice.", "Name each once.")
        for other in preferences[: n - first]:
            if _takes_all(other, one):
                yield BadLine(
                    n, "preferences", f"“{other.name}” takes every order that “{name}” is for.",
                    f"Put “{name}” before it, or narrow “{other.name}”.",
                )  # fmt: skip


def _takes_all(wide: SitePreference, narrow: SitePreference) -> bool:
    return all(
        not getattr(wide, name) or (getattr(narrow, name) and set(getattr(narrow, name)) <= set(getattr(wide, name)))
        for name in ("customers", "regions")
    )
