"""Waves, picks and cartons for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from flowrack.fulfilment import api_cartons, api_lists, api_packing, commands, queries
from flowrack.fulfilment import types as words
from flowrack.fulfilment.types_short import ShortUndone, UndoShort
from flowrack.fulfilment.types_stock import HoldStock, ScrapStock
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.storage.api_shapes import AdjustedOut, HoldIn, MovedOut, ScrapIn
from flowrack.storage.types import Adjusted, Moved, StockAt

router = Router(tags=["fulfilment"])
router.add_router("", api_cartons.router)
router.add_router("", api_lists.router)
router.add_router("", api_packing.router)
MOST = 1_000_000_000


class ReleaseIn(Schema):
    """Orders to give to the pickers of a site."""

    site_id: BigId
    order_ids: list[BigId] = Field(max_length=10_000)
    staging_id: int = Field(0, ge=0, le=2**62)
    line_ids: list[BigId] = Field([], max_length=20_000, description="lines that go; empty = all")
    wave_id: int = Field(0, ge=0, le=2**62, description="a wave on the floor that they join; 0 = a new one")
    cut_off_at: AwareDatetime | None = Field(None, description="when the truck of a new wave leaves, with its zone")


class SkippedOut(Schema):
    """An order left out, and why."""

    order_id: int
    number: str
    why: str


class ReleasedOut(Schema):
    """The wave."""

    wave_id: int
    number: str
    pick_ids: list[int]
    units: int
    order_ids: list[int]
    skipped: list[SkippedOut]
    cartons: int
    list_ids: list[int]


class PickIn(Schema):
    """Units taken for a pick; 0 = all of it. tote_id 0 = loose."""

    pick_id: BigId
    units: int = Field(0, ge=0, le=MOST)
    tote_id: int = Field(0, ge=0, le=2**62)


class PicksIn(Schema):
    """Picks that were made."""

    picks: list[PickIn] = Field(max_length=1000)


class PickedOut(Schema):
    """What was booked."""

    pick_ids: list[int]
    units: list[int]
    rest_ids: list[int]
    posting_id: int


class ShortIn(Schema):
    """Units found and why not all: none_there, damaged, wrong_item or cannot_reach."""

    found_units: int = Field(ge=0, le=MOST)
    reason: str = Field(max_length=20)
    tote_id: int = Field(0, ge=0, le=2**62)


class ShortOut(Schema):
    """The new picks, units from another bin, units of other items with what they stand for, and what waits again."""

    pick_id: int
    units: int
    elsewhere_ids: list[int]
    elsewhere_units: int
    waiting_units: int
    instead_units: int
    replaced_units: int
    unseen_units: int


class PutBackIn(Schema):
    """Whether the order is cancelled when all is back, and why."""

    then_cancel: bool = False
    reason: str = Field("", max_length=200)


class ShortFoundOut(Schema):
    """The pick that is open again, its units, and the picks that are not needed any more."""

    pick_id: int
    units: int
    called_back_ids: list[int]
    list_id: int


class PutBackOut(Schema):
    """The picks that the floor is to put back."""

    order_id: int
    pick_ids: list[int]
    units: int


class UndoneOut(Schema):
    """The pick is open again."""

    pick_id: int
    units: int


class RecallIn(Schema):
    """Orders to call back."""

    order_ids: list[BigId] = Field(max_length=1000)
    reason: str = Field(max_length=200)
    wave_id: int = Field(0, ge=0, le=2**62, description="only what is in this wave; 0 = any")


class RecalledOut(Schema):
    """Picks called back."""

    pick_ids: list[int]
    units: int


class ContentIn(Schema):
    """Verified units of a line."""

    line_id: BigId
    units: int = Field(ge=1, le=MOST)
    lot_id: int = Field(0, ge=0, le=2**62)
    from_lpn_id: int = Field(0, ge=0, le=2**62)


class PackIn(Schema):
    """One carton; no contents = all that is staged for the order."""

    order_id: BigId
    contents: list[ContentIn] = Field([], max_length=1000)
    kind: str = Field("carton", max_length=8)
    weight_g: int = Field(0, ge=0, le=2_000_000_000)
    carton_type: str = Field("", max_length=20, description="code of the carton that was taken; empty = not said")
    planned_type: str = Field("", max_length=20, description="the one proposed, where the release planned none")
    checked: Literal["", "scanned", "counted", "at_once", "not_told"] = ""


class PackOrdersIn(Schema):
    """Cartons to pack."""

    cartons: list[PackIn] = Field(max_length=200)


class CartonOut(Schema):
    """A packed carton."""

    carton_id: int
    lpn_id: int
    sscc: str
    order_id: int
    units: int


class PackedOut(Schema):
    """The cartons."""

    cartons: list[CartonOut]


class UnpackedOut(Schema):
    """The carton is void."""

    carton_id: int
    units: int


class WaveOut(Schema):
    """A wave and its progress."""

    id: int
    number: str
    site_id: int
    standing: str
    released_at: datetime
    orders: int
    picks: int
    open: int
    done: int
    short: int
    units: int
    units_done: int


class PickOut(Schema):
    """One pick."""

    id: int
    sequence: int
    order: str
    line_id: int
    sku: str
    lot: str
    expires_on: date | None
    location: str
    lpn: str
    units: int
    state: str
    tote: str
    done_at: datetime | None
    short_reason: str


@router.get("/waves", response=PageOut[WaveOut])
@requires("fulfilment.view")
def list_waves(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Waves of the sites that the caller may see."""
    caller = caller_of(request)
    site_ids = caller.sites("fulfilment.view") if caller else frozenset()
    return page_out(request, response, queries.waves(site_ids, after_id=after_id(cursor), limit=limit + 1), limit=limit)


