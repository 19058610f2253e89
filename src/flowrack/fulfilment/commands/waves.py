"""Waves: promised units go to the floor, and come back from it."""

from __future__ import annotations

from flowrack.fulfilment import (
    steps_changes,  # noqa: F401 - makes itself known to sales
    steps_release,
)
from flowrack.fulfilment.types import Recalled, RecallOrders, Released, ReleaseOrders
from flowrack.platform.runner import Context, command


@command(permission="fulfilment.release", result=Released, is_small=lambda req: len(req.order_ids) <= 20)
def release_orders(ctx: Context, req: ReleaseOrders) -> Released:
    """Give the promised units of orders (or of some of their lines) to pickers as one wave, or into one on the floor.

    Chooses and reserves cells, makes pick lists and plans cartons. Emits fulfilment.wave_released. Orders that cannot
    be released yet are skipped with the reason, held lines left out; refuses with NothingToRelease when none can.
    """
    return steps_release.release(ctx, req)


@command(permission="fulfilment.release", result=Recalled)
def recall_orders(ctx: Context, req: RecallOrders) -> Recalled:
    """Call orders back from the floor: open picks are taken away, the units stay promised to their lines.

    Refuses with PickClosed when no pick of the orders is open.
    """
    return steps_release.recall(ctx, req)
