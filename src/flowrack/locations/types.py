"""The words of places: zone roles, kinds of location, virtual locations, requests and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid


class Role(StrEnum):
    """What a zone is for; stock that is fit for sale is in the state of its zone's role."""

    RECEIVING = "receiving"
    INSPECTION = "inspection"
    QUARANTINE = "quarantine"
    RESERVE = "reserve"
    FORWARD_PICK = "forward_pick"
    STAGED = "staged"
    IN_TRANSIT = "in_transit"
    RETURN_REVIEW = "return_review"
    DAMAGED = "damaged"
    HOLD = "hold"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What a location is: a bin, a dock door, a staging place, or a virtual place made with its site."""

    BIN = "bin"
    DOOR = "door"
    STAGING = "staging"
    VIRTUAL = "virtual"


class LpnKind(StrEnum):
    """What carries a license plate."""

    PALLET = "pallet"
    CARTON = "carton"
    TOTE = "tote"


@dataclass(frozen=True, slots=True)
class VirtualPlace:
    """A location that every site has from the start: its code, its account and, if stock lies there, its role."""

    code: str
    account: str
    is_virtual: bool = True
    role: str = ""


VIRTUAL_PLACES: tuple[VirtualPlace, ...] = (
    VirtualPlace("SUPPLIER", "grni"),
    VirtualPlace("CUSTOMER", "cogs"),
    VirtualPlace("ADJUSTMENT", "adjustment"),
    VirtualPlace("SCRAP", "scrap"),
    VirtualPlace("OPENING", "opening"),
    VirtualPlace("VARIANCE", "variance"),
    VirtualPlace("CLEARING", "clearing"),
    VirtualPlace("STOCK-VALUE", "inventory"),
    VirtualPlace("TRANSIT", "in_transit", is_virtual=False, role=Role.IN_TRANSIT),
)
ACCOUNTS = tuple(dict.fromkeys(place.account for place in VIRTUAL_PLACES))
CLIMATES = ("ambient", "chilled", "frozen")
HAZARD_CLASSES = tuple("123456789")
STORAGE_CLASSES = ("general", "small", "bulky", "long", "secure", "hazmat", "food")


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site."""

    site_id: int
    code: str
    name: str
    timezone: str
    country: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone of a site."""

    zone_id: int
    site_id: int
    code: str
    name: str
    role: str
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A location with what later stages decide by."""

    location_id: int
    site_id: int
    zone_id: int | None
    zone_code: str
    code: str
    kind: str
    role: str
    pick_sequence: int
    max_volume_ml: int | None
    max_weight_g: int | None
    max_lpns: int | None
    temperature: str
    hazard_classes: list[str]
    is_active: bool
    blocked_reason: str
    max_height_mm: int | None = None
    max_beam_weight_g: int | None = None
    storage_classes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LpnRow:
    """A license plate."""

    lpn_id: int
    code: str
    kind: str
    site_id: int
    is_closed: bool


class UnknownLocation(Invalid):
    """A code that no location of the site has."""

    code = "unknown_location"


class UnknownSite(Invalid):
    """A site that does not exist."""

    code = "unknown_site"


class LpnRefused(Invalid):
    """A license plate that is closed, of another site, or has a wrong check digit."""

    code = "lpn_refused"


class PlaceHoldsStock(FlowrackError):
    """A place may not change its role, or be archived, while stock lies there."""

    code = "place_holds_stock"
    status = 409


@dataclass(frozen=True, slots=True)
class CreateSite:
    """A new site; its virtual locations come with it."""

    code: str
    name: str
    timezone: str = "UTC"
    country: str = ""


@dataclass(frozen=True, slots=True)
class UpdateSite:
    """A site as it should be."""

    site_id: int
    version: int
    name: str
    timezone: str
    country: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CreateZone:
    """A new zone of a site."""

    site_id: int
    code: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class UpdateZone:
    """A zone as it should be; its role changes only while no stock lies there."""

    zone_id: int
    version: int
    name: str
    role: Role
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class BinTemplate:
    """What every new place of a pattern can take; None = no limit.

    The beam carries all places of one level of a bay together. No storage class = all of them.
    """

    kind: Kind = Kind.BIN
    max_volume_ml: int | None = None
    max_weight_g: int | None = None
    max_lpns: int | None = None
    temperature: str = "ambient"
    hazard_classes: list[str] = field(default_factory=list)
    max_height_mm: int | None = None
    max_beam_weight_g: int | None = None
    storage_classes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Aisles, bays, levels and slots as ranges ("01-20", "A-F", "1,3,5"), and how a code is written.

    `code` takes {aisle}, {bay}, {level} and {slot}. With `is_serpentine` every second aisle is walked backwards.
    """

    aisles: str
    bays: str
    levels: str
    slots: str = ""
    code: str = "{aisle}-{bay}-{level}{slot}"
    is_serpentine: bool = True
    first_sequence: int = 1


@dataclass(frozen=True, slots=True)
class BuildLocations:
    """Make the places of a pattern in a zone. Places that are there already stay as they are."""

    zone_id: int
    pattern: Pattern
    template: BinTemplate = field(default_factory=BinTemplate)


@dataclass(frozen=True, slots=True)
class UpdateLocation:
    """A place as it should be; a reason blocks it."""

    location_id: int
    version: int
    pick_sequence: int
    template: BinTemplate
    is_active: bool = True
    blocked_reason: str = ""


@dataclass(frozen=True, slots=True)
class PlannedBin:
    """One place that a pattern makes."""

    code: str
    aisle: str
    bay: str
    level: str
    slot: str
    pick_sequence: int


@dataclass(frozen=True, slots=True)
class LocationsBuilt:
    """So many places were made, so many were there already."""

    zone_id: int
    created: int
    existed: int
    first: str
    last: str
    kind: str = "locations.built"


@dataclass(frozen=True, slots=True)
class PlaceSaved:
    """A site, zone or location was created or changed."""

    noun: str
    id: int
    version: int
    kind: str = "locations.saved"


class PatternRefused(Invalid):
    """A pattern that makes no places, too many, or the same code twice."""

    code = "pattern_refused"


class PlaceRefused(Invalid):
    """A place whose fields do not fit."""

    code = "place_refused"


class CodeTaken(FlowrackError):
    """Another place has the code."""

    code = "code_taken"


@dataclass(frozen=True, slots=True)
class SsccRangeRow:
    """Our GS1 company prefix, its extension digit, and how many SSCCs were given out."""

    prefix: str
    extension: int
    used: int


@dataclass(frozen=True, slots=True)
class SsccOutlook:
    """How many SSCCs are left, how many are given out a day of late, and for how many days they last (None: ages)."""

    left: int
    per_day: int
    days: int | None


class SsccsUsedUp(FlowrackError):
    """The GS1 prefix has no number left."""

    code = "ssccs_used_up"


@dataclass(frozen=True, slots=True)
class SetSsccRange:
    """The company's GS1 prefix, from which SSCCs are numbered from now on."""

    prefix: str
    extension: int = 0


@dataclass(frozen=True, slots=True)
class MakeTotes:
    """New totes of a site, numbered on from the highest tote with the same first letters."""

    site_id: int
    count: int
    prefix: str = "T-"


@dataclass(frozen=True, slots=True)
class TotesMade:
    """So many totes were made, from the first to the last code."""

    site_id: int
    count: int
    first: str
    last: str
    kind: str = "locations.totes_made"
