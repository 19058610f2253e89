"""The house of the pilot: a face of at most 96 that holds 30, three pallets of 60, a refill takes 25 minutes."""

from __future__ import annotations

from datetime import datetime

from tests.cast import ADA, NOW, ctx
from tests.supply import item

from flowrack.ledger import steps as ledger
from flowrack.ledger.tests.house import House, context, receive
from flowrack.ledger.types import Move, Place
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.types import ExpectDraws, NewDraw, PlanRefills, SetRefillPolicy
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import lpn, shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces

EXPECTED = "Counter sale"


def pilot(*, there: int = 30, pallets: int = 3, task_seconds: int = 1_500) -> tuple[House, int]:
    """The site, and the item."""
    here, hose = shelves(), item("V-200")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(24), Units(96))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    policy = SetRefillPolicy(here.site, task_seconds=task_seconds, spare_seconds=0)
    commands.set_refill_policy(ctx(ADA), policy)
    if there:
        receive(here, hose, there, "1", "forward_pick1")
    for n in range(1, pallets + 1):
        pallet(here, hose, f"LP-{n}", f"R-0{n}", 60)
    return here, hose


def pallet(at: House, item_id: int, code: str, place: str, units: int) -> int:
    """A pallet in reserve; its id."""
    plate = lpn(at, code)
    move = Move(item_id, units, at.virtual("SUPPLIER"), Place(at.places[place], plate), "receipt", value=units)
    ledger.post(context(), [move])
    return plate


def clock(text: str) -> datetime:
    """A moment of the day of the tests."""
    hour, minute = text.split(":")
    return NOW.replace(hour=int(hour), minute=int(minute))


def expects(here: House, hose: int, units: int = 150, *, now: str = "13:00", key: str | None = None):
    """Ada tells of units that leave the face evenly from 13:40 to 14:40."""
    draw = NewDraw(here.places["forward_pick1"], hose, Units(units), clock("13:40"), clock("14:40"))
    return commands.expect_draws(ctx(ADA, key, now=clock(now)), ExpectDraws(here.site, EXPECTED, [draw]))


def plan(here: House, *, now: str = "13:00"):
    """Ada runs the plan."""
    return commands.plan_refills(ctx(ADA, now=clock(now)), PlanRefills(here.site))


def refills() -> list[tuple[object, ...]]:
    """(state, cause, units, landed, not before, land by, start by) of every refill, in order."""
    return [
        (*row[:4], *(at and f"{at:%H:%M}" for at in row[4:]))
        for row in sql.fetch_all(
            """
            SELECT state, cause, units, landed_units, not_before, land_by, start_by FROM replenishment_refill
            ORDER BY id
            """
        )
    ]


def ids() -> list[int]:
    """The refills, in order."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM replenishment_refill ORDER BY id")]


def moves() -> list[int]:
    """The carries of the refills, in order."""
    return [row[0] for row in sql.fetch_all("SELECT planned_move_id FROM replenishment_refill ORDER BY id")]


FIRST = ("planned", "run_out", 60, 0, "13:00", "13:52", "13:27")
SECOND = ("planned", "run_out", 60, 0, "14:02", "14:16", "13:51")
