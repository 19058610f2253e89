"""What labels are asked, answer and refuse: specs in versions, prints and their proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

SPEC, PRINT = "labels.spec", "labels.print"


class Kind(StrEnum):
    """What a label is stuck on; a slip lies in the carton."""

    CARTON = "carton"
    PALLET = "pallet"
    TOTE = "tote"
    BIN = "bin"
    ITEM = "item"
    RECEIPT = "receipt"
    SLIP = "slip"


class Shape(StrEnum):
    """What an element of a label is."""

    TEXT = "text"
    BARCODE = "barcode"
    BOX = "box"
    LINE = "line"
    TABLE = "table"


class Symbology(StrEnum):
    """How a barcode is drawn."""

    GS1_128 = "gs1-128"
    CODE_128 = "code-128"
    GS1_DATAMATRIX = "gs1-datamatrix"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its place on the label as it is read, in mm from the upper left, turned clockwise by `rotation`.

    `content` is text with fields in braces; of a GS1 barcode in the form (00){sscc}; of a table its columns.
    """

    name: str
    shape: str
    x_mm: int
    y_mm: int
    width_mm: int
    height_mm: int
    content: str = ""
    symbology: str = ""
    rotation: int = 0
    size_pt: int = 10
    is_bold: bool = False
    thick_tenths_mm: int = 3


@dataclass(frozen=True, slots=True)
class DraftLabelSpec:
    """A spec as it should be: a new one, or the next version of the one with this code.

    Customer or carrier are codes of parties; neither: for the house. No `valid_from`: from its approval on.
    """

    code: str
    kind: str
    name: str
    elements: list[Element]
    customer: str = ""
    carrier: str = ""
    width_mm: int = 105
    height_mm: int = 148
    dpi: int = 203
    copies: int = 1
    placement: str = ""
    is_scanned: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LabelSpecDrafted:
    """The draft: its spec, its own id and the number of the version."""

    spec_id: int
    version_id: int
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ApproveLabelSpec:
    """Let a draft be printed."""

    version_id: int


@dataclass(frozen=True, slots=True)
class EndLabelSpec:
    """Print a version no more."""

    version_id: int


@dataclass(frozen=True, slots=True)
class LabelSpecMoved:
    """The version and its state."""

    version_id: int
    version: int
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label to print: of what (`subject`, `code` as on it), for whom, with which values by field."""

    kind: str
    subject: str
    code: str
    values: Mapping[str, str]
    site_id: int = 0
    customer_id: int = 0
    carrier_id: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Printed:
    """A label that was printed. `copy_of` counts the prints of the same thing, this one among them."""

    print_id: int
    code: str
    spec: str
    version: int
    copies: int
    copy_of: int
    is_scanned: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class PrintLabels:
    """Labels of places (of a site), totes or items, by their codes. Copies 0 = as the spec says."""

    kind: str
    codes: list[str]
    site_id: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class LabelsPrinted:
    """The prints, in the order that was asked for."""

    prints: list[Printed] = field(default_factory=list)


class BadLabelSpec(Invalid):
    """A spec that cannot be printed or read; names every bad element."""

    code = "bad_label_spec"


class NoLabelSpec(FlowrackError):
    """No approved spec for this kind of label."""

    code = "no_label_spec"


class LabelSpecRival(FlowrackError):
    """Another approved spec holds for the same labels of the same party."""

    code = "label_spec_rival"


class LabelNotPrintable(FlowrackError):
    """A value is missing, or too long for its barcode."""

    code = "label_not_printable"


class LabelSpecNotFound(NotFound):
    """No such spec, version or print."""

    code = "label_spec_not_found"
