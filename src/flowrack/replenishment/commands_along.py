"""The door for refills that a device takes along."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.replenishment import queries_along
from flowrack.replenishment.types import RefillsTaken, TakeRefills
from flowrack.shared.errors import Invalid
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import MAX_CLAIM

LEASE_SECONDS = 3600


@command(permission="replenishment.carry", result=RefillsTaken)
def take_refills(ctx: Context, req: TakeRefills) -> RefillsTaken:
    """Take refills along on a device, to be carried without the network: for an hour nobody else may lift them.

    Those come first that run out first, and only those that may begin now. What the device has already it keeps for
    longer. A lease that is over binds nobody. Posts and emits nothing. Refuses with Invalid what is no device, and with
    TaskTaken when a colleague was faster.
    """
    ctx.require("replenishment.carry", req.site_id)
    if not ctx.device:
        raise Invalid("Only a device takes refills along.", fix="Open the scan app on it.")
    if not 0 <= req.count <= MAX_CLAIM:
        raise Invalid(f"A device takes at most {MAX_CLAIM} refills at a time.", fix="Ask for fewer.")
    kept = queries_along.refills_along(ctx.actor_id, ctx.device, ctx.now, site_id=req.site_id)
    fresh = []
    if req.count:
        fresh = queries_along.takeable(
            ctx.actor_id, ctx.device, ctx.now, site_id=req.site_id, zone_ids=req.zone_ids, limit=req.count
        )
    along = [*kept, *(one for one in fresh if one not in kept)]
    if along:
        tasks.claim(ctx, [task_id for _, task_id in along], lease_seconds=LEASE_SECONDS)
    return RefillsTaken([refill_id for refill_id, _ in along])
