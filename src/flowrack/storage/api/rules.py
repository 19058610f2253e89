"""The putaway rules over the API: versions, simulations, activation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from ninja.responses import Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.storage import commands_rules, queries_rules
from flowrack.storage.types_putaway import (
    ActivatePutawayRules,
    DiscardPutawayRules,
    PutawayRules,
    RuleSetSaved,
    SimulatePutaways,
    SimulationStarted,
    WritePutawayRules,
)


class RuleSetOut(Schema):
    """A version of a site's putaway rules."""

    id: int
    site_id: int
    site: str
    version: int
    state: str
    note: str
    written_by: str
    written_at: datetime
    activated_by: str
    activated_at: datetime | None
    rules: PutawayRules


class RuleSetIn(Schema):
    """What a draft should say."""

    rules: PutawayRules
    note: str = ""


class NewRuleSetIn(RuleSetIn):
    """A new version for a site."""

    site_id: BigId


class DaysIn(Schema):
    """The days to try a version on, both included."""

    from_on: date
    to_on: date


class SimulationOut(Schema):
    """What a version would have done; metres are those of the carries."""

    id: int
    rule_set_id: int
    from_on: date
    to_on: date
    receipts: int
    placed: int
    refused: int
    metres: int
    metres_then: int
    ran_by: str
    ran_at: datetime


class SimulatedOut(Schema):
    """One past putaway: where it went, where it would have gone (empty = refused), and by which rule it was refused."""

    id: int
    planned_move_id: int
    item_id: int
    sku: str
    units: int
    went_to: str
    would_go_to: str
    metres_then: int
    metres: int
    rule: str
    sentence: str


def add_rules(router: Router) -> None:
    """The endpoints of the putaway rules."""
    router.get("/putaway-rules", response=PageOut[RuleSetOut])(list_rule_sets)
    router.get("/putaway-rules/{int:rule_set_id}", response=RuleSetOut)(get_rule_set)
    router.post("/putaway-rules", response={201: RuleSetSaved})(write_rule_set)
    router.put("/putaway-rules/{int:rule_set_id}", response=RuleSetSaved)(change_rule_set)
    router.post("/putaway-rules/{int:rule_set_id}/discard", response=RuleSetSaved)(discard_rule_set)
    router.post("/putaway-rules/{int:rule_set_id}/activate", response=RuleSetSaved)(activate_rule_set)
    router.get("/putaway-rules/{int:rule_set_id}/simulations", response=list[SimulationOut])(list_simulations)
    router.post("/putaway-rules/{int:rule_set_id}/simulations", response={202: SimulationStarted})(start_simulation)
    router.get("/putaway-rules/{int:rule_set_id}/simulated", response=PageOut[SimulatedOut])(list_simulated)


def _seen(request: HttpRequest, rule_set_id: int, permission: str = "storage.view") -> queries_rules.RuleSetRow:
    caller = caller_of(request)
    return queries_rules.rule_set(rule_set_id, sorted(caller.sites(permission)) if caller else [])


@requires("storage.view")
def list_rule_sets(
    request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """The versions of the putaway rules at the sites where the caller may see them, oldest first."""
    caller = caller_of(request)
    sites = sorted(caller.sites("storage.view")) if caller else []
    rows = queries_rules.rule_sets(sites, after=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@requires("storage.view")
def get_rule_set(request: HttpRequest, rule_set_id: BigId) -> queries_rules.RuleSetRow:
    """One version with all that it says."""
    return _seen(request, rule_set_id)


@requires("storage.rules")
def write_rule_set(request: HttpRequest, body: Body[NewRuleSetIn]) -> Status[RuleSetSaved]:
    """Write a new version as a draft."""
    req = WritePutawayRules(body.site_id, body.rules, body.note)
    return Status(201, commands_rules.write_putaway_rules(context_from(request), req))


@requires("storage.rules")
def change_rule_set(request: HttpRequest, rule_set_id: BigId, body: Body[RuleSetIn]) -> RuleSetSaved:
    """Change a draft; it must be simulated again before it is activated."""
    row = _seen(request, rule_set_id, "storage.rules")
    req = WritePutawayRules(row.site_id, body.rules, body.note, row.id)
    return commands_rules.write_putaway_rules(context_from(request), req)


@requires("storage.rules")
def discard_rule_set(request: HttpRequest, rule_set_id: BigId) -> RuleSetSaved:
    """Drop a draft."""
    return commands_rules.discard_putaway_rules(context_from(request), DiscardPutawayRules(rule_set_id))


@requires("storage.approve_rules")
def activate_rule_set(request: HttpRequest, rule_set_id: BigId) -> RuleSetSaved:
    """Choose bins by this version from now on; by another person than its writer."""
    return commands_rules.activate_putaway_rules(context_from(request), ActivatePutawayRules(rule_set_id))


@requires("storage.view")
def list_simulations(request: HttpRequest, rule_set_id: BigId) -> list[queries_rules.SimulationRow]:
    """The simulations of a version, newest first."""
    return queries_rules.simulations(_seen(request, rule_set_id).id)


@requires("storage.rules")
def start_simulation(request: HttpRequest, rule_set_id: BigId, body: Body[DaysIn]) -> Status[SimulationStarted]:
    """Try a version on past days in the background; the job tells how far it is."""
    req = SimulatePutaways(rule_set_id, body.from_on, body.to_on)
    return Status(202, commands_rules.start_putaway_simulation(context_from(request), req))


@requires("storage.view")
def list_simulated(
    request: HttpRequest,
    response: HttpResponse,
    rule_set_id: BigId,
    refused: bool | None = None,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Every putaway of the latest simulation: where it went and where it would have gone; or those refused."""
    found = queries_rules.simulations(_seen(request, rule_set_id).id, limit=1)
    rows = (
        queries_rules.simulated(found[0].id, refused=refused, after=after_id(cursor), limit=limit + 1) if found else []
    )
    return page_out(request, response, rows, limit=limit)
