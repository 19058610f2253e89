"""The words of substitutes: what a customer agreed to, offers for a short line, and what was accepted."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import FlowrackError, Invalid

SUBSTITUTION = "allocation.substitution"
RULE = "substitutes/1"


@dataclass(frozen=True, slots=True)
class SetConsent:
    """What a customer says of one item instead of another: `takes` it or not; None = he says nothing any more."""

    customer: str
    sku: str
    substitute: str
    takes: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentSet:
    """The consent that counts now; 0 when there is none."""

    consent_id: int


@dataclass(frozen=True, slots=True)
class SeenPortion:
    """Units of a substitute as a person saw them in an offer."""

    item_id: int
    units: int


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Offer A or B for a short line, as it was seen; B needs a reason, which whoever agrees reads."""

    line_id: int
    offer: str
    seen: list[SeenPortion]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The new lines, units of the ordered item that were reserved and replaced, and what waits for consent."""

    order_id: int
    line_ids: list[int]
    reserved: int
    replaced: int
    pending: int
    approval: str


@dataclass(frozen=True, slots=True)
class UndoSubstitutes:
    """Take back all that is sent instead of a line of an order."""

    line_id: int


@dataclass(frozen=True, slots=True)
class SubstitutesUndone:
    """Units of the ordered item that wait again, and units of substitutes that are free again, by their lines."""

    order_id: int
    waits_again: int
    line_ids: list[int]
    freed: list[int]
    called_back_units: int = 0


@dataclass(frozen=True, slots=True)
class ApplySubstitution:
    """What people said to one request."""

    request_id: int
    state: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class SubstitutionApplied:
    """How the request ended, and the units of the ordered item that were replaced now."""

    request_id: int
    state: str
    replaced: int


@dataclass(frozen=True, slots=True)
class GivenNow:
    """Units of an item and lot that an order line got for a picker to take now; for a substitute, what it replaces."""

    line_id: int
    item_id: int
    sku: str
    lot_id: int
    units: int
    replaces: int


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What a short line got at once; where it got nothing, why, as far as something could have been sent."""

    given: list[GivenNow]
    why_not: str


@dataclass(frozen=True, slots=True)
class SubstitutesAccepted:
    """Event: units of an order line are sent as other items, on lines of their own."""

    order_id: int
    line_id: int
    new_line_ids: list[int]
    replaced: int
    kind: str = "allocation.substituted"


@dataclass(frozen=True, slots=True)
class SubstitutesTakenBack:
    """Event: an order line waits again for units that other items were to stand for."""

    order_id: int
    line_id: int
    line_ids: list[int]
    waits_again: int
    kind: str = "allocation.substitutes_taken_back"


@dataclass(frozen=True, slots=True)
class SubstitutesAsked:
    """Event: somebody is asked whether a substitute may be sent."""

    request_id: int
    order_id: int
    line_id: int
    replaces: int
    kind: str = "allocation.substitutes_asked"


class OfferChanged(FlowrackError):
    """The offer is another one by now."""

    code = "offer_changed"


class NoOffer(FlowrackError):
    """There is nothing to send instead; each candidate says why."""

    code = "no_offer"


class NothingInstead(FlowrackError):
    """Nothing is sent instead of this line."""

    code = "nothing_instead"


class BadConsent(Invalid):
    """A consent that makes no sense; every bad field is named."""

    code = "bad_consent"


class BadOffer(Invalid):
    """An offer that does not exist, or a reason that is missing."""

    code = "bad_offer"
