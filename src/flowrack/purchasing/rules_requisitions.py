"""Decisions about requisitions, free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from flowrack.purchasing.rules import LONG_DAYS, long_cover
from flowrack.purchasing.types_cover import Want
from flowrack.purchasing.types_requisitions import LineToOrder


class Line(Protocol):
    """What these rules look at of a requisition line."""

    @property
    def sku(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def line_no(self) -> int: ...
    @property
    def site_id(self) -> int: ...
    @property
    def item_id(self) -> int: ...
    @property
    def open_units(self) -> int: ...
    @property
    def announced_units(self) -> int: ...
    @property
    def wanted_on(self) -> date: ...


def gone(line: Line | None) -> str:
    """Why a line cannot be ordered; empty when it can."""
    if line is None:
        return "There is no such line."
    if line.state != "approved":
        return f"{line.number} is {line.state}, so {line.sku} on it cannot be ordered."
    if not line.open_units:
        return f"{line.sku} on {line.number}, line {line.line_no}, is ordered in full."
    return ""


def wants(chosen: Sequence[LineToOrder], lines: Sequence[Line], *, reason: str) -> list[Want]:
    """What is to be ordered of what was asked for, held against what is under way without an order: what was known of
    it when the line was asked for is counted."""
    return [
        Want(
            n,
            line.site_id,
            line.item_id,
            line.open_units if x.units is None else min(x.units, line.open_units),
            line.wanted_on,
            counted=line.announced_units,
            reason=reason,
        )
        for n, (x, line) in enumerate(zip(chosen, lines, strict=True), start=1)
    ]


def wants_beyond(
    chosen: Sequence[LineToOrder], lines: Sequence[Line], *, lead_days: Sequence[int], reason: str
) -> list[Want]:
    """What is to be ordered beyond what was asked for: nobody held it against what is coming, so all of it counts."""
    return [
        Want(
            n, line.site_id, line.item_id, x.units - line.open_units, line.wanted_on + timedelta(days=days),
            reason=reason,
        )
        for n, (x, line, days) in enumerate(zip(chosen, lines, lead_days, strict=True), start=1)
        if x.units is not None and x.units > line.open_units
    ]  # fmt: skip


def content(*, site_id: int, lines: Sequence[tuple[int, int, int, date, int]], reason: str) -> dict[str, Any]:
    """What an approver allows: site, (line no, item, units, wanted on, supplier or 0), and what it is for."""
    return {
        "site": site_id,
        "reason": reason,
        "lines": [[no, item, units, day.isoformat(), supplier] for no, item, units, day, supplier in sorted(lines)],
    }


def told(*, site: str, lines: int, wanted_on: date, facts: Mapping[str, object]) -> str:
    """The requisition in one or two sentences, what is unusual last."""
    head = f"{lines} line{'s' if lines != 1 else ''} for {site}, wanted from {wanted_on.day} {wanted_on:%b %Y} on."
    cover, new, covered, left = (facts[x] for x in ("cover_days", "new_items", "covered_units", "budget_left"))
    unusual = [
        *([f"{covered:,} units that are coming already"] if covered else []),
        *([f"{new} item{'s' if new != 1 else ''} never bought before"] if new else []),
        *([long_cover(cover)] if isinstance(cover, int) and cover > LONG_DAYS else []),
        *(["more than the budget"] if isinstance(left, Decimal) and left < 0 else []),
    ]
    return f"{head} Unusual: {', '.join(unusual)}." if unusual else f"{head} Nothing unusual."
