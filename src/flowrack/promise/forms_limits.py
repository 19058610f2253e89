"""The grid of quote limits: a line for each tier."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform.web.grid import GridColumn
from flowrack.promise.types import SetQuoteLimits
from flowrack.shared.errors import BadLine

LIMITS_GRID = [
    GridColumn("tier", "Tier", code=True),
    GridColumn("minutes", "Minutes a quote lasts", kind="number"),
    GridColumn("extensions", "Times it may last so long once more", kind="number"),
    GridColumn("most_quotes", "Quotes of a customer at a time", kind="number"),
    GridColumn("most_units", "Units in them", kind="number"),
]
LONGEST = 9  # digits
COUNTS = ("minutes", "extensions", "most_quotes", "most_units")


def read_limits(rows: Sequence[dict[str, str]]) -> tuple[list[SetQuoteLimits], list[BadLine]]:
    """What the grid says, and what is wrong with it."""
    found, bad = [], []
    for n, row in enumerate(rows, 1):
        wrong = [name for name in COUNTS if not row[name].isdecimal() or len(row[name]) > LONGEST]
        bad += [BadLine(n, name, f"“{row[name]}” is no count.", "Write 0 or more.") for name in wrong]
        if not wrong:
            minutes, extensions, quotes, units = (int(row[name]) for name in COUNTS)
            found.append(SetQuoteLimits(row["tier"].upper(), minutes, quotes, units, extensions))
    tiers = [one.tier for one in found]
    if len(set(tiers)) != len(tiers):
        bad.append(BadLine(len(rows), "tier", "A tier stands twice.", "Keep one line for each."))
    return found, bad
