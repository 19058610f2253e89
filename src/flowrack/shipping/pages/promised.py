"""What the lines of an order are promised, as its page shows it: the day each leaves, and the day it arrives."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from flowrack.allocation import queries_cover
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import day, number
from flowrack.platform.web.record import Fact
from flowrack.promise import queries_lines
from flowrack.promise.queries_lines import PromiseRow
from flowrack.sales.queries import LineRow


def of_lines(lines: Sequence[LineRow]) -> dict[int, PromiseRow]:
    """What lines are promised, by line. One query."""
    return {row.line_id: row for row in queries_lines.promise_of([line.line_id for line in lines])}


def columns(
    order_id: int, lines: Sequence[LineRow], found: Mapping[int, PromiseRow], today: date, held: Collection[int] = ()
) -> list[Column]:
    """The day on which each line is to leave, since when it is overdue, or why there is none; when it arrives, the
    first day told where it was another, and which promises are at risk: those of the list."""
    promised = {key: row for key, row in found.items() if row.ships_on is not None}
    without = [
        line.line_id
        for line in lines
        if line.line_id not in promised and line.waiting + line.allocated + line.picked > 0
    ]
    if not without and not any(is_to_come(row) for row in promised.values()):
        return []
    looked_at = queries_lines.looked_at(without) if without else frozenset()
    is_coming = len(looked_at) < len(without) and queries_lines.is_being_made(order_id)
    why_none = {key: none_of(key, held, looked_at, is_coming=is_coming) for key in without}
    moved = {key: row.first_ships_on for key, row in promised.items() if row.first_ships_on != row.ships_on}
    risks = queries_cover.risks_of_order(order_id)

    def arrives(line: LineRow) -> date | None:
        row = promised.get(line.line_id)
        return row.arrives_on if row is not None and is_to_come(row) and not is_overdue(row, today) else None

    shown = [
        Column(
            "promised",
            "Leaves",
            value=lambda line: why_none.get(line.line_id) or leaves(promised.get(line.line_id), today),
        ),
        Column("arrives", "Arrives", kind="date", value=arrives),
    ]
    if moved:
        shown.append(Column("first_promised", "First promise", kind="date", value=lambda line: moved.get(line.line_id)))
    if risks:
        shown.append(
            Column(
                "at_risk",
                "Promise",
                kind="chip",
                tone=lambda line: "warn",
                value=lambda line: "at risk" if line.line_id in risks else "",
            )
        )
    return shown


def to_reserve(lines: Sequence[LineRow], found: Mapping[int, PromiseRow], today: date) -> list[Fact]:
    """That units which are promised to leave today are reserved for nobody yet: until they are, others may get them."""
    units = sum(line.waiting for line in lines if line.line_id in found and found[line.line_id].ships_on == today)
    if not units:
        return []
    note = "Reserve stock, and release it to the pickers before the carrier's cut-off."
    return [Fact("Leaves today", f"{number(units)} not reserved yet", tone="warn", note=note)]


def none_of(line_id: int, held: Collection[int], looked_at: Collection[int], *, is_coming: bool) -> str:
    """Why a line of which units are still to leave has no promised day."""
    if line_id in held:
        return "no day while on hold"
    if line_id in looked_at:
        return "no day: not all of it is in sight"
    return "its promise is being made" if is_coming else "no day was looked for yet"


def is_to_come(row: PromiseRow) -> bool:
    """Whether units of a line are still to leave."""
    return row.ships_on is not None and row.waiting + row.allocated + row.picked > 0


def is_overdue(row: PromiseRow, today: date) -> bool:
    """Whether units of a line should have left on a day that is past."""
    return is_to_come(row) and row.ships_on is not None and row.ships_on < today


def leaves(row: PromiseRow | None, today: date) -> str:
    """The day on which the rest of a line is to leave; one that is past says since when it is overdue. Nothing for a
    line of which all has left."""
    if row is None or row.ships_on is None or not is_to_come(row):
        return ""
    return f"overdue since {day(row.ships_on, today)}" if is_overdue(row, today) else day(row.ships_on, today)
