"""The words of a replay: what it runs, and the synthetic world around the real orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid


class ReplayRefused(Invalid):
    """The replay cannot run as asked."""

    code = "replay_refused"


class NotEmpty(FlowrackError):
    """The company has stock already that is not the replay's own."""

    code = "not_empty"


class ReplayBroken(FlowrackError):
    """The books do not add up after a simulated day; the findings are named."""

    code = "replay_broken"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a replay runs. The same settings and the same file give the same books.

    `home_percent` of the customers at home buy from the first site; the others, and all abroad, from the other sites.
    """

    seed: int
    days: int | None
    sites: tuple[str, ...]
    verify_daily: bool = False
    shift_days: int = 0
    until: datetime | None = None
    counts_a_day: int = 4
    pick_faces: int = 0
    home_percent: int = 100
    device: str = "replay"  # in whose name the simulated people work; each site adds its code
    has_wishes: bool = False  # some customers order ahead, some take variants of an item where it is short
    pickers: int = 0  # people at each site who walk pick lists; 0 = waves are picked in one go
    walks_from: date | None = None  # they walk from this day on; None = every day
    from_on: date | None = None  # the history begins on this day
    is_furnished: bool = False  # opening stock from a file, places with limits, items with sizes; trucks, inspections


@dataclass(frozen=True, slots=True)
class SimSize:
    """One unit of an item: length, width and height in mm, weight in g; synthetic."""

    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class SimPack:
    """How an item is packed, each -> inner -> case; synthetic."""

    inner: int
    case: int


@dataclass(frozen=True, slots=True)
class SimItem:
    """An item of the history with what the history does not tell: cost, supplier, packs, handling. All synthetic."""

    sku: str
    name: str
    price: Decimal
    unit_cost: Decimal
    supplier: str
    pack: SimPack
    velocity: str
    costing: str
    tracking: str
    shelf_life_days: int
    units_first_month: int
    units_in_all: int


@dataclass(frozen=True, slots=True)
class SimSupplier:
    """A simulated supplier: how long it takes and how often it errs (in 10,000ths). All synthetic."""

    code: str
    name: str
    country: str
    lead_days: int
    weekday: int
    late: int
    short: int
    over: int


@dataclass(frozen=True, slots=True)
class SimCustomer:
    """A customer of the history; tier by what it buys in the file."""

    code: str
    name: str
    country: str
    tier: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything around the orders, derived from the file and the seed."""

    items: dict[str, SimItem]
    suppliers: dict[str, SimSupplier]
    customers: dict[str, SimCustomer]
    first_on: date
    last_on: date
    taken_back: frozenset[tuple[str, str]] = frozenset()  # pairs of customer and item that are cancelled anywhere
    closed: tuple[date, ...] = ()  # weekdays on which nobody works, in order


@dataclass(frozen=True, slots=True)
class SimLine:
    """One line that a customer orders: exact duplicates on one invoice are separate lines."""

    sku: str
    units: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class SimOrder:
    """One invoice of the history as the order it came from."""

    reference: str
    customer: str
    country: str
    at: datetime
    lines: list[SimLine]


@dataclass(frozen=True, slots=True)
class SimReturn:
    """Units of one sale that come back on a day."""

    reference: str
    sale: str
    customer: str
    sku: str
    units: int


@dataclass(frozen=True, slots=True)
class SimLoss:
    """A write-off of the history: a count of that item will find so many units fewer (or more)."""

    sku: str
    units: int
    note: str


@dataclass(frozen=True, slots=True)
class SimDay:
    """What the outside world does on one day."""

    on: date
    orders: list[SimOrder]
    returns: list[SimReturn]
    losses: list[SimLoss]
    unplaced_units: int
