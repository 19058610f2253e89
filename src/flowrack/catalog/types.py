"""The catalogue's words: tracking, costing and pack levels, requests, results and refusals."""

from __future__ import annotations

from enum import StrEnum


class Tracking(StrEnum):
    """How finely an item is followed: not at all, by lot, or by single serial number."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class Costing(StrEnum):
    """How an item's stock is valued."""

    FIFO = "fifo"
    AVERAGE = "average"
    STANDARD = "standard"
    LOT_ACTUAL = "lot_actual"


class Level(StrEnum):
    """A level of the packaging tree, smallest first."""

    EACH = "each"
    INNER = "inner"
    CASE = "case"
    LAYER = "layer"
    PALLET = "pallet"


class StorageClass(StrEnum):
    """What kind of bin an item needs."""

    GENERAL = "general"
    SMALL = "small"
    BULKY = "bulky"
    LONG = "long"
    SECURE = "secure"
    HAZMAT = "hazmat"
    FOOD = "food"


class Temperature(StrEnum):
    """The climate an item needs and a bin gives."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


class Velocity(StrEnum):
    """How fast an item turns; A is fastest."""

    A = "A"
    B = "B"
    C = "C"


# The UN classes of dangerous goods and their divisions (UN Model Regulations, part 2). "" stands for the whole class.
HAZARD_DIVISIONS: dict[str, tuple[str, ...]] = {
    "1": ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"),
    "2": ("2.1", "2.2", "2.3"),
    "3": (),
    "4": ("4.1", "4.2", "4.3"),
    "5": ("5.1", "5.2"),
    "6": ("6.1", "6.2"),
    "7": (),
    "8": (),
    "9": (),
}
HAZARD_CLASSES = tuple(HAZARD_DIVISIONS)
