"""When a pick face is refilled, with how much, from where: by its run-out, else by its minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from flowrack.replenishment.rules_level import Draw, ceil_minute, drawn, floor_minute, reached

RULE = "refill.run_out v1"
MOST_REFILLS = 20  # of one face in one plan; the rest follows when some have landed


class Trigger(StrEnum):
    """What makes a face ask for a refill."""

    RUN_OUT = "run_out"  # before it runs out by what is known; else under its minimum
    MIN_MAX = "min_max"  # under its minimum only
    BY_HAND = "by_hand"  # never by itself


class Cause(StrEnum):
    """Why a refill was planned."""

    RUN_OUT = "run_out"
    MINIMUM = "minimum"
    TOP_OFF = "top_off"
    SLOTTING = "slotting"


@dataclass(frozen=True, slots=True)
class Face:
    """A pick face, its levels and what lies in it."""

    face_id: int
    location_id: int
    item_id: int
    min_units: int
    max_units: int
    there: int
    case_units: int = 1
    trigger: Trigger = Trigger.RUN_OUT
    walk: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Free units of one cell in reserve, or in the item's face of before. `on_lpn` is what its LPN holds in all."""

    cell_id: int
    location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    owner_id: int
    free: int
    on_lpn: int = 0
    walk: int = 0
    hand_over_id: int = 0
    is_left_behind: bool = False  # it lies in the face that the item had before

    @property
    def is_whole_lpn(self) -> bool:
        """Whether the free units are all that stands on an LPN."""
        return bool(self.lpn_id) and self.free == self.on_lpn


@dataclass(frozen=True, slots=True)
class Standing:
    """A refill that was planned before. `is_sound`: its stock is still free where it is to be taken."""

    refill_id: int
    units: int
    cause: Cause
    is_lifted: bool = False
    is_going_back: bool = False
    is_sound: bool = True
    legs: int = 1
    land_by: datetime | None = None  # as it was planned
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When a refill may land (not before there is room) and must (before the face is empty). `missing`: the units that
    the face cannot give without it."""

    not_before: datetime
    land_by: datetime | None
    start_by: datetime | None
    level_then: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """Units of one source that are to be carried to the face."""

    source: Source
    units: int
    cause: Cause
    window: Window


@dataclass(frozen=True, slots=True)
class Kept:
    """A refill that stays, with its window as it is now. `is_wanted_again`: it was already going back."""

    standing: Standing
    window: Window
    is_wanted_again: bool = False


@dataclass(slots=True)
class FacePlan:
    """What is to be done for one face."""

    face: Face
    runs_out_at: datetime | None = None
    kept: list[Kept] = field(default_factory=list)
    dropped: list[Standing] = field(default_factory=list)
    sent_back: list[Standing] = field(default_factory=list)
    new: list[Planned] = field(default_factory=list)
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Lead:
    """How long a refill takes from now on: the work itself, and what is before it in the queue for each due time."""

    task_seconds: int
    spare_seconds: int = 0
    people: int = 1
    queue: Sequence[tuple[datetime | None, int]] = ()  # (land by, seconds of work) of other faces' refills

    def alone(self) -> Lead:
        """As if nothing waited before it: for an empty face."""
        return replace(self, queue=())

    def before(self, land_by: datetime, *, legs: int = 1) -> timedelta:
        """From the last moment to start until it must have landed: work that is due earlier comes first."""
        ahead = sum(work for due, work in self.queue if due is not None and due <= land_by)
        waiting = -(-ahead // max(self.people, 1))
        return timedelta(seconds=self.task_seconds * legs + waiting + self.spare_seconds)


def plan_face(
    face: Face,
    draws: Sequence[Draw],
    standing: Sequence[Standing],
    sources: list[Source],
    *,
    lead: Lead,
    now: datetime,
    top_off_under: int = 0,
) -> FacePlan:
    """What stays, goes and comes for one face. `sources` are in the order in which stock must leave, and are used up.

    Refills that are still needed are kept before new ones are made; what lies in the item's face of before is brought
    along, needed or not, as far as there is or will be room, and comes before reserve stock. Never more than the face
    holds: a refill lands when there is room. A part of the oldest stock comes before a whole LPN of newer stock.
    `top_off_under` (quiet hours): a face without draws that holds less is filled up.
    """
    draws = draws if face.trigger == Trigger.RUN_OUT else ()
    total = sum(draw.units for draw in draws)
    plan = FacePlan(face)
    empty_at = reached(draws, face.there) if total > face.there else None
    plan.runs_out_at = floor_minute(empty_at) if empty_at is not None else None
    supply = _keep(plan, draws, total, standing, lead, now)
    supply = _bring_along(plan, draws, total, supply, sources, lead, now)
    while total > supply and len(plan.new) + len(plan.kept) < MOST_REFILLS:
        found = _next_load(face, sources, total - supply)
        if found is None:
            plan.missing = total - supply
            break
        source, units = found
        legs = 2 if source.hand_over_id else 1
        window = window_of(face, draws, supply, units, lead=lead, now=now, legs=legs)
        plan.new.append(Planned(source, units, Cause.RUN_OUT, window))
        supply += units
    _fill_up(plan, draws, supply, sources, lead, now, top_off_under)
    plan.new = _together(plan.new)
    return plan


def _together(loads: Sequence[Planned]) -> list[Planned]:
    """Loads from one cell for which there is room at the same moment are one carry."""
    found: list[Planned] = []
    for one in loads:
        last = found[-1] if found else None
        if (
            last is not None
            and last.source.cell_id == one.source.cell_id
            and last.source.hand_over_id == one.source.hand_over_id
            and (last.cause, last.window.not_before) == (one.cause, one.window.not_before)
        ):
            found[-1] = replace(last, units=last.units + one.units)
        else:
            found.append(one)
    return found


def end_of(location_id: int, item_id: int, standing: Standing) -> FacePlan:
    """The refill of a place that is not the item's face any more: nothing of it is kept."""
    plan = FacePlan(Face(0, location_id, item_id, 0, 0, 0))
    (plan.sent_back if standing.is_lifted else plan.dropped).append(standing)
    return plan