@router.get("/waves/{int:wave_id}/picks", response=list[PickOut])
@requires("fulfilment.view")
def picks(request: HttpRequest, wave_id: BigId) -> Any:
    """The picks of a wave in walking order."""
    caller = caller_of(request)
    if queries.access_wave(wave_id, caller.sites("fulfilment.view") if caller else frozenset()) is None:
        raise words.PickNotFound("There is no such wave.", fix="See the list of waves.")
    return queries.picks_of_wave(wave_id, limit=10_000)


@router.post("/waves", response={201: ReleasedOut})
def release(request: HttpRequest, body: ReleaseIn) -> Status[words.Released]:
    """Give promised units of orders to pickers as one wave."""
    req = words.ReleaseOrders(body.site_id, list(body.order_ids), body.staging_id, list(body.line_ids), body.wave_id,
                              body.cut_off_at)  # fmt: skip
    return Status(201, commands.release_orders(context_from(request), req))


@router.post("/waves/recall", response=RecalledOut)
def recall(request: HttpRequest, body: RecallIn) -> words.Recalled:
    """Call orders back from the floor."""
    return commands.recall_orders(
        context_from(request), words.RecallOrders(list(body.order_ids), body.reason, body.wave_id)
    )


@router.post("/orders/{int:order_id}/put-back", response=PutBackOut)
def ask_put_back(request: HttpRequest, order_id: BigId, body: PutBackIn | None = None) -> words.PutBackAsked:
    """Ask the floor to put what is picked of an order back into its bins, and cancel it then where that is asked."""
    asked = words.AskPutBack(order_id, body.then_cancel, body.reason) if body else words.AskPutBack(order_id)
    return commands.ask_put_back(context_from(request), asked)


@router.post("/picks/confirm", response=PickedOut)
def confirm(request: HttpRequest, body: PicksIn) -> words.Picked:
    """Book picks; a scan sends one."""
    req = words.ConfirmPicks([words.Pick(**pick.dict()) for pick in body.picks])
    return commands.confirm_picks(context_from(request), req)


@router.post("/picks/{int:pick_id}/short", response=ShortOut)
def short(request: HttpRequest, pick_id: BigId, body: ShortIn) -> words.ShortPicked:
    """Book a pick of which fewer units were found."""
    return commands.short_pick(context_from(request), words.ShortPick(pick_id, **body.dict()))


@router.post("/picks/{int:pick_id}/found", response=ShortFoundOut)
def found(request: HttpRequest, pick_id: BigId) -> ShortUndone:
    """What a short pick did not find is there after all; its pick is open again."""
    return commands.undo_short(context_from(request), UndoShort(pick_id))


@router.post("/picks/{int:pick_id}/undo", response=UndoneOut)
def undo(request: HttpRequest, pick_id: BigId) -> words.PickUndone:
    """Put a pick back."""
    return commands.undo_pick(context_from(request), words.UndoPick(pick_id))


@router.post("/cartons", response={201: PackedOut})
def pack(request: HttpRequest, body: PackOrdersIn) -> Status[words.Packed]:
    """Pack verified goods into new cartons with SSCCs."""
    cartons = [
        words.Pack(
            c.order_id,
            [words.PackLine(**line.dict()) for line in c.contents],
            c.kind,
            c.weight_g,
            c.carton_type,
            c.planned_type,
            c.checked,
        )
        for c in body.cartons
    ]
    return Status(201, commands.pack_orders(context_from(request), words.PackOrders(cartons)))


@router.post("/cartons/{int:carton_id}/unpack", response=UnpackedOut)
def unpack(request: HttpRequest, carton_id: BigId) -> words.Unpacked:
    """Open a carton again."""
    return commands.unpack_carton(context_from(request), words.UnpackCarton(carton_id))


@router.post("/stock/hold", response=MovedOut)
def hold_stock(request: HttpRequest, body: HoldIn) -> Moved:
    """Hold stock where it lies; promises on it give way by rank."""
    lines = [StockAt(**line.dict()) for line in body.lines]
    req = HoldStock(body.site_id, lines, body.reason, body.quality, cause=body.cause)
    return commands.hold_stock(context_from(request), req)


@router.post("/stock/scrap", response=AdjustedOut)
def scrap_stock(request: HttpRequest, body: ScrapIn) -> Adjusted:
    """Throw stock away; promises on it give way by rank."""
    lines = [StockAt(**line.dict()) for line in body.lines]
    return commands.scrap_stock(context_from(request), ScrapStock(body.site_id, lines, body.reason, body.note))
