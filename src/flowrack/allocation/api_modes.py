"""Modes and suggestions of the allocation for other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.allocation import commands_modes, queries_modes
from flowrack.allocation.types_modes import (
    AcceptSuggestions,
    DropSuggestions,
    ModeSet,
    SetMode,
    SuggestionsDecided,
)
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, now, requires

router = Router(tags=["allocation modes"])


class ModeIn(Schema):
    """off, suggest, approve or automatic; site 0 = the company, velocity "" = every class."""

    site_id: BigId = 0
    velocity: str = Field("", max_length=1)
    mode: str = Field(max_length=9)
    reason: str = Field(max_length=200)


class ModeSetOut(Schema):
    """The mode and its version."""

    mode_id: int
    version: int
    mode: str


class ModeOut(Schema):
    """A mode, in force or over, and how often people agreed."""

    id: int
    site: str
    velocity: str
    mode: str
    version: int
    agreed: int
    decided: int
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


class SuggestionOut(Schema):
    """Free units of an item that would be promised."""

    id: int
    item_id: int
    sku: str
    site_id: int
    site: str
    units: int
    lines: int
    first: str
    mode: str
    cause: str
    made_at: datetime


class AcceptIn(Schema):
    """Suggestions to do."""

    suggestion_ids: list[BigId] = Field(max_length=500)


class DropIn(Schema):
    """Suggestions that are not done, and why."""

    suggestion_ids: list[BigId] = Field(max_length=500)
    reason: str = Field(max_length=200)


class DecidedOut(Schema):
    """How they ended."""

    suggestion_ids: list[int]
    states: list[str]
    units: int


@router.get("/allocation-modes", response=list[ModeOut])
@requires("allocation.view")
def modes(request: HttpRequest) -> Any:
    """What happens by itself when stock becomes free; those in force first."""
    return queries_modes.modes(now=now())


@router.post("/allocation-modes", response=ModeSetOut)
def set_mode(request: HttpRequest, body: ModeIn) -> ModeSet:
    """Set a mode; up it goes one step at a time."""
    req = SetMode(body.site_id, body.velocity, body.mode, body.reason)
    return commands_modes.set_allocation_mode(context_from(request), req)


@router.get("/allocation-suggestions", response=list[SuggestionOut])
@requires("allocation.view")
def suggestions(request: HttpRequest) -> Any:
    """What is suggested and not decided yet, the oldest first."""
    caller = caller_of(request)
    return queries_modes.open_list(caller.sites("allocation.view") if caller else frozenset())


@router.post("/allocation-suggestions/accept", response=DecidedOut)
def accept(request: HttpRequest, body: AcceptIn) -> SuggestionsDecided:
    """Promise what is suggested."""
    return commands_modes.accept_suggestions(context_from(request), AcceptSuggestions(list(body.suggestion_ids)))


@router.post("/allocation-suggestions/drop", response=DecidedOut)
def drop(request: HttpRequest, body: DropIn) -> SuggestionsDecided:
    """Do not do what is suggested."""
    req = DropSuggestions(list(body.suggestion_ids), body.reason)
    return commands_modes.drop_suggestions(context_from(request), req)
