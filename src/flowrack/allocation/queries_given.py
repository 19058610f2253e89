"""Whose promises a gift by hand would break, foreseen as runs will keep them."""

from __future__ import annotations

from datetime import date, datetime

from flowrack.allocation import queries_displacement, rules_displacement
from flowrack.allocation.queries_overrides import LineFacts
from flowrack.allocation.rules_displacement import Ask
from flowrack.allocation.rules_overrides import Missed


def would_miss(line: LineFacts, units: int, from_line_id: int, today: date, now: datetime) -> list[Missed]:
    """Order lines and quotes that would miss their promised day if a line had so many units of its item, the soonest
    first: free ones, or those of another line. A dozen queries at most."""
    scene = queries_displacement.scenes([line.item_id], line.site_id, today, now)[line.item_id]
    ask = Ask(line.line_id, line.order_id, line.number, line.tier, line.due_on, line.waiting, 0)
    lost = {from_line_id: units} if from_line_id else {}
    numbers = {one.line_id: one.number for one in scene.lines}
    found = rules_displacement.harm(ask, scene, 0 if lost else units, lost)
    return [
        Missed(numbers[slip.line_id], slip.promised_on, slip.units, slip.leaves_on, slip.line_id)
        for slip in sorted(found, key=lambda slip: (slip.promised_on, slip.line_id))
    ]
