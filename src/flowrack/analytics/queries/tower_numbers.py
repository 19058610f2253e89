"""Numbers that run out, for the control tower."""

from __future__ import annotations

from datetime import datetime

from flowrack.analytics.types import Trouble
from flowrack.locations import queries as places

SCARCE_DAYS = 90


def scarce_numbers(now: datetime) -> list[Trouble]:
    """The SSCCs of our GS1 prefix when they last for less than a quarter of a year: GS1 takes its time."""
    outlook = places.sscc_outlook(now)
    if outlook.days is None or outlook.days >= SCARCE_DAYS:
        return []
    text = f"for {outlook.days} days: {outlook.left:,} left, {outlook.per_day:,} a day"
    return [
        Trouble("sscc", "warn" if outlook.days > 14 else "bad", "week", "SSCCs run out", text,
                "locations_sscc_range", 0, now, None, None, "GS1 prefix is used up", "Data steward", "Enter a prefix")
    ]  # fmt: skip