def _keep(
    plan: FacePlan, draws: Sequence[Draw], total: int, standing: Sequence[Standing], lead: Lead, now: datetime
) -> int:
    """Keep what is still needed, the lifted first; what will be there in the end."""
    face, supply = plan.face, plan.face.there
    order = sorted(standing, key=lambda s: (not s.is_lifted, s.cause != Cause.SLOTTING, s.is_going_back, s.refill_id))
    for one in order:
        is_needed = total > supply or (one.cause != Cause.RUN_OUT and supply + one.units <= face.max_units)
        is_needed = is_needed or supply < face.min_units or one.cause == Cause.SLOTTING
        fits = one.units <= face.max_units and (total > 0 or supply + one.units <= face.max_units)
        if one.cause == Cause.SLOTTING:
            fits = fits and supply + one.units <= face.max_units + total
        if not (one.is_sound and is_needed and fits):
            if one.is_lifted and not one.is_going_back:
                plan.sent_back.append(one)
            elif not one.is_going_back:
                plan.dropped.append(one)
            continue
        window = window_of(face, draws, supply, one.units, lead=lead, now=now, legs=one.legs)
        window = _not_later(window, one, draws, lead, now)
        plan.kept.append(Kept(one, window, is_wanted_again=one.is_going_back))
        supply += one.units
    return supply


def _bring_along(
    plan: FacePlan, draws: Sequence[Draw], total: int, supply: int, sources: list[Source], lead: Lead, now: datetime
) -> int:
    """What lies in the item's face of before follows it, as far as there is room or what leaves makes room; what will
    be there then. The rest follows when more has left: it never stays behind in another item's face."""
    face = plan.face
    while sources and sources[0].is_left_behind and len(plan.new) + len(plan.kept) < MOST_REFILLS:
        room = min(face.max_units, face.max_units + total - supply)
        if room <= 0:
            break
        legs = 2 if sources[0].hand_over_id else 1
        source, units = _take(sources, room)
        window = window_of(face, draws, supply, units, lead=lead, now=now, legs=legs)
        plan.new.append(Planned(source, units, Cause.SLOTTING, window))
        supply += units
    return supply


def _not_later(window: Window, was: Standing, draws: Sequence[Draw], lead: Lead, now: datetime) -> Window:
    """What had to land by a time is late after it: the time does not move on because nobody draws and nobody carries.
    It moves when less is missing, when somebody says another time, and when there is no room before."""
    by_the_clock = not draws or any(draw.slides for draw in draws)
    if window.land_by is None or was.land_by is None or not by_the_clock or window.missing < was.missing:
        return window
    land_by = min(window.land_by, was.land_by)
    if not window.missing:
        lead = lead.alone()
    if window.not_before > now:
        land_by = max(land_by, window.not_before)
    return replace(window, land_by=land_by, start_by=land_by - lead.before(land_by, legs=was.legs))


