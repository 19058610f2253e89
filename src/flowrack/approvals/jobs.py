"""What the worker looks after: steps whose deadline is over."""

from __future__ import annotations

from datetime import datetime

from flowrack.approvals import commands, queries
from flowrack.approvals.types import Escalate
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import periodic


@periodic("approvals.escalate", seconds=60)
def escalate_overdue(at: datetime) -> None:
    """Open overdue steps to their escalation role."""
    steps = queries.overdue_steps(at)
    if steps:
        key = f"escalate:{steps[0]}:{steps[-1]}:{len(steps)}:{at:%Y%m%d%H%M}"
        commands.escalate(context_for_system(at, key), Escalate(steps))
