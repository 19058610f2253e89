"""What a request's types refuse, as bad lines: the document and line, the field, the sentence and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.shared.errors import BadLine

SHOWN = 40
ELSE = ("is not what belongs here", "See the request's description in /api/v1/openapi.json.")

# The beginning of pydantic's name of an error -> what is wrong with the value, and the way out. The first fit counts.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("missing", "The field is missing", "Add it."),
    ("extra_forbidden", "There is no such field", "Leave it out, or check how it is written."),
    ("json_invalid", "The body is not JSON", "Send a JSON document."),
    ("int_parsing_size", "is too large a number", "Use a smaller whole number."),
    ("int", "is not a whole number", "Use a whole number, for example 12."),
    ("decimal_max_places", "has too many decimal places", "Use at most {decimal_places} places."),
    ("decimal_whole_digits", "is too large a number", "Use at most {whole_digits} digits before the point."),
    ("decimal_max_digits", "is too long a number", "Use at most {max_digits} digits."),
    ("decimal", "is not a number", "Use a number with a point, for example 12.50."),
    ("float", "is not a number", "Use a number with a point, for example 12.50."),
    ("finite_number", "is not a number", "Use a number with a point, for example 12.50."),
    ("timezone", "has no time zone", "Write it as 2027-01-31T08:00:00Z."),
    ("datetime", "is not a time", "Write it as 2027-01-31T08:00:00Z."),
    ("date", "is not a day of the calendar", "Write it as 2027-01-31."),
    ("time", "is not a time of the day", "Write it as 08:00:00."),
    ("bool", "is neither yes nor no", "Use true or false."),
    ("enum", "is not one of the choices", "Use {expected}."),
    ("literal_error", "is not one of the choices", "Use {expected}."),
    ("string_too_long", "is too long", "Use at most {max_length} characters."),
    ("string_too_short", "is too short", "Use at least {min_length} characters."),
    ("string_pattern", "is not written as it must be", "It must match {pattern}."),
    ("string", "is not a text", "Write it in quotes."),
    ("too_long", "The list is too long", "Send at most {max_length} entries at a time."),
    ("too_short", "The list is too short", "Send at least {min_length}."),
    ("greater_than_equal", "is too small", "Use {ge} or more."),
    ("greater_than", "is too small", "Use more than {gt}."),
    ("less_than_equal", "is too large", "Use {le} or less."),
    ("less_than", "is too large", "Use less than {lt}."),
    ("list", "is not a list", "Send a list: [ ... ]."),
    ("dict", "is not an object", "Send an object: { ... }."),
    ("model", "is not an object", "Send an object: { ... }."),
    ("dataclass", "is not an object", "Send an object: { ... }."),
)


def bad_lines(found: Sequence[dict[str, Any]]) -> list[BadLine]:
    """Every type error. `line` is the number in the innermost list, from 1; `field` is the whole path, with the numbers
    of all lists on the way: orders.2.lines.3.quantity."""
    return [_bad_line(one) for one in found]


def _bad_line(found: dict[str, Any]) -> BadLine:
    place = list(found.get("loc", ()))[1:]
    if len(place) > 1 and place[0] == "body":
        place = place[1:]
    path = [str(part + 1) if isinstance(part, int) else str(part) for part in place]
    numbers = [part + 1 for part in place if isinstance(part, int)]
    while len(path) > 1 and isinstance(place[len(path) - 1], int):
        path.pop()
    kind = str(found.get("type", ""))
    said, fix = next(((said, fix) for name, said, fix in KINDS if kind.startswith(name)), ELSE)
    value = found.get("input", "")
    if said[0].islower() and "input" not in found:  # of a request it is not told what was sent
        said = f"This value {said}"
    elif said[0].islower() and value in ("", None):
        said = "The field is empty"
    elif said[0].islower():
        said = f"“{str(value)[:SHOWN]}” {said}"
    return BadLine(numbers[-1] if numbers else 0, ".".join(path), f"{said}.", _filled(fix, found.get("ctx") or {}))


def _filled(fix: str, facts: dict[str, Any]) -> str:
    """The way out with the limits of this field."""
    for name, value in facts.items():
        fix = fix.replace("{" + name + "}", str(value))
    return fix
