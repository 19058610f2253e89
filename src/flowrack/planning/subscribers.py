"""What planning tells others when they ask: how much of what is coming is spoken for."""

from __future__ import annotations

from flowrack.planning.queries_claims import claims
from flowrack.purchasing.types_cover import register_claims

register_claims("planning", claims)
