"""Refilling without the network: the refills that a device takes along, and what its journal may say about them."""

from __future__ import annotations

from typing import Any

from django.urls import path

from flowrack.devices import queries_places as devices
from flowrack.platform.runner import Context
from flowrack.platform.web.along import Taking, along_view
from flowrack.platform.web.journal import Asked, JournalFlow
from flowrack.replenishment import commands, commands_along, queries, queries_along
from flowrack.replenishment.queries import RefillSeen
from flowrack.replenishment.types import ConfirmRefill, LiftRefill, NoSuchRefill, NotItsFace, PutDownRefill, TakeRefills
from flowrack.shared.errors import Invalid
from flowrack.shared.quantity import Units
from flowrack.storage.queries_along import codes_of
from flowrack.storage.types import Carried
from flowrack.tasks.types import TaskTaken

AT_A_TIME = 5


def _lift(ctx: Context, asked: Asked) -> str:
    try:
        commands.lift_refill(ctx, LiftRefill(asked.number("refill")))
    except TaskTaken:
        raise TaskTaken("A colleague has this refill by now.", fix="Tell them where the goods are.") from None
    return f"Lifted {asked.text('name')}"


def _land(ctx: Context, asked: Asked) -> str:
    found = queries.refill(asked.number("refill"))
    if found is None:
        raise NoSuchRefill("This refill is over.", fix="Look where the goods stand, then use Move.")
    face, units = asked.text("face", longest=40), Units(asked.number("units"))
    if face not in ("", found.to_code):
        said = f"This refill goes to {found.to_code} by now, and was put into {face}."
        raise NotItsFace(said, fix=f"Bring it to {found.to_code}, or put it back and move the goods by hand.")
    if units > found.units:
        said = f"Of this refill {found.units:,} were on the way, not {units:,}."
        raise Invalid(said, fix="Some of it was booked before. Count the face if you are not sure.")
    commands.confirm_refill(ctx, ConfirmRefill([Carried(found.move_id, 0, units if units < found.units else Units(0))]))
    return f"{units:,} × {asked.text('sku')} in {found.to_code}"


def _down(ctx: Context, asked: Asked) -> str:
    commands.put_down_refill(ctx, PutDownRefill(asked.number("refill")))
    return f"{asked.text('name')} put back"


def _take(taking: Taking) -> dict[str, Any]:
    """The refills that this person has along here, with all that is scanned; `next` takes some more."""
    site_id, zones = devices.place_of(taking.device)
    ctx = taking.ctx
    if taking.must_take(queries_along.lease_ends(ctx.actor_id, taking.device, ctx.now, site_id=site_id)):
        commands_along.take_refills(ctx, TakeRefills(site_id, zones, AT_A_TIME if taking.wants_next else 0))
    ids = [one for one, _ in queries_along.refills_along(ctx.actor_id, taking.device, ctx.now, site_id=site_id)]
    if not ids and taking.wants_next:
        raise Invalid("Nothing is to be refilled now.", fix="Refills appear here when they may begin.")
    if not ids:
        return {"works": []}
    found = [one for one in queries.refills_to_do(site_id, actor_id=ctx.actor_id, limit=500) if one.id in ids]
    mixed = queries_along.others_in([one.from_location_id for one in found])
    codes = codes_of([one.item_id for one in found])
    return {
        "works": [{"id": "refill", "refills": [_refill(one, one.from_location_id in mixed, codes) for one in found]}]
    }


def _refill(one: RefillSeen, is_mixed: bool, codes: dict[int, list[tuple[str, int]]]) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state,
        "sku": one.sku,
        "name": one.name,
        "lot": one.lot,
        "lpn": one.lpn,
        "units": one.units,
        "case_units": one.case_units,
        "base_uom": one.base_uom,
        "from": one.from_code,
        "to": one.to_code,
        "face": one.face_code,
        "land_by": one.land_by.isoformat() if one.land_by else "",
        "waiting_lines": one.waiting_lines,
        "is_mixed": is_mixed and not one.lpn,
        "codes": [{"code": code, "units": units} for code, units in codes.get(one.item_id, [])],
    }


JOURNAL = [
    JournalFlow("refill.lift", "Refill", "replenishment.carry", _lift,
                lambda a: f"Lifted {a.text('name')} in {a.text('bin', longest=40)}"),
    JournalFlow("refill.land", "Refill", "replenishment.carry", _land,
                lambda a: f"{a.number('units', 0):,} × {a.text('sku')} into {a.text('face', longest=40)}"),
    JournalFlow("refill.down", "Refill", "replenishment.carry", _down,
                lambda a: f"{a.text('name')} put back into {a.text('bin', longest=40)}"),
]  # fmt: skip
OFFLINE_URLS = [path("scan/refill/along", along_view("replenishment.carry", _take), name="scan_refill_along")]
