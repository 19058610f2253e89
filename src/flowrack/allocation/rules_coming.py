"""What will be there of an item next, in words. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from flowrack.allocation.reasons import day


class Coming(NamedTuple):
    """Units of an item that will be there: at the dock already (no number), or by a document on a day that is past
    (`is_overdue`) or not; a transfer without a day is on its way since the day on which it left."""

    units: int
    number: str = ""
    on: date | None = None
    is_overdue: bool = False
    has_left: bool = False


def in_words(one: Coming) -> str:
    """One of them, such as `PO-1007 brings 120 on 3 Dec`."""
    if one.on is None:
        return f"{one.units:,} stand{'s' if one.units == 1 else ''} at the dock"
    if one.is_overdue:
        return f"{one.number} with {one.units:,} is overdue since {day(one.on)}"
    if one.has_left:
        return f"{one.number} with {one.units:,} is on its way since {day(one.on)}"
    return f"{one.number} brings {one.units:,} on {day(one.on)}"


_TOLD = re.compile(r"; (\S+ (brings|with) [\d,]+ [a-z ]+ \d+ \w+|[\d,]+ stands? at the dock)\.$")
NOTHING_FREE = "no more free stock of this item at the site."


def without_coming(sentence: str) -> str:
    """The sentence of a decision without what came next then."""
    return _TOLD.sub(".", sentence)


def as_of_now(sentence: str, coming: str) -> str:
    """The sentence of a decision with what comes next now in place of what came next then."""
    plain = without_coming(sentence)
    is_asked = plain != sentence or plain.endswith(NOTHING_FREE)
    return f"{plain.removesuffix('.')}; {coming}." if coming and is_asked else plain
