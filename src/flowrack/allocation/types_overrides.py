"""Overrides: what people decide against the rules in force, with reason, value at stake, end, review and outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

OVERRIDE = "allocation.override"
RULE = "override/1"
REVIEW_DAYS = 2  # until somebody else has looked at it
MOST_DAYS = 90  # that an override stands


class OverrideKind(StrEnum):
    """What was decided against the rules."""

    GIVEN = "given"
    TAKEN_BACK = "taken_back"
    URGENT = "urgent"
    DROPPED = "dropped"
    SUBSTITUTE = "substitute"
    CAPACITY = "capacity"
    HOLD = "hold"


WORDS = {
    OverrideKind.GIVEN: "given by hand",
    OverrideKind.TAKEN_BACK: "taken back",
    OverrideKind.URGENT: "urgent order",
    OverrideKind.DROPPED: "suggestion dropped",
    OverrideKind.SUBSTITUTE: "substitute out of rank",
    OverrideKind.CAPACITY: "promised over capacity",
    OverrideKind.HOLD: "hold released",
}


class Verdict(StrEnum):
    """What somebody else says of an override."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"


@dataclass(frozen=True, slots=True)
class GiveUnits:
    """Give units of a line's item to it, out of rank: free ones, or those that one other line is promised.

    It stands until the end of a day; then what was not picked goes back, and the rules decide.
    """

    line_id: int
    units: int
    reason: str
    until_on: date
    from_line_id: int = 0


@dataclass(frozen=True, slots=True)
class UnitsGiven:
    """Units that the line is promised now. Override 0: the rules give them, too."""

    override_id: int
    number: str
    line_id: int
    units: int


@dataclass(frozen=True, slots=True)
class EndOverride:
    """Let the rules decide from now on; what was given by hand and is in no picker's hands goes back."""

    override_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class OverridesEnded:
    """The overrides that are over, and the units that went back."""

    override_ids: list[int]
    units: int


@dataclass(frozen=True, slots=True)
class LapseOverrides:
    """End the overrides whose time is over: these, or none named = all of them."""

    override_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReviewOverrides:
    """What somebody else says of overrides: confirmed, or objected with a text."""

    override_ids: list[int]
    verdict: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OverridesReviewed:
    """The overrides that are reviewed now."""

    override_ids: list[int]
    verdict: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """Event: somebody decided against the rules; the promises on these items may not hold any more."""

    override_id: int
    number: str
    site_id: int
    item_ids: list[int]
    kind: str = "allocation.overridden"


@dataclass(frozen=True, slots=True)
class OverridesOver:
    """Event: overrides at a site are over, and the rules decide about these items again."""

    site_id: int
    override_ids: list[int]
    item_ids: list[int]
    kind: str = "allocation.overrides_ended"


class BadOverride(Invalid):
    """Units, day or reason make no sense: every bad field is named."""

    code = "bad_override"


class CannotGive(FlowrackError):
    """No goods that this customer may get are there: life, lot, hold, or all is promised."""

    code = "cannot_give"


class NoSuchOverride(NotFound):
    """There is no such override."""

    code = "no_such_override"


class OverrideOver(FlowrackError):
    """It is over, or somebody has reviewed it."""

    code = "override_over"
