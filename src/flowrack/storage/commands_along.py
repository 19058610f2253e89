"""The door for putaways that a device takes along."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.storage import queries_along
from flowrack.storage.types_moves import PutawaysTaken, TakePutaways
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import MAX_CLAIM

LEASE_SECONDS = 3600


@command(permission="storage.putaway", result=PutawaysTaken)
def take_putaways(ctx: Context, req: TakePutaways) -> PutawaysTaken:
    """Take goods along on a device, to be put away without the network: for an hour nobody else may carry them.

    What the device has already it keeps for longer. A lease that is over binds nobody. Posts and emits nothing. Refuses
    with Invalid what is no device, and with TaskTaken when a colleague was faster.
    """
    ctx.require("storage.putaway", req.site_id)
    if not ctx.device:
        raise Invalid("Only a device takes putaways along.", fix="Open the scan app on it.")
    if not 0 <= req.count <= MAX_CLAIM:
        raise Invalid(f"A device takes at most {MAX_CLAIM} putaways at a time.", fix="Ask for fewer.")
    kept = queries_along.tasks_along(ctx.actor_id, ctx.device, ctx.now, site_id=req.site_id)
    fresh = []
    if req.count:
        fresh = queries_along.takeable(
            ctx.actor_id, ctx.device, ctx.now, site_id=req.site_id, zone_ids=req.zone_ids, limit=req.count
        )
    along = list(dict.fromkeys([*kept, *fresh]))
    if along:
        tasks.claim(ctx, along, lease_seconds=LEASE_SECONDS)
    return PutawaysTaken(queries_along.moves_of(along))
