"""What urgent orders ask of others and nobody has consented to yet: for the picture of a ladder and its sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from flowrack.allocation.queries_urgent import Proposed
from flowrack.platform.web.format import number

Held = tuple[int, int]  # pool, line


def apart(
    promised: Mapping[Held, int], proposed: Sequence[Proposed], shown: Collection[int]
) -> tuple[dict[Held, int], list[tuple[int, int, int]]]:
    """What lines hold of pools without what is asked of them for a line that is shown too, and that by itself: pool,
    the line that asks, units."""
    left: dict[int, list[tuple[int, int]]] = {}
    for one in proposed:
        if one.to_line_id in shown:
            left.setdefault(one.from_line_id, []).append((one.to_line_id, one.units))
    held, asked = dict(promised), []
    for pool_id, line_id in promised:
        rest = []
        for to_line_id, wanted in left.get(line_id, []):
            take = min(held[pool_id, line_id], wanted)
            held[pool_id, line_id] -= take
            if take:
                asked.append((pool_id, to_line_id, take))
            rest.append((to_line_id, wanted - take))
        left[line_id] = rest
    return held, asked


def words(proposed: Sequence[Proposed], line_id: int) -> list[tuple[int, str]]:
    """What is asked of a claim, and for it, as its last words in the picture."""
    asked = sum(one.units for one in proposed if one.from_line_id == line_id)
    given = sum(one.units for one in proposed if one.to_line_id == line_id)
    return [(asked, "asked for"), (given, "proposed")]


def sentences(proposed: Sequence[Proposed], line_id: int) -> list[str]:
    """The same in sentences, which name the other order and the request."""
    said = []
    for one in proposed:
        if line_id == one.from_line_id:
            who = f"{one.to_order}, which is urgent ({one.request})"
            said.append(f"{number(one.units)} of it are asked for by {who}: not decided yet.")
        elif line_id == one.to_line_id:
            said.append(
                f"{number(one.units)} of {one.from_order} are asked for it ({one.request}): somebody must consent."
            )
    return said