def window_of(
    face: Face, draws: Sequence[Draw], supply: int, units: int, *, lead: Lead, now: datetime, legs: int = 1
) -> Window:
    """When so many units may and must land on a face that gets `supply` in all before them. Into an empty face of which
    nothing is known they are carried at once."""
    total = sum(draw.units for draw in draws)
    empty_at = reached(draws, supply) if total > supply else None
    land_by = floor_minute(empty_at) if empty_at is not None else None
    too_many = supply + units - face.max_units
    room_at = reached(draws, too_many) if too_many > 0 else None
    not_before = now if too_many <= 0 else ceil_minute(room_at) if room_at is not None else now
    if land_by is not None and not_before > land_by:
        land_by = not_before  # within one minute: the room comes as the last unit leaves
    if supply == 0 and total == 0:
        lead = lead.alone()
        land_by = now.replace(second=0, microsecond=0) + lead.before(now, legs=legs)
    level = supply - int(drawn(draws, not_before))
    start_by = land_by - lead.before(land_by, legs=legs) if land_by is not None else None
    return Window(max(not_before, now), land_by, start_by, max(level, 0), max(total - supply, 0))


def _next_load(face: Face, sources: list[Source], missing: int) -> tuple[Source, int] | None:
    """The next units to carry: a whole LPN that the face holds, else as many as are missing, in whole cases."""
    if not sources:
        return None
    source = sources[0]
    if source.is_whole_lpn and source.free <= face.max_units:
        del sources[0]
        return source, source.free
    most = max(face.max_units - face.min_units, min(face.case_units, face.max_units), 1)
    wanted = _in_cases(min(missing, most), face.case_units, most)
    return _take(sources, wanted)


def _in_cases(units: int, case_units: int, most: int) -> int:
    """Whole cases that cover the units, as far as they fit; single units where not even one case does."""
    if case_units <= 1 or case_units > most:
        return units
    return min(-(-units // case_units), most // case_units) * case_units


def _take(sources: list[Source], units: int) -> tuple[Source, int]:
    """Take units from the first source; what is left of it stays the first."""
    source = sources[0]
    if source.free <= units:
        del sources[0]
        return source, source.free
    sources[0] = replace(source, free=source.free - units)
    return source, units


def _fill_up(
    plan: FacePlan,
    draws: Sequence[Draw],
    supply: int,
    sources: list[Source],
    lead: Lead,
    now: datetime,
    top_off_under: int,
) -> None:
    """Under the minimum, or in quiet hours under the level given, a face is filled towards its maximum."""
    face = plan.face
    is_low, is_quiet = supply < face.min_units, not draws and supply < top_off_under
    if face.trigger == Trigger.BY_HAND or not (is_low or is_quiet) or plan.missing:
        return
    cause = Cause.MINIMUM if is_low else Cause.TOP_OFF
    while sources and supply < face.max_units and len(plan.new) < MOST_REFILLS:
        room = face.max_units - supply
        source = sources[0]
        if source.is_whole_lpn and source.free <= room:
            units = source.free
            del sources[0]
        else:
            wanted = room // face.case_units * face.case_units if room >= face.case_units else room
            if cause == Cause.TOP_OFF and (room < face.case_units or (source.lpn_id and face.case_units == 1)):
                return  # nobody opens a pallet for a few units in quiet hours
            source, units = _take(sources, wanted)
        window = window_of(face, draws, supply, units, lead=lead, now=now)
        plan.new.append(Planned(source, units, cause, window))
        supply += units
    if is_low and supply < face.min_units:
        plan.missing = face.min_units - supply


def priority_of(window: Window, cause: Cause, now: datetime) -> int:
    """How urgent the work is, 1 first, by the minutes until it must be started."""
    if cause == Cause.TOP_OFF:
        return 8
    if window.start_by is None:
        return 5
    minutes = (window.start_by - now) // timedelta(minutes=1)
    return 1 if minutes <= 0 else 2 if minutes <= 15 else 3 if minutes <= 60 else 4 if minutes <= 240 else 6


def levels(
    there: int, draws: Sequence[Draw], landings: Sequence[tuple[datetime, int]], *, now: datetime
) -> list[tuple[datetime, int]]:
    """The level of a face at each moment where it bends or jumps, never under zero; for drawing."""
    stops = {now, *(at for draw in draws for at in (draw.from_at, draw.until_at)), *(at for at, _ in landings)}
    points: list[tuple[datetime, int]] = []
    for at in sorted(stops):
        gone = drawn(draws, at)
        before = there - gone + sum(units for when, units in landings if when < at)
        after = before + sum(units for when, units in landings if when == at)
        points.append((at, _shown(before)))
        if after != before:
            points.append((at, _shown(after)))
    return points


def _shown(level: Fraction | int) -> int:
    return max(int(level // 1), 0)
