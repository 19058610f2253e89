"""What waves are asked, answer and tell: templates, penalties, people, plans, and what becomes of waves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

ORDER_SUBJECT, LINE_SUBJECT = "sales.order", "sales.line"


class Mode(StrEnum):
    """When orders of a template go to the floor: planned for a cut-off, or one after the other as hands get free."""

    CUT_OFF = "cut_off"
    CONTINUOUS = "continuous"


class HazardSplit(StrEnum):
    """What of dangerous goods is kept apart: nothing, what must not travel together, or all of it from other goods."""

    NO = "no"
    INCOMPATIBLE = "incompatible"
    APART = "apart"


class WaitsBy(StrEnum):
    """What waits when the hands do not reach: whole orders, or single lines of customers who take parts."""

    ORDER = "order"
    LINE = "line"


METHODS = ("", "discrete", "batch", "cluster", "zone")
WEEK = [1, 2, 3, 4, 5, 6, 7]


@dataclass(frozen=True, slots=True)
class TemplateOf:
    """A wave template as it is written. Empty conditions take every order; limits of 0 are none."""

    name: str
    position: int = 0
    services: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    temperatures: list[str] = field(default_factory=list)
    hazards: list[str] = field(default_factory=list)
    label_needs: list[str] = field(default_factory=list)
    order_types: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    min_lines: int = 0
    max_lines: int = 0
    min_units: int = 0
    max_units: int = 0
    split_temperature: bool = False
    split_hazard: str = HazardSplit.INCOMPATIBLE
    split_labels: bool = False
    limit_lines: int = 0
    limit_orders: int = 0
    limit_volume_ml: int = 0
    limit_weight_g: int = 0
    mode: str = Mode.CUT_OFF
    wip_lines: int = 0
    is_automatic: bool = False
    staging_minutes: int = 20
    loading_minutes: int = 15
    method: str = ""
    weekdays: list[int] = field(default_factory=lambda: [*WEEK])


@dataclass(frozen=True, slots=True)
class SetTemplate:
    """Write a template of a site: a new one (id 0), or in place of one that is there."""

    site_id: int
    template: TemplateOf
    template_id: int = 0


@dataclass(frozen=True, slots=True)
class RetireTemplate:
    """A template takes no orders any more."""

    template_id: int


@dataclass(frozen=True, slots=True)
class TemplateSaved:
    """The template, and its place in the order of match."""

    template_id: int
    position: int


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """What it costs, in points, that goods wait for the next day; a new version of the site's rule.

    A line that becomes late by waiting costs the points of its customer's tier, and more for each day late and each 100
    of value; each day since the order came in costs a little in any case.
    """

    site_id: int
    waits_by: str = WaitsBy.ORDER
    tier_a: int = 400
    tier_b: int = 200
    tier_c: int = 100
    late_day: int = 50
    value_100: int = 5
    age_day: int = 1


@dataclass(frozen=True, slots=True)
class PolicySaved:
    """The version that counts now."""

    version: int


@dataclass(frozen=True, slots=True)
class ChangeHands:
    """More or fewer people at work on a day than the shifts say, from now on or from a time, with the reason."""

    site_id: int
    people: int
    reason: str
    zone: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandsChanged:
    """The change, and how many people work at that time."""

    change_id: int
    people: int


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Plan what goes to which wave and what waits. `ahead_days` takes orders that are due later, too."""

    site_id: int
    ahead_days: int = 0
    improve: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan in figures; `gap` in thousandths of the penalty that may be too much, `instead_of` the plans that were
    dropped for it."""

    plan_id: int
    number: str
    waves: int
    lines: int
    waiting: int
    penalty: int
    method: str
    gap: int
    instead_of: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MoveLines:
    """The planner decides otherwise: lines (or all of their orders) go, or wait, whatever the plan says."""

    plan_id: int
    line_ids: list[int]
    goes: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LinesMoved:
    """How many lines changed sides, and by how many seconds the hands are overdrawn now."""

    lines: int
    over_seconds: int


@dataclass(frozen=True, slots=True)
class ReleaseWaves:
    """Give waves of a plan to the floor, one. `without_changed` leaves out what changed since the plan;
    `although_late` says that whoever releases knows what misses its truck or cut-off."""

    plan_wave_id: int
    without_changed: bool = False
    although_late: bool = False


@dataclass(frozen=True, slots=True)
class WaveStarted:
    """The wave on the floor."""

    wave_id: int
    number: str
    orders: int
    lines: int
    units: int
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class DropPlan:
    """A plan is not followed any more."""

    plan_id: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """The plan, and how many of its waves had not been released."""

    plan_id: int
    waves: int


@dataclass(frozen=True, slots=True)
class ReleaseNext:
    """Release the next orders of a continuous template, as far as its zones have room."""

    template_id: int


@dataclass(frozen=True, slots=True)
class NextReleased:
    """What went: the wave (0 = none), and how many orders and lines."""

    wave_id: int
    orders: int
    lines: int
    why: str


@dataclass(frozen=True, slots=True)
class RecallWave:
    """Take a wave back from the floor: what is picked stays picked."""

    wave_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class AddToWave:
    """An urgent order joins a wave on the floor."""

    wave_id: int
    order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class SplitWave:
    """Orders of a wave become a wave of their own; what is picked of them stays where it is."""

    wave_id: int
    order_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class WaveChanged:
    """The wave (the new one of a split), the picks that changed hands, and lines of an order that could not join."""

    wave_id: int
    number: str
    picks: int
    units: int
    lines_left: int = 0


@dataclass(frozen=True, slots=True)
class MoveCutOff:
    """The truck of a wave comes later, or earlier: another cut-off for it, with the reason."""

    wave_id: int
    cut_off_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CutOffMoved:
    """By when the wave must be picked now."""

    wave_id: int
    cut_off_at: datetime
    pick_until: datetime


@dataclass(frozen=True, slots=True)
class TellSlips:
    """Look for waves that cannot be staged and loaded by their cut-off any more."""


@dataclass(frozen=True, slots=True)
class SlipsTold:
    """The waves that slipped."""

    wave_ids: list[int]


@dataclass(frozen=True, slots=True)
class WaveSlipped:
    """Event: a wave cannot be staged and loaded by its cut-off; its orders need another way or another day."""

    wave_id: int
    number: str
    site_id: int
    order_ids: list[int]
    service_id: int
    cut_off_at: datetime
    open_picks: int
    ready_at: datetime
    kind: str = "waves.slipped"


@dataclass(frozen=True, slots=True)
class WavePlanned:
    """Event: a plan was made."""

    plan_id: int
    site_id: int
    on: date
    lines: int
    waiting: int
    kind: str = "waves.planned"


class BadTemplate(Invalid):
    """A template, policy or change of people that makes no sense; names every bad field."""

    code = "bad_wave_template"


class TemplateNotFound(NotFound):
    """There is no such template."""

    code = "wave_template_not_found"


class PlanNotFound(NotFound):
    """There is no such plan, or no such wave in it."""

    code = "wave_plan_not_found"


class PlanOver(FlowrackError):
    """The plan was dropped, or this wave of it is on the floor already."""

    code = "wave_plan_over"


class PlanChanged(FlowrackError):
    """Orders changed since the plan was made; names each."""

    code = "wave_plan_changed"


class NothingToPlan(FlowrackError):
    """No order is due of which anything is reserved and not with a picker."""

    code = "nothing_to_plan"


class NothingNext(FlowrackError):
    """No order of the template can go, or no zone has room."""

    code = "nothing_next"


class NotOnFloor(FlowrackError):
    """Nothing of the wave is left to pick."""

    code = "wave_not_on_floor"
