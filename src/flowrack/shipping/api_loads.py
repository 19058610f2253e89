"""Loads for other systems: plan a truck, load it plate by plate, close it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.shipping import commands, queries_along, queries_behind, queries_board, queries_bookings, queries_loads
from flowrack.shipping import types_loads as words
from flowrack.shipping import types_pallets as pallets
from flowrack.shipping.api_shapes_loads import ChangeLoadIn, PlanLoadIn
from flowrack.shipping.queries_behind import BehindRow
from flowrack.shipping.queries_bookings import BookedRow
from flowrack.shipping.types_along import LoadTakenBack, TakeBackLoad

router = Router(tags=["loads"])


class LoadPlannedOut(Schema):
    """The load, and what somebody should know of it."""

    load_id: int
    number: str
    stops: int
    warnings: list[str]


class StartLoadIn(Schema):
    """The door at which the truck stands; 0 = the planned one."""

    door_id: int = Field(0, ge=0, le=2**62)


class LoadStartedOut(Schema):
    """The load at its door."""

    load_id: int
    number: str
    door: str


class LoadPlateIn(Schema):
    """A plate's code, or the number of an order or transfer whose goods are loose."""

    plate: str = Field(max_length=80)
    reason: str = Field("", max_length=200)
    separation: str = Field("", max_length=200)


class PlateLoadedOut(Schema):
    """What went on and how far the truck is."""

    load_id: int
    plate: str
    stop_no: int
    customer: str
    units: int
    loaded: int
    total: int
    warning: str


class TakeOffIn(Schema):
    """A plate's code, or the number of an order or transfer whose goods are loose."""

    plate: str = Field(max_length=80)


class TakenOffOut(Schema):
    """How far the truck is."""

    load_id: int
    plate: str
    loaded: int
    total: int


class SignLoadIn(Schema):
    """The driver's name, and the digest of the signature's picture that was sent to /photos."""

    signed_by: str = Field(max_length=120)
    signature: str = Field(max_length=64)


class LoadOnlyOut(Schema):
    """The load that was changed."""

    load_id: int


class CloseLoadIn(Schema):
    """The seal, and why goods stay behind if some do."""

    seal: str = Field("", max_length=40)
    behind: Literal["", "no_room", "damaged", "not_found", "not_ready", "kept_apart", "customer"] = ""
    note: str = Field("", max_length=200)


class LeftPlateOut(Schema):
    """Goods that stayed; of a transfer, `order` is its number and order_id 0. What was not staged has no plate."""

    order_id: int
    order: str
    plate: str
    units: int
    transfer_id: int
    is_staged: bool


class LoadClosedOut(Schema):
    """The shipments that left with the truck, and what did not."""

    load_id: int
    number: str
    shipment_ids: list[int]
    numbers: list[str]
    units: int
    posting_id: int
    behind: list[LeftPlateOut]
    warning: str
    transfers: list[str]
    transfer_posting_id: int


class CancelLoadIn(Schema):
    """Why the truck does not go."""

    reason: str = Field(max_length=200)


class LoadCancelledOut(Schema):
    """The orders and transfers that are free."""

    load_id: int
    order_ids: list[int]
    transfer_ids: list[int]


class LoadPolicyBody(Schema):
    """How a site loads."""

    stop_order: Literal["free", "warn", "reason", "refuse"] = "warn"
    past_cut_off: Literal["warn", "refuse"] = "warn"
    needs_seal: bool = True
    needs_signature: bool = False
    answer_hours: int = Field(24, ge=1, le=720)
    proof_years: int = Field(7, ge=1, le=30)
    carrier_else: Literal["warn", "reason", "refuse"] = "reason"
    takes_totes: bool = False


class LoadPolicySetOut(Schema):
    """The site whose policy it is."""

    site_id: int


class LoadOut(Schema):
    """A load with how far it is; `stuck` says what keeps it."""

    id: int
    number: str
    state: str
    site_id: int
    door: str
    carrier: str
    trailer: str
    driver: str
    cut_off_at: datetime | None
    planned_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    left_at: datetime | None
    seal: str
    signed_by: str
    carrier_reason: str
    stops: int
    order_ids: list[int]
    loaded: int
    loaded_g: int
    waiting: int
    behind: int
    to_come: int
    minutes_left: int | None
    stuck: str


