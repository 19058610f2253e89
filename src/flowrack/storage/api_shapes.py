"""Shapes of storage's API: what comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from flowrack.inspection.types_holds import Cause
from flowrack.ledger.types import OWN
from flowrack.platform.apipages import BigId


class PlannedMoveOut(Schema):
    """A planned putaway or refill; `to_location_id` 0 = no bin fits."""

    id: int
    kind: str
    state: str
    site_id: int
    item_id: int
    sku: str
    lot: str
    lpn_id: int
    lpn: str
    quality: str
    units: int
    done_units: int
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    origin: str
    planned_at: datetime
    ended_at: datetime | None
    ended_in: str
    reason: str


class WhyOut(Schema):
    """A stored decision."""

    sentence: str
    rule: str
    detail: dict[str, Any]
    decided_at: datetime | None


class NeedIn(Schema):
    """Goods that stand at a place and should lie in a bin; `origin` names the document."""

    origin: str
    location_id: BigId
    item_id: BigId
    units: int
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"


class PlanIn(Schema):
    """Goods of one site."""

    site_id: BigId
    needs: list[NeedIn]


class PlannedOut(Schema):
    """A planned move and its target."""

    planned_move_id: int
    location_id: int


class PlansOut(Schema):
    """The planned moves, in the order of the request."""

    moves: list[PlannedOut]


class ReplanIn(Schema):
    """Open putaways to choose again; none named = those of the site without a bin."""

    site_id: BigId
    planned_move_ids: list[BigId] = []


class CarriedIn(Schema):
    """A planned move that was carried out; no location = the suggested one, no units = all that is left."""

    planned_move_id: BigId
    location_id: BigId | None = None
    units: int = 0
    reason: str = ""


class TakePutawaysIn(Schema):
    """Keep what this device has along for longer, and take `count` pallets more; no zones mean the whole site."""

    site_id: int
    zone_ids: list[int] = Field(default_factory=list, max_length=200)
    count: int = Field(5, ge=0, le=50)


class PutawaysTakenOut(Schema):
    """The open planned moves that the device has along now."""

    planned_move_ids: list[int]


class CarriedListIn(Schema):
    """Planned moves that were carried out."""

    lines: list[CarriedIn]


class CarryDoneOut(Schema):
    """The posting, and what is still open."""

    posting_id: int
    units: int
    open_move_ids: list[int]


class PutawayUndoneOut(Schema):
    """The reversing posting, and the putaways that wait again."""

    reversal_id: int
    units: int
    planned_move_ids: list[int]


class MoveUndoneOut(Schema):
    """The reversing posting."""

    reversal_id: int
    units: int


class LpnMoveIn(Schema):
    """A whole LPN."""

    lpn_id: BigId
    location_id: BigId


class ItemMoveIn(Schema):
    """Units of an item."""

    item_id: BigId
    units: int
    from_location_id: BigId
    to_location_id: BigId
    lot_id: int = 0
    from_lpn_id: int = 0
    to_lpn_id: int = 0
    quality: str = "available"


class BinMoveIn(Schema):
    """Everything in a place."""

    from_location_id: BigId
    to_location_id: BigId


class MoveIn(Schema):
    """Moves inside one site."""

    site_id: BigId
    lpns: list[LpnMoveIn] = []
    items: list[ItemMoveIn] = []
    bins: list[BinMoveIn] = []


class MovedOut(Schema):
    """What was posted."""

    posting_id: int
    line_count: int
    units: int


class StockReleaseAskedOut(Schema):
    """Released already, or waiting under this approval."""

    release_id: int
    number: str
    state: str
    approval: str
    units: int


class UnpackIn(Schema):
    """LPNs to take everything off."""

    site_id: BigId
    lpn_ids: list[BigId]


class StockAtIn(Schema):
    """Units of one kind of stock at a place; 0 = all of it. Our own, unless another owner is named."""

    location_id: BigId
    item_id: BigId
    units: int = 0
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"
    owner_id: BigId = OWN


class HoldIn(Schema):
    """Stock to hold, why, and whose matter it is."""

    site_id: BigId
    lines: list[StockAtIn]
    reason: str
    quality: str = "hold"
    cause: Cause = Cause.QUALITY


class ReleaseIn(Schema):
    """Stock to release, and why; each line says in which quality it is held."""

    site_id: BigId
    lines: list[StockAtIn]
    reason: str


class AdjustmentIn(Schema):
    """Units found (positive) or lost (negative)."""

    location_id: BigId
    item_id: BigId
    units: int
    lot: str = ""
    lpn_id: int = 0
    quality: str = "available"
    unit_value: Decimal | None = None


class AdjustIn(Schema):
    """Corrections with one reason."""

    site_id: BigId
    lines: list[AdjustmentIn]
    reason: str
    note: str = ""


class ScrapIn(Schema):
    """Stock to throw away, with one reason."""

    site_id: BigId
    lines: list[StockAtIn]
    reason: str
    note: str = ""


class AdjustedOut(Schema):
    """The posting and the money that moved into stock (negative: out of it)."""

    posting_id: int
    units: int
    value: Decimal


class FaceIn(Schema):
    """A pick face; max 0 ends it."""

    location_id: BigId
    item_id: BigId
    min_units: int
    max_units: int
    trigger: Literal["run_out", "min_max", "by_hand"] = "run_out"


class FacesIn(Schema):
    """Pick faces of a site."""

    site_id: BigId
    faces: list[FaceIn]


class FacesOut(Schema):
    """How many faces there are now among those named."""

    count: int


class SendIn(Schema):
    """Stock that leaves a site for another one."""

    site_id: BigId
    to_site_id: BigId
    lines: list[StockAtIn] = Field(min_length=1, max_length=500)
    note: str = Field("", max_length=200)
    due_on: date | None = None


class ArrivedIn(Schema):
    """Units that came from another site; `quality` as they left."""

    item_id: BigId
    units: int = Field(ge=1, le=2**31)
    lot_id: int = 0
    quality: str = "available"


class ReceiveSentIn(Schema):
    """What of another site's goods reached a place of this one. transfer_id 0 = of the oldest transfer."""

    site_id: BigId
    from_site_id: BigId
    location_id: BigId
    lines: list[ArrivedIn] = Field(min_length=1, max_length=500)
    transfer_id: int = Field(0, ge=0, le=2**62)


class SentOut(Schema):
    """What was sent, and the transfer under which it travels."""

    posting_id: int
    line_count: int
    units: int
    transfer_id: int
    number: str


class SentReceivedOut(Schema):
    """What arrived, and the transfers of which nothing is on the way any more."""

    posting_id: int
    line_count: int
    units: int
    finished_ids: list[int]
