"""Document numbers such as PO-1001: one PostgreSQL sequence per prefix, so that nobody waits for a number.

A refused or rolled-back command leaves a gap; numbers are names, not counts.
"""

from __future__ import annotations

from flowrack.platform import sql


def next_numbers(prefix: str, count: int) -> list[str]:
    """The next `count` numbers of a prefix (capital letters, up to 12), rising. One statement.

    The function behind it makes the sequence on the first use of a prefix.
    """
    rows = sql.fetch_all("SELECT platform_next_numbers(%s, %s)", (prefix, count))
    return [f"{prefix}-{number}" for (number,) in rows]


def next_number(prefix: str) -> str:
    """The next number of a prefix."""
    return next_numbers(prefix, 1)[0]
