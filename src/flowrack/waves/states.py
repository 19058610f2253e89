"""States of plans and of their waves."""

from __future__ import annotations

from enum import StrEnum


class PlanState(StrEnum):
    """A plan: a draft until its first wave goes, released when all are, or dropped."""

    DRAFT = "draft"
    RELEASING = "releasing"
    RELEASED = "released"
    DROPPED = "dropped"


class PlanWaveState(StrEnum):
    """A wave of a plan."""

    PLANNED = "planned"
    RELEASED = "released"
    DROPPED = "dropped"


PLAN: dict[tuple[str, str], str] = {
    (PlanState.DRAFT, "release"): PlanState.RELEASING,
    (PlanState.RELEASING, "release"): PlanState.RELEASING,
    (PlanState.DRAFT, "finish"): PlanState.RELEASED,
    (PlanState.RELEASING, "finish"): PlanState.RELEASED,
    (PlanState.DRAFT, "drop"): PlanState.DROPPED,
    (PlanState.RELEASING, "drop"): PlanState.DROPPED,
}

# How a wave on the floor stands, the earliest first.
STANDINGS = ("planned", "released", "picking", "packing", "loading", "gone")
