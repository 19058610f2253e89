"""What a delivery history says, line by line, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from flowrack.analytics.rules_suppliers import Spread, Timing
from flowrack.shared.errors import Invalid


class Fault(StrEnum):
    """What keeps a line out of a figure."""

    NO_SUPPLIER = "no supplier"
    NO_PROMISED_DATE = "no promised date"
    NO_DELIVERED_DATE = "no delivered date"
    NO_ORDER_DATE = "no order date"
    DELIVERED_BEFORE_ORDER = "delivered before it was ordered"


@dataclass(frozen=True, slots=True)
class FaultyLine:
    """One thing that is wrong in one line, with the words that stand there."""

    line_no: int
    fault: Fault
    text: str
    supplier: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One line of a delivery history. A date is None where the file has none that can be read."""

    line_no: int
    supplier: str
    group: str
    ordered_on: date | None
    promised_on: date | None
    delivered_on: date | None
    faults: tuple[FaultyLine, ...] = ()


@dataclass(slots=True)
class Share:
    """Lines of one supplier or group by timing; `ordered` only those whose order date is known."""

    lines: int = 0
    timing: Counter[Timing] = field(default_factory=Counter)
    ordered_lines: int = 0
    ordered_late: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Scorecard:
    """The figures of a delivery history."""

    lines: int
    on_the_day: int
    whole: Share
    by_group: dict[str, Share]
    by_supplier: dict[str, Share]
    bias: Spread | None
    lead_as_written: Spread | None
    lead: Spread | None
    faults: list[FaultyLine]


class BadHistory(Invalid):
    """The file is no delivery history, or its columns are not known."""

    code = "bad_history"
