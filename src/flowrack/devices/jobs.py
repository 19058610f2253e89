"""What comes round by the clock: journals that wait too long for a missing entry."""

from __future__ import annotations

from datetime import timedelta

from flowrack.devices import commands, queries
from flowrack.devices.types import GAP_SECONDS, GiveUpGaps
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context


@periodic("devices.give_up_gaps", every_seconds=60)
def give_up_gaps(ctx: Context) -> None:
    """After ten minutes a person looks at what waits."""
    if queries.gaps_before(ctx.now - timedelta(seconds=GAP_SECONDS)):
        commands.give_up_gaps(ctx, GiveUpGaps())
