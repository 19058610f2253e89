"""X12: the envelope of messages between trading partners, written and read.

An interchange (ISA ... IEA) holds groups (GS ... GE) of transaction sets (ST ... SE). The first one says by which signs
its elements and segments end, so what is read may use others than what is written. Counts and control numbers at the
end of each envelope must agree with its head: a file that was cut is refused, never read in part.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flowrack.shared.errors import Invalid

ELEMENT, COMPONENT, END = "*", ">", "~"
VERSION, RELEASE = "00401", "004010"
LONGEST_ID, MOST_CONTROL = 15, 999_999_999
ISA_ELEMENTS = 17
Segment = tuple[str, ...]


class BadX12(Invalid):
    """A file that is no whole X12 interchange."""

    code = "bad_x12"


@dataclass(frozen=True, slots=True)
class Address:
    """A partner in an envelope: an id and what kind of id it is (ZZ: as both agreed, 01: D-U-N-S, 14: GLN)."""

    id: str
    qualifier: str = "ZZ"


@dataclass(frozen=True, slots=True)
class Set:
    """A transaction set: what it is (856), its number within the group, and its segments between ST and SE."""

    kind: str
    control: str
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class Interchange:
    """An envelope with its sets."""

    sender: Address
    receiver: Address
    control: int
    is_test: bool
    sets: list[Set]


def plain(text: str, most: int) -> str:
    """Text as an element may hold it: ASCII without the signs that end elements, cut where the standard ends."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return " ".join("".join(" " if c in f"{ELEMENT}{COMPONENT}{END}" else c for c in bare).split())[:most].rstrip()


def write(group: str, message: Interchange, *, at: datetime) -> str:
    """The interchange as text, one segment a line; `group` is the functional id of its sets (SH for 856)."""
    control, day = f"{message.control:09d}", f"{at:%Y%m%d}"
    head = [
        ("ISA", "00", " " * 10, "00", " " * 10, message.sender.qualifier, f"{message.sender.id:<15}",
         message.receiver.qualifier, f"{message.receiver.id:<15}", day[2:], f"{at:%H%M}", "U", VERSION, control, "0",
         "T" if message.is_test else "P", COMPONENT),
        ("GS", group, message.sender.id, message.receiver.id, day, f"{at:%H%M}", str(message.control), "X", RELEASE),
    ]  # fmt: skip
    body: list[Segment] = []
    for one in message.sets:
        body += [
            ("ST", one.kind, one.control),
            *one.segments,
            ("SE", str(len(one.segments) + 2), one.control),
        ]
    tail = [("GE", str(len(message.sets)), str(message.control)), ("IEA", "1", control)]
    return "".join(f"{_said(segment)}{END}\n" for segment in (*head, *body, *tail))


def _said(segment: Segment) -> str:
    return ELEMENT.join(segment) if segment[0] == "ISA" else ELEMENT.join(segment).rstrip(ELEMENT)


def read(text: str) -> Interchange:
    """The first interchange of a file. Refuses with BadX12 what is none, and what is not whole."""
    segments = _segments(text.lstrip("\ufeff \t\r\n"))
    head, *rest = segments
    sets: list[Set] = []
    group: list[str] = []
    groups = 0
    opened: tuple[str, str, list[Segment]] | None = None
    for segment in rest:
        name = segment[0]
        if name == "ST" and opened is None and group:
            opened = (_at(segment, 1), _at(segment, 2), [])
        elif name == "SE" and opened is not None:
            kind, control, inside = opened
            if _at(segment, 2) != control or _number(segment, 1) != len(inside) + 2:
                raise _cut(f"Set {control} says that it has {_at(segment, 1)} segments, and has {len(inside) + 2}.")
            sets.append(Set(kind, control, inside))
            opened = None
        elif opened is not None:
            opened[2].append(segment)
        elif name == "GS" and not group:
            group = [_at(segment, 6), str(len(sets))]
        elif name == "GE" and group:
            if _at(segment, 2) != group[0] or _number(segment, 1) != len(sets) - int(group[1]):
                raise _cut(f"Group {group[0]} says that it has {_at(segment, 1)} sets.")
            group, groups = [], groups + 1
        elif name == "IEA" and not group:
            if _number(segment, 2) != _number(head, 13) or _number(segment, 1) != groups:
                raise _cut("The number at its end is not that of its head.")
            return Interchange(
                Address(head[6].strip(), head[5]), Address(head[8].strip(), head[7]), _number(head, 13),
                head[15] == "T", sets,
            )  # fmt: skip
        else:
            raise _cut(f"{name[:10]} stands where it does not belong.")
    raise _cut("It has no end.")


def _segments(text: str) -> list[Segment]:
    """The segments of a file, by the signs that its own head names."""
    if not text.startswith("ISA") or len(text) < ISA_ELEMENTS * 2:
        raise BadX12("This file is no X12 interchange.", fix="It begins with ISA.")
    sign = text[3]
    parts = text.split(sign, ISA_ELEMENTS - 1)
    if len(parts) < ISA_ELEMENTS or len(parts[-1]) < 2:
        raise _cut("Its head is cut.")
    component, end = parts[-1][0], parts[-1][1]
    if end.isalnum() or sign.isalnum():
        raise _cut("Its head does not say how its segments end.")
    head: Segment = (*parts[:-1], component)
    rest = parts[-1][2:]
    return [head, *(tuple(one.strip("\r\n\t ").split(sign)) for one in rest.split(end) if one.strip("\r\n\t "))]


def _at(segment: Sequence[str], place: int) -> str:
    return segment[place].strip() if place < len(segment) else ""


def _number(segment: Sequence[str], place: int) -> int:
    text = _at(segment, place)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise _cut(f"“{text[:20]}” of {segment[0]} is no number.")
    return int(text)


def _cut(said: str) -> BadX12:
    return BadX12(f"This interchange is not whole. {said}", fix="Ask for the file again.")
