"""The words of inspection: requests, results, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flowrack.inspection.types_holds import Cause
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units

INSPECTION = "inspection.inspection"
HOLD = "inspection.hold"


class Severity(StrEnum):
    """How strictly lots of one supplier and item are sampled."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    DISCONTINUED = "discontinued"


class Mode(StrEnum):
    """How many units of a lot are looked at."""

    SAMPLE = "sample"
    ALL = "all"
    SKIP = "skip"


class CheckKind(StrEnum):
    """What a check asks for."""

    YES_NO = "yes_no"
    MEASURE = "measure"


class DefectClass(StrEnum):
    """How bad a defect is."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Verdict(StrEnum):
    """What becomes of a lot."""

    RELEASE = "release"
    HOLD = "hold"
    SPLIT = "split"
    SORT = "sort"


@dataclass(frozen=True, slots=True)
class NewCheck:
    """A line of a checklist: yes or no, or a measured value within its limits (either may be open)."""

    name: str
    kind: CheckKind = CheckKind.YES_NO
    defect_class: DefectClass = DefectClass.MAJOR
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetPlan:
    """How goods are inspected from a day on; the scope's earlier plan ends the day before. Ids of 0 leave it open.

    `skip_one_in` 0 never skips; otherwise one lot in so many is inspected after `skip_after` accepted ones in a row.
    `is_active` False ends the plan of the scope.
    """

    item_id: int = 0
    family_id: int = 0
    supplier_id: int = 0
    site_id: int = 0
    level: str = "II"
    aql: Decimal = Decimal("1.0")
    aql_minor: Decimal | None = None
    tighten_after: int = 2
    skip_after: int = 0
    skip_one_in: int = 0
    valid_from: date | None = None
    checks: list[NewCheck] = field(default_factory=list)
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PlanSet:
    """The plan that counts from now on (0 when one was ended), and its version."""

    plan_id: int
    version: int


@dataclass(frozen=True, slots=True)
class ReceivedForInspection:
    """A received line as an inspection takes it up."""

    receipt_line_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    location_id: int
    units: Units
    quality: str


@dataclass(frozen=True, slots=True)
class OpenInspections:
    """Lines of one receipt that may need an inspection."""

    receipt_id: int
    po_id: int
    site_id: int
    supplier_id: int
    lines: list[ReceivedForInspection]


@dataclass(frozen=True, slots=True)
class InspectionsOpened:
    """The inspections that took lines up, and those whose lot was skipped."""

    inspection_ids: list[int]
    skipped_ids: list[int]


@dataclass(frozen=True, slots=True)
class DropLines:
    """Receipt lines that were taken back."""

    receipt_line_ids: list[int]


@dataclass(frozen=True, slots=True)
class LinesDropped:
    """The inspections that lost units, and those that were cancelled because none is left."""

    inspection_ids: list[int]
    cancelled_ids: list[int]


@dataclass(frozen=True, slots=True)
class StartInspection:
    """Somebody begins to look."""

    inspection_id: int


@dataclass(frozen=True, slots=True)
class Started:
    """What is to be looked at."""

    inspection_id: int
    number: str
    sample_units: int
    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One answer: a measured value of one unit, or how many of the tested units failed a check.

    `check_id` 0 stands for a defect outside the checklist, of the class that is said. `unit_no` counts the sample's
    units from 1; 0 is a tally over all of them. The same check and unit again replaces what was said before.
    """

    check_id: int = 0
    unit_no: int = 0
    measured: Decimal | None = None
    defective_units: int = 0
    defect_class: DefectClass = DefectClass.MAJOR
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordResults:
    """Answers of one inspection, and how many units were tested by now."""

    inspection_id: int
    tested_units: int
    results: list[CheckResult] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where the inspection stands: units tested and defective, and whether the lot passes, fails or is still open."""

    inspection_id: int
    tested_units: int
    critical: int
    major: int
    minor: int
    outlook: str


@dataclass(frozen=True, slots=True)
class Decide:
    """The verdict on one inspection. `owner_id` (0 = who decides), `due_at` and `cause` are those of its hold."""

    inspection_id: int
    verdict: Verdict
    released_units: int = 0
    held_units: int = 0
    damaged_units: int = 0
    reason: str = ""
    owner_id: int = 0
    due_at: datetime | None = None
    cause: Cause = Cause.QUALITY


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of the lot; `hold_id` 0 when nothing is held, `posting_id` 0 when nothing moved."""

    inspection_id: int
    number: str
    state: str
    released_units: int
    held_units: int
    damaged_units: int
    hold_id: int
    posting_id: int
    severity: str


@dataclass(frozen=True, slots=True)
class AddPhoto:
    """A picture that was sent before, by its digest, as what an inspection shows."""

    inspection_id: int
    digest: str
    filename: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PhotoAdded:
    """The photo."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class ResumeSampling:
    """Sample a supplier's lots of an item again, tightened, and why that is safe."""

    supplier_id: int
    item_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class SamplingResumed:
    """The severity that counts from now on."""

    severity: str


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """Units at a place with the quality that a verdict or a release gave them."""

    location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    units: int
    quality: str


@dataclass(frozen=True, slots=True)
class ReleasedEvent:
    """A hold was released, or a lot skipped: goods may be sold now; they still stand where they were."""

    site_id: int
    posting_id: int
    origin: str
    lines: list[JudgedLine]
    kind: str = "inspection.released"


@dataclass(frozen=True, slots=True)
class DecidedEvent:
    """A verdict on a lot."""

    inspection_id: int
    site_id: int
    supplier_id: int
    item_id: int
    lot_id: int
    verdict: str
    released_units: int
    held_units: int
    damaged_units: int
    lines: list[JudgedLine]
    kind: str = "inspection.decided"


class BadPlan(Invalid):
    """A plan that the tables or the catalogue do not allow."""

    code = "bad_plan"


class BadResult(Invalid):
    """A result that makes no sense."""

    code = "bad_result"


class SampleTooLarge(Invalid):
    """More units tested than the lot has."""

    code = "sample_too_large"


class ResultsMissing(FlowrackError):
    """A verdict before the whole sample was tested and measured."""

    code = "results_missing"


class LotRejected(FlowrackError):
    """A release of a lot that failed its inspection."""

    code = "lot_rejected"


class BadSplit(Invalid):
    """The parts do not add up to the lot."""

    code = "bad_split"


class BadPhoto(Invalid):
    """No picture, or too large a file; the file is named."""

    code = "bad_photo"


class HeldStock(FlowrackError):
    """Held stock cannot be promised, picked or put into a pick face; the hold is named."""

    code = "held_stock"
