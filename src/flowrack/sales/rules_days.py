"""What is said of days that an order cannot keep, when it is entered. Pure."""

from __future__ import annotations

from datetime import date, time


def nothing_arrives(*, arrives_on: date, leaves_on: date, there_on: date) -> str:
    """That nothing arrives on a wanted day, and when it is there then; "" where something does."""
    if there_on >= arrives_on:
        return ""
    return (
        f"Nothing arrives on {_day(arrives_on)}, the wanted day: it leaves by {_day(leaves_on)} and is there on "
        f"{_day(there_on)}."
    )


def too_late(
    *,
    leaves_on: date,
    arrives_on: date,
    latest_leaves_on: date | None,
    latest_on: date | None,
    first_leaves_on: date,
    first_arrives_on: date,
    gives_ship_day: bool,
    cut_off: time | None,
    there_on: date | None = None,
) -> list[str]:
    """The sentences about the wish and the last day of an order that must have left before it can leave first, and
    about a wish for a day on which nothing arrives: it is there on `there_on` then."""
    said: list[str] = []
    why = f" The last cut-off of today, {cut_off:%H:%M}, has passed." if cut_off else ""
    first = f"It leaves on {_day(first_leaves_on)} at the earliest and is there on {_day(first_arrives_on)}."
    if leaves_on < first_leaves_on:
        wish = f"To leave on {_day(leaves_on)}" if gives_ship_day else f"Wanted on {_day(arrives_on)}"
        must = "" if gives_ship_day else f", it had to leave by {_day(leaves_on)}"
        said.append(f"{wish}{must}: too late.{why} {first}")
    elif not gives_ship_day and there_on is not None and there_on < arrives_on:
        said.append(nothing_arrives(arrives_on=arrives_on, leaves_on=leaves_on, there_on=there_on))
    if latest_leaves_on is not None and latest_on is not None and latest_leaves_on < first_leaves_on:
        more = "" if said else f"{why} {first}"
        said.append(f"Nothing after {_day(latest_on)} cannot be kept: what has not left by then is cancelled.{more}")
    return said


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
