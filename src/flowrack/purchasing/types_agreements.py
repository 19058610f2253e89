"""The words of supplier agreements: what is agreed, what of it an order uses, requests, results and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

AGREEMENT_KIND = "purchasing.agreement"


class PriceSource(StrEnum):
    """Where the unit cost of a PO line came from; empty on lines older than this record."""

    AGREEMENT = "agreement"
    LIST = "list"
    STANDARD = "standard"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """A unit cost from so many units on, from a day on (None = from the first day of the agreement).

    The breaks of a later day replace all those of an earlier one.
    """

    from_units: Units
    unit_cost: Decimal
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """What is agreed for one item, or for all items of a family; None = as the supplier's list says."""

    item_id: int | None = None
    family_id: int | None = None
    prices: list[PriceBreak] = field(default_factory=list)
    moq: Units | None = None
    multiple: Units | None = None
    lead_time_days: int | None = None
    over_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """What is agreed for whole orders; None = as the supplier's terms say.

    `order_weekdays` are the days on which the supplier takes orders, 1 = Monday; `closed_days` those on which neither
    orders are taken nor goods come. The minimum of an order is in money, grams and millilitres.
    """

    lead_time_days: int | None = None
    min_value: Decimal | None = None
    min_weight_g: int | None = None
    min_volume_ml: int | None = None
    order_weekdays: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5, 6, 7])
    delivery_weekdays: list[int] | None = None
    closed_days: list[date] = field(default_factory=list)
    over_pct: Decimal | None = None
    under_pct: Decimal | None = None
    early_days: int | None = None
    late_days: int | None = None


@dataclass(frozen=True, slots=True)
class AgreementContent:
    """An agreement as it should read. No site = every site; no `valid_to` = until another one replaces it."""

    supplier_id: int
    valid_from: date
    valid_to: date | None = None
    site_id: int | None = None
    reference: str = ""
    note: str = ""
    terms: AgreedTerms = field(default_factory=AgreedTerms)
    lines: list[AgreedLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CreateAgreement:
    """A new agreement, as a draft."""

    content: AgreementContent


@dataclass(frozen=True, slots=True)
class ChangeAgreement:
    """New content for a draft; `revision` is the one that was read."""

    agreement_id: int
    revision: int
    content: AgreementContent


@dataclass(frozen=True, slots=True)
class ReviseAgreement:
    """The next version of an agreement in force, as a draft that begins with the same content."""

    agreement_id: int
    valid_from: date


@dataclass(frozen=True, slots=True)
class ApproveAgreement:
    """A draft to put in force; `revision` is the one that was seen."""

    agreement_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class EndAgreement:
    """Withdraw a draft, or let an agreement in force end on a day (None = today)."""

    agreement_id: int
    reason: str
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class AgreementSaved:
    """An agreement as it stands now; `approval` is the request under which a draft waits."""

    agreement_id: int
    number: str
    version: int
    revision: int
    state: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class ApplyAgreements:
    """Agreements whose approval was decided, with the request of each."""

    agreement_ids: list[int]
    request_ids: list[int]


@dataclass(frozen=True, slots=True)
class AgreementsApplied:
    """Those that are in force now, and those whose approval counts no more."""

    in_force: list[int]
    voided: list[int]


@dataclass(frozen=True, slots=True)
class AgreementApproved:
    """Event: an agreement is in force from its first day on."""

    agreement_id: int
    supplier_id: int
    kind: str = "purchasing.agreement_approved"


class BadAgreement(Invalid):
    """An agreement that cannot be as it stands."""

    code = "bad_agreement"


class AgreementOverlaps(FlowrackError):
    """Another agreement with the supplier is in force at the same time for the same site."""

    code = "agreement_overlaps"
    status = 409


@dataclass(frozen=True, slots=True)
class Break:
    """A price that counts on a day: from so many units on."""

    price_id: int
    from_units: int
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """On which terms one supplier sells one item to one site on one day, whoever says so: agreement or list."""

    moq: int = 1
    multiple: int = 1
    lead_time_days: int | None = None
    over_pct: Decimal | None = None
    list_cost: Decimal | None = None
    agreement_id: int = 0
    agreement: str = ""
    breaks: tuple[Break, ...] = ()
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """On which terms one supplier takes and delivers an order for one site on one day."""

    lead_time_days: int = 7
    order_weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    delivery_weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    closed_days: tuple[date, ...] = ()
    min_value: Decimal = Decimal(0)
    min_weight_g: int = 0
    min_volume_ml: int = 0
    under_pct: Decimal | None = None
    over_pct: Decimal | None = None
    early_days: int | None = None
    late_days: int | None = None
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """The unit cost of a line, where it came from and what was agreed for this quantity on that day."""

    unit_cost: Decimal
    source: PriceSource
    agreed_cost: Decimal | None
    price_id: int | None
    sentence: str

    @property
    def is_off(self) -> bool:
        """Whether a person typed another price than the agreed one."""
        return self.source == PriceSource.TYPED and self.agreed_cost is not None and self.unit_cost != self.agreed_cost
