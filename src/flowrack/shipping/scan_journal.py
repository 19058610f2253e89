"""Loading without the network: the trucks that a device takes along, and what its journal may say about them."""

from __future__ import annotations

from typing import Any

from django.urls import path

from flowrack.devices import queries_places as devices
from flowrack.locations import queries as places
from flowrack.locations.types import Kind
from flowrack.platform.runner import Context
from flowrack.platform.web.along import RENEW_BELOW, Taking, along_view
from flowrack.platform.web.journal import Asked, JournalFlow
from flowrack.shared.errors import Invalid, WrongState
from flowrack.shipping import commands, queries_along, queries_board, queries_offline
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.types_along import TakeLoadsAlong
from flowrack.shipping.types_loads import (
    AlreadyLoaded,
    LoadPlate,
    LoadRefused,
    NotLoaded,
    ScannedTooLate,
    StartLoad,
    TakeOff,
)

MOST_TRUCKS = 10


def _start(ctx: Context, asked: Asked) -> str:
    load_id, code = asked.number("load"), asked.text("door", longest=40)
    row = queries_board.access_load(load_id, frozenset({0}))
    door = places.find_by_code(row.site_id, [code]).get(code)
    if door is None or door.kind != Kind.DOOR:
        raise LoadRefused(f"{code} is no door of the site.", fix="Scan the door at which the truck stands.")
    if row.state == "loading" and row.door_id == door.location_id:
        return f"{row.number} stood at door {code} already"
    done = commands.start_load(ctx, StartLoad(load_id, door.location_id))
    return f"{done.number} at door {done.door}"


def _plate(ctx: Context, asked: Asked) -> str:
    """A plate went on. Somebody else may have booked it meanwhile: then it is on the truck, as the entry says."""
    code = asked.text("plate", longest=60)
    load = LoadPlate(asked.number("load"), code, asked.text("reason"), asked.text("separation"), along=True)
    try:
        done = commands.load_plate(ctx, load)
    except AlreadyLoaded:
        return f"{code} was on the truck already"
    except WrongState as refusal:
        raise _too_late(asked, code, refusal) from refusal
    return f"{done.plate} on the truck, stop {done.stop_no}"


def _too_late(asked: Asked, code: str, refusal: WrongState) -> ScannedTooLate:
    """The truck was closed or called off before the scan came in: the books and the floor say different things."""
    return ScannedTooLate(
        f"{refusal.message} This scan of {code} came after that.",
        fix=f"Is it on the truck? Then ship its order by itself. Else it stands in staging, and {asked.text('number')}"
        " left without it.",
    )


def _off(ctx: Context, asked: Asked) -> str:
    """A plate came off; so it may have for somebody else."""
    code = asked.text("plate", longest=60)
    try:
        commands.take_off(ctx, TakeOff(asked.number("load"), code, along=True))
    except NotLoaded:
        return f"{code} was off the truck already"
    except WrongState as refusal:
        raise _too_late(asked, code, refusal) from refusal
    return f"{code} off the truck"


def _said(asked: Asked) -> str:
    return f"{asked.text('plate', longest=60)} onto {asked.text('number')}, stop {asked.number('stop', 0)}"


JOURNAL = [
    JournalFlow("load.start", "Truck at its door", "shipping.load", _start,
                lambda a: f"{a.text('number')} at door {a.text('door', longest=40)}"),
    JournalFlow("load.plate", "Load", "shipping.load", _plate, _said),
    JournalFlow("load.off", "Taken off", "shipping.load", _off,
                lambda a: f"{a.text('plate', longest=60)} off {a.text('number')}"),
]  # fmt: skip


def _take(taking: Taking) -> dict[str, Any]:
    """The trucks of its site that the device has (`have`) as they stand now, and one more: of a code, or the `next`."""
    viewer = taking.viewer
    site_id, _ = devices.place_of(taking.device)
    sites, closers = (
        frozenset({site_id}) if viewer.may(f"shipping.{verb}", site_id) else frozenset() for verb in ("load", "ship")
    )
    told = taking.body.get("have")
    have = [one for one in told if isinstance(one, int)][:MOST_TRUCKS] if isinstance(told, list) else []
    gone = queries_along.taken_back(have, taking.device) if have else {}
    have = [one for one in have if one not in gone]
    new = 0
    if taking.code:
        new = _named(taking.ctx, site_id, sites, taking.code).id
    elif taking.wants_next:
        new = _next(sites, have).id
    wanted = [one for one in dict.fromkeys([*have, new]) if queries_offline.is_to_load(one, sites)]
    _hold(taking, site_id, wanted)
    return {"trucks": [queries_offline.along(one, sites, closers) for one in wanted], "new": new}


def _hold(taking: Taking, site_id: int, wanted: list[int]) -> None:
    """The house knows what the device has: written when it is new, and again before an hour is over."""
    ctx = taking.ctx
    fresh = queries_along.to_renew(wanted, taking.device, ctx.now + RENEW_BELOW) if wanted else []
    if fresh:
        commands.take_loads_along(ctx.keyed("along"), TakeLoadsAlong(site_id, fresh))


def _live(sites: frozenset[int]) -> list[LoadRow]:
    return [row for row in queries_board.live_loads(sites) if row.state != "closed"] if sites else []


def _next(sites: frozenset[int], have: list[int]) -> LoadRow:
    """The truck that is being loaded, else the one that leaves first, of those that the device has not."""
    row = next((row for row in _live(sites) if row.id not in have), None)
    if row is None:
        raise Invalid("No other truck waits.", fix="Trucks that are planned appear here.")
    return row


def _named(ctx: Context, site_id: int, sites: frozenset[int], code: str) -> LoadRow:
    """The truck of a load's number, or at a door: one that is planned for that door begins to be loaded."""
    live = _live(sites)
    row = next((row for row in live if row.number == code), None)
    if row is not None:
        return row
    door = places.find_by_code(site_id, [code]).get(code)
    if door is None or door.kind != Kind.DOOR:
        raise Invalid(f"{code[:40]} is no door and no truck.", fix="Scan the door of a truck, or its load.")
    at = [row for row in live if row.door_id == door.location_id]
    row = next((row for row in at if row.state == "loading"), at[0] if at else None)
    if row is None:
        raise Invalid(f"No truck is planned for door {code}.", fix="Let it be planned.")
    if row.state == "open":
        commands.start_load(ctx.keyed("start"), StartLoad(row.id, door.location_id))
    return row


ALONG = [queries_along.held_on]
OFFLINE_URLS = [path("scan/load/along", along_view("shipping.load", _take), name="scan_load_along")]
