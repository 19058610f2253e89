"""What happens by itself when stock becomes free: modes, suggestions and what people made of them."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

MODES = ("off", "suggest", "approve", "automatic")
EVERY = ""  # the velocity class that stands for all
VELOCITIES = (EVERY, "A", "B", "C")
SUGGESTION = "allocation.suggestion"
DAYS = 90  # of decided suggestions that a gate looks at


@dataclass(frozen=True, slots=True)
class Gate:
    """What a mode takes: so many decided suggestions, of which people agreed to so many of a hundred."""

    decided: int
    agreed_percent: int


GATES = {"approve": Gate(20, 90), "automatic": Gate(50, 95)}


@dataclass(frozen=True, slots=True)
class SetMode:
    """What happens from now on at a site (0 = every site without a mode of its own) for items of a velocity class."""

    site_id: int
    velocity: str
    mode: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModeSet:
    """The mode and its version."""

    mode_id: int
    version: int
    mode: str


@dataclass(frozen=True, slots=True)
class FollowFree:
    """Stock of items became free at a site, or somebody new waits for them."""

    site_id: int
    item_ids: list[int]
    cause: str


@dataclass(frozen=True, slots=True)
class FreeFollowed:
    """Units promised by themselves, and suggestions made."""

    units: int
    suggestion_ids: list[int]


@dataclass(frozen=True, slots=True)
class AcceptSuggestions:
    """Do what is suggested, as far as it can be done still."""

    suggestion_ids: list[int]


@dataclass(frozen=True, slots=True)
class DropSuggestions:
    """Do not do what is suggested, and say why."""

    suggestion_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class SuggestionsDecided:
    """How the suggestions ended, in the order of their ids, and the units that were promised."""

    suggestion_ids: list[int]
    states: list[str]
    units: int


class BadMode(Invalid):
    """A mode that makes no sense."""

    code = "bad_allocation_mode"


class GateClosed(FlowrackError):
    """People have not agreed often enough to what was suggested."""

    code = "allocation_gate_closed"


class NoSuchSuggestion(NotFound):
    """No such suggestion is open."""

    code = "no_such_suggestion"
