"""Pick lists for devices and other systems."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.fulfilment import commands, queries_lists
from flowrack.fulfilment.types_lists import DeviceList, ListReturned, ListTaken, ReturnList, TakeList
from flowrack.platform.apipages import BigId
from flowrack.platform.http import caller_of, context_from, requires

router = Router(tags=["fulfilment"])


class TakeListIn(Schema):
    """For how long (0 = as the rule of the zone says), and whether from a colleague who has it."""

    take_over: bool = False
    lease_seconds: int = Field(0, ge=0, le=86_400)


class ListTakenOut(Schema):
    """The list is the caller's until then."""

    list_id: int
    number: str
    lease_until: datetime
    was_taken_from: int


class ReturnListIn(Schema):
    """Free for the next one, or parked."""

    park: bool = False


class ListReturnedOut(Schema):
    """The list is free."""

    list_id: int
    state: str
    open_picks: int


class ListHeadOut(Schema):
    """A pick list without its lines. State: open, taken, parked, done or cancelled."""

    id: int
    number: str
    wave_id: int
    wave: str
    site_id: int
    zone_id: int
    zone: str
    method: str
    unit_kind: str
    state: str
    place_id: int
    place: str
    cart: str
    due_on: date
    due_at: datetime | None
    why: str
    walk_method: str
    walk_mm: int | None
    taken_by_id: int
    taken_by: str
    device: str
    taken_at: datetime | None
    lease_until: datetime | None
    started_at: datetime | None
    last_pick_at: datetime | None
    finished_at: datetime | None


class ScanPolicyOut(Schema):
    """What is scanned for each pick."""

    bin: bool
    item: bool
    lot: bool
    qty: bool
    tote: bool


class ListLineOut(Schema):
    """One pick of a list."""

    pick_id: int
    place: int
    state: str
    location_id: int
    location: str
    lpn_id: int
    lpn: str
    item_id: int
    lot_id: int
    lot: str
    expires_on: date | None
    units: int
    order_id: int
    order: str
    customer: str
    letter: str
    tote_id: int
    tote: str
    done_by: str
    done_at: datetime | None
    short_reason: str


class ItemCodeOut(Schema):
    """A code and the base units that one scan of it stands for."""

    code: str
    units: int


class ListItemOut(Schema):
    """An item of a list with its codes."""

    item_id: int
    sku: str
    name: str
    base_uom: str
    tracking: str
    case_units: int
    codes: list[ItemCodeOut]


class CartPositionOut(Schema):
    """A place on the cart. Order 0: goods of all orders."""

    letter: str
    order_id: int
    order: str
    tote_id: int
    tote: str


class DeviceListOut(Schema):
    """A pick list with all that is needed to pick it without the network."""

    head: ListHeadOut
    scan: ScanPolicyOut
    lines: list[ListLineOut]
    items: list[ListItemOut]
    totes: list[CartPositionOut]


@router.get("/pick-lists/{int:list_id}", response=DeviceListOut)
@requires("fulfilment.view")
def pick_list(request: HttpRequest, list_id: BigId) -> DeviceList:
    """A pick list with its lines, items, codes and totes."""
    caller = caller_of(request)
    return queries_lists.device_list(list_id, caller.sites("fulfilment.view") if caller else frozenset())


@router.post("/pick-lists/{int:list_id}/take", response=ListTakenOut)
def take(request: HttpRequest, list_id: BigId, body: TakeListIn) -> ListTaken:
    """Take a list, keep it for longer, or take it over."""
    return commands.take_list(context_from(request), TakeList(list_id, body.take_over, body.lease_seconds))


@router.post("/pick-lists/{int:list_id}/return", response=ListReturnedOut)
def give_back(request: HttpRequest, list_id: BigId, body: ReturnListIn) -> ListReturned:
    """Give a list back with what is not picked yet."""
    return commands.return_list(context_from(request), ReturnList(list_id, body.park))
