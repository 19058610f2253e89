"""Classes and quotas as people write them, one on a line, and back. Pure.

Key accounts: guarantee; tier A, B; wanted 0 to 3; horizon 7; score tier 4, date 3
Clinics: protect 20 %; customer C-100, C-101; from 2026-05-01; until 2026-06-01
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flowrack.allocation.types_rules import ANY_CONTRACT, FACTORS, QUOTA_KINDS, SEMANTICS, ClassRule, Quota, Weights
from flowrack.shared.errors import BadLine

SPAN = re.compile(r"^(?:(-?\d+) to (-?\d+)|(-?\d+) or more|up to (-?\d+))$")
PERCENT = re.compile(r"^(\w+) (\d+) ?%$")
MOST_OFFERED = 6
SORTS = {"channel": "channels", "type": "order_types", "contract": "contracts"}
CLASS_HELP = (
    "Name: semantics; tier A, B; customer C-1; family F-1; channel WEB; type CALL-OFF; contract K-1; wanted 0 to 3; "
    "margin 20 or more; age 5; horizon 7; life 60"
)
QUOTA_HELP = "Name: protect 20 %; tier A; customer C-1; family F-1; channel WEB; from 2026-05-01; until 2026-06-01"


@dataclass(frozen=True, slots=True)
class Codes:
    """Customers and item families by the codes that people know them by; `names` of codes are offered while typing."""

    customers: Mapping[str, int] = field(default_factory=dict)
    families: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)  # code -> name
    types: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, int] = field(default_factory=dict)

    def known(self, word: str) -> Mapping[str, int]:
        """Ids of customers, families or sites by code."""
        return {"customer": self.customers, "family": self.families, "site": self.sites}[word]

    def offers(self, word: str, text: str) -> list[str]:
        """Codes, with names, that begin with a text or whose names hold it; the first few."""
        known = self.known(word)
        typed = text.casefold()
        found = [
            f"{code} ({name})" if (name := self.names.get((word, code), "")) else code
            for code in sorted(known)
            if code.casefold().startswith(typed) or typed in self.names.get((word, code), "").casefold()
        ]
        return found[:MOST_OFFERED]

    def words(self, name: str, ids: Sequence[int]) -> list[str]:
        """The codes of ids, in their order; an id without one stays a number."""
        known = {key: code for code, key in getattr(self, name).items()}
        return [known.get(key, str(key)) for key in ids]


def class_text(one: ClassRule, codes: Codes) -> str:
    """A class on one line."""
    parts = [one.semantics, *_filters(one, codes)]
    for name in ("wanted", "margin"):
        low, high = getattr(one, f"{name}_from"), getattr(one, f"{name}_to")
        if low is not None or high is not None:
            both = f"{low} to {high}"
            parts.append(f"{name} {f'up to {high}' if low is None else f'{low} or more' if high is None else both}")
    if one.age_from is not None:
        parts.append(f"age {one.age_from}")
    if one.horizon_days is not None:
        parts.append(f"horizon {one.horizon_days}")
    if one.life_days is not None:
        parts.append(f"life {one.life_days}")
    weights = [f"{name} {getattr(one.weights, name)}" for name in FACTORS if getattr(one.weights, name)]
    if weights:
        parts.append(f"score {', '.join(weights)}")
    return f"{one.name}: {'; '.join(parts)}"


def quota_text(one: Quota, codes: Codes) -> str:
    """A quota on one line."""
    parts = [f"{one.kind} {one.percent} %", *_filters(one, codes)]
    if one.starts_on is not None:
        parts.append(f"from {one.starts_on.isoformat()}")
    if one.ends_on is not None:
        parts.append(f"until {one.ends_on.isoformat()}")
    return f"{one.name}: {'; '.join(parts)}"


def _filters(one: ClassRule | Quota, codes: Codes) -> list[str]:
    found = [f"tier {', '.join(one.tiers)}"] if one.tiers else []
    if one.customers:
        found.append(f"customer {', '.join(codes.words('customers', one.customers))}")
    if one.families:
        found.append(f"family {', '.join(codes.words('families', one.families))}")
    return found + [f"{word} {', '.join(of)}" for word, name in SORTS.items() if (of := getattr(one, name))]


class Unread(Exception):
    """Parts of a line that cannot be read, each in a sentence."""


def read_classes(text: str, codes: Codes) -> tuple[list[ClassRule], list[BadLine]]:
    """Classes of a text, one on each line that is not empty; and all that cannot be read, by line."""
    return read_lines(text, lambda name, parts: _class(name, parts, codes), "classes", CLASS_HELP)


def read_quotas(text: str, codes: Codes) -> tuple[list[Quota], list[BadLine]]:
    """Quotas of a text, likewise."""
    return read_lines(text, lambda name, parts: _quota(name, parts, codes), "quotas", QUOTA_HELP)


def read_lines(text: str, make: Any, where: str, example: str) -> tuple[list[Any], list[BadLine]]:
    """What `make` reads of each line that is not empty, a name and its parts; and all that cannot be read."""
    found, bad = [], []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        name, colon, rest = line.partition(":")
        parts = [part.strip() for part in rest.split(";") if part.strip()]
        if not colon or not parts:
            bad.append(
                BadLine(number, where, f"“{line}” has no name, or says nothing after it.", f"Write it as “{example}”.")
            )
            continue
        try:
            found.append(make(name.strip(), parts))
        except Unread as problem:
            bad += [BadLine(number, where, said, f"Write it as “{example}”.") for said in problem.args]
    return found, bad


def _class(name: str, parts: Sequence[str], codes: Codes) -> ClassRule:
    values: dict[str, Any] = {}
    semantics, *more = parts
    bad: list[str] = []
    if semantics not in SEMANTICS:
        bad.append(f"“{semantics}” is nothing that a class can do: {', '.join(SEMANTICS)}.")
    for part in more:
        try:
            values |= _part(part, codes)
        except Unread as problem:
            bad += problem.args
    if bad:
        raise Unread(*bad)
    return ClassRule(name, semantics, **values)


def _part(part: str, codes: Codes) -> dict[str, Any]:
    word, _, rest = part.partition(" ")
    if word in ("wanted", "margin"):
        low, high = _span(part, rest.strip())
        return {f"{word}_from": low, f"{word}_to": high}
    if word in ("age", "horizon", "life"):
        return {"age_from" if word == "age" else f"{word}_days": _number(part, rest)}
    if word == "score":
        return {"weights": _weights(part, rest)}
    return _filter(part, word, rest, codes)


def _quota(name: str, parts: Sequence[str], codes: Codes) -> Quota:
    values: dict[str, Any] = {}
    match = PERCENT.match(parts[0])
    is_quota = match is not None and match[1] in QUOTA_KINDS
    bad = [] if is_quota else [f"“{parts[0]}” is no quota: protect 20 %, or limit 20 %."]
    for part in parts[1:]:
        word, _, rest = part.partition(" ")
        try:
            if word in ("from", "until"):
                values["starts_on" if word == "from" else "ends_on"] = _day(part, rest.strip())
            else:
                values |= _filter(part, word, rest, codes)
        except Unread as problem:
            bad += problem.args
    if bad or match is None:
        raise Unread(*bad)
    return Quota(name, match[1], int(match[2]), **values)


def _filter(part: str, word: str, rest: str, codes: Codes) -> dict[str, tuple[Any, ...]]:
    names = [one.strip() for one in rest.split(",") if one.strip()]
    if not names:
        raise Unread(f"“{part}” cannot be read.")
    if word == "tier":
        return {"tiers": tuple(names)}
    if word in SORTS:
        return {SORTS[word]: _sorts(word, names, codes)}
    if word not in ("customer", "family"):
        raise Unread(f"“{part}” cannot be read.")
    return {"customers" if word == "customer" else "families": ids_of(word, names, codes)}


def ids_of(word: str, names: Sequence[str], codes: Codes) -> tuple[int, ...]:
    """The ids of codes of customers, families or sites; raises Unread with what may have been meant."""
    known = codes.known(word)
    missing = [one for one in names if one not in known]
    offers = {one: ", ".join(codes.offers(word, one)) for one in missing}
    if missing:
        raise Unread(
            *(f"There is no {word} {one}." + (f" Perhaps {offers[one]}." if offers[one] else "") for one in missing)
        )
    return tuple(known[one] for one in names)


def _sorts(word: str, names: Sequence[str], codes: Codes) -> tuple[str, ...]:
    """Codes of channels, order types or contracts; the first two must stand in their lists."""
    if word == "contract":
        return tuple(ANY_CONTRACT if one.lower() == ANY_CONTRACT else one.upper() for one in names)
    known = codes.channels if word == "channel" else codes.types
    missing = [one for one in names if one.upper() not in known]
    if missing:
        offers = ", ".join(f"{code} ({name})" for code, name in sorted(known.items())[:MOST_OFFERED])
        raise Unread(f"There is no {word} {missing[0]}." + (f" There are {offers}." if offers else ""))
    return tuple(one.upper() for one in names)


def _span(part: str, text: str) -> tuple[int | None, int | None]:
    match = SPAN.match(text)
    if match is None:
        raise Unread(f"“{part}” is no span: 0 to 3, 5 or more, up to 9.")
    low, high = match[1] or match[3], match[2] or match[4]
    return (None if low is None else int(low), None if high is None else int(high))


def _number(part: str, text: str) -> int:
    if not text.strip().isdigit():
        raise Unread(f"“{part}” names no number of days.")
    return int(text)


def _weights(part: str, text: str) -> Weights:
    found: dict[str, int] = {}
    for one in text.split(","):
        name, _, weight = one.strip().partition(" ")
        if name not in FACTORS or not weight.strip().isdigit():
            raise Unread(f"“{part}”: a score is made of {', '.join(FACTORS)}, each with a whole number.")
        found[name] = int(weight)
    return Weights(**found)


def _day(part: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unread(f"“{part}” names no day: 2026-05-01.") from None
