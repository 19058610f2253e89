"""Bins that are alike have one shape, which is judged once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.storage.rules_putaway import Bin

MOST_NATURES = 500


@dataclass(frozen=True, slots=True)
class Shape:
    """Bins that are alike: one of them, empty (the first in the walk), and how many there are."""

    shape_id: int
    first: Bin
    empty: int
    filled: int
    faces: int = 0
    filled_code: str = ""
    filled_walk: int = 0

    @property
    def bins(self) -> int:
        """All bins of the shape."""
        return self.empty + self.filled + self.faces


@dataclass(frozen=True, slots=True)
class Judgements:
    """What one rule set says of the shapes of a site, however full they are; it serves many choices."""

    shapes: dict[tuple[object, ...], list[tuple[Shape, tuple[str, str] | None]]] = field(default_factory=dict)
    standing: dict[tuple[object, ...], int] = field(default_factory=dict)

    def make_room(self) -> None:
        """Forget all when there are many: mixed pallets make kinds of goods without end."""
        if len(self.shapes) > MOST_NATURES:
            self.shapes.clear()
