"""What comes round by the clock: continuous release, and waves that slip."""

from __future__ import annotations

from flowrack.platform.periodic import one_of_many, periodic
from flowrack.platform.runner import Context
from flowrack.waves import commands_floor, queries_floor, queries_flow
from flowrack.waves.types import ReleaseNext, TellSlips


@periodic("waves.release_next", every_seconds=60)
def release_next(ctx: Context) -> None:
    """Give the next orders of automatic templates to the floor, where there is room."""
    for template_id in queries_floor.automatic_templates():
        with one_of_many(f"waves.release_next {template_id}"):
            if queries_flow.can_release(template_id, ctx.now):
                commands_floor.release_next(ctx.keyed(str(template_id)), ReleaseNext(template_id))


@periodic("waves.tell_slips", every_seconds=60)
def tell_slips(ctx: Context) -> None:
    """Tell of waves that cannot make their cut-off any more."""
    if queries_floor.any_slipping(ctx.now):
        commands_floor.tell_slips(ctx, TellSlips())
