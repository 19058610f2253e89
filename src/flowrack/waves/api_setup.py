"""How a site makes waves, for other systems: templates, penalties, people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.waves import commands_setup as commands
from flowrack.waves import queries
from flowrack.waves.types import (
    WEEK,
    ChangeHands,
    HandsChanged,
    PolicySaved,
    RetireTemplate,
    SetPolicy,
    SetTemplate,
    TemplateOf,
    TemplateSaved,
)

router = Router(tags=["waves"])
MOST = 1_000_000_000
Words = list[str]


class WaveTemplateIn(Schema):
    """A wave template. Empty conditions take every order; limits of 0 are none; position 0 = the last."""

    name: str = Field(max_length=60)
    position: int = Field(0, ge=0, le=1000)
    services: Words = Field([], max_length=50)
    regions: Words = Field([], max_length=50)
    zones: Words = Field([], max_length=50)
    temperatures: Words = Field([], max_length=3)
    hazards: Words = Field([], max_length=30)
    label_needs: Words = Field([], max_length=30)
    order_types: Words = Field([], max_length=50)
    channels: Words = Field([], max_length=50)
    tiers: Words = Field([], max_length=3)
    min_lines: int = Field(0, ge=0, le=MOST)
    max_lines: int = Field(0, ge=0, le=MOST)
    min_units: int = Field(0, ge=0, le=MOST)
    max_units: int = Field(0, ge=0, le=MOST)
    split_temperature: bool = False
    split_hazard: str = Field("incompatible", max_length=14, description="no, incompatible or apart")
    split_labels: bool = False
    limit_lines: int = Field(0, ge=0, le=MOST)
    limit_orders: int = Field(0, ge=0, le=MOST)
    limit_volume_ml: int = Field(0, ge=0, le=MOST)
    limit_weight_g: int = Field(0, ge=0, le=MOST)
    mode: str = Field("cut_off", max_length=12, description="cut_off or continuous")
    wip_lines: int = Field(0, ge=0, le=MOST)
    is_automatic: bool = False
    staging_minutes: int = Field(20, ge=0, le=1440)
    loading_minutes: int = Field(15, ge=0, le=1440)
    method: str = Field("", max_length=10, description="discrete, batch, cluster, zone, or empty")
    weekdays: list[int] = Field([*WEEK], max_length=7)


class NewWaveTemplateIn(WaveTemplateIn):
    """The template of a site."""

    site_id: BigId


class WaveTemplateSavedOut(Schema):
    """The template, and its place in the order of match."""

    template_id: int
    position: int


class WavePenaltiesIn(Schema):
    """What waiting costs, in points; waits_by order or line."""

    waits_by: str = Field("order", max_length=6)
    tier_a: int = Field(400, ge=0, le=100_000)
    tier_b: int = Field(200, ge=0, le=100_000)
    tier_c: int = Field(100, ge=0, le=100_000)
    late_day: int = Field(50, ge=0, le=100_000)
    value_100: int = Field(5, ge=0, le=100_000)
    age_day: int = Field(1, ge=0, le=100_000)


class WavePenaltiesOut(Schema):
    """The version that counts now."""

    version: int


class ChangeHandsIn(Schema):
    """More or fewer people, from now (or a time) until the day ends (or a time), and why."""

    people: int = Field(ge=-1000, le=1000)
    reason: str = Field(max_length=200)
    zone: str = Field("", max_length=20)
    from_at: AwareDatetime | None = None
    until_at: AwareDatetime | None = None


class HandsChangedOut(Schema):
    """The change, and how many people pick at that time."""

    change_id: int
    people: int


@router.get("/wave-templates", response=PageOut[queries.TemplateRow])
@requires("waves.view")
def list_templates(
    request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Templates of the sites that the caller may see."""
    caller = caller_of(request)
    sites = caller.sites("waves.view") if caller else frozenset()
    rows = queries.templates_after(sites, after_id=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.post("/wave-templates", response={201: WaveTemplateSavedOut})
def new_template(request: HttpRequest, body: NewWaveTemplateIn) -> Status[TemplateSaved]:
    """Write a new template."""
    fields = body.dict()
    site_id = fields.pop("site_id")
    return Status(201, commands.set_template(context_from(request), SetTemplate(site_id, TemplateOf(**fields))))


@router.put("/wave-templates/{int:template_id}", response=WaveTemplateSavedOut)
def set_template(request: HttpRequest, template_id: BigId, body: NewWaveTemplateIn) -> TemplateSaved:
    """Write a template in place of what it was."""
    fields = body.dict()
    site_id = fields.pop("site_id")
    return commands.set_template(context_from(request), SetTemplate(site_id, TemplateOf(**fields), template_id))


@router.post("/wave-templates/{int:template_id}/retire", response=WaveTemplateSavedOut)
def retire_template(request: HttpRequest, template_id: BigId) -> TemplateSaved:
    """The template takes no orders any more."""
    return commands.retire_template(context_from(request), RetireTemplate(template_id))


@router.put("/sites/{int:site_id}/wave-penalties", response=WavePenaltiesOut)
def set_policy(request: HttpRequest, site_id: BigId, body: WavePenaltiesIn) -> PolicySaved:
    """What waiting costs, as a new version."""
    return commands.set_policy(context_from(request), SetPolicy(site_id, **body.dict()))


@router.post("/sites/{int:site_id}/people-changes", response={201: HandsChangedOut})
def change_hands(request: HttpRequest, site_id: BigId, body: ChangeHandsIn) -> Status[HandsChanged]:
    """More or fewer people than the shifts say."""
    return Status(201, commands.change_hands(context_from(request), ChangeHands(site_id, **body.dict())))