class LoadStopOut(Schema):
    """A stop, the first to be unloaded first."""

    stop_no: int
    customer: str
    address: str
    order_ids: list[int]
    to_come: int
    transfer_ids: list[int]


class OnTruckOut(Schema):
    """A plate that is on the truck, or went with it; lpn_id 0 = loose goods of the order or transfer."""

    lpn_id: int
    order_id: int
    code: str
    stop_no: int
    units: int
    weight_g: int
    reason: str
    separation: str
    transfer_id: int


class AlongOnOut(Schema):
    """A device that has the truck along."""

    device: str
    person: str
    since: datetime
    until: datetime


class TakeBackIn(Schema):
    """The device from which the truck is taken back."""

    device: str = Field(max_length=80)


class LoadTakenBackOut(Schema):
    """The truck, and the device that had it along."""

    load_id: int
    device: str


class LoadWithStopsOut(LoadOut):
    """A load with its stops, what is on it, what stayed, what was booked with carriers, and who has it along."""

    stops_of: list[LoadStopOut]
    plates: list[OnTruckOut]
    stayed: list[BehindRow]
    bookings: list[BookedRow]
    along: list[AlongOnOut]


def _out(row: queries_board.LoadRow) -> dict[str, Any]:
    made = {"minutes_left": row.minutes_left(now()), "stuck": row.stuck(now())}
    return {name: made[name] if name in made else getattr(row, name) for name in LoadOut.model_fields}


