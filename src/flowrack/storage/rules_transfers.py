"""Decisions about transfers: which transfer brought what arrived. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flowrack.shared.errors import BadLine
from flowrack.storage.types_transfers import ArrivedLine, NotOnTheWay, OpenLine


def bad_credit(credited: Decimal | None, value: Decimal) -> BadLine | None:
    """What is wrong with the amount of a credit: it is more than nothing, and no more than what was lost."""
    if credited is None or not credited.is_finite() or credited <= 0:
        return BadLine(0, "credited", "Say how much was credited.", "The amount of the carrier's note.")
    if credited > value:
        said = f"No more than the loss of {value:,.2f} is credited."
        return BadLine(0, "credited", said, "What the carrier pays besides is no credit of this claim.")
    return None


def settle(arrived: Sequence[ArrivedLine], open_lines: Sequence[OpenLine]) -> list[tuple[int, OpenLine, int]]:
    """(place of the arrived line, line of a transfer, units): the oldest transfer first. Refuses with NotOnTheWay."""
    left = {line.line_id: line.left for line in open_lines}
    taken: list[tuple[int, OpenLine, int]] = []
    bad: list[BadLine] = []
    for place, line in enumerate(arrived):
        missing = int(line.units)
        for of in open_lines:
            if (of.item_id, of.lot_id, of.quality) != (line.item_id, line.lot_id, line.quality):
                continue
            units = min(missing, left[of.line_id])
            if units > 0:
                left[of.line_id] -= units
                missing -= units
                taken.append((place, of, units))
        if missing:
            came = int(line.units) - missing
            said = f"{came} are on the way to this site, {line.units} were named." if came else "None is on the way."
            bad.append(BadLine(place + 1, "units", said, f"Receive {came}." if came else "Look at the transfers."))
    if bad:
        raise NotOnTheWay(bad[0].message, lines=bad, fix=bad[0].fix)
    return taken
