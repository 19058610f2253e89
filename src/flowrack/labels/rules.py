"""One label from a version and its values: the layout, and the ZPL by which it is proved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowrack.labels import rules_table, zpl
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
    """A label, or a slip of some pages: what lies where, its ZPL and the hash of that."""

    pages: list[list[Drawn]]
    zpl: str
    sha256: str

    @property
    def drawn(self) -> list[Drawn]:
        """The first page; a label has no other."""
        return self.pages[0]


def make(elements: Sequence[Element], values: Mapping[str, str], medium: Medium, *, copies: int) -> Made:
    """Draw one label. Refuses with LabelNotPrintable, naming every element without a place for its value."""
    pages = rules_table.drawn_of(elements, values, dpi=medium.dpi)
    said = "".join(
        zpl.label(drawn, width_mm=medium.width_mm, height_mm=medium.height_mm, dpi=medium.dpi, copies=copies)
        for drawn in pages
    )
    return Made(pages, said, hashlib.sha256(said.encode()).hexdigest())
