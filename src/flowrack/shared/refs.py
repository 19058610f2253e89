"""References between records of different stages: "stage.noun:id", for example "sales.line:991".

The kernels know no document; they keep such a reference as the origin of a move or the demand behind a claim.
"""

from __future__ import annotations


def ref(noun: str, key: int) -> str:
    """The reference of one record."""
    return f"{noun}:{key}"


def key_of(reference: str) -> int:
    """The id inside a reference."""
    return int(reference.rpartition(":")[2])
