"""Decisions of storage, free of the database: sizes. Bins are chosen by rules_house."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.shared.errors import BadLine

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

    def most_in(self, volume_ml: int | None, weight_g: int | None) -> int | None:
        """The most units that a bin with these limits takes; None where nothing says so."""
        known = []
        if volume_ml and self.volume_mm3:
            known.append(volume_ml * 1_000 * self.volume_factor // self.volume_mm3)
        if weight_g and self.weight_g:
            known.append(weight_g * self.weight_factor // self.weight_g)
        return min(known, default=None)

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


def beyond_room(line: int, code: str, sku: str, fits: int) -> BadLine:
    """A maximum that a bin cannot hold: how many it can."""
    said = f"{code} holds at most {fits:,} of {sku}, by its volume and weight and what a unit measures."
    way = f"Take {fits:,} or fewer, or a larger bin." if fits else "Take a larger bin."
    return BadLine(line, "max_units", said, f"{way} Where the bin's limits or the item's sizes are wrong, mend these.")
