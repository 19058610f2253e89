"""The words of directed putaway: rule sets, their simulation, and why they are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flowrack.shared.errors import FlowrackError, Invalid

VELOCITIES = ("A", "B", "C")
NEVER_WITHIN = ("aisle", "zone")
KEPT_APART = ("X", "O")


@dataclass(frozen=True, slots=True)
class PreferredZone:
    """Items of a velocity class rather lie in this zone; rank 0 is liked best, a zone without a rank least."""

    velocity: str
    zone_id: int
    rank: int


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A cell of the site's storage matrix: two hazard classes or divisions, X never together or O separated.

    It adds to the regulation's table: the stricter of both counts.
    """

    one: str
    other: str
    cell: str


@dataclass(frozen=True, slots=True)
class ClassZone:
    """Goods of a storage class go to this zone, or another that is named for the class, and nowhere else."""

    storage_class: str
    zone_id: int


@dataclass(frozen=True, slots=True)
class PutawayRules:
    """What a rule set says. Terms of the score are millimetres of walking; the bin with the fewest is chosen.

    `carry_percent` weighs the way from the start of the walk to the bin, `face_percent` the way from there to the pick
    face, `picks_percent` the way of each expected pick (`picks_a` and so on in a week) from a bin that has no face.
    `consolidation_mm` is what a bin with the same item is worth, `congestion_mm` what each task under way in the aisle
    costs, `zone_mm` what each rank of a zone costs, `forward_mm` what it costs to leave the zone of the first role.
    `volume_percent` and `weight_percent` say how much of a bin's limits goods may use.
    """

    name: str
    carry_percent: int = 100
    face_percent: int = 100
    picks_percent: int = 10
    consolidation_mm: int = 1_000_000
    congestion_mm: int = 5_000
    zone_mm: int = 20_000
    forward_mm: int = 5_000_000
    picks_a: int = 40
    picks_b: int = 8
    picks_c: int = 1
    bay_mm: int = 2_700
    mixes_lots: bool = True
    mixes_owners: bool = False
    never_within: str = "aisle"
    separated_bays: int = 1
    volume_percent: int = 100
    weight_percent: int = 100
    zones: list[PreferredZone] = field(default_factory=list)
    apart: list[KeptApart] = field(default_factory=list)
    classes: list[ClassZone] = field(default_factory=list)


BUILT_IN = PutawayRules(name="Built in")
NUMBERS = (
    "carry_percent",
    "face_percent",
    "picks_percent",
    "consolidation_mm",
    "congestion_mm",
    "zone_mm",
    "forward_mm",
    "picks_a",
    "picks_b",
    "picks_c",
    "bay_mm",
    "separated_bays",
    "volume_percent",
    "weight_percent",
)
MOST = 100_000_000


@dataclass(frozen=True, slots=True)
class WritePutawayRules:
    """A new version of a site's rules as a draft (id 0), or a changed draft."""

    site_id: int
    rules: PutawayRules
    note: str = ""
    rule_set_id: int = 0


@dataclass(frozen=True, slots=True)
class ActivatePutawayRules:
    """From now on bins are chosen by this version; the one in use so far is retired."""

    rule_set_id: int


@dataclass(frozen=True, slots=True)
class DiscardPutawayRules:
    """A draft that is not wanted."""

    rule_set_id: int


@dataclass(frozen=True, slots=True)
class RuleSetSaved:
    """A version and the state it is in."""

    rule_set_id: int
    site_id: int
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class SimulatePutaways:
    """Try a version on the putaways of past days (both included)."""

    rule_set_id: int
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class SimulationStarted:
    """The background job that does it."""

    job_id: int
    rule_set_id: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a version would have done with past putaways. Metres are those of the carries that ended in a bin and would
    have found one, as they were made and by the version."""

    simulation_id: int
    rule_set_id: int
    receipts: int
    placed: int
    refused: int
    metres: int
    metres_then: int


@dataclass(frozen=True, slots=True)
class RulesActivated:
    """A site chooses its bins by another version."""

    site_id: int
    rule_set_id: int
    version: int
    kind: str = "storage.putaway_rules_activated"


class BadRules(Invalid):
    """A rule set that makes no sense."""

    code = "bad_putaway_rules"


class RulesNotDraft(FlowrackError):
    """Only a draft can be changed, tried or activated."""

    code = "rules_not_draft"
    status = 409


class NotSimulated(FlowrackError):
    """The version was not tried on past putaways since it was last changed."""

    code = "not_simulated"
    status = 409


class NothingPlaceable(FlowrackError):
    """Items that have a bin today would have none."""

    code = "nothing_placeable"
    status = 409
