"""Decisions of storage, free of the database: sizes and refills. Bins are chosen by rules_house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

REFILL_RULE = "refill.min_max v1"
PALLET_MM = 150  # the wood under a pallet
ROLES_OF_QUALITY = {
    "available": ("reserve", "forward_pick"),
    "inspection": ("inspection", "quarantine"),
    "quarantine": ("quarantine",),
    "damaged": ("damaged", "quarantine"),
    "hold": ("hold", "quarantine"),
    "expired": ("expired", "quarantine"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """Volume and weight of one measured pack of an item: `factor` base units fill `volume_mm3` and weigh `weight_g`."""

    volume_mm3: int = 0
    volume_factor: int = 1
    weight_g: int = 0
    weight_factor: int = 1
    pack_height_mm: int = 0
    case_height_mm: int = 0
    case_factor: int = 1
    cases_in_layer: int = 0
    pallet_height_mm: int = 0

    def volume_ml(self, units: int) -> int:
        """Millilitres of so many units, rounded up; 0 when nobody measured it."""
        return -(-units * self.volume_mm3 // (self.volume_factor * 1_000))

    def grams(self, units: int) -> int:
        """Weight of so many units, rounded up; 0 when nobody weighed it."""
        return -(-units * self.weight_g // self.weight_factor)

    def height_mm(self, units: int, *, on_lpn: bool) -> int:
        """How high so many units stand: layers of cases on a pallet, else the measured pallet, else one pack.

        0 when nobody measured it.
        """
        if on_lpn and self.case_height_mm and self.cases_in_layer:
            layers = -(-units // (self.case_factor * self.cases_in_layer))
            return layers * self.case_height_mm + PALLET_MM
        if on_lpn and self.pallet_height_mm:
            return self.pallet_height_mm
        return self.pack_height_mm


@dataclass(frozen=True, slots=True)
class Load:
    """What fills a bin."""

    volume_ml: int = 0
    weight_g: int = 0
    lpns: int = 0

    def plus(self, other: Load) -> Load:
        """Both together."""
        return Load(self.volume_ml + other.volume_ml, self.weight_g + other.weight_g, self.lpns + other.lpns)


@dataclass(frozen=True, slots=True)
class Face:
    """A pick face: its levels, what lies there and what is on its way."""

    face_id: int
    location_id: int
    item_id: int
    min_units: int
    max_units: int
    there: int
    under_way: int
    walk: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Free units of an item in reserve, in the order in which they should leave."""

    cell_id: int
    location_id: int
    item_id: int
    lot_id: int
    lpn_id: int
    owner_id: int
    free: int
    walk: int = 0


@dataclass(frozen=True, slots=True)
class Refill:
    """Units of one source cell to carry to a face."""

    face: Face
    source: Source
    units: int


def refills(faces: Sequence[Face], sources: Sequence[Source]) -> tuple[list[Refill], list[Face]]:
    """Fill every face under its minimum up to its maximum from the sources in order; and faces that get nothing.

    A face that waits for a refill already counts it. Emptier faces (by share of the maximum) are served first.
    """
    left = {source.cell_id: source.free for source in sources}
    by_item: dict[int, list[Source]] = {}
    for source in sources:
        by_item.setdefault(source.item_id, []).append(source)
    found: list[Refill] = []
    empty_handed: list[Face] = []
    low = [face for face in faces if face.there + face.under_way < face.min_units]
    for face in sorted(low, key=lambda f: ((f.there + f.under_way) * 1_000 // f.max_units, f.face_id)):
        wanted = face.max_units - face.there - face.under_way
        got = 0
        for source in by_item.get(face.item_id, []):
            take = min(wanted - got, left[source.cell_id])
            if take > 0:
                found.append(Refill(face, source, take))
                left[source.cell_id] -= take
                got += take
        if got == 0:
            empty_handed.append(face)
    return found, empty_handed
