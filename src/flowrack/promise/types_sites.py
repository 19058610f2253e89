"""From which site orders ship: what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.sales.types_sites import MovedTo
from flowrack.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class SourceOrders:
    """Orders that any site may send: let the rules choose the site anew."""

    order_ids: list[int]
    cause: str = ""


@dataclass(frozen=True, slots=True)
class MoveUnits:
    """Units of a line; None = all that is in no picker's hands."""

    line_id: int
    units: int | None = None


@dataclass(frozen=True, slots=True)
class MoveLines:
    """Lines of one order, or units of them, that are to ship from another site, and why."""

    order_id: int
    lines: list[MoveUnits]
    site_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class LinesSourced:
    """What moved, and from where to where."""

    moved: list[MovedTo] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SourcingGoesOn:
    """Event: orders that are looked at next, in another transaction, in rank order, and what brought them."""

    order_ids: list[int]
    cause: str
    kind: str = "promise.sourcing_goes_on"


class SiteRefused(Invalid):
    """Lines cannot ship from that site: names every one that cannot, and why."""

    code = "site_refused"
