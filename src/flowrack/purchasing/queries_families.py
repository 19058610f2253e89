"""Families of items by their codes."""

from __future__ import annotations

from collections.abc import Iterable

from flowrack.platform import sql


def family_ids(codes: Iterable[str]) -> dict[str, int]:
    """The ids behind family codes; unknown ones are left out. One query."""
    return dict(
        sql.fetch_all("SELECT code, id FROM catalog_family WHERE code = ANY(%s)", (sorted({c for c in codes if c}),))
    )


def families() -> list[tuple[int, str]]:
    """All families by name. One query."""
    return [(row[0], row[1]) for row in sql.fetch_all("SELECT id, name FROM catalog_family ORDER BY name, id")]


def exists(family_id: int) -> bool:
    """Whether there is such a family. One query."""
    return bool(sql.fetch_value("SELECT EXISTS (SELECT FROM catalog_family WHERE id = %s)", (family_id,)))
