"""Reading one line such as "40 x 4711 fri acme": a quantity, perhaps of a pack, an item, a day and a customer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SOON = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
ASAP = ("asap", "soon", "soonest")
LINE = re.compile(r"^\s*(?P<quantity>-?\d[\d,]*(?:\.\d+)?)\s*(?:(?P<times>[x×*])\s*)?(?P<rest>.*)$", re.IGNORECASE)
NAMED_DAY = re.compile(r"^(\d{1,2})(?:\.|st|nd|rd|th)?$")
LIKE_A_DAY = re.compile(r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$")
DOTTED_DAY = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
YEAR = re.compile(r"^20\d\d$")
LONGEST = 200
MOST = Decimal(10) ** 12
TIME_WORDS = frozenset(
    {"next", "last", "this", "week", "weeks", "weekend", "month", "months", "end", "eow", "eom", "tonight", "later"}
)
DAYS = "A day is today, tomorrow, fri, 15 may, 15 may 2026, 2026-05-15 or in 3 days; none is as soon as possible."


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a line says. Without a quantity and an item it is no question; no day = as soon as possible.

    `item` is its first word and `customer` the others: whoever knows the items says whether more words name the item.
    `no_day` is what looks like a day and is none, `typed` the quantity as it stands there.
    """

    quantity: Decimal
    pack: str
    item: str
    wanted_on: date | None
    customer: str
    no_day: str = ""
    typed: str = ""


def read_line(text: str, *, today: date, packs: frozenset[str] = frozenset()) -> Spoken | None:
    """What a line asks; None when it does not begin with a quantity and an item.

    A word of `packs` right after the quantity is a pack ("2 cases 4711"); a plural s is forgiven.
    """
    found = LINE.match(text.strip()[:LONGEST])
    words = found["rest"].split() if found else []
    if not found or not words:
        return None
    pack = ""
    singular = words[0].lower().removesuffix("s")
    if len(words) > 1 and singular in packs:
        pack, words = singular, words[1:]
        if len(words) > 1 and words[0].lower() in ("x", "×", "*", "of"):
            words = words[1:]
    item, rest = words[0], words[1:]
    wanted_on, rest = _day(rest, today)
    no_day = "" if wanted_on else next(_no_days(rest), "")
    if no_day:
        rest = " ".join(rest).replace(no_day, "", 1).split()
    quantity = Decimal(found["quantity"].replace(",", ""))
    return Spoken(quantity, pack, item, wanted_on, " ".join(rest), no_day, found["quantity"])


def read_quantity(text: str) -> Decimal:
    """The quantity of a line that says nothing else; 0 when it is none."""
    found = LINE.match(text.strip()[:LONGEST])
    said = Decimal(found["quantity"].replace(",", "")) if found and not found["rest"] else Decimal(0)
    return said if 0 < said <= MOST else Decimal(0)


def _no_days(words: list[str]) -> Iterator[str]:
    """What is written as a day is written and stands in no calendar: 31 feb, 2026-02-30, 31.02.2026."""
    for at, word in enumerate(words):
        pair = [one.lower().strip(",.") for one in words[at : at + 2]]
        if len(pair) == 2 and any(NAMED_DAY.match(a) and _is_month(b) for a, b in (pair, pair[::-1])):
            with_year = len(words) > at + 2 and YEAR.match(words[at + 2])
            yield " ".join(words[at : at + (3 if with_year else 2)])
        if LIKE_A_DAY.match(word):
            yield word


def _day(words: list[str], today: date) -> tuple[date | None, list[str]]:
    """The first words that name a day, and the others."""
    for at in range(len(words)):
        for length in (3, 2, 1):
            some = [word.lower().strip(",.") for word in words[at : at + length]]
            is_day, named = _named(some, today) if len(some) == length else (False, None)
            if is_day:
                others = words[:at] + words[at + length :]
                return named, [word for word in others if word.lower() not in ("for", "by", "on")]
    return None, [word for word in words if word.lower() != "for"]


def _named(words: list[str], today: date) -> tuple[bool, date | None]:
    """Whether words name a day, and which; as soon as possible is none."""
    if len(words) == 1:
        return _one_word(words[0], today)
    if len(words) == 3 and YEAR.match(words[2]):
        found = _on(words[0], words[1], int(words[2])) or _on(words[1], words[0], int(words[2]))
        return found is not None, found
    if len(words) == 2:
        found = _of_month(words[0], words[1], today) or _of_month(words[1], words[0], today)
        return found is not None, found
    if words[0] == "in" and words[1].isdigit() and words[2] in ("day", "days"):
        return True, today + timedelta(days=int(words[1][:4]))
    return False, None


def _one_word(word: str, today: date) -> tuple[bool, date | None]:
    if word in ASAP:
        return True, None
    if word in SOON:
        return True, today + timedelta(days=SOON[word])
    if len(word) >= 3 and any(full.startswith(word) for full in _FULL):
        ahead = (WEEKDAYS.index(word[:3]) - today.weekday()) % 7
        return True, today + timedelta(days=ahead or 7)
    if found := DOTTED_DAY.match(word):
        word = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    try:
        return True, date.fromisoformat(word)
    except ValueError:
        return False, None


_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def _is_month(word: str) -> bool:
    return len(word) >= 3 and any(full.startswith(word) for full in _FULL_MONTHS)


_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _of_month(day: str, month: str, today: date) -> date | None:
    """ "15 may" in this year, or in the next when it is past."""
    return next((on for year in (today.year, today.year + 1) if (on := _on(day, month, year)) and on >= today), None)


def _on(day: str, month: str, year: int) -> date | None:
    """ "15 jan" of a year."""
    found = NAMED_DAY.match(day)
    if not found or not _is_month(month):
        return None
    try:
        return date(year, MONTHS.index(month[:3]) + 1, int(found[1]))
    except ValueError:
        return None
