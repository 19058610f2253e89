"""The words of notices: ASNs with their packs and lines, events and refusals. Appointments have a file of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid


class PackKind(StrEnum):
    """What carries an SSCC."""

    PALLET = "pallet"
    CARTON = "carton"


class Flag(StrEnum):
    """What a person should look at before the truck comes."""

    NO_OPEN_PO = "no_open_po"
    NOT_ON_PO = "not_on_po"
    MORE_THAN_OWED = "more_than_owed"
    LOT_MISSING = "lot_missing"
    EXPIRY_MISSING = "expiry_missing"
    LOT_OF_ANOTHER_ITEM = "lot_of_another_item"
    EXPIRED_ON_ARRIVAL = "expired_on_arrival"
    PO_CHANGED = "po_changed"


@dataclass(frozen=True, slots=True)
class NewPack:
    """A pallet or carton by its SSCC; `parent` is the SSCC of the pallet on which it stands."""

    sscc: str
    kind: str = PackKind.PALLET
    parent: str = ""


@dataclass(frozen=True, slots=True)
class NewAsnLine:
    """Goods in one pack, or loose. `item` is a SKU, GTIN or barcode.

    Without `uom` the quantity counts what the code stands for: base units for a SKU, cases for the GTIN of a case.
    `uom` names the base unit or a pack level of the item. `is_lot_confirmed` says that the lot is this item's, though
    only another item is known to have it.
    """

    item: str
    quantity: Decimal
    uom: str = ""
    sscc: str = ""
    lot: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    po_number: str = ""
    po_line_no: int = 0
    is_lot_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class NewAsn:
    """One delivery that a supplier announces. Packs that only lines name are pallets."""

    supplier_id: int
    site_id: int
    reference: str
    lines: list[NewAsnLine]
    packs: list[NewPack] = field(default_factory=list)
    expected_at: datetime | None = None
    carrier_id: int = 0


@dataclass(frozen=True, slots=True)
class CreateAsns:
    """Deliveries that suppliers announce."""

    asns: list[NewAsn]


@dataclass(frozen=True, slots=True)
class AsnCreated:
    """An ASN that was taken in: its lines in order, and how many of them are flagged."""

    asn_id: int
    number: str
    line_ids: list[int]
    flagged: int


@dataclass(frozen=True, slots=True)
class AsnsCreated:
    """The ASNs, in the order of the request."""

    asns: list[AsnCreated]


@dataclass(frozen=True, slots=True)
class CancelAsn:
    """A delivery that will not come, and why."""

    asn_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CloseAsn:
    """A delivery of which nothing more is expected, and why when units are missing."""

    asn_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AsnEnded:
    """An ASN that was closed or cancelled; units that were announced and did not come."""

    asn_id: int
    number: str
    state: str
    missing_units: int


@dataclass(frozen=True, slots=True)
class MatchAsns:
    """POs that changed: the open ASNs that point to them are matched again."""

    po_ids: list[int]


@dataclass(frozen=True, slots=True)
class AsnsMatched:
    """How many lines were looked at, and how many now have another match."""

    lines: int
    changed: int


@dataclass(frozen=True, slots=True)
class ReceivedPack:
    """What inbound counted of one ASN line."""

    asn_line_id: int
    units: int


@dataclass(frozen=True, slots=True)
class AsnsCreatedEvent:
    """ASNs came."""

    asn_ids: list[int]
    flagged: int
    kind: str = "dock.asns_created"


@dataclass(frozen=True, slots=True)
class AsnEndedEvent:
    """Nothing more comes on this ASN."""

    asn_id: int
    supplier_id: int
    state: str
    missing_units: int
    kind: str = "dock.asn_ended"


class BadAsn(Invalid):
    """An ASN that cannot be taken in as it stands."""

    code = "bad_asn"


class AsnKnown(FlowrackError):
    """The supplier has sent this reference before."""

    code = "asn_known"
    status = 409


class SsccKnown(FlowrackError):
    """An SSCC that is on its way, or stood here within a year."""

    code = "sscc_known"
    status = 409
