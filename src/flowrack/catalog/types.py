"""The catalogue's words: tracking, costing and pack levels, requests, results and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid


class Tracking(StrEnum):
    """How finely an item is followed: not at all, by lot, or by single serial number."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class Costing(StrEnum):
    """How an item's stock is valued."""

    FIFO = "fifo"
    AVERAGE = "average"
    STANDARD = "standard"
    LOT_ACTUAL = "lot_actual"


class Level(StrEnum):
    """A level of the packaging tree, smallest first."""

    EACH = "each"
    INNER = "inner"
    CASE = "case"
    LAYER = "layer"
    PALLET = "pallet"


class StorageClass(StrEnum):
    """What kind of bin an item needs."""

    GENERAL = "general"
    SMALL = "small"
    BULKY = "bulky"
    LONG = "long"
    SECURE = "secure"
    HAZMAT = "hazmat"
    FOOD = "food"


class Temperature(StrEnum):
    """The climate an item needs and a bin gives."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class Velocity(StrEnum):
    """How fast an item turns; A is fastest."""

    A = "A"
    B = "B"
    C = "C"


# The UN classes of dangerous goods and their divisions (UN Model Regulations, part 2). "" stands for the whole class.
HAZARD_DIVISIONS: dict[str, tuple[str, ...]] = {
    "1": ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    "2": ("2.1", "2.2", "2.3"),
    "3": (),
    "4": ("4.1", "4.2", "4.3"),
    "5": ("5.1", "5.2"),
    "6": ("6.1", "6.2"),
    "7": (),
    "8": (),
    "9": (),
}
HAZARD_CLASSES = tuple(HAZARD_DIVISIONS)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a scanned or typed code stands for: an item, how many base units, and for a serial number its lot."""

    code: str
    kind: str  # item, or serial
    matched_by: str  # sku, gtin, barcode or serial
    item_id: int
    sku: str
    name: str
    factor: int
    level: str
    lot_id: int
    tracking: str
    has_expiry: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with what later stages decide by; size and weight are those of one base unit (0 = unknown)."""

    item_id: int
    sku: str
    name: str
    family_id: int | None
    base_uom: str
    tracking: str
    has_expiry: bool
    shelf_life_days: int | None
    removal_days: int | None
    alert_days: int | None
    costing: str
    standard_cost: Decimal | None
    list_price: Decimal | None
    storage_class: str
    hazard_class: str
    hazard_division: str
    temperature: str
    velocity: str
    reorder_point: int | None
    order_up_to: int | None
    is_active: bool
    volume_ml: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class Pack:
    """One level of a packaging tree."""

    level: str
    name: str
    factor: int
    gtin: str = ""
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    weight_g: int | None = None
    tie: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class ItemFields:
    """What people keep about an item. The family is named by its code; steward by sign-in name."""

    name: str
    description: str = ""
    family: str = ""
    base_uom: str = "each"
    tracking: Tracking = Tracking.NONE
    has_expiry: bool = False
    shelf_life_days: int | None = None
    best_before_days: int | None = None
    removal_days: int | None = None
    alert_days: int | None = None
    costing: Costing = Costing.FIFO
    standard_cost: Decimal | None = None
    list_price: Decimal | None = None
    storage_class: StorageClass = StorageClass.GENERAL
    hazard_class: str = ""
    hazard_division: str = ""
    temperature: Temperature = Temperature.AMBIENT
    velocity: Velocity = Velocity.C
    origin_country: str = ""
    hs_code: str = ""
    keep_upright: bool = False
    bears_g: int | None = None
    is_limited_quantity: bool = False
    steward: str = ""
    reorder_point: int | None = None
    order_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class CreateItem:
    """A new item with its packs and other barcodes; the each pack is added when it is left out."""

    sku: str
    item: ItemFields
    packs: list[Pack] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """An item as it should be; `version` is the one that was read. Packs given replace those of the same level."""

    item_id: int
    version: int
    item: ItemFields
    packs: list[Pack] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ArchiveItem:
    """Take an item out of use, or back into it."""

    item_id: int
    version: int
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class SetSubstitute:
    """`substitute` may be sent for `sku`: ratio_num units for ratio_den; 0 for 0 takes it back.

    It is sent in multiples of `multiple`, on the days between `valid_from` and `valid_until`, to customers of the
    `excluded_tiers` only with approval; the smallest `priority` is offered first.
    """

    sku: str
    substitute: str
    ratio_num: int = 1
    ratio_den: int = 1
    needs_consent: bool = True
    multiple: int = 1
    is_price_protected: bool = False
    excluded_tiers: list[str] = field(default_factory=list)
    priority: int = 100
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ItemSaved:
    """An item was created or changed."""

    item_id: int
    sku: str
    version: int
    kind: str = "catalog.item_saved"


@dataclass(frozen=True, slots=True)
class ItemListRow:
    """An item in the list."""

    id: int
    sku: str
    name: str
    family: str
    tracking: str
    costing: str
    storage_class: str
    velocity: str
    packs: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item with all that its page shows."""

    item_id: int
    sku: str
    version: int
    is_active: bool
    item: ItemFields
    packs: list[Pack]
    barcodes: list[str]


class SkuTaken(FlowrackError):
    """Another item has the SKU."""

    code = "sku_taken"


class ItemRefused(Invalid):
    """An item whose fields do not fit together."""

    code = "item_refused"


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot or serial number."""

    lot_id: int
    item_id: int
    code: str
    is_serial: bool
    made_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class SubstituteRow:
    """`substitute_id` may replace `item_id`: ratio_num units of it for ratio_den units."""

    item_id: int
    substitute_id: int
    ratio_num: int
    ratio_den: int
    needs_consent: bool
    multiple: int = 1
    is_price_protected: bool = False
    excluded_tiers: tuple[str, ...] = ()
    priority: int = 100
    valid_from: date | None = None
    valid_until: date | None = None


class UnknownCode(Invalid):
    """A code that no item has."""

    code = "unknown_code"


class AmbiguousCode(Invalid):
    """A code that several items have; the candidates are named."""

    code = "ambiguous_code"


class UnknownItem(Invalid):
    """An item id or SKU that does not exist."""

    code = "unknown_item"


class LotRefused(Invalid):
    """A lot or serial number that the item's rules do not allow."""

    code = "lot_refused"


class DoesNotDivide(Invalid):
    """A number of units that is not a whole number of packs."""

    code = "does_not_divide"


class LockedByStock(FlowrackError):
    """Pack factors, costing method and tracking of an item may not change while it is in stock (rule S18)."""

    code = "locked_by_stock"
    status = 409
