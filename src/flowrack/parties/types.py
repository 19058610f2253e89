"""The words of parties: suppliers, customers, carriers and owners, their terms, requests and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid

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


class Substitutes(StrEnum):
    """Whether a customer takes another item than the one he ordered.

    no: never; consent: when he has agreed to this one; yes: what our list of substitutes says.
    """

    NO = "no"
    CONSENT = "consent"
    YES = "yes"


class LastShipment(StrEnum):
    """What the last shipment does that a customer takes of one order.

    waits: leaves only with all that is left; cancels: leaves with what is there, and the rest is cancelled.
    """

    WAITS = "waits"
    CANCELS = "cancels"


class LotRule(StrEnum):
    """Which lots of an item a customer takes.

    any: every one; same: the lot that he got last goes first; new: none that he had before.
    """

    ANY = "any"
    SAME = "same"
    NEW = "new"


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
    substitutes: str
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
    is_to_check: bool = False
    transit_days: int | None = None
    is_residential: bool = False


class UnknownParty(Invalid):
    """A code that no supplier, customer, carrier or owner has."""

    code = "unknown_party"


@dataclass(frozen=True, slots=True)
class SupplierFields:
    """On which terms a supplier delivers."""

    lead_time_days: int = 7
    min_order_value: Decimal = Decimal(0)
    order_multiple_units: int = 1
    delivery_weekdays: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])


@dataclass(frozen=True, slots=True)
class CustomerFields:
    """What a customer may expect. An order keeps it as it was on the day of entry.

    `min_remaining_life_days` counts at delivery, `transit_days` after the goods left (where the address does not say).
    `cancel_after_days` after the wanted day, what still waits for stock is cancelled. By `channel` (of the list
    that sales keeps) and under `contract` his orders come where they say nothing else.
    """

    tier: Tier = Tier.C
    ships_partial: ShipsPartial = ShipsPartial.PARTIAL
    substitutes: Substitutes = Substitutes.NO
    min_remaining_life_days: int = 0
    label_needs: list[LabelNeed] = field(default_factory=list)
    max_shipments: int | None = None
    last_shipment: LastShipment = LastShipment.WAITS
    min_shipment_value: Decimal = Decimal(0)
    cancel_after_days: int | None = None
    lot_rule: LotRule = LotRule.ANY
    transit_days: int = 0
    channel: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class PartyFields:
    """What people keep about a company; the terms make it a supplier or a customer. A supplier delivers, and a carrier
    drives, on no public holiday of the country `holidays_of`."""

    name: str
    country: str = ""
    gln: str = ""
    email: str = ""
    phone: str = ""
    holidays_of: str = ""
    is_carrier: bool = False
    is_owner: bool = False
    supplier: SupplierFields | None = None
    customer: CustomerFields | None = None


@dataclass(frozen=True, slots=True)
class CreateParty:
    """A new company."""

    code: str
    party: PartyFields


@dataclass(frozen=True, slots=True)
class UpdateParty:
    """A company as it should be; `version` is the one that was read. Terms that are left out end that part."""

    party_id: int
    version: int
    party: PartyFields
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SaveAddress:
    """An address of a party, by its code: new, or as it should be."""

    party_id: int
    code: str
    name: str
    lines: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    is_default: bool = False
    is_to_check: bool = False
    is_active: bool = True
    transit_days: int | None = None
    is_residential: bool = False


@dataclass(frozen=True, slots=True)
class SaveSupplierItem:
    """An item as a supplier sells it: new, or as it should be."""

    supplier_id: int
    item_id: int
    unit_cost: Decimal
    supplier_sku: str = ""
    moq: int = 1
    multiple: int = 1
    lead_time_days: int | None = None
    over_tolerance_pct: Decimal = Decimal(2)
    is_preferred: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SaveCarrierService:
    """A way in which a carrier takes goods, by its code: new, or as it should be."""

    carrier_id: int
    code: str
    name: str
    transit_days: int = 1
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CarrierServiceRow:
    """A way in which a carrier takes goods."""

    service_id: int
    carrier_id: int
    code: str
    name: str
    transit_days: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class PartySaved:
    """A company, or something that belongs to it, was created or changed."""

    party_id: int
    code: str
    version: int
    kind: str = "parties.saved"


@dataclass(frozen=True, slots=True)
class PartyListRow:
    """A company in a list."""

    id: int
    code: str
    name: str
    country: str
    tier: str
    ships_partial: str
    lead_time_days: int | None
    items: int
    is_supplier: bool
    is_customer: bool
    is_carrier: bool
    is_owner: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A company with all that its page shows."""

    party_id: int
    code: str
    version: int
    is_active: bool
    party: PartyFields


class PartyRefused(Invalid):
    """A company whose fields do not fit together."""

    code = "party_refused"


class PartyCodeTaken(FlowrackError):
    """Another company has the code."""

    code = "party_code_taken"
