"""What comes round by the clock: steps whose deadline is over."""

from __future__ import annotations

from flowrack.approvals import commands, queries
from flowrack.approvals.types import Escalate
from flowrack.platform.periodic import periodic
from flowrack.platform.runner import Context


@periodic("approvals.escalate", every_seconds=60)
def escalate_overdue(ctx: Context) -> None:
    """Open overdue steps to their escalation role."""
    steps = queries.overdue_steps(ctx.now)
    if steps:
        commands.escalate(ctx, Escalate(steps))
