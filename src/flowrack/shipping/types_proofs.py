"""What proving a delivery, papers and notices of departure are asked, answer and tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound


class Outcome(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    PARTIAL = "partial"
    REFUSED = "refused"


class Kept(StrEnum):
    """Why units were not taken."""

    REFUSED = "refused"
    DAMAGED = "damaged"
    SHORT = "short"


KEPT_WORDS = {
    Kept.REFUSED: "The customer did not want it",
    Kept.DAMAGED: "Damaged on the way",
    Kept.SHORT: "Missing at the door",
}


class Retention(StrEnum):
    """For how long a proof is kept: as the site says, or for as long as goods under watch ask."""

    COMMERCIAL = "commercial"
    REGULATED = "regulated"


class PaperKind(StrEnum):
    """The papers of a truck."""

    LOADING_LIST = "loading_list"
    BILL_OF_LADING = "bill_of_lading"
    MANIFEST = "manifest"


PAPER_WORDS = {
    PaperKind.LOADING_LIST: "Loading list",
    PaperKind.BILL_OF_LADING: "Bill of lading",
    PaperKind.MANIFEST: "Manifest",
}


class Answer(StrEnum):
    """What a customer's system says of a notice of departure."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Units of a shipment's line that the customer did not take, and why."""

    shipment_line_id: int
    units: int
    reason: str


@dataclass(frozen=True, slots=True)
class ProveDelivery:
    """How a shipment was handed over: who took it, when and where, with signature and photos.

    `signature` and `photos` are digests of kept pictures. Latitude and longitude are in 10^-7 degrees.
    """

    shipment_id: int
    outcome: str
    received_by: str
    happened_at: datetime
    signature: str = ""
    photos: list[str] = field(default_factory=list)
    place: str = ""
    latitude_e7: int | None = None
    longitude_e7: int | None = None
    note: str = ""
    not_taken: list[NotTaken] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeliveryProved:
    """The proof, its hash, and until when it is kept."""

    proof_id: int
    number: str
    shipment_id: int
    sha256: str
    keep_until: date


@dataclass(frozen=True, slots=True)
class NotTakenLine:
    """Units that come back, or are missing, as the event tells them."""

    order_line_id: int
    units: int
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryTold:
    """Event: a shipment was handed over, in part or not at all; returns are announced from it."""

    proof_id: int
    shipment_id: int
    number: str
    site_id: int
    outcome: str
    order_ids: list[int]
    not_taken: list[NotTakenLine]
    kind: str = "shipping.delivery_proved"


@dataclass(frozen=True, slots=True)
class PrintPaper:
    """Print a paper of a load; what was printed is kept."""

    load_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class PaperPrinted:
    """The kept paper and its hash."""

    paper_id: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PrintManifest:
    """Print all that left a site with a carrier on a day."""

    site_id: int
    carrier: str
    day: date


@dataclass(frozen=True, slots=True)
class SetNoticeTerms:
    """A customer gets a notice of each departure and confirms it within so many hours; 0 = he gets none.

    With ids for the envelope, each notice is also written as EDI 856: `edi_sender` is who we are to his system. With a
    folder (one name) each 856 is put there; without one it waits to be fetched through the API.
    """

    customer_id: int
    hours: int
    edi_sender: str = ""
    edi_receiver: str = ""
    edi_qualifier: str = "ZZ"
    is_edi_test: bool = False
    edi_folder: str = ""


@dataclass(frozen=True, slots=True)
class NoticeTermsSet:
    """The customer whose terms they are."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class AnswerNotice:
    """The customer's system answered the notice of a departure."""

    shipment_id: int
    answer: str
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoticeAnswered:
    """Whether the answer came in time."""

    shipment_id: int
    answer: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class NoticeMade:
    """Event: a customer who asked for it can read what left: /api/v1/shipments/ID/notice."""

    shipment_id: int
    number: str
    site_id: int
    customer_id: int
    due_at: datetime
    kind: str = "shipping.notice_made"


@dataclass(frozen=True, slots=True)
class WriteNoticeMessage:
    """The notice of a departure as EDI 856."""

    shipment_id: int


@dataclass(frozen=True, slots=True)
class NoticeMessageWritten:
    """Result and event: the 856 can be read at /api/v1/shipments/ID/notice/856; `control` is named by his 997."""

    shipment_id: int
    number: str
    customer_id: int
    control: int
    sha256: str
    kind: str = "shipping.notice_written"


class NoEdiAddress(FlowrackError):
    """The customer's system has no address for EDI."""

    code = "no_edi_address"


class BadProof(Invalid):
    """The proof does not hold together; every bad line is named."""

    code = "bad_proof"


class NothingToPrint(FlowrackError):
    """There is nothing on the paper yet."""

    code = "nothing_to_print"


class PaperNotFound(NotFound):
    """There is no such paper."""

    code = "paper_not_found"


class NotTold(Invalid):
    """Items that a customer's system could not understand."""

    code = "not_told"


class NoNotice(NotFound):
    """No notice was made of the departure."""

    code = "no_notice"


class AnsweredBefore(FlowrackError):
    """The notice was accepted before."""

    code = "answered_before"
