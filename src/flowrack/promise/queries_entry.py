"""What is free of items while their order is typed, now and later, as promises count it. Registers itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flowrack.promise import queries
from flowrack.promise.rules_case import Ask, Case, Source
from flowrack.promise.rules_house import DAY, MOST_DAYS, House, hours_on
from flowrack.sales import queries_soon
from flowrack.sales.queries_soon import Steps


class FreeUnits:
    """Free units as promises read them: less claims, quotes and safety stock."""

    def free(self, item_ids: Sequence[int], site_id: int, now: datetime, life_days: int) -> Mapping[int, Steps]:
        """The free units of items at one site over time. Five queries."""
        at = queries.sites([site_id], now).get(site_id)
        if at is None:
            return {}
        found, records = queries.stocks(list(item_ids), [site_id])
        case = Case((), (), (), records)
        steps: dict[int, Steps] = {}
        for item_id in item_ids:
            stock = found.get((item_id, site_id))
            if stock is None:
                steps[item_id] = [(now.date(), 0)]
                continue
            source = Source(case, at, stock, Ask(item_id, "", 1, (site_id,), min_life_days=life_days))
            first, *later = source.steps(source.today)
            steps[item_id] = [(first.on, first.free), *((_open_from(at.house, one.on), one.free) for one in later)]
        return steps


def _open_from(house: House, on: date) -> date:
    """The first day from one on on which the site works: on others nothing leaves."""
    days = (on + n * DAY for n in range(MOST_DAYS))
    return next((day for day in days if hours_on(house, day)), on)


queries_soon.register(FreeUnits())
