"""The words of slotting."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError, Invalid


@dataclass(frozen=True, slots=True)
class SuggestSlots:
    """Look at the orders of the last days; a move must pay within so many."""

    site_id: int
    days: int = 30
    pays_within_days: int = 30


@dataclass(frozen=True, slots=True)
class SlotsSuggested:
    """The suggestions, the greatest saving first, and how many of before were replaced."""

    suggestion_ids: list[int]
    replaced: int


@dataclass(frozen=True, slots=True)
class AcceptSlot:
    """The item gets the face."""

    suggestion_id: int


@dataclass(frozen=True, slots=True)
class SlotAccepted:
    """The carries from the old face to the new one, as refills."""

    suggestion_id: int
    refill_ids: list[int]


@dataclass(frozen=True, slots=True)
class RejectSlot:
    """Not this move, and why."""

    suggestion_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class SlotDecided:
    """What became of a suggestion."""

    suggestion_id: int
    state: str


class NoSuchSuggestion(FlowrackError):
    """The suggestion was decided, replaced, or does not fit what is there any more."""

    code = "no_such_suggestion"
    status = 409


class BadSlotting(Invalid):
    """Days that make no sense, or no reason."""

    code = "bad_slotting"
