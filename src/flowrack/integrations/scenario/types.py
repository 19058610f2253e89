"""The words around scenarios: one scenario as read, its events, and how playing it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flowrack.shared.errors import Invalid


class BadScenario(Invalid):
    """The file or the scenario is not written in the vocabulary; nothing is skipped in silence."""

    code = "bad_scenario"


class UnknownWord(BadScenario):
    """A word that the runner does not know."""

    code = "unknown_word"


class Kind(StrEnum):
    """Universal: any sound system agrees. Policy: true where the policy is the one that the scenario names."""

    UNIVERSAL = "universal"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens: its word and its arguments (`value` when it has a single, unnamed one)."""

    word: str
    args: dict[str, Any]
    value: Any = None

    @property
    def ref(self) -> str:
        """The name under which later events speak of this one; empty without."""
        return str(self.args.get("ref", ""))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: what is given, what happens, what is expected."""

    id: str
    topic: str
    title: str
    kind: Kind
    given: dict[str, Any]
    events: list[Event]
    expect: dict[str, Any]
    note: str = ""
    scale: int = 1


class Ending(StrEnum):
    """How playing a scenario ended."""

    OK = "ok"
    FAILED = "FAILED"
    DIFFERS = "differs"
    NOT_YET = "not yet"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The line that is printed for a scenario."""

    scenario_id: str
    title: str
    ending: Ending
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether this makes the run exit with an error."""
        return self.ending in (Ending.FAILED, Ending.ERROR)

    def text(self) -> str:
        """One line for the terminal."""
        reason = f"  {self.reason}" if self.reason else ""
        return f"{self.scenario_id:<10} {self.ending.value}{reason}"


class Mismatch(Exception):
    """An expectation that the books do not meet."""

    def __init__(self, what: str, expected: object, got: object) -> None:
        super().__init__(f"{what}: expected {shown(expected)} got {shown(got)}")


@dataclass(frozen=True, slots=True)
class Exemption:
    """A reason from differs.yaml: when it applies, and what is then said."""

    ending: Ending
    reason: str
    ids: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    refusals: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = field(default_factory=lambda: frozenset(Kind))


def shown(value: object) -> str:
    """A figure as people write it: 5, 0.25, [5, 20]."""
    if isinstance(value, Decimal):
        text = format(value.normalize(), "f")
        return text if text != "-0" else "0"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return str(value)
