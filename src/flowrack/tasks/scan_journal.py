"""What devices have along of the floor's tasks, whichever stage made them."""

from __future__ import annotations

from flowrack.tasks import queries

ALONG = [queries.held_on]
