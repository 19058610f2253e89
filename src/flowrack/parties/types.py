"""The words of parties: suppliers, customers, carriers and owners, their terms, requests and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import Invalid

OWN = 1  # our own company's row


class Tier(StrEnum):
    """How much a customer matters when stock is short; A first."""

    A = "A"
    B = "B"
    C = "C"


class ShipsPartial(StrEnum):
    """What a customer accepts when not all is there.

    complete: the whole order at once; line: whole lines, the rest later; partial: whatever there is.
    """

    COMPLETE = "complete"
    LINE = "line"
    PARTIAL = "partial"


class LabelNeed(StrEnum):
    """What must be printed for a customer's cartons and pallets."""

    SSCC = "sscc"
    CASE_GTIN = "case_gtin"
    LOT = "lot"
    EXPIRY = "expiry"
    CUSTOMER_ITEM = "customer_item"
    PACKING_LIST = "packing_list"


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A company."""

    party_id: int
    code: str
    name: str
    is_supplier: bool
    is_customer: bool
    is_carrier: bool
    is_owner: bool
    country: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class SupplierTermsRow:
    """How a supplier delivers."""

    supplier_id: int
    lead_time_days: int
    min_order_value: Decimal
    order_multiple_units: int
    delivery_weekdays: list[int]
    holidays_of: str


@dataclass(frozen=True, slots=True)
class SupplierItemRow:
    """An item as one supplier sells it; multiple and lead time fall back to the supplier's."""

    supplier_id: int
    item_id: int
    supplier_sku: str
    unit_cost: Decimal
    moq: int
    multiple: int
    lead_time_days: int
    over_tolerance_pct: Decimal
    is_preferred: bool


@dataclass(frozen=True, slots=True)
class CustomerTermsRow:
    """What a customer may expect."""

    customer_id: int
    tier: str
    ships_partial: str
    allows_substitutes: bool
    min_remaining_life_days: int
    label_needs: list[str]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A place to deliver to."""

    address_id: int
    party_id: int
    code: str
    name: str
    lines: str
    city: str
    region: str
    postcode: str
    country: str
    is_default: bool


class UnknownParty(Invalid):
    """A code that no supplier, customer, carrier or owner has."""

    code = "unknown_party"
