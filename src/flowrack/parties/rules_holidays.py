"""Public holidays of a country and its subdivision: what a company keeps, and what a calendar is proposed. Pure.

Source: the library `holidays` (https://holidays.readthedocs.io), which keeps the rules of each country by its laws. It
knows what is law today; a day that a government names later comes with a later version, so that a person confirms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

LANGUAGES = ("en_GB", "en_US", "en")
MOST_YEARS = 5
LONGEST = 80  # letters of a reason


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday and its name; one that falls on a weekend may be kept on another day, with "(observed)"."""

    on: date
    name: str


def _library() -> Any:
    """Loaded when somebody asks, for it takes its time."""
    return import_module("holidays")


@cache
def countries() -> tuple[str, ...]:
    """The countries that are known, by their two letters."""
    known = import_module("holidays.registry").COUNTRIES.values()
    return tuple(sorted({names[1] for names in known}))


@cache
def country_names() -> tuple[tuple[str, str], ...]:
    """The countries that are known, by code and name, in the order of their names."""
    known = import_module("holidays.registry").COUNTRIES.values()
    return tuple(sorted({(names[1], _spaced(names[0])) for names in known}, key=lambda pair: pair[1]))


def name_of(country: str) -> str:
    """The name of a country; its code where it is not known."""
    return dict(country_names()).get(country, country)


def _spaced(name: str) -> str:
    """TrinidadAndTobago -> Trinidad and Tobago."""
    words = re.findall(r"[A-Z][a-z]*|[A-Z]+(?![a-z])", name)
    return " ".join(word.lower() if n and word in ("And", "Of", "The") else word for n, word in enumerate(words))


@cache
def regions(country: str) -> tuple[tuple[str, str], ...]:
    """The subdivisions of a country that keep days of their own, by code and name; none where it has none."""
    if country not in countries():
        return ()
    known = getattr(_library(), country)
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return tuple((code, names.get(code, code)) for code in known.subdivisions)


def holidays_of(country: str, region: str, first: date, years: int) -> list[Holiday]:
    """The public holidays from a day on, to the end of the year that is so many years ahead; by day.

    `region` empty = what the whole country keeps. Nothing where the country, or its subdivision, is not known.
    """
    last = first.year + min(max(years, 0), MOST_YEARS)
    return [one for one in _kept(country, region, first.year, last) if one.on >= first]


@lru_cache(maxsize=512)
def closed_days(country: str, first: date, last: date) -> tuple[date, ...]:
    """The days in a span on which a company that keeps the holidays of a country does not work; by day. None of one
    that keeps those of no country. Of a holiday that is kept on another day, both."""
    if not country:
        return ()
    return tuple(one.on for one in _kept(country, "", first.year, last.year) if first <= one.on <= last)


@lru_cache(maxsize=128)
def _kept(country: str, region: str, first: int, last: int) -> tuple[Holiday, ...]:
    """The public holidays of some years, by day."""
    if country not in countries() or region not in ("", *(code for code, _ in regions(country))):
        return ()
    spoken = getattr(_library(), country).supported_languages
    found = _library().country_holidays(
        country,
        subdiv=region or None,
        years=range(first, last + 1),
        language=next((one for one in LANGUAGES if one in spoken), None),
    )
    return tuple(Holiday(on, name[:LONGEST]) for on, name in sorted(found.items()))
