"""Faces are looked at again by the clock: demand comes in without any event of its own."""

from __future__ import annotations

import structlog

from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context
from flowrack.replenishment import commands, queries, steps_plan
from flowrack.replenishment.types import PlanRefills
from flowrack.shared.errors import FlowrackError

log = structlog.get_logger()


@periodic("replenishment.plan", every_seconds=120)
def plan_all(ctx: Context) -> None:
    """Plan the refills of sites where a plan would change something. What one site refuses, the others do not feel."""
    for site_id in queries.sites_with_faces():
        try:
            if steps_plan.would_change(ctx, site_id):
                commands.plan_refills(ctx.keyed(str(site_id)), PlanRefills(site_id))
        except FlowrackError as refusal:
            log.warning("refills_not_planned", site_id=site_id, code=refusal.code, message=refusal.message)
