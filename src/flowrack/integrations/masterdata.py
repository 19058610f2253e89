"""Master data as simulations and scenarios write it: plain specifications, made through the stages' commands in bulk."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """An item to be made. `packs` are (level, base units, GTIN) above the single unit."""

    sku: str
    name: str
    base_uom: str = "each"
    tracking: str = "none"
    has_expiry: bool = False
    shelf_life_days: int | None = None
    costing: str = "fifo"
    standard_cost: Decimal | None = None
    list_price: Decimal | None = None
    velocity: str = "C"
    family: str = ""
    packs: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SupplierSpec:
    """A supplier and his terms."""

    code: str
    name: str
    country: str = "GB"
    lead_days: int = 7


@dataclass(frozen=True, slots=True)
class OfferSpec:
    """An item as a supplier sells it."""

    supplier: str
    sku: str
    unit_cost: Decimal
    moq: int = 1
    multiple: int = 1


@dataclass(frozen=True, slots=True)
class CustomerSpec:
    """A customer and his terms."""

    code: str
    name: str
    country: str = "GB"
    tier: str = "C"
    ships_partial: str = "partial"
    min_life_days: int = 0


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A location of a zone. Capacity 0 = without limit."""

    zone: str
    code: str
    kind: str = "bin"
    pick_sequence: int = 0
    max_volume_ml: int | None = None
    max_weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """A zone of a site and its role."""

    code: str
    name: str
    role: str
