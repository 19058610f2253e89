"""What a carton should weigh, whether it does, and how full it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OK, OFF, ACCEPTED, UNKNOWN = "ok", "off", "accepted", "unknown"
PERMILLE = 1_000


@dataclass(frozen=True, slots=True)
class Inside:
    """Units of an item in a carton: what one weighs and its room, and the same of a full case where there are cases."""

    units: int
    unit_g: int
    unit_mm3: int = 0
    case_units: int = 0
    case_g: int = 0


def expected_g(content: Iterable[Inside], tare_g: int | None) -> int | None:
    """What goods and carton weigh together; None when something was never weighed.

    Without a carton's tare the goods travel in their own box: then every item must be there in full cases, whose
    weight has the box in it.
    """
    total = tare_g or 0
    for inside in content:
        is_case = inside.case_units > 1 and inside.case_g > 0 and inside.units % inside.case_units == 0
        if tare_g is None:
            if not is_case:
                return None
            total += inside.units // inside.case_units * inside.case_g
        elif inside.unit_g <= 0:
            return None
        else:
            total += inside.units * inside.unit_g
    return total


def tolerance_g(expected: int, *, permille: int, least_g: int) -> int:
    """By how much a weight may differ."""
    return max(expected * permille // PERMILLE, least_g)


def judge(expected: int | None, weight_g: int, tolerance: int) -> str:
    """Whether the weight is right."""
    if expected is None:
        return UNKNOWN
    return OK if abs(weight_g - expected) <= tolerance else OFF


def too_small(code: str, content: Iterable[Inside], room_mm3: int) -> str:
    """What cannot fit into a carton, as a sentence; empty when it can. What nobody measured counts for nothing."""
    needed = sum(inside.units * inside.unit_mm3 for inside in content)
    return f"{code} is too small: {litres(needed)} into {litres(room_mm3)}." if needed > room_mm3 else ""


def litres(mm3: int) -> str:
    """Room in litres with one decimal, cut off."""
    return f"{mm3 // 1_000_000:,}.{mm3 // 100_000 % 10} l"


def filled(content: Iterable[Inside], room_mm3: int) -> int | None:
    """How much of the carton's room the goods take, in permille; None when something was never measured."""
    volumes = [inside.units * inside.unit_mm3 for inside in content]
    if not room_mm3 or not volumes or not all(volumes):
        return None
    return min(sum(volumes) * PERMILLE // room_mm3, PERMILLE)
