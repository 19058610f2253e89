"""The first pass over an order history: what it holds, and which sales its cancellations undo. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from flowrack.integrations.orders.reader import read_days
from flowrack.integrations.orders.rules import SoldBook, cancelled_pairs, count_day, count_match
from flowrack.integrations.orders.types import Day, LineClass, Match, Report

Progress = Callable[[str], None]


def survey(path: Path, progress: Progress = lambda _: None) -> tuple[Report, set[tuple[str, str]]]:
    """Read the whole file once: its report without matches, and the pairs of customer and item that are cancelled."""
    report = Report()
    wanted: set[tuple[str, str]] = set()
    for day in read_days(path):
        count_day(report, day.lines)
        wanted |= cancelled_pairs(day.lines)
        if report.whole.lines % 20 == 0:
            progress(f"{report.whole.lines:,} lines read, up to {day.on:%Y-%m-%d}")
    assert report.adds_up(), "every line is counted in exactly one class"
    return report, wanted


def matched_days(path: Path, wanted: set[tuple[str, str]], report: Report) -> Iterator[tuple[Day, list[Match]]]:
    """The days again, each with the cancellations matched to the sales before them; counts the matches."""
    book = SoldBook(wanted)
    for day in read_days(path):
        matches = []
        for line in day.lines:
            if line.kind is LineClass.SALE:
                book.sell(line)
            elif line.kind is LineClass.CANCELLATION:
                match = book.cancel(line)
                count_match(report, match)
                matches.append(match)
        yield day, matches
