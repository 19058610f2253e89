"""Looking a record up by what somebody typed or scanned: its code, the first letters of it, or part of a name.

A stage's statement returns id, code, note and whether the text is exactly the code, and may use these parameters:
`exact` (the text, and in capitals), `code` (the text), `starts` and `starts_upper` (LIKE patterns for an index on the
code), `inside` (an ILIKE pattern for a trigram index; NULL below three letters, where it would read everything),
`sites` (where the person may look; 0 = everywhere) and `limit`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.shared import gs1
from flowrack.shared.errors import FlowrackError
from flowrack.shared.gs1 import Gs1Scan

EVERYWHERE = frozenset({0})
FEW = 6
SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One record that the text may mean."""

    id: int
    code: str
    note: str
    is_exact: bool


def look_up(statement: str, text: str, *, sites: frozenset[int] = EVERYWHERE) -> list[Found]:
    """The few records that a text may mean, the exact ones first. One statement."""
    code = text.strip().replace("\x00", "")
    if not code:
        return []
    plain = code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    params = {
        "exact": sorted({code, code.upper()}),
        "code": code,
        "starts": f"{plain}%",
        "starts_upper": f"{plain.upper()}%",
        "inside": f"%{plain}%" if len(code) >= SHORTEST_PART else None,
        "sites": sorted(sites),
        "limit": FEW,
    }
    return [Found(*row) for row in sql.fetch_all(statement, params)]


def label_of(text: str) -> Gs1Scan:
    """What a GS1 label says; for any other text, also for half a label, the text itself."""
    try:
        return gs1.parse(text)
    except FlowrackError:
        return Gs1Scan(raw=text)
