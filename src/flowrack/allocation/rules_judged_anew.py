"""What may still be done for an urgent line of what somebody allowed before. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from flowrack.allocation.rules_displacement import Ask, Plan, Scene, plan


def judged_anew(ask: Ask, scene: Scene, allowed: Mapping[int, int], seen: Mapping[int, int | None]) -> tuple[Plan, str]:
    """What may be done now of what was allowed (line -> units), and what changed since, in words.

    Nobody loses more than was allowed. `seen` are the days by which lines slip as the approver saw them (None = without
    any cover): when somebody would slip further, only what harms nobody is done.
    """
    now = plan(ask, scene, allowed=allowed)
    if any(slip.line_id not in seen or _is_further(seen[slip.line_id], slip.days) for slip in now.slips):
        return plan(
            ask, scene, allowed={}
        ), "Somebody would wait longer than was allowed: nothing more is taken from them."
    said = []
    wanted = sum(allowed.values())
    if now.free:
        said.append(f"{sum(units for _, units in now.free)} are free by now.")
    if now.at_once:
        said.append(f"{sum(give.units for give in now.at_once)} harm nobody by now.")
    if now.pending < min(wanted, ask.units - now.got):
        said.append(f"Only {now.pending} of {wanted} can still be moved.")
    elif ask.units < wanted:
        said.append(f"Only {ask.units} are still wanted.")
    return now, " ".join(said)


def _is_further(seen: int | None, now: int | None) -> bool:
    return seen is not None and (now is None or now > seen)
