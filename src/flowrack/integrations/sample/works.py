"""When the sample's sites work: their week, until when carriers take goods, and how many people pick and pack."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

from flowrack.integrations.replay.house import House
from flowrack.promise.commands_setup import set_cut_offs, set_hours
from flowrack.promise.types import CutOffOf, HoursOf, SetCutOffs, SetHours
from flowrack.tasks.commands import set_capacity
from flowrack.tasks.types import SetCapacity

WEEK = range(1, 6)
SATURDAY = 6
SHIFTS = (("early", time(7), 4), ("late", time(11), 3))  # eight hours each


def set_up(house: House, site_id: int, at: datetime) -> None:
    """A week of two shifts and a short Saturday, with cut-offs in the afternoon."""
    when = at - timedelta(days=58)
    key = f"live:works:{site_id}"
    hours = [*(HoursOf(day, time(7), time(19)) for day in WEEK), HoursOf(SATURDAY, time(8), time(13))]
    house.do(set_hours, "planner", SetHours(site_id, hours), key=f"{key}:hours", at=when)
    rows = [CutOffOf(0, time(16, 30), list(WEEK), "", 1), CutOffOf(0, time(11), [SATURDAY], "", 1)]
    house.do(set_cut_offs, "planner", SetCutOffs(site_id, rows), key=f"{key}:cut-offs", at=when)
    for day in WEEK:
        for shift, starts_at, people in SHIFTS:
            asked = SetCapacity(site_id, "pick", day - 1, shift, people, Decimal(8), starts_at=starts_at)
            house.do(set_capacity, "warehouse_manager", asked, key=f"{key}:{shift}:{day}", at=when)
    asked = SetCapacity(site_id, "pick", SATURDAY - 1, "early", 2, Decimal(5), starts_at=time(8))
    house.do(set_capacity, "warehouse_manager", asked, key=f"{key}:saturday", at=when)
