"""On which days a site sends goods, by region: its calendar in the form that orders are dated by. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from flowrack.promise.rules_case import Site
from flowrack.promise.rules_house import House, send_days

BEHIND, AHEAD = timedelta(days=45), timedelta(days=400)
USUAL = House()


def rows_of(site: Site) -> list[tuple[str, date, int]]:
    """The days on which a site sends goods, by region; none for a site that is like any other."""
    house, today = site.house, site.now.date()
    is_usual = not (house.hours or house.closed or house.cut_offs)
    if is_usual and house.policy.transit_days == USUAL.policy.transit_days:
        return []
    regions = sorted({"", *(row.region for row in house.cut_offs)})
    return [
        (region, day, days)
        for region in regions
        for day, days in send_days(house, region, today - BEHIND, today + AHEAD)
    ]
