"""What it does to an order if lines of it ship from another site, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

NAMED = 4  # lines


class LineMoves(NamedTuple):
    """A line, and how many units of it move."""

    line_no: int
    sku: str
    units: int


def where(number: str, site: str, going: Sequence[LineMoves], target: str, *, is_whole: bool, is_new: bool) -> str:
    """ "15 V-200 go to a new order beside SO-1, which ships from NORTH."."""
    if is_whole:
        return f"All of {number} ships from {site}; it keeps its number."
    named = ", ".join(f"{one.units:,} {one.sku} (line {one.line_no})" for one in going[:NAMED])
    more = f" and {len(going) - NAMED} more lines" if len(going) > NAMED else ""
    if is_new:
        return f"{named}{more} go to a new order beside {number}, which ships from {site}: two deliveries."
    return f"{named}{more} join {target}, which ships from {site} already."


def given_back(units: int, site: str) -> str:
    """ "20 reserved units are given back at W1, free for others at once."."""
    what = "1 reserved unit is" if units == 1 else f"{units:,} reserved units are"
    return f"{what} given back at {site}, free for others at once."


def day(line_no: int, sku: str, site: str, on: date | None, promised: date | None, wanted: date) -> str:
    """ "Line 1, V-200: there on Fri 6 Mar from NORTH instead of Wed 4 Mar, 2 days after the wanted day."."""
    name = f"Line {line_no}, {sku}"
    if on is None:
        was = f"; it was promised for {_day(promised)}" if promised else ""
        return f"{name}: nobody can say when it is there from {site}{was}."
    late = (on - wanted).days
    after = f", {late} day{'' if late == 1 else 's'} after the wanted day" if late > 0 else ""
    if promised is None or promised == on:
        was = ", as promised" if promised else ""
    else:
        was = f" instead of {_day(promised)}"
    return f"{name}: there on {_day(on)} from {site}{was}{after}."


def money(now: int | None, moved: int | None, rest: int | None, split: Decimal) -> list[str]:
    """What freight and split come to, in money; freight is in cents, None where no rate card says it."""
    if now is None or moved is None or rest is None:
        cost = [f"One more shipment counts {split:,.2f} by the rules."] if split else []
        return [*cost, "What the freight comes to nobody can say: no rate card covers it."]
    was, becomes = Decimal(now) / 100, Decimal(moved + rest) / 100 + split
    if was == becomes:
        return [f"It costs as much as before: {was:,.2f}."]
    parts = f", of which {split:,.2f} for the shipment more" if split else ""
    return [f"Freight and split come to {becomes:,.2f}{parts}, instead of {was:,.2f}."]


def _day(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"
