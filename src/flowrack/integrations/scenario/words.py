"""The vocabulary: which words exist and what each of them does. A word that is not registered here is an error."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flowrack.integrations.scenario.types import Event, Scenario, UnknownWord


@dataclass(frozen=True, slots=True)
class EventWord:
    """What an event does, and the arguments that it understands."""

    play: Callable[[Any, Event], None]
    args: frozenset[str]


@dataclass(frozen=True, slots=True)
class FigureWord:
    """A figure that an expectation may name: `read(stage, name, expected)` compares and raises Mismatch."""

    check: Callable[[Any, str, Any], None]
    pattern: str


ANY = "*"  # among the arguments of an event: the names are the scenario's own, such as its products

EVENTS: dict[str, EventWord] = {}
GIVENS: dict[str, Callable[[Any, Any], None]] = {}
GIVEN_ORDER: list[str] = []
FIGURES: list[FigureWord] = []

Play = Callable[[Any, Event], None]
Give = Callable[[Any, Any], None]
Check = Callable[[Any, str, Any], None]


def event(word: str, args: str = "") -> Callable[[Play], Play]:
    """Register an event word with the arguments it takes besides `ref`, `day` and `by`."""

    def register(play: Play) -> Play:
        EVENTS[word] = EventWord(play, frozenset([*args.split(), "ref", "day", "by"]))
        return play

    return register


def given(word: str) -> Callable[[Give], Give]:
    """Register a word of the set-up; set-ups are made in the order of registration."""

    def register(give: Give) -> Give:
        GIVENS[word] = give
        GIVEN_ORDER.append(word)
        return give

    return register


def figure(*patterns: str) -> Callable[[Check], Check]:
    """Register figures of expectations: names, or patterns such as `*_on_hand`. Plain names win over patterns."""

    def register(check: Check) -> Check:
        FIGURES.extend(FigureWord(check, pattern) for pattern in patterns)
        FIGURES.sort(key=lambda f: ("*" in f.pattern, -len(f.pattern)))
        return check

    return register


def figure_of(name: str) -> FigureWord | None:
    """The figure of an expectation; None when the vocabulary has none."""
    return next((f for f in FIGURES if fnmatch.fnmatchcase(name, f.pattern)), None)


def words_of(scenario: Scenario) -> Iterator[str]:
    """Every word that a scenario uses, as the list of exemptions names them.

    `given:putaway_rules`, `product:negative_stock`, `costing:lifo`, `removal:closest`, `settings:blank_count`,
    `event:receive`, `event:receive.lot`, `expect:on_hand`, `topic:promise`.
    """
    yield f"topic:{scenario.topic}"
    for key, value in scenario.given.items():
        yield f"given:{key}"
        if isinstance(value, dict) and key in ("product", "settings"):
            yield from (f"{key}:{name}" for name in value)
        if isinstance(value, dict) and "costing" in value:
            yield "costing:" + str(value["costing"]).replace(" ", "-")
        if key == "order_point" and isinstance(value, dict):
            yield from (f"order_point:{name}" for name in value)
            if "location" not in value:
                yield "order_point:of-purchases"
        if key == "stock":
            yield from {f"stock:{name}" for row in _rows(value) for name in row}
        if isinstance(value, str | bool):
            yield f"{key}:{str(value).lower().replace(' ', '-')}"
    for item in scenario.events:
        if item.word == "check":
            yield from (f"expect:{name}" for name in item.args)
        else:
            yield f"event:{item.word}"
            yield from (f"event:{item.word}.{name}" for name in item.args)
    yield from (f"expect:{name}" for name in scenario.expect)


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def refuse_unknown(scenario: Scenario) -> None:
    """Refuse a scenario with any word that is not in the vocabulary."""
    unknown = [f"given.{word}" for word in scenario.given if word not in GIVENS]
    for item in scenario.events:
        if item.word == "check":
            unknown += [f"check.{name}" for name in item.args if figure_of(name) is None]
        elif item.word not in EVENTS:
            unknown.append(item.word)
        else:
            known = EVENTS[item.word].args
            unknown += [f"{item.word}.{name}" for name in item.args if name not in known and ANY not in known]
    unknown += [f"expect.{name}" for name in scenario.expect if figure_of(name) is None]
    if unknown:
        raise UnknownWord(
            "unknown word " + ", ".join(dict.fromkeys(unknown)), fix="The vocabulary is in docs/scenarios.md."
        )
