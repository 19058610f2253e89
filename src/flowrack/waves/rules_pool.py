"""Orders that could go to the floor, as plans look at them. Pure; times are the site's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from flowrack.waves.rules_templates import Judged, Template


def waits_for_stock(units: int, sku: str, promised_on: date | None) -> str:
    """Why a line cannot go of which nothing is reserved, and for what it waits."""
    said = f"it waits for stock: {units:,} {'unit' if units == 1 else 'units'} of {sku} not reserved"
    return f"{said}, promised for {promised_on:%a} {promised_on.day} {promised_on:%b}" if promised_on else said


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A line of which units are reserved and not with a picker. `out` says why it cannot go; value in cents."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    units: int
    seconds: int
    zone_id: int
    zone: str
    temperature: str
    hazard: str
    volume_ml: int
    weight_g: int
    value_cents: int
    due_on: date
    out: str = ""


@dataclass(frozen=True, slots=True)
class PoolOrder:
    """An order of the pool, with its lines."""

    order_id: int
    number: str
    customer: str
    tier: str
    goes_whole: bool
    channel: str
    order_type: str
    region: str
    label_needs: frozenset[str]
    age_days: int
    wanted_on: date
    lines: tuple[PoolLine, ...]
    out: str = ""
    service_id: int = 0  # by which it was chosen to go; 0 = nobody has chosen
    truck: str = ""  # the load that it is planned on, and when that leaves by the site's clock
    leaves_at: datetime | None = None

    @property
    def can_go(self) -> tuple[PoolLine, ...]:
        """The lines that a wave may take."""
        return () if self.out else tuple(line for line in self.lines if not line.out)

    @property
    def due_on(self) -> date | None:
        """The first day for which a line that can go is due."""
        return min((line.due_on for line in self.can_go), default=None)

    @property
    def hazards(self) -> frozenset[str]:
        """The classes of its dangerous goods."""
        return frozenset(line.hazard for line in self.can_go if line.hazard)


class Missed(NamedTuple):
    """A departure that an order was to take and that can not be met any more: a truck, or the last cut-off of its day
    (of the service that was chosen for it, where one was). Nothing stands in `truck` where it is a cut-off."""

    truck: str
    service: str
    cut_off_at: datetime
    pick_until: datetime

    @property
    def name(self) -> str:
        """As planners call it."""
        return self.truck or self.service or "the cut-off"


class Slot(NamedTuple):
    """By which cut-off an order leaves, until when it must be picked for that, and the next day on which it could;
    `missed` is what it should have left with."""

    template: Template
    service_id: int
    service: str
    cut_off_at: datetime
    pick_until: datetime
    next_on: date
    looked: tuple[Judged, ...]
    missed: Missed | None = None
