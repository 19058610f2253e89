"""Pick lists: what is asked, answered and refused; and a list as a device takes it along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import FlowrackError, NotFound


@dataclass(frozen=True, slots=True)
class TakeList:
    """Take a pick list to work on, for so many seconds (0 = as the rule of its zone says).

    `take_over` takes it from a colleague who has it.
    """

    list_id: int
    take_over: bool = False
    lease_seconds: int = 0


@dataclass(frozen=True, slots=True)
class ListTaken:
    """The list is this person's on this device until then; `was_taken_from` is the colleague who had it."""

    list_id: int
    number: str
    lease_until: datetime
    was_taken_from: int = 0


@dataclass(frozen=True, slots=True)
class ReturnList:
    """Give a list back: to whoever takes it next, or (`park`) to be gone on with later."""

    list_id: int
    park: bool = False


@dataclass(frozen=True, slots=True)
class ListReturned:
    """The list is free again, with so many picks to be made."""

    list_id: int
    state: str
    open_picks: int


class ListNotFound(NotFound):
    """There is no such pick list."""

    code = "pick_list_not_found"


class ListIsTaken(FlowrackError):
    """A colleague has the list."""

    code = "pick_list_taken"


class ListClosed(FlowrackError):
    """Nothing of the list is left to pick."""

    code = "pick_list_closed"


@dataclass(frozen=True, slots=True)
class ScanPolicy:
    """What is scanned for each pick of a list."""

    bin: bool
    item: bool
    lot: bool
    qty: bool
    tote: bool


@dataclass(frozen=True, slots=True)
class ListHead:
    """A pick list without its lines. `place` is where what is picked is brought."""

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


@dataclass(frozen=True, slots=True)
class ListLine:
    """One pick of a list. `letter` is its order's position on the cart; `tote` the tote that stands there now."""

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


@dataclass(frozen=True, slots=True)
class ItemCode:
    """A code by which an item is known, and the base units that one scan of it stands for."""

    code: str
    units: int


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item of a list: its words and all its codes, the SKU first; units of a full case (0: none is known)."""

    item_id: int
    sku: str
    name: str
    base_uom: str
    tracking: str
    case_units: int
    codes: list[ItemCode]


@dataclass(frozen=True, slots=True)
class CartPosition:
    """A place on the cart: whose goods go there and into which tote (0: none yet). Order 0: goods of all orders."""

    letter: str
    order_id: int
    order: str
    tote_id: int
    tote: str


@dataclass(frozen=True, slots=True)
class DeviceList:
    """A pick list with all that is needed to pick it without the network."""

    head: ListHead
    scan: ScanPolicy
    lines: list[ListLine]
    items: list[ListItem]
    totes: list[CartPosition]
