"""Trucks that devices take along: held for them, and taken back."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.shipping import steps_along, steps_loads
from flowrack.shipping.types_along import (
    HoldEnd,
    LoadsTaken,
    LoadTakenBack,
    NotAlong,
    TakeBackLoad,
    TakeLoadsAlong,
)
from flowrack.shipping.types_loads import LoadNotFound

MOST = 10


@command(permission="shipping.load", result=LoadsTaken)
def take_loads_along(ctx: Context, req: TakeLoadsAlong) -> LoadsTaken:
    """A device takes trucks along for an hour, or keeps them for another: the house sees which has what.

    It binds nobody: two devices may load one truck. A hold that is over ends by itself. Refuses with Invalid what is no
    device, and with LoadNotFound trucks of another site.
    """
    ctx.require("shipping.load", req.site_id)
    if not ctx.device:
        raise Invalid("Only a device takes trucks along.", fix="Open the scan app on it.")
    if not 1 <= len(req.load_ids) <= MOST:
        raise Invalid(f"A device has 1 to {MOST} trucks along.", fix="Ask for fewer.")
    for load_id in sorted(set(req.load_ids)):
        if steps_loads.claim(ctx, load_id, "shipping.load").site_id != req.site_id:
            raise LoadNotFound("There is no such load.", fix="Open the list of loads.")
    steps_along.hold(ctx, sorted(set(req.load_ids)))
    return LoadsTaken(sorted(set(req.load_ids)))


@command(permission="shipping.load", result=LoadTakenBack)
def take_back_load(ctx: Context, req: TakeBackLoad) -> LoadTakenBack:
    """A device's hold of a truck ends: its scans that come in later go before a person. Refuses with NotAlong."""
    load = steps_loads.claim(ctx, req.load_id, "shipping.load")
    if not req.device or not steps_along.end(ctx, load.load_id, HoldEnd.TAKEN_BACK, device=req.device):
        raise NotAlong(f"{req.device[:40] or 'No device'} does not have {load.number} along.", fix="Look at the load.")
    return LoadTakenBack(load.load_id, req.device)
