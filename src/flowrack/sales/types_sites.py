"""What is told of orders and lines that ship from another site."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class SetAnySite:
    """Whether any site may send an order, so that the rules choose it; else it stays at the one that it has."""

    order_id: int
    any_site: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SentFrom:
    """An order that sends all of what was entered, or a part of it: from where, how many units, and when they are
    there; no day where nobody can say."""

    order_id: int
    number: str
    site_id: int
    site: str
    units: int
    arrives_on: date | None


@dataclass(frozen=True, slots=True)
class Settled:
    """From where the rules let an order ship that was just entered, itself first, then those beside it, and why."""

    site_id: int
    sends: list[SentFrom] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True, slots=True)
class MovedTo:
    """Where goods of an order ship from now: the order itself, or the one beside it that has its lines; `line_ids` are
    the lines there, `from_line_ids` the ones that they were, or were a part of."""

    order_id: int
    number: str
    site_id: int
    line_ids: list[int]
    from_line_ids: list[int]
    unpromised_units: int


@dataclass(frozen=True, slots=True)
class LinesMoved:
    """Event: lines of an order ship from another site, in the order itself or in one beside it. What they were promised
    at the site before is free there."""

    from_order_id: int
    from_site_id: int
    order_id: int
    number: str
    site_id: int
    line_ids: list[int]
    from_line_ids: list[int]
    unpromised_units: int
    reason: str
    kind: str = "sales.lines_moved"
