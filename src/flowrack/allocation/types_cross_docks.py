"""The words of cross-docking: policies, requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.shared.errors import FlowrackError, Invalid

CROSS_DOCK = "allocation.cross_dock"
TIERS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class SetCrossDocking:
    """What is cross-docked at a site from now on; a new version, the one before ends.

    No families = goods of every family. `min_tier` B = orders of tier A and B. Goods go to `staging_id` and leave by
    `door_id` (0 = the staging place is named alone).
    """

    site_id: int
    is_on: bool
    reason: str
    staging_id: int = 0
    door_id: int = 0
    families: list[str] = field(default_factory=list)
    min_tier: str = "C"


@dataclass(frozen=True, slots=True)
class CrossDockingSet:
    """The policy, and which version of its site it is."""

    policy_id: int
    version: int


@dataclass(frozen=True, slots=True)
class StageCrossDocks:
    """Goods of these cross-docks stand at the outbound door; `location_id` 0 = each where it was planned."""

    cross_dock_ids: list[int]
    location_id: int = 0


@dataclass(frozen=True, slots=True)
class CrossDocksStaged:
    """The posting, and how many units stand ready."""

    cross_dock_ids: list[int]
    posting_id: int
    units: int


@dataclass(frozen=True, slots=True)
class CancelCrossDocks:
    """Goods of these cross-docks are put away instead; their orders wait as before."""

    cross_dock_ids: list[int]
    reason: str


@dataclass(frozen=True, slots=True)
class CrossDocksCancelled:
    """Those that were cancelled."""

    cross_dock_ids: list[int]


@dataclass(frozen=True, slots=True)
class UndoCrossDock:
    """The goods of a cross-dock go back to the dock place they came from, with all of the same whole pallet."""

    cross_dock_id: int


@dataclass(frozen=True, slots=True)
class CrossDockUndone:
    """The reverse posting, and all cross-docks that went back with it."""

    cross_dock_id: int
    posting_id: int
    cross_dock_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FollowDemand:
    """Lines of which fewer units may be waited for than before."""

    line_ids: list[int]


@dataclass(frozen=True, slots=True)
class FollowStock:
    """Items of a site of which stock was moved by hand, held or scrapped."""

    site_id: int
    item_ids: list[int]


@dataclass(frozen=True, slots=True)
class StagedEvent:
    """Goods went from the dock straight to an outbound door."""

    site_id: int
    posting_id: int
    order_ids: list[int]
    units: int
    kind: str = "allocation.cross_docked"


@dataclass(frozen=True, slots=True)
class ToPutAway:
    """Units at a dock place that go into a bin after all."""

    receipt_line_id: int
    location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int


@dataclass(frozen=True, slots=True)
class CancelledEvent:
    """Cross-docks were cancelled; what of them still stands at the dock needs a bin."""

    site_id: int
    lines: list[ToPutAway]
    kind: str = "allocation.cross_docks_cancelled"


class BadCrossDocking(Invalid):
    """A policy that makes no sense, field by field."""

    code = "bad_cross_docking"


class NoSuchCrossDock(Invalid):
    """No cross-dock has this id."""

    code = "no_such_cross_dock"
    status = 404


class NotAnOutboundPlace(Invalid):
    """The place is no staging place of the site."""

    code = "not_an_outbound_place"


class NotWanted(FlowrackError):
    """The order does not wait for so many units any more."""

    code = "not_wanted"
    status = 409


class AlreadyStaged(FlowrackError):
    """Goods of the receipt stand at an outbound door, or have left."""

    code = "already_staged"
    status = 409
