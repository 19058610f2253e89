"""The words of refills: what a face is expected to give, who carries what, and the times that were planned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.integrations.scenario.words_dock import clock, set_clock
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.types import (
    CancelDraws,
    ConfirmRefill,
    ExpectDraws,
    LiftRefill,
    NewDraw,
    PutDownRefill,
    SetRefillPolicy,
)
from flowrack.shared.quantity import Units
from flowrack.storage.types import Carried

ORIGIN = "scenario wave"


@given("refill_policy")
def refill_policy(house: House, value: Any) -> None:
    """How long a refill takes: `minutes` for the work, `spare` minutes to be on the safe side, `people` who refill."""
    unknown = set(value) - {"minutes", "spare", "people"}
    if unknown:
        raise BadScenario("refill_policy knows minutes, spare and people.", fix="See docs/scenarios.md.")
    req = SetRefillPolicy(
        house.site().site_id,
        task_seconds=60 * int(value.get("minutes", 2)),
        spare_seconds=60 * int(value.get("spare", 0)),
        people=int(value.get("people", 1)),
    )
    house.do(commands.set_refill_policy, "warehouse_manager", req)


@event("expect_draws", "location product qty from until at")
def expect_draws(house: House, happening: Event) -> None:
    """A face will give so many units evenly between two times of the day; `at` sets the clock."""
    args = happening.args
    set_clock(house, happening)
    item = house.item(args.get("product"))
    draw = NewDraw(
        house.bin(str(args["location"])), item.item_id, Units(house.units(args["qty"])),
        clock(house, args["from"]), clock(house, args["until"]),
    )  # fmt: skip
    house.do(commands.expect_draws, "planner", ExpectDraws(house.site().site_id, ORIGIN, [draw]))


@event("cancel_draws", "qty at")
def cancel_draws(house: House, happening: Event) -> None:
    """So many of the expected units will not leave the face after all; without `qty` none will."""
    set_clock(house, happening)
    units = Units(house.units(happening.args.get("qty", 0)))
    house.do(commands.cancel_draws, "planner", CancelDraws(house.site().site_id, ORIGIN, units))


@event("lift_refill", "refill at")
def lift_refill(house: House, happening: Event) -> None:
    """A driver takes the goods of the first, second, ... refill."""
    set_clock(house, happening)
    house.do(commands.lift_refill, "picker", LiftRefill(_refill(house, happening)[0]))


@event("bring_back_refill", "refill at")
def bring_back_refill(house: House, happening: Event) -> None:
    """The driver puts them where they came from."""
    set_clock(house, happening)
    house.do(commands.put_down_refill, "picker", PutDownRefill(_refill(house, happening)[0]))


@event("land_refill", "refill qty at")
def land_refill(house: House, happening: Event) -> None:
    """The goods of a refill reach the face (or part of them)."""
    set_clock(house, happening)
    units = Units(house.units(happening.args.get("qty", 0)))
    carried = Carried(_refill(house, happening)[1], units=units)
    house.do(commands.confirm_refill, "picker", ConfirmRefill([carried]))


@figure("refills")
def refills(house: House, name: str, expected: Any) -> None:
    """The refills that were planned, in order: qty, state, cause, lot, start_by, not_before, land_by (times of the
    day)."""
    rows = sql.fetch_all(
        """
        SELECT r.units, r.state, r.cause, lot.code, r.start_by, r.not_before, r.land_by
        FROM replenishment_refill r JOIN storage_plannedmove m ON m.id = r.planned_move_id
        JOIN catalog_lot lot ON lot.id = m.lot_id WHERE r.site_id = %s ORDER BY r.id
        """,
        (house.site().site_id,),
    )
    got = [
        {
            "qty": house.quantity(row[0]), "state": row[1], "cause": row[2], "lot": row[3],
            "start_by": _told(row[4]), "not_before": _told(row[5]), "land_by": _told(row[6]),
        }
        for row in rows
    ]  # fmt: skip
    if len(got) != len(expected):
        same(f"{name}: how many", len(expected), len(got))
    for n, (want, one) in enumerate(zip(expected, got, strict=True), 1):
        unknown = set(want) - set(one)
        if unknown:
            raise BadScenario(f"A refill has no {', '.join(sorted(unknown))}.", fix=f"Name {', '.join(one)}.")
        same(f"{name} {n}", want, {part: one[part] for part in want})


def _refill(house: House, happening: Event) -> tuple[int, int]:
    """The refill that the event counts, and its carry."""
    rows = sql.fetch_all(
        "SELECT id, planned_move_id FROM replenishment_refill WHERE site_id = %s ORDER BY id", (house.site().site_id,)
    )
    number = int(happening.args.get("refill", 1))
    if not 1 <= number <= len(rows):
        raise BadScenario(f"There is no refill {number}.", fix=f"{len(rows)} were planned.")
    return rows[number - 1]


def _told(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
