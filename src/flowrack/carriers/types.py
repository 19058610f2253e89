"""What carriers are asked, answer and tell: rate cards, routing guides and the price of lateness."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class CardHazardOf:
    """A class ("2") or division ("2.1") that a service takes; `limited_only`: as limited quantity alone."""

    hazard: str
    limited_only: bool = False


@dataclass(frozen=True, slots=True)
class CardTransitOf:
    """Days of delivery on the way to a zone."""

    zone: str
    days: int


@dataclass(frozen=True, slots=True)
class CardRateOf:
    """What a billable weight up to this one costs: an amount, and so much per kg above a weight."""

    zone: str
    upto_g: int
    price: Decimal
    per_kg: Decimal = Decimal(0)
    over_g: int = 0


@dataclass(frozen=True, slots=True)
class CardSurchargeOf:
    """An amount when its cause is there: always, residential, remote, oversize or hazard."""

    cause: str
    amount: Decimal
    is_per_parcel: bool = False
    has_fuel: bool = False
    over_length_mm: int = 0
    over_girth_mm: int = 0
    over_weight_g: int = 0


@dataclass(frozen=True, slots=True)
class CardServiceOf:
    """A service of the carrier, by its code: what it takes, when it goes, what it costs. 0 = no limit."""

    service: str
    mode: str = "ground"
    basis: str = "parcel"
    divisor: int = 0
    step_g: int = 1
    minimum: Decimal = Decimal(0)
    max_parcel_g: int = 0
    max_length_mm: int = 0
    max_girth_mm: int = 0
    min_pallets: int = 0
    dock_minutes: int = 0
    goes_on: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    delivers_on: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    hazards: list[CardHazardOf] = field(default_factory=list)
    transits: list[CardTransitOf] = field(default_factory=list)
    rates: list[CardRateOf] = field(default_factory=list)
    surcharges: list[CardSurchargeOf] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CardLaneOf:
    """Places of a zone. Empty = any; a site by its code; postcodes by their beginnings."""

    zone: str
    origin_site: str = ""
    origin_country: str = ""
    country: str = ""
    region: str = ""
    postcode_from: str = ""
    postcode_to: str = ""


@dataclass(frozen=True, slots=True)
class CardFuelOf:
    """The fuel percentage from a day on."""

    from_on: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class CardRemoteOf:
    """Postcodes that are far off."""

    country: str
    postcode_from: str
    postcode_to: str


@dataclass(frozen=True, slots=True)
class CardOf:
    """All that a version of a rate card says."""

    valid_from: date
    name: str = ""
    services: list[CardServiceOf] = field(default_factory=list)
    lanes: list[CardLaneOf] = field(default_factory=list)
    fuels: list[CardFuelOf] = field(default_factory=list)
    remotes: list[CardRemoteOf] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WriteRateCard:
    """A rate card of a carrier (by code): a new draft, or the carrier's draft as it should be."""

    carrier: str
    card: CardOf
    is_new: bool = False  # leave a draft that stands alone


@dataclass(frozen=True, slots=True)
class CopyRateCard:
    """Begin a new draft with what a version says, and prices more or less by a percentage."""

    card_id: int
    valid_from: date
    change_pct: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ApproveRateCard:
    """Let a draft price goods from its day on."""

    card_id: int


@dataclass(frozen=True, slots=True)
class DropRateCard:
    """A draft that is not wanted."""

    card_id: int


@dataclass(frozen=True, slots=True)
class WithdrawRateCard:
    """A version that prices no more."""

    card_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class RateCardSaved:
    """A version as it stands now."""

    card_id: int
    carrier_id: int
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class RateCardApproved:
    """Event: a carrier's prices change from a day on."""

    card_id: int
    carrier_id: int
    version: int
    valid_from: date
    kind: str = "carriers.rate_card_approved"


@dataclass(frozen=True, slots=True)
class GuideLineOf:
    """A service (carrier's code and service's code) that a customer allows, requires or bars; his account with it."""

    carrier: str
    service: str
    rule: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class SetRoutingGuide:
    """The whole routing guide of a customer (by code), in place of the one before. No lines: he has none."""

    customer: str
    lines: list[GuideLineOf] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RoutingGuideSet:
    """The guide was kept."""

    customer_id: int
    lines: int


@dataclass(frozen=True, slots=True)
class SetLateCosts:
    """What a day of lateness counts in the choice of carriers, by the customer's tier."""

    a: Decimal
    b: Decimal
    c: Decimal


@dataclass(frozen=True, slots=True)
class LateCostsSet:
    """The costs are kept."""

    a: Decimal
    b: Decimal
    c: Decimal


class BadRateCard(Invalid):
    """A rate card that does not make sense; names every bad line."""

    code = "bad_rate_card"


class CardNotDraft(FlowrackError):
    """The version is not in a state for this."""

    code = "card_not_draft"


class DraftStands(FlowrackError):
    """The carrier has a draft already, which would be written over."""

    code = "rate_card_draft_stands"


class CardNotFound(NotFound):
    """There is no such version of a rate card."""

    code = "rate_card_not_found"


class BadGuide(Invalid):
    """A routing guide that does not make sense; names every bad line."""

    code = "bad_routing_guide"


class BadLateCosts(Invalid):
    """A price of lateness that makes no sense."""

    code = "bad_late_costs"


class ChoiceNotFound(NotFound):
    """There is no such choice of a carrier."""

    code = "carrier_choice_not_found"


class NoCarrierOption(FlowrackError):
    """The service cannot take the goods."""

    code = "no_carrier_option"
