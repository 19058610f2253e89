"""Looking a record up by what somebody typed or scanned: its code, the first letters of it, or part of a name.

A stage's statement returns id, code, note and whether the text is exactly the code, and may use these parameters:
`exact` (the text, and in capitals), `code` (the text), `starts` and `starts_upper` (LIKE patterns for an index on the
code), `inside` (an ILIKE pattern for a trigram index; NULL below three letters, where it would read everything),
`sites` (where the person may look; 0 = everywhere) and `limit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.shared import gs1
from flowrack.shared.errors import FlowrackError
from flowrack.shared.gs1 import Gs1Scan

EVERYWHERE = frozenset({0})
FEW = 6
SHORTEST_PART = 3
LONGEST_ID = 18
NEWEST = 2_000  # documents among which the newest that begin so are looked for first


@dataclass(frozen=True, slots=True)
class Found:
    """One record that the text may mean."""

    id: int
    code: str
    note: str
    is_exact: bool


def begun(table: str, here: str) -> str:
    """The ids of documents `n` of which the number begins with the text: the newest of the last two thousand, and older
    ones from the highest number down, so that nothing is read through. `here` says which of them the person sees."""
    return f"""
        (SELECT n.id FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT {NEWEST}) n
         WHERE n.number LIKE %(starts_upper)s AND {here} ORDER BY n.id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT n.id FROM {table} n WHERE n.number LIKE %(starts_upper)s AND {here}
         ORDER BY n.number USING ~>~ LIMIT %(limit)s)
    """  # noqa: S608 - text of the stage, what is looked for is bound


def numbered(table: str, note: str, *, joins: str = "", also: str = "", at: Sequence[str] = ("site_id",)) -> str:
    """The statement for documents `d` with a number at a site, found by it or its beginning, newest first.

    `also` is another SELECT of their ids, such as one by the supplier's reference; it takes part in what is found by
    the sites of the documents, and by being exact where the number is not. `at` names the columns of their sites.
    """
    more = f" UNION ALL ({also})" if also else ""
    exact = f"d.number = ANY(%(exact)s::text[]) OR d.id IN ({also})" if also else "d.number = ANY(%(exact)s::text[])"
    columns = " OR ".join(f"{{0}}.{column} = ANY(%(sites)s::bigint[])" for column in at)
    here = f"(0 = ANY(%(sites)s::bigint[]) OR {columns})"
    return f"""
        SELECT d.id, d.number, {note}, {exact}
        FROM {table} d {joins}
        WHERE d.id = ANY (ARRAY(
            SELECT id FROM {table} WHERE number = ANY(%(exact)s::text[])
            UNION ALL {begun(table, here.format("n"))}{more}
        )) AND {here.format("d")}
        ORDER BY 4 DESC, d.id DESC LIMIT %(limit)s
    """  # noqa: S608 - text of the stage, what is looked for is bound


def look_up(
    statement: str, text: str, *, sites: frozenset[int] = EVERYWHERE, beside: Mapping[str, str] | None = None
) -> list[Found]:
    """The few records that a text may mean, the exact ones first; `beside` are more parameters. One statement."""
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
        **(beside or {}),
    }
    return [Found(*row) for row in sql.fetch_all(statement, params)]


def read_id(text: str) -> int:
    """The id in a form's field or an address; 0 when there is none."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else 0


def label_of(text: str) -> Gs1Scan:
    """What a GS1 label says; for any other text, also for half a label, the text itself."""
    try:
        return gs1.parse(text)
    except FlowrackError:
        return Gs1Scan(raw=text)
