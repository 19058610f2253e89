"""What allocation is asked, answers and tells. It keeps no tables: promises are the ledger's commitments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flowrack.shared.errors import FlowrackError

RULE = "allocation/1"


@dataclass(frozen=True, slots=True)
class Allocate:
    """Promise stock of a site to the given orders, or (empty) to every open line of the site."""

    site_id: int
    order_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """How many units of a line were promised by this run and how many still wait."""

    line_id: int
    units: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """Totals of a run; single lines are listed when the run was for named orders."""

    lines: int
    units: int
    waiting_lines: int
    waiting_units: int
    outcomes: list[LineOutcome]


@dataclass(frozen=True, slots=True)
class ReleaseAllocation:
    """Take back what is promised to lines and not in picking. Until the end of the day `until_on` they get none of it
    again; without one the rules decide at once."""

    line_ids: list[int]
    reason: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class AllocationReleased:
    """Units taken back, by line, and the overrides under which it is written down, one for each site."""

    line_ids: list[int]
    units: list[int]
    overrides: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AllocationRun:
    """Event: stock was promised. Lines that got units and were told no day yet are named."""

    site_id: int
    lines: int
    units: int
    waiting_units: int
    unpromised: list[int] = field(default_factory=list)
    kind: str = "allocation.run_finished"


@dataclass(frozen=True, slots=True)
class Displaced:
    """Who gave way to units that vanish: order lines, and units by planned transfer."""

    victims: list[Victim]
    transfers: dict[int, int]


@dataclass(frozen=True, slots=True)
class PromiseTakenBack:
    """Event: lines lost units that had been promised to them.

    `is_free` says that somebody else may have them: they vanished not, and nobody got them in their place.
    """

    line_ids: list[int]
    units: list[int]
    reason: str
    is_free: bool = False
    kind: str = "allocation.promise_taken_back"


@dataclass(frozen=True, slots=True)
class PromisesAtRisk:
    """Event: a run found promised days of items that cannot all be kept."""

    site_id: int
    item_ids: list[int]
    kind: str = "allocation.promises_at_risk"


@dataclass(frozen=True, slots=True)
class PoolShortfall:
    """Units of a pool that are about to vanish (count, hold, scrap) and must not stay promised."""

    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Units of a line that a picker has given up or that were called back: promised still, but not in picking."""

    line_id: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Victim:
    """A line that lost units to a shortfall."""

    line_id: int
    item_id: int
    lot_id: int
    site_id: int
    owner_id: int
    units: int


class NothingToTakeBack(FlowrackError):
    """The lines hold no promise that could be taken back here."""

    code = "nothing_to_take_back"


class CannotDisplace(FlowrackError):
    """More would vanish than is promised and not in picking."""

    code = "cannot_displace"
