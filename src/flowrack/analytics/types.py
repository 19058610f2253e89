"""What analytics tells: measures with both parts, rows of the control tower, stock by state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Kpi:
    """One measure of a period. `value` is in `unit`; None means that nothing happened to measure."""

    key: str
    label: str
    group: str
    value: Decimal | None
    unit: str
    target: Decimal | None
    low_is_good: bool
    numerator: Decimal
    denominator: Decimal
    formula: str

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None when there is nothing to judge."""
        if self.value is None or self.target is None:
            return None
        return self.value <= self.target if self.low_is_good else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs somebody: what, since when, promise and money at risk, cause, owner and next action."""

    kind: str
    tone: str
    when: str
    name: str
    text: str
    url_name: str
    url_id: int
    since: datetime
    at_risk: Decimal | None
    promise: date | None
    cause: str
    owner: str
    action: str


@dataclass(frozen=True, slots=True)
class SiteStates:
    """Stock of one site by state, in units and money; `allocated` is taken out of reserve and forward pick."""

    site_id: int
    site: str
    name: str
    units: dict[str, int]
    value: dict[str, Decimal]
    old: dict[str, int] = field(default_factory=dict)

    @property
    def total_units(self) -> int:
        """All units of the site."""
        return sum(self.units.values())

    @property
    def total_value(self) -> Decimal:
        """The value of all stock of the site."""
        return sum(self.value.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the working day: lines that were asked to be picked and lines that were."""

    hour: int
    planned: int
    done: int


class ItemNotFound(NotFound):
    """There is no such item."""

    code = "item_not_found"
