"""Master data as simulations and scenarios write it: plain specifications, made in bulk."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.catalog.commands import import_items
from flowrack.integrations.people import People
from flowrack.locations import queries as locations
from flowrack.locations.commands import import_locations, import_sites, import_zones
from flowrack.parties import queries as parties
from flowrack.parties.commands import import_carriers, import_customers, import_supplier_items, import_suppliers
from flowrack.platform.importing import ImportFile, ImportReport, Options, store_file
from flowrack.platform.runner import Context

Import = Callable[[Context, ImportFile], ImportReport]

SITE = ("code", "name", "timezone", "country")
ZONE = ("site", "code", "name", "role")
PLACE = (
    "site",
    "code",
    "zone",
    "kind",
    "pick_sequence",
    "max_volume_ml",
    "max_weight_g",
    "max_lpns",
    "max_beam_weight_g",
    "aisle",
    "bay",
    "level",
    "hazard_classes",
)
ITEM = (
    "sku",
    "name",
    "base_uom",
    "tracking",
    "has_expiry",
    "shelf_life_days",
    "costing",
    "standard_cost",
    "list_price",
    "velocity",
    "hazard_class",
    "hazard_division",
    "each_weight_g",
)
SIZES = ["each_length_mm", "each_width_mm", "each_height_mm"]
SUPPLIER = ("code", "name", "country", "lead_time_days", "delivery_weekdays")
OFFER = ("supplier", "sku", "unit_cost", "moq", "multiple", "is_preferred")
CUSTOMER = ("code", "name", "country", "tier", "ships_partial", "min_remaining_life_days", "substitutes")


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """An item to be made. `packs` are (level, base units, GTIN); a GTIN may be empty. `hazard` is class or division."""

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
    hazard: str = ""
    weight_g: int | None = None
    packs: list[tuple[str, int, str]] = field(default_factory=list)
    size_mm: tuple[int, int, int] | None = None  # of one unit: length, width, height


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
    is_preferred: bool = True


@dataclass(frozen=True, slots=True)
class CustomerSpec:
    """A customer and his terms."""

    code: str
    name: str
    country: str = "GB"
    tier: str = "C"
    ships_partial: str = "partial"
    min_life_days: int = 0
    substitutes: str = "no"


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A location of a zone. Capacity 0 = without limit."""

    zone: str
    code: str
    kind: str = "bin"
    pick_sequence: int = 0
    max_volume_ml: int | None = None
    max_weight_g: int | None = None
    max_lpns: int | None = None
    max_beam_weight_g: int | None = None
    aisle: str = ""
    bay: str = ""
    level: str = ""
    hazard_classes: str = ""


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """A zone of a site and its role."""

    code: str
    name: str
    role: str


class MasterData:
    """Makes what is specified, in bulk, through the imports of the stages: the same engine that reads people's files.

    The key of each import is made of its content, so that a repeated one is answered from the record.
    """

    def __init__(self, people: People, at: datetime) -> None:
        self._people = people
        self._at = at

    def site(
        self, code: str, name: str, zones: Sequence[ZoneSpec], places: Sequence[PlaceSpec], *, country: str = "GB"
    ) -> tuple[int, dict[str, int]]:
        """A site with its zones and places: its id and the places' ids."""
        self._bring(import_sites, "sites", SITE, [(code, name, "Europe/London", country)])
        self._bring(import_zones, "zones", ZONE, [(code, z.code, z.name, z.role) for z in zones])
        site_id = locations.site(code).site_id
        return site_id, self.places(site_id, places)

    def places(self, site_id: int, places: Sequence[PlaceSpec]) -> dict[str, int]:
        """More places of zones that exist; ids by code."""
        if not places:
            return {}
        code = locations.site(site_id).code
        rows = [
            (
                code,
                p.code,
                p.zone,
                p.kind,
                p.pick_sequence,
                p.max_volume_ml,
                p.max_weight_g,
                p.max_lpns,
                p.max_beam_weight_g,
                p.aisle,
                p.bay,
                p.level,
                p.hazard_classes,
            )
            for p in places
        ]
        self._bring(import_locations, "locations", PLACE, rows)
        return {c: row.location_id for c, row in locations.by_code(site_id, [p.code for p in places]).items()}

    def items(self, items: Sequence[ItemSpec]) -> dict[str, int]:
        """Items and their packs; ids by SKU."""
        levels = list(dict.fromkeys(level for item in items for level, _, _ in item.packs))
        bigger = [level for level in levels if level != "each"]
        header = [*ITEM, *(f"{level}_factor" for level in bigger), *(f"{level}_gtin" for level in levels)]
        sized = any(item.size_mm for item in items)
        header += SIZES if sized else []
        rows = []
        for item in items:
            factors = {level: units for level, units, _ in item.packs}
            gtins = {level: gtin for level, _, gtin in item.packs}
            rows.append(
                (
                    item.sku,
                    item.name,
                    item.base_uom,
                    item.tracking,
                    "yes" if item.has_expiry else "no",
                    item.shelf_life_days,
                    item.costing,
                    item.standard_cost,
                    item.list_price,
                    item.velocity,
                    item.hazard.split(".")[0],
                    item.hazard if "." in item.hazard else "",
                    item.weight_g,
                    *(factors.get(level) for level in bigger),
                    *(gtins.get(level) for level in levels),
                    *((item.size_mm or (None, None, None)) if sized else ()),
                )
            )
        self._bring(import_items, "items", header, rows)
        return catalog.item_ids([item.sku for item in items])

    def suppliers(self, suppliers: Sequence[SupplierSpec]) -> dict[str, int]:
        """Suppliers and their terms; ids by code."""
        rows = [(s.code, s.name, s.country, s.lead_days, ", ".join(map(str, s.weekdays))) for s in suppliers]
        self._bring(import_suppliers, "suppliers", SUPPLIER, rows)
        found = parties.find_by_code([s.code for s in suppliers])
        return {code: row.party_id for code, row in found.items()}

    def offers(self, offers: Sequence[OfferSpec]) -> None:
        """What suppliers sell, and who is the preferred supplier of an item."""
        rows = [(o.supplier, o.sku, o.unit_cost, o.moq, o.multiple, "yes" if o.is_preferred else "no") for o in offers]
        self._bring(import_supplier_items, "supplier items", OFFER, rows)

    def customers(self, customers: Sequence[CustomerSpec]) -> dict[str, int]:
        """Customers and their terms; ids by code."""
        rows = [(c.code, c.name, c.country, c.tier, c.ships_partial, c.min_life_days, c.substitutes) for c in customers]
        self._bring(import_customers, "customers", CUSTOMER, rows)
        found = parties.find_by_code([c.code for c in customers])
        return {code: row.party_id for code, row in found.items()}

    def carriers(self, codes: Sequence[str]) -> dict[str, int]:
        """Carriers; ids by code."""
        self._bring(import_carriers, "carriers", ("code", "name"), [(code, "Carrier") for code in codes])
        return {code: row.party_id for code, row in parties.find_by_code(codes).items()}

    def _bring(self, command: Import, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Write the rows as a file and import it on behalf of the data steward."""
        if not rows:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
        digest = store_file(text.getvalue().encode(), f"{name}.csv")
        ctx = self._people.context("data_steward", f"masterdata:{name}:{digest}", self._at)
        command(ctx, ImportFile(digest, f"{name}.csv", Options()))
