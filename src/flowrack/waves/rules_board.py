"""How a wave on the floor stands and what holds it up, in words. Pure; times are the site's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
QUIET_MINUTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """By when a wave must be picked, and the first load with orders of it that are to pick: when that leaves, and how
    many orders these are."""

    now: datetime
    pick_until: datetime | None
    cut_off_at: datetime | None
    truck: str = ""
    truck_at: datetime | None = None
    truck_orders: int = 0
    called_off: str = ""  # the truck with which the planner let it leave and that does not go


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFloor(Due):
    """A wave with how far it is. `picked_by` is when the people would be through with it, in the order of cut-offs."""

    released_at: datetime
    picks: int
    open_picks: int
    short: int
    last_pick_at: datetime | None
    picked_units: int
    packed_units: int
    gone_units: int
    orders_to_pack: int
    picked_by: datetime | None
    people: int


def standing(of: OnFloor) -> str:
    """released, picking, packing, loading or gone."""
    if of.open_picks:
        return "picking" if of.open_picks < of.picks else "released"
    if of.picked_units > of.packed_units:
        return "packing"
    return "loading" if of.picked_units else "gone"


def _minutes(since: datetime, now: datetime) -> str:
    minutes = max(0, (now - since) // MINUTE)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def stuck(of: OnFloor) -> tuple[str, str]:
    """What holds a wave up, and how bad it is: bad (its cut-off is lost), warn, or nothing."""
    if not of.open_picks:
        return (_after_picking(of), "")
    if late := _late(of):
        return late
    if early := _truck(of):
        return early
    if quiet := _quiet(of):
        return (quiet, "warn")
    return (f"{of.short} {'pick was' if of.short == 1 else 'picks were'} short" if of.short else "", "")


def stuck_planned(of: Due) -> tuple[str, str]:
    """The same of a wave that nobody has released."""
    return _missed(of) or _called_off(of) or _truck(of) or ("", "")


def _missed(of: Due) -> tuple[str, str] | None:
    """A truck that should have left, or a time to pick that is over."""
    if of.truck_at is not None and of.now > of.truck_at:
        return (f"{of.truck} was to leave at {of.truck_at:%H:%M}; {_orders(of)} on it not picked", "bad")
    if of.pick_until is None or of.cut_off_at is None or of.now <= of.pick_until:
        return None
    ago = _minutes(of.pick_until, of.now)
    return (f"not picked at {of.pick_until:%H:%M}, {ago} ago: it misses the cut-off at {of.cut_off_at:%H:%M}", "bad")


def _called_off(of: Due) -> tuple[str, str] | None:
    """The planner let it leave with a truck that was called off since."""
    if not of.called_off or of.cut_off_at is None:
        return None
    return (f"{of.called_off}, with which it was to leave at {of.cut_off_at:%H:%M}, was called off: move it", "bad")


def _late(of: OnFloor) -> tuple[str, str] | None:
    """A wave that misses its cut-off or a truck, or would at the pace of the people who are there."""
    if missed := _missed(of):
        return missed
    if of.pick_until is None or of.cut_off_at is None:
        return None
    if of.people == 0 and of.picked_by is None:
        return ("nobody picks now", "warn")
    if of.picked_by is not None and of.picked_by > of.pick_until:
        behind = _minutes(of.pick_until, of.picked_by)
        return (f"at this pace picked {behind} after {of.pick_until:%H:%M}", "warn")
    return None


def _orders(of: Due) -> str:
    return f"{of.truck_orders} {'order' if of.truck_orders == 1 else 'orders'}"


def _truck(of: Due) -> tuple[str, str] | None:
    """A truck that leaves before the cut-off of the wave."""
    if of.truck_at is None or (of.cut_off_at is not None and of.truck_at >= of.cut_off_at):
        return None
    before = ", before its cut-off" if of.cut_off_at is not None else ""
    return (f"{of.truck} leaves at {of.truck_at:%H:%M}{before}; {_orders(of)} on it still to pick", "warn")


def _quiet(of: OnFloor) -> str:
    """Nobody has picked for a while."""
    since = of.last_pick_at or of.released_at
    if (of.now - since) // MINUTE < QUIET_MINUTES:
        return ""
    for_so_long = _minutes(since, of.now)
    return f"waits for a picker for {for_so_long}" if of.last_pick_at is None else f"no pick for {for_so_long}"


def _after_picking(of: OnFloor) -> str:
    state = standing(of)
    if state == "packing":
        since = f", the last pick was {_minutes(of.last_pick_at, of.now)} ago" if of.last_pick_at else ""
        return f"{of.orders_to_pack} {'order waits' if of.orders_to_pack == 1 else 'orders wait'} for a packer{since}"
    return "packed, waits for its truck" if state == "loading" else ""
