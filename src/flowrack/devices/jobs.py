"""What comes round by the clock: journals that wait too long for a missing entry, or to be applied."""

from __future__ import annotations

from datetime import timedelta

from flowrack.devices import commands, queries
from flowrack.devices.jobs_apply import apply_ready
from flowrack.devices.types import ASK_SECONDS, GAP_SECONDS, DropOldAsks, GiveUpGaps
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context

MOST_DEVICES = 20


@periodic("devices.give_up_gaps", every_seconds=60)
def give_up_gaps(ctx: Context) -> None:
    """After ten minutes a person looks at what waits."""
    if queries.gaps_before(ctx.now - timedelta(seconds=GAP_SECONDS)):
        commands.give_up_gaps(ctx, GiveUpGaps())


@periodic("devices.drop_old_asks", every_seconds=3_600)
def drop_old_asks(ctx: Context) -> None:
    """What nobody approves in a day makes room for others."""
    if queries.asked_before(ctx.now - timedelta(seconds=ASK_SECONDS)):
        commands.drop_old_asks(ctx, DropOldAsks())


@periodic("devices.apply_left", every_seconds=60)
def apply_left(ctx: Context) -> None:
    """What was not applied when it came is tried again, whether its device ever speaks again or not."""
    for device_id, code in queries.with_ready_before(ctx.now - timedelta(minutes=1), limit=MOST_DEVICES):
        apply_ready(device_id, code)
