"""Reads of replenishment for its pages."""

from __future__ import annotations

from datetime import time

from flowrack.platform import sql
from flowrack.replenishment.types import SetRefillPolicy


def site_of_refill(refill_id: int) -> int:
    """The site of a refill; 0 when there is none. One query."""
    return int(sql.fetch_value("SELECT site_id FROM replenishment_refill WHERE id = %s", (refill_id,)) or 0)


def policy(site_id: int) -> SetRefillPolicy:
    """How a site refills, or what holds where nobody said so. Two queries."""
    row = sql.fetch_one(
        """
        SELECT task_seconds, spare_seconds, people, draws_until, quiet_from, quiet_until, top_off_percent,
               waits_for_refill
        FROM replenishment_refillpolicy WHERE site_id = %s
        """,
        (site_id,),
    )
    overs = sql.fetch_all(
        """
        SELECT h.zone_id, h.location_id FROM replenishment_handover h JOIN locations_zone z ON z.id = h.zone_id
        WHERE z.site_id = %s ORDER BY h.zone_id
        """,
        (site_id,),
    )
    found = SetRefillPolicy(site_id, *row) if row else SetRefillPolicy(site_id, draws_until=time(17, 0))
    found.hand_overs.extend((zone, place) for zone, place in overs)
    return found