@router.get("/loads", response=PageOut[LoadOut])
@requires("shipping.view")
def list_loads(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """Loads of the sites that the caller may see."""
    rows = queries_board.loads(_sites(request), after_id=after_id(cursor), limit=limit + 1)
    page = page_out(request, response, rows, limit=limit)
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.get("/loads/{int:load_id}", response=LoadWithStopsOut)
@requires("shipping.view")
def get_load(request: HttpRequest, load_id: BigId) -> dict[str, Any]:
    """One load with its stops and what is on it."""
    row = queries_board.access_load(load_id, _sites(request))
    of = {"plates": queries_loads.on_truck(load_id), "bookings": queries_bookings.booked_on(load_id)}
    along = queries_along.along_on([load_id], now())
    stayed = queries_behind.behind(load_id)
    return {**_out(row), "stops_of": queries_loads.stops(load_id), **of, "along": along, "stayed": stayed}


@router.post("/loads", response={201: LoadPlannedOut})
def plan_load(request: HttpRequest, body: PlanLoadIn) -> Status[words.LoadPlanned]:
    """Plan a truck; goods that may not travel together are refused."""
    req = words.PlanLoad(body.site_id, list(body.order_ids), body.truck.truck(), [one.stop() for one in body.transfers])
    return Status(201, commands.plan_load(context_from(request), req))


@router.put("/loads/{int:load_id}", response=LoadPlannedOut)
def change_load(request: HttpRequest, load_id: BigId, body: ChangeLoadIn) -> words.LoadPlanned:
    """Other orders, another order of stops, another truck."""
    transfers = None if body.transfers is None else [one.stop() for one in body.transfers]
    req = words.ChangeLoad(load_id, list(body.order_ids), body.truck.truck(), transfers)
    return commands.change_load(context_from(request), req)


@router.post("/loads/{int:load_id}/start", response=LoadStartedOut)
def start_load(request: HttpRequest, load_id: BigId, body: StartLoadIn) -> words.LoadStarted:
    """The truck stands at its door."""
    return commands.start_load(context_from(request), words.StartLoad(load_id, body.door_id))


@router.post("/loads/{int:load_id}/plates", response={201: PlateLoadedOut})
def load_plate(request: HttpRequest, load_id: BigId, body: LoadPlateIn) -> Status[words.PlateLoaded]:
    """A plate goes on."""
    req = words.LoadPlate(load_id, body.plate, body.reason, body.separation)
    return Status(201, commands.load_plate(context_from(request), req))


@router.post("/loads/{int:load_id}/take-off", response=TakenOffOut)
def take_off(request: HttpRequest, load_id: BigId, body: TakeOffIn) -> words.TakenOff:
    """A plate comes off again."""
    return commands.take_off(context_from(request), words.TakeOff(load_id, body.plate))


@router.post("/loads/{int:load_id}/sign", response=LoadOnlyOut)
def sign_load(request: HttpRequest, load_id: BigId, body: SignLoadIn) -> words.LoadSigned:
    """The driver signs."""
    return commands.sign_load(context_from(request), words.SignLoad(load_id, body.signed_by, body.signature))


@router.post("/loads/{int:load_id}/close", response=LoadClosedOut)
def close_load(request: HttpRequest, load_id: BigId, body: CloseLoadIn) -> words.LoadClosed:
    """The truck is closed and its goods are issued. This cannot be undone."""
    return commands.close_load(context_from(request), words.CloseLoad(load_id, body.seal, body.behind, body.note))


@router.post("/loads/{int:load_id}/leave", response=LoadOnlyOut)
def leave_door(request: HttpRequest, load_id: BigId) -> words.DoorLeft:
    """The truck has left its door."""
    return commands.leave_door(context_from(request), words.LeaveDoor(load_id))


@router.post("/loads/{int:load_id}/cancel", response=LoadCancelledOut)
def cancel_load(request: HttpRequest, load_id: BigId, body: CancelLoadIn) -> words.LoadCancelled:
    """The truck does not go."""
    return commands.cancel_load(context_from(request), words.CancelLoad(load_id, body.reason))


@router.get("/sites/{int:site_id}/load-policy", response=LoadPolicyBody)
@requires("shipping.view")
def get_load_policy(request: HttpRequest, site_id: BigId) -> words.LoadPolicy:
    """How a site loads."""
    return queries_loads.policy_seen(site_id, _sites(request))


@router.put("/sites/{int:site_id}/load-policy", response=LoadPolicySetOut)
def set_load_policy(request: HttpRequest, site_id: BigId, body: LoadPolicyBody) -> words.LoadPolicySet:
    """Say how a site loads."""
    req = words.SetLoadPolicy(site_id, words.LoadPolicy(**body.dict()))
    return commands.set_load_policy(context_from(request), req)


@router.post("/loads/{int:load_id}/take-back", response=LoadTakenBackOut)
def take_back_load(request: HttpRequest, load_id: BigId, body: TakeBackIn) -> LoadTakenBack:
    """A device's hold of the truck ends: what it sends later goes before a person."""
    return commands.take_back_load(context_from(request), TakeBackLoad(load_id, body.device))


class StackCartonsIn(Schema):
    """Cartons by their SSCC, and the pallet's label; empty = a new one."""

    site_id: BigId
    cartons: list[str] = Field(max_length=500)
    pallet: str = Field("", max_length=80)


class CartonsStackedOut(Schema):
    """The pallet and how many cartons stand on it."""

    pallet_id: int
    pallet: str
    cartons: int


class UnstackCartonIn(Schema):
    """A carton by its SSCC."""

    site_id: BigId
    carton: str = Field(max_length=80)


class CartonUnstackedOut(Schema):
    """The pallet on which it stood, and how many are left there."""

    pallet: str
    cartons: int


@router.post("/pallets/stack", response=CartonsStackedOut)
def stack_cartons(request: HttpRequest, body: StackCartonsIn) -> pallets.CartonsStacked:
    """Packed cartons of one address go onto a pallet."""
    req = pallets.StackCartons(body.site_id, list(body.cartons), body.pallet)
    return commands.stack_cartons(context_from(request), req)


@router.post("/pallets/unstack", response=CartonUnstackedOut)
def unstack_carton(request: HttpRequest, body: UnstackCartonIn) -> pallets.CartonUnstacked:
    """A carton comes off its pallet."""
    return commands.unstack_carton(context_from(request), pallets.UnstackCarton(body.site_id, body.carton))


def _sites(request: HttpRequest) -> frozenset[int]:
    caller = caller_of(request)
    return caller.sites("shipping.view") if caller else frozenset()
