"""On which days a site sends goods, by region: its calendar in the form that orders are dated by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta

from flowrack.promise.rules_case import Site
from flowrack.promise.rules_house import House, off_days, send_days

BEHIND, AHEAD = timedelta(days=45), timedelta(days=400)
ON_THE_WAY = timedelta(days=60)
USUAL = House()
Row = tuple[str, date, int, time, tuple[date, ...]]


def rows_of(site: Site) -> list[Row]:
    """The days on which a site sends goods, by region, with the weekdays on the way by the fastest service and its last
    cut-off, and the holidays after it that its carrier keeps; none for a site that is like any other."""
    house, today = site.house, site.now.date()
    is_usual = not (house.hours or house.closed or house.cut_offs or house.holidays)
    if is_usual and house.policy.transit_days == USUAL.policy.transit_days:
        return []
    regions = sorted({"", *(row.region for row in house.cut_offs)})
    return [
        (
            *(region, day, service.transit_days, service.at),
            tuple(off for off in off_days(house, service) if day < off <= day + ON_THE_WAY),
        )
        for region in regions
        for day, service in send_days(house, region, today - BEHIND, today + AHEAD)
    ]


def days_by_region(rows: Iterable[tuple[str, date]], today: date) -> dict[str, set[date]]:
    """The days from today on that a site's rows name, by region; Monday to Friday for a site without rows."""
    found: dict[str, set[date]] = {"": set()}
    is_usual = True
    for region, day in rows:
        is_usual = False
        if day >= today:
            found.setdefault(region, set()).add(day)
    if is_usual:
        found[""] = {day for day, _ in send_days(USUAL, "", today, today + AHEAD)}
    return found


def other_days(
    was: Mapping[str, set[date]], now: Mapping[str, set[date]]
) -> tuple[list[tuple[str, date]], list[tuple[str, date]]]:
    """Region and day on which nothing leaves any more, and on which something leaves now. A region without days of its
    own has those of all. What lies beyond the end of one of them is not compared."""
    gone, back = [], []
    for region in sorted({*was, *now}):
        old, new = was.get(region, was[""]), now.get(region, now[""])
        end = min(max(old, default=date.max), max(new, default=date.max))
        gone += [(region, day) for day in sorted(old - new) if day <= end]
        back += [(region, day) for day in sorted(new - old) if day <= end]
    return gone, back
