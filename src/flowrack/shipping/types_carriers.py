"""The choice of carriers: what is asked, answered and told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowrack.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class ChooseCarriers:
    """Choose who takes these orders, those for one place together. By what is packed, else by what is planned.

    `only_packed`: only orders (and those that were chosen with them) of which all is packed.
    `stayed`: why goods of the orders are still here that were to go with a truck; it stands with the new choice.
    """

    order_ids: list[int]
    wave_id: int = 0
    only_packed: bool = False
    stayed: str = ""


@dataclass(frozen=True, slots=True)
class EndChoices:
    """These orders were cancelled, or ship from another site: nobody takes them from where they were."""

    order_ids: list[int]


@dataclass(frozen=True, slots=True)
class ChoicesEnded:
    """The orders whose choice counts no more."""

    order_ids: list[int]


@dataclass(frozen=True, slots=True)
class CarrierChosen:
    """Who takes some orders; service 0 = none can. `cost` is the freight, `landed` that and the price of lateness."""

    choice_id: int
    order_ids: list[int]
    service_id: int
    carrier: str
    service: str
    cost: Decimal
    arrives_on: date | None
    days_late: int
    leaves_on: date | None = None
    lateness: Decimal = Decimal(0)
    landed: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CarriersChosen:
    """The choices that were made; none without a rate card in force. Also the event."""

    choices: list[CarrierChosen]
    kind: str = "shipping.carriers_chosen"


@dataclass(frozen=True, slots=True)
class ReshopCarriers:
    """Choose again for orders that are ready later than was thought, at an instant or (None) now.

    `wave_id` stands for all orders of a wave that have not left.
    """

    reason: str
    order_ids: list[int] = field(default_factory=list)
    wave_id: int = 0
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReshopOverdue:
    """Choose again for those of these orders whose chosen departure is over and that are still here."""

    order_ids: list[int]


@dataclass(frozen=True, slots=True)
class CarrierChanged:
    """Orders that go otherwise than was chosen before."""

    choice_id: int
    order_ids: list[int]
    before: str
    after: str
    cost_before: Decimal
    cost_after: Decimal


@dataclass(frozen=True, slots=True)
class CarriersReshopped:
    """What was chosen again, what of it changed, and the order lines whose promised day does not hold any more."""

    choices: list[CarrierChosen]
    changed: list[CarrierChanged]
    late_line_ids: list[int]
    kind: str = "shipping.carriers_reshopped"


@dataclass(frozen=True, slots=True)
class OverrideCarrier:
    """Take another service than the one that was chosen, and say why."""

    choice_id: int
    service_id: int
    reason: str


class CarrierReasonMissing(Invalid):
    """A person who chooses otherwise says why."""

    code = "carrier_reason_missing"
