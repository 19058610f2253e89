"""The words of replenishment: requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units
from flowrack.storage.types import ALL, Carried, CarriedLine

REFILL = "replenishment.refill"
FACE = "storage.face"
SUGGESTION = "replenishment.slot"


@dataclass(frozen=True, slots=True)
class NewDraw:
    """Units that will leave a face between two moments."""

    location_id: int
    item_id: int
    units: Units
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class ExpectDraws:
    """Draws that no order of Flowrack knows of: a counter sale, a kitting job. `origin` names them for a change."""

    site_id: int
    origin: str
    draws: list[NewDraw]


@dataclass(frozen=True, slots=True)
class CancelDraws:
    """So many units of what was told under a name will not be drawn after all; 0 = none of it."""

    site_id: int
    origin: str
    units: Units = ALL


@dataclass(frozen=True, slots=True)
class DrawsChanged:
    """The units that are expected under that name now, and what became of the refills."""

    units: int
    planned: int
    cancelled: int
    sent_back: int


@dataclass(frozen=True, slots=True)
class PlanRefills:
    """Look at the pick faces of a site (all, or those of some items) and plan what they need."""

    site_id: int
    item_ids: list[int] = field(default_factory=list)
    because: str = ""


@dataclass(frozen=True, slots=True)
class RefillsPlanned:
    """What changed, and the faces for which nothing is left in reserve."""

    planned_move_ids: list[int]
    empty_handed_face_ids: list[int]
    refill_ids: list[int] = field(default_factory=list)
    cancelled_ids: list[int] = field(default_factory=list)
    sent_back_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LiftRefill:
    """A driver has the goods of a refill on the fork."""

    refill_id: int


@dataclass(frozen=True, slots=True)
class PutDownRefill:
    """The goods stand again where they were taken from; somebody else may do it, or it is over if it was sent back."""

    refill_id: int


@dataclass(frozen=True, slots=True)
class TakeRefills:
    """Keep what this person has along on this device for longer, and take `count` refills more.

    Those come first that run out first. No zones mean faces of the whole site.
    """

    site_id: int
    zone_ids: list[int] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class RefillsTaken:
    """The refills that the device has along now."""

    refill_ids: list[int]


@dataclass(frozen=True, slots=True)
class ReportLeftover:
    """The place from which a refill takes the last units is not empty after all."""

    refill_id: int


@dataclass(frozen=True, slots=True)
class LeftoverFound:
    """Event: a driver saw goods where the books say there are none; counting opens a count of the bin."""

    site_id: int
    location_id: int
    item_id: int
    refill_id: int
    kind: str = "replenishment.leftover_found"


@dataclass(frozen=True, slots=True)
class RefillMoved:
    """A refill and its state now."""

    refill_id: int
    state: str


@dataclass(frozen=True, slots=True)
class ConfirmRefill:
    """Refills that were carried: to the face, or to the place of the hand-over."""

    lines: list[Carried]


@dataclass(frozen=True, slots=True)
class RefillDone:
    """The posting, the units, what is still open of the carries, and carries that follow from a hand-over."""

    posting_id: int
    units: int
    open_move_ids: list[int]
    next_move_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SetRefillPolicy:
    """How a site refills."""

    site_id: int
    task_seconds: int = 120
    spare_seconds: int = 300
    people: int = 1
    draws_until: time = time(17, 0)
    quiet_from: time | None = None
    quiet_until: time | None = None
    top_off_percent: int = 0
    waits_for_refill: bool = False
    hand_overs: list[tuple[int, int]] = field(default_factory=list)  # (zone, place)


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policy of the site is kept."""

    site_id: int


@dataclass(frozen=True, slots=True)
class Refilled:
    """Pick faces were filled."""

    site_id: int
    posting_id: int
    lines: list[CarriedLine]
    kind: str = "replenishment.refilled"


@dataclass(frozen=True, slots=True)
class RefillsChanged:
    """A plan changed refills: new ones, cancelled ones, lifted ones that go back."""

    site_id: int
    refill_ids: list[int]
    cancelled_ids: list[int]
    sent_back_ids: list[int]
    kind: str = "replenishment.planned"


class NoSuchRefill(FlowrackError):
    """The refill is done, cancelled, or never was."""

    code = "no_such_refill"
    status = 409


class FaceFull(FlowrackError):
    """The face has no room for that many units."""

    code = "face_full"
    status = 409


class NotItsFace(FlowrackError):
    """A refill was to land in another place than its face."""

    code = "not_its_face"
    status = 409


class BadDraw(Invalid):
    """A draw that makes no sense; names every bad line."""

    code = "bad_draw"


class BadRefillPolicy(Invalid):
    """A policy that makes no sense; names every bad field."""

    code = "bad_refill_policy"
