"""A rule set as a file that people read, compare and send each other, and back. Pure.

name: Winter
one customer: 40 %
horizon: 21 days

classes
Key: guarantee; tier A; score tier 4, date 3

quotas
Web: limit 20 %; tier C

preferences
Coast: site NORTH, MAIN; region COAST
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flowrack.allocation.rules_text import Codes, class_text, quota_text, read_classes, read_quotas
from flowrack.allocation.rules_text_sites import preference_text, read_preferences
from flowrack.allocation.types_rules import FULL_RUNS, LIFE_ORDERS, PROMISES, SITE_ORDERS, RuleSet
from flowrack.shared.errors import BadLine

MOST_CHARACTERS = 60_000
HEADINGS = ("classes", "quotas", "preferences")
MONEY = re.compile(r"^\d{1,6}(?:\.\d{1,4})?$")
NUMBER = re.compile(r"^(\d{1,5}) ?(?:%|days?)?$")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a file says: the name, the reason and the rules; and all that could not be read, by line of the file."""

    name: str
    note: str
    rules: RuleSet
    bad: list[BadLine]


class _Bad(Exception):
    """A value that cannot be read."""


def _number(text: str) -> int:
    match = NUMBER.match(text)
    if match is None:
        raise _Bad(f"“{text}” is no whole number.")
    return int(match[1])


def _days_or_none(text: str) -> int | None:
    return None if text == "none" else _number(text)


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise _Bad(f"“{text}” is neither yes nor no.")
    return text == "yes"


def _lots(text: str) -> str:
    if text not in LIFE_ORDERS:
        raise _Bad(f"“{text}” is no order of lots: {' or '.join(LIFE_ORDERS)}.")
    return text


def _promises(text: str) -> str:
    if text not in PROMISES:
        raise _Bad(f"“{text}” is neither keep nor rank.")
    return text


def _full_runs(text: str) -> str:
    if text not in FULL_RUNS:
        raise _Bad(f"“{text}” is neither rank nor best.")
    return text


def _sites(text: str) -> str:
    if text not in SITE_ORDERS:
        raise _Bad(f"“{text}” is no order of sites: {', '.join(SITE_ORDERS)}.")
    return text


def _money(text: str) -> Decimal:
    if not MONEY.match(text):
        raise _Bad(f"“{text}” is no amount of money.")
    return Decimal(text)


def _told_yes(value: bool) -> str:
    return "yes" if value else "no"


def _told_days(value: int | None) -> str:
    return "none" if value is None else f"{value} days"


@dataclass(frozen=True, slots=True)
class _Field:
    """A line above the classes: its word, the field, whether that is one of a part of the rules (supply, sites), and
    both ways of writing it."""

    word: str
    name: str
    read: Callable[[str], Any]
    told: Callable[[Any], str]
    part: str = ""

    def value(self, rules: RuleSet) -> Any:
        """What rules say of it."""
        return getattr(getattr(rules, self.part) if self.part else rules, self.name)


FIELDS = (
    _Field("one customer", "fairness_percent", _number, lambda value: f"{value} %"),
    _Field("horizon", "horizon_days", _days_or_none, _told_days),
    _Field("urgency", "date_days", _number, _told_days),
    _Field("lots", "order", _lots, str, part="supply"),
    _Field("life", "min_life_days", _number, _told_days, part="supply"),
    _Field("whole packs", "full_packs", _yes, _told_yes, part="supply"),
    _Field("one lot", "one_lot", _yes, _told_yes, part="supply"),
    _Field("pick faces only", "pick_face_only", _yes, _told_yes, part="supply"),
    _Field("promised days", "promises", _promises, str),
    _Field("full runs", "full_runs", _full_runs, str),
    _Field("solver seconds", "solver_seconds", _number, str),
    _Field("sites", "order", _sites, str, part="sites"),
    _Field("split costs", "split_cost", _money, lambda value: f"{value:.2f}", part="sites"),
    _Field("late by more than", "late_days", _number, _told_days, part="sites"),
    _Field("a day late costs", "late_percent", _number, lambda value: f"{value} %", part="sites"),
)
WORDS = {one.word: one for one in FIELDS}


def file_text(name: str, note: str, rules: RuleSet, codes: Codes) -> str:
    """The file of a rule set."""
    lines = [f"name: {name}", *([f"why: {note}"] if note else [])]
    lines += [f"{one.word}: {one.told(one.value(rules))}" for one in FIELDS]
    lines += ["", "classes", *(class_text(one, codes) for one in rules.classes)]
    if rules.quotas:
        lines += ["", "quotas", *(quota_text(one, codes) for one in rules.quotas)]
    if rules.sites.preferences:
        lines += ["", "preferences", *(preference_text(one, codes) for one in rules.sites.preferences)]
    return "\n".join(lines) + "\n"


def read_file(text: str, codes: Codes) -> RuleFile:
    """What a file says. Lines that begin with # are left out; a field that is not named is as it is shipped."""
    head: dict[str, str] = {"name": "", "why": ""}
    values: dict[str, dict[str, Any]] = {"": {}, "supply": {}, "sites": {}}
    bad: list[BadLine] = []
    parts: dict[str, list[tuple[int, str]]] = {"": [], **{heading: [] for heading in HEADINGS}}
    at = ""
    for number, raw in enumerate(text[:MOST_CHARACTERS].splitlines(), start=1):
        line = raw.strip().lstrip("\ufeff")
        if line in HEADINGS:
            at = line
        elif line and not line.startswith("#"):
            parts[at].append((number, line))
    for number, line in parts[""]:
        word, _, rest = line.partition(":")
        word, rest = word.strip().lower(), rest.strip()
        if word in head:
            head[word] = rest
        elif word in WORDS:
            one = WORDS[word]
            try:
                values[one.part][one.name] = one.read(rest)
            except _Bad as problem:
                bad.append(BadLine(number, one.name, str(problem), f"Write {word}: {one.told(one.value(RuleSet()))}."))
        else:
            bad.append(BadLine(number, "file", f"“{line}” says nothing that is known here.", _known()))
    classes, bad_classes = read_classes(_joined(parts["classes"]), codes)
    quotas, bad_quotas = read_quotas(_joined(parts["quotas"]), codes)
    preferences, bad_preferences = read_preferences(_joined(parts["preferences"]), codes)
    for heading, faults in zip(HEADINGS, (bad_classes, bad_quotas, bad_preferences), strict=True):
        bad += [replace(fault, line=parts[heading][fault.line - 1][0]) for fault in faults]
    if not parts["classes"]:
        bad.append(BadLine(0, "classes", "The file has no classes.", "Write classes on a line, and below it one each."))
    supply = replace(RuleSet().supply, **values["supply"])
    sites = replace(RuleSet().sites, **values["sites"], preferences=tuple(preferences))
    shipped = replace(RuleSet(), **values[""])
    rules = replace(shipped, classes=tuple(classes), quotas=tuple(quotas), supply=supply, sites=sites)
    return RuleFile(head["name"], head["why"], rules, sorted(bad, key=lambda fault: fault.line))


def _joined(lines: list[tuple[int, str]]) -> str:
    return "\n".join(line for _, line in lines)


def _known() -> str:
    return f"Known are {', '.join(['name', 'why', *WORDS])}; then classes, quotas and preferences."
