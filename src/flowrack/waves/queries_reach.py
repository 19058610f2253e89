"""By when orders must be picked for a truck, by the templates of their site; known to shipping from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowrack.shipping import queries_reach
from flowrack.waves import queries_pool, queries_trucks, rules_trucks


class ByTemplates:
    """The template that takes an order says how long staging and loading take."""

    def over(self, site_id: int, order_ids: Sequence[int], cut_off_at: datetime, now: datetime) -> dict[int, datetime]:
        """Orders that had to be picked before now for a truck that leaves then. Eleven queries."""
        place = queries_pool.here(site_id, now)
        if place is None:
            return {}
        site, orders = queries_pool.site_of(place), queries_trucks.orders(place, order_ids)
        return rules_trucks.over(site, orders, place.clock(cut_off_at))


queries_reach.register(ByTemplates())
