"""Decisions about places: ranges, the bins of a pattern and the way people walk past them. Pure."""

from __future__ import annotations

import re

from flowrack.locations.types import MakeTotes, Pattern, PatternRefused, PlannedBin, SetSsccRange
from flowrack.shared.check_digits import sscc
from flowrack.shared.errors import BadLine

MOST_BINS = 100_000
MOST_IN_RANGE = 2_000
MOST_TOTES = 1_000
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


def expand(text: str, *, what: str) -> list[str]:
    """The values of a range: "01-03" is 01, 02, 03; "A-C" is A, B, C; "1,5,7-9" is 1, 5, 7, 8, 9; "" is one nothing."""
    if not text.strip():
        return [""]
    values: list[str] = []
    for part in text.split(","):
        values += _expand_part(part.strip(), what)
        if len(values) > MOST_IN_RANGE:
            raise PatternRefused(f"{what} “{text}” has more than {MOST_IN_RANGE} values.", fix="Use a shorter range.")
    twice = sorted({v for v in values if values.count(v) > 1}) if len(values) != len(set(values)) else []
    if twice:
        raise PatternRefused(f"{what} names {twice[0]} twice.", fix="Name each value once.")
    return values


def _expand_part(part: str, what: str) -> list[str]:
    ends = re.fullmatch(r"(\d{1,6})-(\d{1,6})", part)
    if ends:
        low, high = int(ends[1]), int(ends[2])
        if low > high or high - low >= MOST_IN_RANGE:
            raise PatternRefused(f"{what} “{part}” is no range.", fix="Write the smaller number first, as in 01-20.")
        width = len(ends[1])
        return [f"{n:0{width}d}" for n in range(low, high + 1)]
    letters = re.fullmatch(r"([A-Z])-([A-Z])", part)
    if letters and letters[1] <= letters[2]:
        return [chr(n) for n in range(ord(letters[1]), ord(letters[2]) + 1)]
    if re.fullmatch(r"[A-Za-z0-9]{1,10}", part):
        return [part]
    raise PatternRefused(f"{what} “{part}” is no range.", fix="Write for example 01-20, A-F or 1,3,5.")


def plan(pattern: Pattern) -> list[PlannedBin]:
    """The places of a pattern in walking order: aisle by aisle, bay by bay, from the lowest level and slot up.

    A serpentine walk goes up one aisle and comes down the next, so that nobody walks back empty.
    """
    aisles = expand(pattern.aisles, what="Aisles")
    bays = expand(pattern.bays, what="Bays")
    levels = expand(pattern.levels, what="Levels")
    slots = expand(pattern.slots, what="Slots")
    total = len(aisles) * len(bays) * len(levels) * len(slots)
    if total > MOST_BINS:
        raise PatternRefused(
            f"This makes {total:,} places; {MOST_BINS:,} at a time is the most.", fix="Build the aisles in parts."
        )
    planned: list[PlannedBin] = []
    for turn, aisle in enumerate(aisles):
        walked = bays[::-1] if pattern.is_serpentine and turn % 2 else bays
        for bay in walked:
            for level in levels:
                for slot in slots:
                    code = _code(pattern.code, aisle=aisle, bay=bay, level=level, slot=slot)
                    planned.append(PlannedBin(code, aisle, bay, level, slot, pattern.first_sequence + len(planned)))
    _check_codes(planned)
    return planned


def _code(template: str, **parts: str) -> str:
    try:
        return template.format(**parts)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise PatternRefused(
            f"The code “{template}” cannot be filled in.", fix="Use {aisle}, {bay}, {level} and {slot} only."
        ) from None


def _check_codes(planned: list[PlannedBin]) -> None:
    bad = next((bin_.code for bin_ in planned if not CODE.fullmatch(bin_.code)), None)
    if bad is not None:
        raise PatternRefused(
            f"“{bad}” cannot be a code.",
            fix="Codes have at most 40 letters, digits and . _ / -, beginning with a letter or digit.",
        )
    seen: set[str] = set()
    for bin_ in planned:
        if bin_.code in seen:
            raise PatternRefused(
                f"The pattern makes {bin_.code} twice.", fix="Put {aisle}, {bay}, {level} and {slot} into the code."
            )
        seen.add(bin_.code)


def sscc_room(prefix: str) -> int:
    """How many SSCCs of one extension digit a GS1 prefix has room for."""
    return int(10 ** (16 - len(prefix)))


def numbered_sscc(prefix: str, extension: int, serial: int) -> str:
    """The SSCC of a serial number: where one extension digit is full, the next goes on, after the tenth the first."""
    room = sscc_room(prefix)
    return sscc(prefix, (extension + serial // room) % 10, serial % room)


def check_sscc_range(req: SetSsccRange, *, used: int) -> list[BadLine]:
    """What is wrong with a GS1 prefix, of which 16 digits minus its own are left for the serial number."""
    bad = []
    if not (req.prefix.isascii() and req.prefix.isdigit() and 4 <= len(req.prefix) <= 12):
        bad.append(
            BadLine(0, "prefix", "A GS1 company prefix has 4 to 12 digits.", "Copy it from the GS1 certificate.")
        )
    elif used >= 10 ** (16 - len(req.prefix)) - 1:
        room = 10 ** (16 - len(req.prefix))
        bad.append(
            BadLine(0, "prefix", f"This prefix has room for {room:,} SSCCs and {used:,} were given out.",
                    "Use a shorter prefix.")
        )  # fmt: skip
    if not 0 <= req.extension <= 9:
        bad.append(BadLine(0, "extension", "The extension is one digit.", "Use 0 to 9."))
    return bad


def check_totes(req: MakeTotes) -> list[BadLine]:
    """What is wrong with a wish for totes."""
    bad = []
    if not re.fullmatch(r"[A-Z][A-Z0-9._/-]{0,11}", req.prefix):
        bad.append(
            BadLine(0, "prefix", "A tote's code begins with a capital letter; 12 letters, digits and . _ / - at most.",
                    "Use T- or the like.")
        )  # fmt: skip
    if not 1 <= req.count <= MOST_TOTES:
        bad.append(BadLine(0, "count", f"Between 1 and {MOST_TOTES:,} totes are made at a time.", "Change the number."))
    return bad


def tote_codes(prefix: str, last_number: int, count: int) -> list[str]:
    """The codes of the next totes: at least three digits, so that they sort as they count."""
    return [f"{prefix}{number:03d}" for number in range(last_number + 1, last_number + count + 1)]
