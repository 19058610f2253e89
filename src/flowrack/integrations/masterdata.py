"""Master data as simulations and scenarios write it: plain specifications, made in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flowrack.integrations import steps
from flowrack.integrations.people import People


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
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)


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


class MasterData:
    """Makes what is specified; everything in bulk. Ids come back by code."""

    def __init__(self, people: People) -> None:
        self._people = people

    def site(
        self, code: str, name: str, zones: Sequence[ZoneSpec], places: Sequence[PlaceSpec], *, country: str = "GB"
    ) -> tuple[int, dict[str, int]]:
        """A site with its zones and places: its id and the places' ids."""
        site_id = steps.make_site(code, name, country)
        steps.make_zones(site_id, [(z.code, z.name, z.role) for z in zones])
        return site_id, self.places(site_id, places)

    def places(self, site_id: int, places: Sequence[PlaceSpec]) -> dict[str, int]:
        """More places of zones that exist."""
        return steps.make_places(site_id, [(p.zone, p.code, p.kind, p.pick_sequence) for p in places])

    def items(self, items: Sequence[ItemSpec]) -> dict[str, int]:
        """Items and their packs."""
        return steps.make_items(items)

    def suppliers(self, suppliers: Sequence[SupplierSpec]) -> dict[str, int]:
        """Suppliers and their terms."""
        return steps.make_suppliers([(s.code, s.name, s.country, s.lead_days, list(s.weekdays)) for s in suppliers])

    def offers(self, offers: Sequence[OfferSpec]) -> None:
        """What suppliers sell."""
        steps.make_offers([(o.supplier, o.sku, o.unit_cost, o.moq, o.multiple) for o in offers])

    def customers(self, customers: Sequence[CustomerSpec]) -> dict[str, int]:
        """Customers and their terms."""
        return steps.make_customers(
            [(c.code, c.name, c.country, c.tier, c.ships_partial, c.min_life_days) for c in customers]
        )
