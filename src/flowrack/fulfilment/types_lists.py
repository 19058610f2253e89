"""Pick lists: what is asked, answered and refused; and a list as a device takes it along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import FlowrackError, Invalid, NotFound


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


@dataclass(frozen=True, slots=True)
class TakeNextList:
    """Take the list that is best begun now at a site (in a zone, unless that is 0)."""

    site_id: int
    zone_id: int = 0
    lease_seconds: int = 0


@dataclass(frozen=True, slots=True)
class NextListTaken:
    """The list, 0 when none waits; `is_crowded`: its first aisle has as many people as its rule allows."""

    list_id: int
    number: str
    is_crowded: bool = False


@dataclass(frozen=True, slots=True)
class ChangeTote:
    """A tote on a list's cart is full: another one takes its place."""

    list_id: int
    tote_id: int


@dataclass(frozen=True, slots=True)
class ToteChanged:
    """The tote goes to the place of the list; its position waits for another."""

    list_id: int
    tote_id: int


@dataclass(frozen=True, slots=True)
class UseCart:
    """Pick a list with this cart, named by the code on it."""

    list_id: int
    cart: str


@dataclass(frozen=True, slots=True)
class CartUsed:
    """The list is picked with this cart."""

    list_id: int
    cart_id: int
    cart: str


@dataclass(frozen=True, slots=True)
class CartOf:
    """A cart of a site: its code and how many totes it takes."""

    code: str
    positions: int


@dataclass(frozen=True, slots=True)
class SetCarts:
    """All carts of a site, in place of those before."""

    site_id: int
    carts: list[CartOf]


@dataclass(frozen=True, slots=True)
class CartsSet:
    """How many carts are in use, and the codes of those that are not any more."""

    in_use: int
    ended: list[str]


@dataclass(frozen=True, slots=True)
class PickRule:
    """How a site (zone 0) or a zone of it is picked. Limits 0: none. `consolidation_id` 0: the wave's own place.

    `at_short` says where the rest of a short pick comes from: other bins, other bins and then substitutes, or nowhere
    (wait).
    """

    zone_id: int = 0
    method: str = "cluster"
    positions: int = 8
    max_lines: int = 60
    max_volume_ml: int = 0
    max_weight_g: int = 0
    scan_bin: bool = False
    scan_item: bool = True
    scan_lot: bool = False
    scan_qty: bool = False
    scan_tote: bool = True
    aisle_limit: int = 0
    lease_minutes: int = 60
    consolidation_id: int = 0
    at_short: str = "bins"


@dataclass(frozen=True, slots=True)
class SetPickRules:
    """All picking rules of a site, in place of those before. Lists on the floor stay as they are."""

    site_id: int
    rules: list[PickRule]


@dataclass(frozen=True, slots=True)
class PickRulesSet:
    """How many rules the site has."""

    site_id: int
    rules: int


class BadPickRule(Invalid):
    """A picking rule or a cart that makes no sense; names every bad field."""

    code = "bad_pick_rule"


class CartTaken(FlowrackError):
    """The cart is at work with another list, or is too small."""

    code = "cart_taken"


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
    """A pick list (open, taken, parked, done or cancelled) without its lines. What is picked is brought to `place`."""

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


@dataclass(frozen=True, slots=True)
class SwapLot:
    """The picker has another lot of the item in hand than the pick names, from the same bin."""

    pick_id: int
    lot: str


@dataclass(frozen=True, slots=True)
class LotSwapped:
    """The pick is of this lot now."""

    pick_id: int
    lot_id: int
    lot: str
    was_lot_id: int


@dataclass(frozen=True, slots=True)
class LotFreed:
    """Event: a picker took another lot of the item, and the one that was promised is free."""

    site_id: int
    item_ids: list[int]
    kind: str = "fulfilment.lot_freed"


class LotRefused(FlowrackError):
    """The other lot may not be taken for this order."""

    code = "lot_refused"
