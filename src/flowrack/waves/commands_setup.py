"""How a site makes waves: templates, what waiting costs, and how many people are here today."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowrack.parties.types import LabelNeed
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.waves import locks, queries, queries_pool, rules_check, steps
from flowrack.waves.rules_hands import most_until, people_at
from flowrack.waves.types import (
    BadTemplate,
    ChangeHands,
    HandsChanged,
    PolicySaved,
    RetireTemplate,
    SetPolicy,
    SetTemplate,
    TemplateNotFound,
    TemplateSaved,
)

SETUP = "waves.setup"
MOST_PEOPLE = 1_000


def _refuse(bad: list[BadLine]) -> None:
    if bad:
        raise BadTemplate("This cannot be kept.", lines=bad, fix=bad[0].fix)


@command(permission="waves.setup", result=TemplateSaved)
def set_template(ctx: Context, req: SetTemplate) -> TemplateSaved:
    """Write a wave template of a site, and put it at its place in the order of match (0 = the last).

    Refuses with BadTemplate, naming every field that makes no sense.
    """
    ctx.require(SETUP, req.site_id)
    known = locks.site_templates(req.site_id)
    if req.template_id and not known.get(req.template_id):
        raise TemplateNotFound("There is no such template at this site.", fix="Look at the list of templates.")
    _refuse(
        rules_check.template_faults(
            req.template,
            services=queries.service_codes(),
            zones=queries.zone_codes(req.site_id),
            label_needs=[str(need) for need in LabelNeed],
        )
    )
    if queries.has_name(req.site_id, req.template.name, but=req.template_id):
        _refuse([BadLine(0, "name", f"There is a template “{req.template.name}” already.", "Give it another name.")])
    template_id, position = steps.write_template(ctx, req.site_id, req.template, req.template_id)
    ctx.subject = ref(steps.TEMPLATE, template_id)
    return TemplateSaved(template_id, position)


@command(permission="waves.setup", result=TemplateSaved)
def retire_template(ctx: Context, req: RetireTemplate) -> TemplateSaved:
    """A template takes no orders any more; plans and waves that it made keep its name."""
    found = queries_pool.template(req.template_id)
    if found is None or not ctx.may(SETUP, found[0]):
        raise TemplateNotFound("There is no such template.", fix="Look at the list of templates.")
    locks.site_templates(found[0])
    steps.retire_template(ctx, req.template_id)
    steps.place(found[0], 0, 0)
    ctx.subject = ref(steps.TEMPLATE, req.template_id)
    return TemplateSaved(req.template_id, 0)


@command(permission="waves.setup", result=PolicySaved)
def set_policy(ctx: Context, req: SetPolicy) -> PolicySaved:
    """What it costs that goods wait, as a new version of the site's rule. Plans keep the version they were made by."""
    ctx.require(SETUP, req.site_id)
    _refuse(rules_check.policy_faults(req))
    locks.site_templates(req.site_id)
    return PolicySaved(steps.write_policy(ctx, req))


@command(permission="waves.people", result=HandsChanged)
def change_hands(ctx: Context, req: ChangeHands) -> HandsChanged:
    """More or fewer people than the shifts say, from now (or a time) until the day ends (or a time), with the reason.

    Plans made from then on count with it; the shifts of other days stay as they are.
    """
    ctx.require("waves.people", req.site_id)
    place = queries_pool.here(req.site_id, ctx.now)
    zone_id = queries.zone_codes(req.site_id).get(req.zone, 0) if place else 0
    begins = req.from_at or ctx.now
    bad: list[BadLine] = []
    if not req.people or abs(req.people) > MOST_PEOPLE:
        bad.append(BadLine(0, "people", "How many more or fewer?", "Write -1 when one leaves, 2 when two come."))
    if not req.reason.strip() or len(req.reason) > 200:
        bad.append(BadLine(0, "reason", "Say why, in up to 200 letters.", "Sent home ill, for example."))
    if req.zone and not zone_id:
        bad.append(BadLine(0, "zone", f"There is no zone {req.zone} here.", "Leave it empty: people of any zone."))
    if place is None:
        bad.append(BadLine(0, "site_id", "There is no such site."))
        raise BadTemplate("This cannot be kept.", lines=bad)
    ends = req.until_at or _end_of_day(begins, place.timezone)
    if ends <= begins:
        bad.append(BadLine(0, "until_at", "It ends before it begins.", "Enter a later end, or leave it empty."))
    local = begins.astimezone(ZoneInfo(place.timezone)).replace(tzinfo=None)
    crew = queries_pool.crew(place)
    most = most_until(crew, local, ends.astimezone(ZoneInfo(place.timezone)).replace(tzinfo=None), zone_id)
    if crew.is_known and -req.people > most:
        said = f"{most} people pick then" + (f" in {req.zone}" if zone_id else "")
        bad.append(BadLine(0, "people", f"{said}: no {-req.people} can leave.", "Enter how many leave."))
    _refuse(bad)
    change_id = steps.write_hands(ctx, req, zone_id, begins, ends)
    people = people_at(queries_pool.crew(place), local)
    ctx.subject = ref("locations.site", req.site_id)
    return HandsChanged(change_id, sum(people.values()))


def _end_of_day(begins: datetime, timezone: str) -> datetime:
    local = begins.astimezone(ZoneInfo(timezone))
    return datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(timezone))
