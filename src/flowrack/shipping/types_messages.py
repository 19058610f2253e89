"""Sending EDI 856: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class MessagePut:
    """What came of putting an 856 into its folder: empty words = it is there."""

    message_id: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class KeepPuts:
    """What came of putting messages into their folders."""

    puts: list[MessagePut]


@dataclass(frozen=True, slots=True)
class PutsKept:
    """How many are there, and how many are tried again."""

    sent: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SendMessageAgain:
    """The 856 of a shipment goes once more, as it was written."""

    shipment_id: int


@dataclass(frozen=True, slots=True)
class NoteFetched:
    """The customer's side has read the 856 of a shipment through the API."""

    shipment_id: int


@dataclass(frozen=True, slots=True)
class MessageStands:
    """How far the 856 of a shipment is."""

    shipment_id: int
    control: int
    state: str


@dataclass(frozen=True, slots=True)
class TakeAcknowledgment:
    """A customer's 997, as it came."""

    content: str


@dataclass(frozen=True, slots=True)
class AcknowledgedNotice:
    """A notice that a 997 answered; `is_new` is no where it was accepted before."""

    shipment_id: int
    control: int
    answer: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class AcknowledgmentTaken:
    """The notices that were answered."""

    notices: list[AcknowledgedNotice]


class NoMessage(NotFound):
    """No EDI 856 of this shipment, or with this control number for this customer, was written."""

    code = "no_message"
