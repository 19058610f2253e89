"""Why a refill was planned, cancelled or sent back, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flowrack.platform.decisions import DecisionRow
from flowrack.replenishment.queries_plan import Clock, FaceSeen
from flowrack.replenishment.rules import RULE, Cause, FacePlan, Planned, Standing, Window
from flowrack.replenishment.rules_level import Draw
from flowrack.replenishment.types import REFILL
from flowrack.shared.refs import ref


def of_refill(
    seen: FaceSeen,
    plan: FacePlan,
    one: Planned,
    draws: Sequence[Draw],
    because: str,
    clock: Clock,
    now: datetime,
) -> DecisionRow:
    """Why this refill, from there, so much, and when."""
    face, window = plan.face, one.window
    total = sum(draw.units for draw in draws)
    return DecisionRow(
        kind="refill",
        subject="",
        sentence=f"{_why(seen, plan, one, draws, clock)} {_room(seen, one, clock, now)} {_source(plan, one)}",
        rule=RULE,
        detail={
            "there": face.there,
            "min": face.min_units,
            "max": face.max_units,
            "will_be_drawn": total,
            "reserved_there": seen.reserved,
            "wait_for_it": seen.waiting,
            "units": one.units,
            "cause": str(one.cause),
            "not_before": window.not_before.isoformat(),
            "land_by": window.land_by.isoformat() if window.land_by else "",
            "start_by": window.start_by.isoformat() if window.start_by else "",
            "cell": one.source.cell_id,
            "source_free": one.source.free,
            "task_seconds": clock.task_seconds,
            "people": clock.people,
            "because": because,
        },
    )


def _why(seen: FaceSeen, plan: FacePlan, one: Planned, draws: Sequence[Draw], clock: Clock) -> str:
    face, window, zone = plan.face, one.window, ZoneInfo(clock.timezone)
    there = f"{seen.code} holds {face.there:,} of at most {face.max_units:,}"
    if one.cause == Cause.SLOTTING:
        return f"{there}; these {one.units:,} lie in the face that the item had before, and follow it."
    if one.cause == Cause.RUN_OUT and window.land_by and window.start_by:
        total, last = sum(draw.units for draw in draws), max(draw.until_at for draw in draws)
        minutes = (window.land_by - window.start_by).total_seconds() // 60
        return (
            f"{there}; {total:,} will be drawn by {_at(last, zone)}. Without these {one.units:,} it is empty at"
            f" {_at(window.land_by, zone)}, so the work starts by {_at(window.start_by, zone)}: it takes"
            f" {int(minutes):,} min with what waits before it."
        )
    if one.cause == Cause.MINIMUM and window.land_by and window.start_by:
        return (
            f"{there}: it is empty and nothing says what will leave it, so the work starts at once and is done by"
            f" {_at(window.land_by, zone)}."
        )
    if one.cause == Cause.MINIMUM:
        return f"{there}, under its minimum of {face.min_units:,}; nothing says when it runs out."
    return f"{there}; in quiet hours a face under {clock.top_off_percent} % is filled up."


def _room(seen: FaceSeen, one: Planned, clock: Clock, now: datetime) -> str:
    when = one.window.not_before
    if when <= now:
        return f"There is room for {one.units:,} now."
    zone = ZoneInfo(clock.timezone)
    return f"There is room for {one.units:,} from {_at(when, zone)}, when {one.window.level_then:,} are left."


def _source(plan: FacePlan, one: Planned) -> str:
    if one.cause == Cause.SLOTTING:
        return "They come before the stock in reserve, so that nothing older stays behind."
    what = "A whole pallet" if one.source.is_whole_lpn and one.units == one.source.on_lpn else "A part"
    return f"{what} of the stock that expires or is reached first."


def of_times(one: Standing, was: datetime | None, window: Window, because: str, clock: Clock) -> DecisionRow:
    """Why a refill must land at another time than before."""
    zone, why = ZoneInfo(clock.timezone), f"{because[:1].upper()}{because[1:]}" if because else "The plan was made anew"
    before = f" instead of {_at(was, zone)}" if was else ""
    if window.land_by is None or window.start_by is None:
        then = "nothing says any more when its face runs out"
    else:
        then = (
            f"it must land by {_at(window.land_by, zone)}{before}, so the work starts by {_at(window.start_by, zone)}"
        )
    missing = f" {window.missing:,} units are missing in the face without it." if window.missing else ""
    return DecisionRow(
        kind="refill",
        subject=ref(REFILL, one.refill_id),
        sentence=f"{why}: {then}.{missing}",
        rule=RULE,
        detail={
            "missing": window.missing,
            "missing_before": one.missing,
            "land_by": window.land_by.isoformat() if window.land_by else "",
            "start_by": window.start_by.isoformat() if window.start_by else "",
        },
    )


def of_end(plan: FacePlan, one: Standing, because: str, *, is_back: bool) -> DecisionRow:
    """Why a refill is not wanted any more."""
    total = plan.face.there + sum(kept.standing.units for kept in plan.kept)
    why = f"{because[:1].upper()}{because[1:]}" if because else "The plan was made anew"
    end = "it is on the fork already and goes back" if is_back else "it is cancelled"
    if not plan.face.face_id:
        reason = "this is not the item's face any more"
    elif not one.is_sound:
        reason = "its stock is not free any more"
    else:
        reason = f"{total:,} are there or on their way without it"
    return DecisionRow(
        kind="refill_end",
        subject=ref(REFILL, one.refill_id),
        sentence=f"{why}: {reason}, so {end}.",
        rule=RULE,
        detail={"there": plan.face.there, "with_others": total, "units": one.units},
    )


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}"
