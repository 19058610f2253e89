"""Slotting for other systems: suggestions, accept, reject."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from flowrack.platform.apipages import LIMIT, BigId
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.replenishment import commands_slotting as commands
from flowrack.replenishment import queries_slotting
from flowrack.replenishment.types_slotting import (
    AcceptSlot,
    RejectSlot,
    SlotAccepted,
    SlotDecided,
    SlotsSuggested,
    SuggestSlots,
)
from flowrack.shared.errors import NotPermitted


class SlotsIn(Schema):
    """Look at the orders of the last days; a move must pay within so many."""

    site_id: BigId
    days: int = Field(30, ge=1, le=366)
    pays_within_days: int = Field(30, ge=1, le=3_650)


class SlotsOut(Schema):
    """The suggestions, the greatest saving first, and how many of before were replaced."""

    suggestion_ids: list[int]
    replaced: int


class SlotOut(Schema):
    """An item that belongs in another face: what the move takes and saves, and of an accepted one what it has saved."""

    id: int
    sku: str
    name: str
    from_code: str
    to_code: str
    swaps_sku: str
    state: str
    min_units: int
    max_units: int
    picks: int
    days: int
    saved_seconds_a_day: int
    move_seconds: int
    pays_in_days: Decimal
    made_at: datetime
    picked_since: int | None
    saved_since: int | None


class SlotAcceptedOut(Schema):
    """The carries from the old face to the new one, as refills."""

    suggestion_id: int
    refill_ids: list[int]


class SlotRejectIn(Schema):
    """Why not this move."""

    reason: str = Field(max_length=200)


class SlotDecidedOut(Schema):
    """What became of a suggestion."""

    suggestion_id: int
    state: str


def add_slotting(router: Router) -> None:
    """Add the routes of slotting."""

    @router.get("/slotting", response=list[SlotOut])
    @requires("replenishment.view")
    def list_slots(request: HttpRequest, site_id: BigId, state: str = "open", limit: int = LIMIT) -> Any:
        """Suggestions of a site, the greatest saving first."""
        caller = caller_of(request)
        if caller is None or not caller.may("replenishment.view", site_id):
            raise NotPermitted("You may not see the faces of this site.", permission="replenishment.view")
        return queries_slotting.slot_lines(site_id, state=state, limit=limit)

    @router.post("/slotting", response={201: SlotsOut})
    def suggest_slots(request: HttpRequest, body: SlotsIn) -> Status[SlotsSuggested]:
        """Look which items belong in which faces."""
        req = SuggestSlots(body.site_id, body.days, body.pays_within_days)
        return Status(201, commands.suggest_slots(context_from(request), req))

    @router.post("/slotting/{int:suggestion_id}/accept", response=SlotAcceptedOut)
    def accept_slot(request: HttpRequest, suggestion_id: BigId) -> SlotAccepted:
        """The item gets the face."""
        return commands.accept_slot(context_from(request), AcceptSlot(suggestion_id))

    @router.post("/slotting/{int:suggestion_id}/reject", response=SlotDecidedOut)
    def reject_slot(request: HttpRequest, suggestion_id: BigId, body: SlotRejectIn) -> SlotDecided:
        """Not this move, and why."""
        return commands.reject_slot(context_from(request), RejectSlot(suggestion_id, body.reason))
