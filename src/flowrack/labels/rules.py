"""One label from a version and its values: the layout, and the ZPL by which it is proved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowrack.labels import rules_layout as layout
from flowrack.labels import zpl
from flowrack.labels.rules_layout import Drawn
from flowrack.labels.types import Element


@dataclass(frozen=True, slots=True)
class Medium:
    """The paper and the printer."""

    width_mm: int
    height_mm: int
    dpi: int


@dataclass(frozen=True, slots=True)
class Made:
    """A label: what lies where, its ZPL and the hash of that."""

    drawn: list[Drawn]
    zpl: str
    sha256: str


def make(elements: Sequence[Element], values: Mapping[str, str], medium: Medium, *, copies: int) -> Made:
    """Draw one label. Refuses with LabelNotPrintable, naming every element without a place for its value."""
    drawn = layout.lay_out(elements, values, dpi=medium.dpi)
    said = zpl.label(drawn, width_mm=medium.width_mm, height_mm=medium.height_mm, dpi=medium.dpi, copies=copies)
    return Made(drawn, said, hashlib.sha256(said.encode()).hexdigest())
