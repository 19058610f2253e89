"""What it costs, in points, that goods wait for the next day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flowrack.waves.types import WaitsBy


@dataclass(frozen=True, slots=True)
class Policy:
    """The penalty rule of a site; version 0 is the house's own."""

    version: int = 0
    waits_by: str = WaitsBy.ORDER
    tier_a: int = 400
    tier_b: int = 200
    tier_c: int = 100
    late_day: int = 50
    value_100: int = 5
    age_day: int = 1

    @property
    def name(self) -> str:
        """As decisions name it."""
        return f"waves.penalty v{self.version}"

    def of_tier(self, tier: str) -> int:
        """The points of a late line of a customer of a tier."""
        return {"A": self.tier_a, "B": self.tier_b}.get(tier, self.tier_c)


class Penalty(NamedTuple):
    """Points, and what they are made of."""

    points: int
    words: str


def penalty(policy: Policy, *, tier: str, due_on: date, next_on: date, value_cents: int, age_days: int) -> Penalty:
    """The points of a line that leaves on `next_on` instead: it counts as late when it is due before."""
    late_days = max(0, (next_on - due_on).days)
    parts: list[tuple[int, str]] = []
    if late_days:
        parts.append((policy.of_tier(tier), f"tier {tier}"))
        parts.append((policy.late_day * late_days, f"{late_days} {'day' if late_days == 1 else 'days'} late"))
        parts.append((policy.value_100 * (value_cents // 10_000), f"value {value_cents // 100:,}"))
    parts.append((policy.age_day * max(0, age_days), f"{age_days} {'day' if age_days == 1 else 'days'} old"))
    told = [f"{points} for {words}" for points, words in parts if points]
    return Penalty(sum(points for points, _ in parts), " + ".join(told) if told else "it would still be on time")
