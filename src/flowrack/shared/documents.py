"""How large one document may be: so many lines are read, decided about and written as a whole."""

from __future__ import annotations

from flowrack.shared.errors import BadLine

LINES_MOST = 10_000


def too_many_lines(count: int, what: str, *, at: int = 0, most: int = LINES_MOST) -> list[BadLine]:
    """The fault of a document with more than the most lines; none when it fits. `what` names it, `at` its line."""
    if count <= most:
        return []
    sentence = f"{what} has {count:,} lines; {most:,} are the most."
    return [BadLine(at, "lines", sentence, f"Split it into parts of at most {most:,} lines.")]
