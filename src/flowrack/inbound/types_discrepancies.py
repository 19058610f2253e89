"""The words of discrepancies: kinds, requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.inbound.types import Received
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units


class Kind(StrEnum):
    """What is not as expected."""

    SHORT = "short"
    OVER = "over"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    EXPIRED = "expired"
    SHORT_DATED = "short_dated"
    EARLY = "early"
    LATE = "late"
    NO_PO = "no_po"
    UNREADABLE = "unreadable"


class Responsible(StrEnum):
    """Who answers for a discrepancy. What the carrier broke does not count against the supplier."""

    SUPPLIER = "supplier"
    CARRIER = "carrier"
    HOUSE = "house"


class Outcome(StrEnum):
    """What a tolerance says to do."""

    ACCEPT = "accept"
    FLAG = "flag"
    HOLD = "hold"
    REFUSE = "refuse"


class Verdict(StrEnum):
    """What a person decides about a discrepancy."""

    ACCEPT = "accept"
    CLAIM = "claim"
    DEBIT = "debit"
    SEND_BACK = "send_back"


@dataclass(frozen=True, slots=True)
class RecordDiscrepancy:
    """Something that is not as expected and that no count says: a label nobody can read, another item in the box.

    `asn_line_id`, `po_line_id` or `item_id` say what it is about; an unreadable label needs none of them.
    """

    site_id: int
    supplier_id: int
    kind: str
    reason: str
    units: int = 0
    item_id: int = 0
    po_line_id: int = 0
    lpn: str = ""
    responsible: str = Responsible.SUPPLIER
    note: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscrepancyRecorded:
    """The record and its number."""

    discrepancy_id: int
    number: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class AddPhotos:
    """More pictures of a discrepancy."""

    discrepancy_id: int
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhotosAdded:
    """How many pictures the discrepancy has now."""

    discrepancy_id: int
    count: int


@dataclass(frozen=True, slots=True)
class DecideDiscrepancies:
    """One verdict about some discrepancies.

    `amount` is the money claimed for a single one; None = the value of each. `responsible` corrects who answers for
    them. A claim or debit note is drafted for each site, supplier and who answers for it.
    """

    discrepancy_ids: list[int]
    verdict: str
    note: str = ""
    amount: Decimal | None = None
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A discrepancy after the verdict: its state, the money and the claim or debit note that asks for it.

    `sent_units` of goods without an order went back; `left_units` have left quarantine and stay to be put on an order.
    """

    discrepancy_id: int
    state: str
    amount: Decimal
    document: str
    sent_units: int = 0
    left_units: int = 0


@dataclass(frozen=True, slots=True)
class DiscrepanciesDecided:
    """The discrepancies, in the order of the request."""

    decided: list[Decided]


@dataclass(frozen=True, slots=True)
class PutOnPo:
    """Goods that came without an order are counted on this PO after all."""

    discrepancy_id: int
    po_id: int


@dataclass(frozen=True, slots=True)
class PackLine:
    """What a person found of one ASN line of a pack, where it is not what the notice says.

    Of `units`, so many `damaged_units` are set aside for a `reason`; `responsible` says who did it. `is_lot_confirmed`
    says that the lot is this item's, though only another item is known to have it.
    """

    asn_line_id: int
    units: int
    lot: str = ""
    expires_on: date | None = None
    damaged_units: int = 0
    reason: str = ""
    responsible: str = Responsible.SUPPLIER
    photos: tuple[str, ...] = ()
    is_lot_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ReceivePack:
    """A whole pallet or carton of an ASN, by its SSCC. Lines that are not named came as announced.

    `is_bin_asked`: its bin is chosen at once.
    """

    sscc: str
    location_id: int
    lines: list[PackLine] = field(default_factory=list)
    is_bin_asked: bool = False


@dataclass(frozen=True, slots=True)
class PackReceived:
    """What the pack brought: a receipt for each PO, what waits for the buyer, what is missing."""

    sscc: str
    asn_id: int
    asn_number: str
    receipts: list[Received]
    units: int
    held_units: int
    short_units: int
    posting_ids: list[int]


@dataclass(frozen=True, slots=True)
class BlindLine:
    """Units of an item that came without an order, and on which LPN they stand.

    `is_lot_confirmed`: somebody read the label again; the item has this lot though another item has it, too.
    """

    item_id: int
    units: Units
    lot: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    lpn: str = ""
    photos: tuple[str, ...] = ()
    is_lot_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ReceiveBlind:
    """Goods without a reference that came to a dock place. `supplier_id` 0 = nobody knows who sent them."""

    location_id: int
    lines: list[BlindLine]
    supplier_id: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BlindReceived:
    """Where the goods wait: in quarantine, a discrepancy for each line."""

    posting_id: int
    discrepancy_ids: list[int]
    numbers: list[str]


@dataclass(frozen=True, slots=True)
class SettleAsn:
    """An ASN of which nothing more comes: what it announced and nobody counted is missing."""

    asn_id: int


@dataclass(frozen=True, slots=True)
class AsnSettled:
    """The discrepancies that were recorded."""

    discrepancy_ids: list[int]


@dataclass(frozen=True, slots=True)
class SetTolerance:
    """What is tolerated from now on: of a supplier, an item family, both, or (neither) by default.

    A percentage or number of days left out tolerates what the order says, or any number of days.
    """

    on_over: str
    on_under: str
    on_early: str
    on_late: str
    on_short_dated: str
    supplier_id: int = 0
    family: str = ""
    over_pct: Decimal | None = None
    over_units: int | None = None
    under_pct: Decimal | None = None
    under_units: int | None = None
    early_days: int | None = None
    late_days: int | None = None
    min_life_days: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ToleranceSet:
    """The row, and which version of its scope it is."""

    tolerance_id: int
    version: int


@dataclass(frozen=True, slots=True)
class BlindReceivedEvent:
    """Goods came without an order; the buyer must say what becomes of them."""

    site_id: int
    supplier_id: int
    posting_id: int
    discrepancy_ids: list[int]
    kind: str = "inbound.received_blind"


@dataclass(frozen=True, slots=True)
class DiscrepanciesRecordedEvent:
    """Something is not as expected."""

    discrepancy_ids: list[int]
    kind: str = "inbound.discrepancies_recorded"


@dataclass(frozen=True, slots=True)
class DiscrepanciesDecidedEvent:
    """Discrepancies were decided; scorecards and invoice matching may look at them."""

    discrepancy_ids: list[int]
    verdict: str
    kind: str = "inbound.discrepancies_decided"


class NotTolerated(FlowrackError):
    """A count that the tolerance of the supplier or item refuses."""

    code = "not_tolerated"
    status = 409


class UnknownPack(FlowrackError):
    """No open ASN has this SSCC."""

    code = "unknown_pack"
    status = 404


class AlreadyReceived(FlowrackError):
    """The pack was counted before."""

    code = "already_received"
    status = 409


class BadDiscrepancy(Invalid):
    """A discrepancy or verdict that makes no sense."""

    code = "bad_discrepancy"


class BadTolerance(Invalid):
    """A tolerance that makes no sense."""

    code = "bad_tolerance"
