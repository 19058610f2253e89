"""The words of inbound: requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

QUALITIES = ("available", "inspection", "quarantine", "damaged", "hold", "expired")


class Available(StrEnum):
    """When received goods become available; a policy says it, without one they do after putaway."""

    ON_RECEIPT = "on_receipt"
    AFTER_INSPECTION = "after_inspection"
    AFTER_PUTAWAY = "after_putaway"


class Discrepancy(StrEnum):
    """Why a line is not as expected; a person may state other reasons."""

    NONE = ""
    OVER = "over"
    DAMAGED = "damaged"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What a person counted: by item (spread over the PO's lines in order) or for one PO line.

    `lpn` is the code of the pallet or tote it stands on, known or new; `quality` says how it was found; `reason` is
    what the person says about it, `responsible` (supplier, carrier, house) who did it, `photos` what it looks like.
    `is_lot_confirmed` says that the lot is this item's, though only another item is known to have it.
    """

    units: Units
    item_id: int = 0
    po_line_id: int = 0
    lot: str = ""
    expires_on: date | None = None
    lpn: str = ""
    quality: str = "available"
    reason: str = ""
    produced_on: date | None = None
    responsible: str = "supplier"
    photos: tuple[str, ...] = ()
    is_lot_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Receive:
    """Lines of one PO that came to one dock place. With `is_bin_asked` their putaways are planned in the same act, and
    the answer says where to take them."""

    po_id: int
    location_id: int
    lines: list[CountedLine]
    delivery_note: str = ""
    is_bin_asked: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A count as it was booked; `location_id` is where it stands when that is not the dock place, else 0.

    Of the units, so many `cross_dock_units` go straight to an outbound door and need no bin. `planned_move_id` is the
    putaway that was planned in the same act, if its bin was asked for.
    """

    receipt_line_id: int
    po_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int
    quality: str
    discrepancy: str = ""
    location_id: int = 0
    cross_dock_units: int = 0
    planned_move_id: int = 0


@dataclass(frozen=True, slots=True)
class Suggested:
    """The bin to which a receipt line should go; location 0 when none fits."""

    receipt_line_id: int
    planned_move_id: int
    location_id: int
    location: str


@dataclass(frozen=True, slots=True)
class CrossDocked:
    """Units of a receipt line that go straight to an order: which, for whom, to which place and door ("" = none)."""

    cross_dock_id: int
    number: str
    receipt_line_id: int
    units: int
    order_number: str
    customer: str
    staging: str
    door: str


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt the counts went to, what the PO still owes, and what goes straight to waiting orders."""

    receipt_id: int
    number: str
    po_id: int
    posting_id: int
    value: Decimal
    owed_units: int
    lines: list[ReceivedLine]
    cross_docks: list[CrossDocked] = field(default_factory=list)
    putaways: list[Suggested] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo one `receive`, named by its posting."""

    posting_id: int


@dataclass(frozen=True, slots=True)
class TakeBackDelivery:
    """Undo all counts of a pallet or an ASN, named by their postings."""

    posting_ids: list[int]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The reversal, and the lines that no longer count."""

    receipt_id: int
    posting_id: int
    reversal_id: int
    receipt_line_ids: list[int]


@dataclass(frozen=True, slots=True)
class DeliveryTakenBack:
    """What was taken back of a delivery, count by count."""

    counts: list[TakenBack]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A PO line of which nothing more is expected, and why."""

    po_line_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CloseReceipt:
    """The truck is done. Lines still owed stay open on the PO unless they are given up here."""

    receipt_id: int
    give_up: list[GiveUp] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReceiptClosed:
    """A closed receipt: units counted on it, units its PO still owes, units given up."""

    receipt_id: int
    number: str
    po_id: int
    counted_units: int
    owed_units: int
    given_up_units: int


@dataclass(frozen=True, slots=True)
class ReopenReceipt:
    """More came, or a count of a closed receipt was wrong: why it is open again."""

    receipt_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptReopened:
    """A receipt that is open again."""

    receipt_id: int
    number: str
    po_id: int


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """Lines were counted at a dock place."""

    receipt_id: int
    po_id: int
    site_id: int
    location_id: int
    supplier_id: int
    posting_id: int
    lines: list[ReceivedLine]
    kind: str = "inbound.received"


@dataclass(frozen=True, slots=True)
class TakenBackEvent:
    """A count was undone."""

    receipt_id: int
    posting_id: int
    receipt_line_ids: list[int]
    kind: str = "inbound.taken_back"


@dataclass(frozen=True, slots=True)
class ReceiptClosedEvent:
    """Nothing more comes on this receipt."""

    receipt_id: int
    po_id: int
    kind: str = "inbound.receipt_closed"


@dataclass(frozen=True, slots=True)
class ReceiptReopenedEvent:
    """A closed receipt is open again."""

    receipt_id: int
    po_id: int
    reason: str
    kind: str = "inbound.receipt_reopened"


@dataclass(frozen=True, slots=True)
class BackLine:
    """Units in a place that go back to the supplier; `receipt_move_id` names the receipt whose cost they take along."""

    item_id: int
    units: int
    location_id: int
    lot_id: int = 0
    lpn_id: int = 0
    quality: str = "available"
    receipt_move_id: int = 0


@dataclass(frozen=True, slots=True)
class ReturnToSupplier:
    """Goods of one site for one supplier, and why they go back."""

    site_id: int
    supplier_id: int
    lines: list[BackLine]
    reason: str


@dataclass(frozen=True, slots=True)
class SentBack:
    """What left for the supplier, and what it was worth in stock."""

    posting_id: int
    units: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class SentBackEvent:
    """Goods went back to a supplier; a credit is due."""

    posting_id: int
    site_id: int
    supplier_id: int
    units: int
    value: Decimal
    kind: str = "inbound.sent_back"


@dataclass(frozen=True, slots=True)
class AvailabilityPolicy:
    """When goods of a scope become available, and why; ids of 0 leave the scope open.

    On receipt they stand at once in a pickable place of the site, which `location_id` names. Without `valid_from` it
    counts at once.
    """

    available: Available
    item_id: int = 0
    family_id: int = 0
    supplier_id: int = 0
    site_id: int = 0
    location_id: int = 0
    reason: str = ""
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class SetAvailability:
    """Policies to set (one for each scope), and scopes that lose theirs."""

    policies: list[AvailabilityPolicy] = field(default_factory=list)
    end_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AvailabilitySet:
    """The ids of the policies set, in order, and how many ended."""

    policy_ids: list[int]
    ended: int


class NothingCounted(Invalid):
    """A receipt without lines."""

    code = "nothing_counted"


class NotOnPo(FlowrackError):
    """The item is on no line of the PO."""

    code = "not_on_po"
    status = 409


class LotOfAnotherItem(Invalid):
    """A lot that is on file for another item, and that nobody confirmed for this one."""

    code = "lot_of_another_item"


class LotNeeded(Invalid):
    """The item is tracked by lot or serial and the count names none."""

    code = "lot_needed"


class BadCount(Invalid):
    """A count that makes no sense."""

    code = "bad_count"


class NotADock(Invalid):
    """The place is no receiving place of the PO's site."""

    code = "not_a_dock"
