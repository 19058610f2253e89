"""Orders that any site may send are brought to the sites of the rules before a full run: a later stage does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flowrack.platform.outbox import load_subscribers

Bring = Callable[[str, Sequence[int]], int]
_bring: list[Bring] = []


def register(bring: Bring) -> None:
    """Make it known; called once by the stage that does it. It is told a key and the sites, and says how many moved."""
    _bring[:] = [bring]


def bring(key: str, site_ids: Sequence[int]) -> int:
    """Bring the waiting orders of sites that any site may send to where the rules say; how many moved."""
    load_subscribers()  # later stages make themselves known with them
    return sum(one(key, site_ids) for one in _bring)
