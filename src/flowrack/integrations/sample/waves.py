"""How the sample's sites make waves: templates, what waiting costs, who is missing today, and a plan half released."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from flowrack.integrations.replay.house import House
from flowrack.shared.errors import FlowrackError
from flowrack.waves import queries
from flowrack.waves.commands import make_plan, release_wave
from flowrack.waves.commands_setup import change_hands, set_policy, set_template
from flowrack.waves.types import ChangeHands, MakePlan, ReleaseWaves, SetPolicy, SetTemplate, TemplateOf

TEMPLATES = [
    TemplateOf("Dangerous goods", hazards=["any"], split_hazard="apart", method="discrete"),
    TemplateOf("Cold goods", temperatures=["chilled", "frozen"], split_temperature=True, staging_minutes=10),
    TemplateOf("Large orders", min_lines=25, limit_lines=400, method="zone", staging_minutes=30),
    TemplateOf("Counter and web", channels=["web", "counter"], mode="continuous", wip_lines=60, method="cluster"),
    TemplateOf("Parcels", limit_orders=60, limit_lines=20, method="cluster"),
]


def set_up(house: House, site_id: int, at: datetime) -> None:
    """Templates of a site in their order of match, and its penalty rule."""
    when = at - timedelta(days=57)
    for place, of in enumerate(TEMPLATES):
        asked = SetTemplate(site_id, of)
        house.do(set_template, "planner", asked, key=f"live:template:{site_id}:{place}", at=when)
    house.do(set_policy, "planner", SetPolicy(site_id, waits_by="line"), key=f"live:penalties:{site_id}", at=when)


def plan_ahead(house: House, site_id: int, at: datetime) -> None:
    """One picker is missing, where somebody picks at this hour; the planner has planned the next waves and given the
    first to the floor."""
    missing = ChangeHands(site_id, -1, "Forklift course until this evening")
    with suppress(FlowrackError):
        house.do(change_hands, "warehouse_manager", missing, key="live:people", at=at - timedelta(minutes=5))
    try:
        asked = MakePlan(site_id, ahead_days=2)
        plan = house.do(make_plan, "planner", asked, key="live:plan", at=at - timedelta(minutes=4))
        waves = queries.waves_of(plan.plan_id)
        if len(waves) > 1:
            request = ReleaseWaves(waves[0].id, without_changed=True, although_late=True)
            house.do(release_wave, "planner", request, key="live:plan-wave", at=at - timedelta(minutes=3))
    except FlowrackError:
        return  # at some hours every order is with a picker
