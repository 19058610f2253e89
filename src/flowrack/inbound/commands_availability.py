"""The door of availability policies."""

from __future__ import annotations

from flowrack.inbound import steps
from flowrack.inbound.types import AvailabilitySet, Available, SetAvailability
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid


@command(permission="inbound.policy", result=AvailabilitySet)
def set_availability(ctx: Context, req: SetAvailability) -> AvailabilitySet:
    """Say when received goods become available: on receipt, after inspection or after putaway.

    Refuses with Invalid naming every bad policy: goods available on receipt need a pickable place of the site.
    """
    places = locations.locations([p.location_id for p in req.policies if p.location_id])
    bad = []
    for i, policy in enumerate(req.policies, start=1):
        if policy.available == Available.ON_RECEIPT:
            at = places.get(policy.location_id)
            if at is None or at.site_id != policy.site_id or at.role not in ("reserve", "forward_pick"):
                bad.append(
                    BadLine(
                        i,
                        "location",
                        "Goods available on receipt must stand in a reserve or forward pick place of the site.",
                        "Name the site and such a place.",
                    )
                )
        elif policy.location_id:
            bad.append(BadLine(i, "location", "Only goods available on receipt have a place.", "Leave it out."))
        if not policy.reason.strip():
            bad.append(BadLine(i, "reason", "A policy needs its reason.", "Say why in a few words."))
    if len({(p.item_id, p.family_id, p.supplier_id, p.site_id) for p in req.policies}) < len(req.policies):
        bad.append(BadLine(0, "policies", "One scope is named twice.", "Name each once."))
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    for site_id in sorted({p.site_id for p in req.policies}):
        ctx.require("inbound.policy", site_id)
    ids = steps.set_availability(ctx, req.policies) if req.policies else []
    return AvailabilitySet(ids, steps.end_availability(req.end_ids) if req.end_ids else 0)
