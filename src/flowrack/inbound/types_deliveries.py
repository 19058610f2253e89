"""Words of receiving a whole ASN: the request, what came of it, and what a person must decide about single lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.inbound.types import Received
from flowrack.inbound.types_discrepancies import PackLine
from flowrack.shared.errors import FlowrackError

MOST_BINS_ASKED = 2_000


@dataclass(frozen=True, slots=True)
class ReceiveAsn:
    """All of an ASN that is not counted yet, at one dock place. Lines that are not named came as announced; those in
    `leave`, by id of the ASN line, are not counted now.

    `is_bin_asked`: the bins of at most MOST_BINS_ASKED lines are chosen at once; the worker plans those of more.
    """

    asn_id: int
    location_id: int
    lines: list[PackLine] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    is_bin_asked: bool = False


@dataclass(frozen=True, slots=True)
class AsnReceived:
    """What the ASN brought: a receipt for each PO, what waits for the buyer, what is missing, lines left out."""

    asn_id: int
    asn_number: str
    receipts: list[Received]
    units: int
    held_units: int
    short_units: int
    left_lines: int
    posting_ids: list[int]


@dataclass(frozen=True, slots=True)
class Matter:
    """What is particular about an ASN line that would be received as announced.

    `is_blocking`: it cannot be, unless somebody answers (`fix`); else it says what will become of the goods.
    """

    asn_line_id: int
    line_no: int
    sku: str
    sscc: str
    units: int
    field: str
    sentence: str
    fix: str
    is_blocking: bool


class NeedsDecision(FlowrackError):
    """Lines of an ASN cannot be taken in as they were announced."""

    code = "needs_decision"
    status = 409
