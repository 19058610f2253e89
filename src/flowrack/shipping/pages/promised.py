"""What the lines of an order are promised, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform.web.columns import Column
from flowrack.promise import queries_lines
from flowrack.sales.queries import LineRow


def columns(lines: Sequence[LineRow]) -> list[Column]:
    """The day on which each line is to leave, and the first one told where it was another."""
    found = {row.line_id: row for row in queries_lines.promise_of([line.line_id for line in lines])}
    promised = {key: row for key, row in found.items() if row.ships_on is not None}
    if not promised:
        return []
    moved = {key: row.first_ships_on for key, row in promised.items() if row.first_ships_on != row.ships_on}
    latest = Column(
        "promised",
        "Leaves",
        kind="date",
        value=lambda line: promised[line.line_id].ships_on if line.line_id in promised else None,
    )
    first = Column("first_promised", "First promise", kind="date", value=lambda line: moved.get(line.line_id))
    return [latest, first] if moved else [latest]
