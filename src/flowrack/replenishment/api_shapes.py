"""The shapes of replenishment's API."""

from __future__ import annotations

from datetime import datetime, time

from ninja import Schema
from pydantic import AwareDatetime, Field

from flowrack.platform.apipages import BigId


class RefillIn(Schema):
    """A site whose faces are looked at; none named = all items."""

    site_id: BigId
    item_ids: list[BigId] = Field(default_factory=list, max_length=1_000)


class RefillsOut(Schema):
    """What changed, and the faces for which there is nothing in reserve."""

    planned_move_ids: list[int]
    empty_handed_face_ids: list[int]
    refill_ids: list[int]
    cancelled_ids: list[int]
    sent_back_ids: list[int]


class CarriedRefillIn(Schema):
    """A refill that was carried; no location = the planned one, no units = all that is left."""

    planned_move_id: BigId
    location_id: BigId | None = None
    units: int = Field(0, ge=0)
    reason: str = Field("", max_length=200)


class TakeRefillsIn(Schema):
    """Keep what this device has along for longer, and take `count` refills more; no zones mean the whole site."""

    site_id: int
    zone_ids: list[int] = Field(default_factory=list, max_length=200)
    count: int = Field(5, ge=0, le=50)


class RefillsTakenOut(Schema):
    """The refills that the device has along now."""

    refill_ids: list[int]


class CarriedRefillsIn(Schema):
    """Refills that were carried."""

    lines: list[CarriedRefillIn] = Field(min_length=1, max_length=500)


class RefillDoneOut(Schema):
    """The posting, what is still open, and the carries that follow a hand-over."""

    posting_id: int
    units: int
    open_move_ids: list[int]
    next_move_ids: list[int]


class RefillMovedOut(Schema):
    """A refill and its state now."""

    refill_id: int
    state: str


class DrawIn(Schema):
    """Units that will leave a face between two moments."""

    location_id: BigId
    item_id: BigId
    units: int = Field(ge=1)
    from_at: AwareDatetime
    until_at: AwareDatetime


class DrawsIn(Schema):
    """Draws that no order knows of, under a name by which they are changed."""

    site_id: BigId
    origin: str = Field(max_length=60)
    draws: list[DrawIn] = Field(min_length=1, max_length=500)


class DrawsCancelIn(Schema):
    """Units that will not be drawn after all; 0 = none of what was told."""

    site_id: BigId
    origin: str = Field(max_length=60)
    units: int = Field(0, ge=0)


class DrawsOut(Schema):
    """The units that are expected under the name now, and what became of refills."""

    units: int
    planned: int
    cancelled: int
    sent_back: int


class RefillOut(Schema):
    """A refill with its times, the most urgent first."""

    id: int
    state: str
    cause: str
    sku: str
    name: str
    face: str
    from_code: str
    to_code: str
    lpn: str
    lot: str
    units: int
    planned_move_id: int
    not_before: datetime
    land_by: datetime | None
    start_by: datetime | None
    waiting_since: datetime | None
    waiting_lines: int


class HandOverIn(Schema):
    """Where goods from a zone are handed over."""

    zone_id: BigId
    location_id: BigId


class RefillPolicyIn(Schema):
    """How a site refills."""

    task_seconds: int = 120
    spare_seconds: int = 300
    people: int = 1
    draws_until: time = time(17, 0)
    quiet_from: time | None = None
    quiet_until: time | None = None
    top_off_percent: int = 0
    waits_for_refill: bool = False
    hand_overs: list[HandOverIn] = Field(default_factory=list, max_length=500)


class RefillPolicyOut(RefillPolicyIn):
    """The policy of a site, or what holds without one."""

    site_id: int


class PolicySetOut(Schema):
    """The policy of the site is kept."""

    site_id: int


class FaceOut(Schema):
    """A pick face: what lies there, what waves reserved, what is on its way, and its levels."""

    id: int
    location_id: int
    code: str
    item_id: int
    sku: str
    there: int
    reserved: int
    coming: int
    min_units: int
    max_units: int
    trigger: str
    waiting_lines: int
