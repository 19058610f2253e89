"""Which days lines would get if their promises moved: the command itself is run and undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flowrack.allocation import queries_overrides
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.promise import queries_lines
from flowrack.promise.queries_lines import OpenLine
from flowrack.promise.types import LinesPromised, MovePromise, MovePromises

MOVE = "promise.move"


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A line of which the promise would move: its day now and then, and why. No day: it could not move so."""

    line_id: int
    order_id: int
    order: str
    line_no: int
    customer: str
    site: str
    sku: str
    units: int
    picked: int
    was_on: date | None
    was_arrives_on: date | None
    ships_on: date | None
    arrives_on: date | None
    why: str

    @property
    def days(self) -> int | None:
        """By how many days it arrives later; less than nothing: sooner."""
        if self.arrives_on is None or self.was_arrives_on is None:
            return None
        return (self.arrives_on - self.was_arrives_on).days

    @property
    def change(self) -> str:
        """The same in words."""
        if self.ships_on is None:
            return "cannot move"
        if self.days is None:
            return "first promise"
        if not self.days:
            return "same day"
        count = abs(self.days)
        return f"{count:,} day{'' if count == 1 else 's'} {'later' if self.days > 0 else 'sooner'}"

    @property
    def has_letter(self) -> bool:
        """Whether its customer would get a letter."""
        return self.ships_on is not None and self.arrives_on != self.was_arrives_on


@dataclass(frozen=True, slots=True)
class MovesSeen:
    """What moving promises would do: the lines, days that are promised though they are full, and what forbids all."""

    rows: list[MoveRow]
    over: list[str]
    no_way: str = ""


def preview(
    ctx: Context,
    command: Callable[[Context, MovePromises], LinesPromised],
    line_ids: Sequence[int],
    ships_on: date | None,
) -> MovesSeen:
    """The days that open lines at the person's sites would get; nothing is written. What can not move is left out, so
    that the rest is told."""
    lines = [x for x in queries_lines.open_lines(line_ids, with_picked=True) if ctx.may(MOVE, x.site_id)]
    newest = queries_overrides.newest()
    days: dict[int, tuple[date | None, date | None, str]] = {}
    over: list[str] = []
    faults: dict[int, str] = {}
    no_way = ""

    def look(trial: Context, done: LinesPromised) -> None:
        why = {one.line_id: one.why for one in queries_lines.promise_of([one.line_id for one in done.lines])}
        days.update({one.line_id: (one.ships_on, one.arrives_on, why[one.line_id]) for one in done.lines})
        over.extend(one.broken for one in queries_overrides.overrides_after([0], now=trial.now, after_id=newest))

    left = [line.line_id for line in lines]
    while left:
        moves = MovePromises([MovePromise(line_id, ships_on) for line_id in left], "a preview")
        refusal = rehearse(command, ctx, moves, look)
        if refusal is None or not refusal.lines:
            no_way = " ".join(filter(None, [refusal.message, refusal.fix])) if refusal else ""
            break
        bad = {left[one.line - 1]: " ".join(filter(None, [one.message, one.fix])) for one in refusal.lines}
        faults |= bad
        left = [line_id for line_id in left if line_id not in bad]
    return MovesSeen([_row(line, days, faults) for line in lines], over, no_way)


def _row(line: OpenLine, days: dict[int, Any], faults: dict[int, str]) -> MoveRow:
    ships_on, arrives_on, why = days.get(line.line_id, (None, None, faults.get(line.line_id, "")))
    return MoveRow(
        line.line_id, line.order_id, line.order, line.line_no, line.customer, line.site, line.sku, line.here,
        line.picked, line.ships_on, line.arrives_on, ships_on, arrives_on, why,
    )  # fmt: skip
