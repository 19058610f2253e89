"""Reads of whole deliveries for receiving: what a pack or an ASN fills, and on which pallet each line stands."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class Coming:
    """What a pack or a whole ASN is about, before anything is locked."""

    asn_id: int
    site_id: int
    po_ids: list[int]
    item_ids: list[int]


COMING = """
    SELECT a.id, a.site_id, coalesce(array_agg(DISTINCT pl.po_id) FILTER (WHERE pl.po_id IS NOT NULL), '{}'),
           coalesce(array_agg(DISTINCT l.item_id) FILTER (WHERE l.item_id IS NOT NULL), '{}')
    FROM dock_asn a LEFT JOIN dock_asnline l ON l.asn_id = a.id
    LEFT JOIN purchasing_poline pl ON pl.id = l.po_line_id
"""
ON_PACK = f"""
    WITH RECURSIVE tree AS (
        SELECT p.id, p.asn_id FROM dock_asnpack p JOIN dock_asn a ON a.id = p.asn_id AND a.ended_at IS NULL
        WHERE p.sscc = %s AND NOT isempty(p.taken)
        UNION ALL SELECT c.id, c.asn_id FROM dock_asnpack c JOIN tree ON c.parent_id = tree.id
    )
    {COMING} WHERE a.id = (SELECT max(asn_id) FROM tree) AND l.pack_id IN (SELECT id FROM tree) GROUP BY a.id
"""  # noqa: S608 - a constant of this module


def coming_on_pack(sscc: str) -> Coming | None:
    """What stands on a pack of an open ASN, packs on it included. One query."""
    row = sql.fetch_one(ON_PACK, (sscc,))
    return Coming(*row) if row else None


def coming_with_asn(asn_id: int) -> Coming | None:
    """What a whole ASN brings. One query."""
    row = sql.fetch_one(COMING + "WHERE a.id = %s GROUP BY a.id", (asn_id,))
    return Coming(*row) if row else None


def pallets_of_asn(asn_id: int) -> dict[int, str]:
    """For each pack of an ASN the SSCC of what stands on the floor under it: its own, or its pallet's. One query."""
    rows = sql.fetch_all(
        """
        WITH RECURSIVE tree AS (
            SELECT p.id, p.sscc AS bottom FROM dock_asnpack p WHERE p.asn_id = %s AND p.parent_id IS NULL
            UNION ALL SELECT c.id, t.bottom FROM dock_asnpack c JOIN tree t ON c.parent_id = t.id
        )
        SELECT id, bottom FROM tree
        """,
        (asn_id,),
    )
    return dict(rows)


def floor_packs(asn_id: int) -> tuple[int, int]:
    """Of the packs of an ASN that stand on the floor by themselves: how many there are, and of how many something has
    not come. One query."""
    row = sql.fetch_one(
        """
        WITH RECURSIVE tree AS (
            SELECT p.id, p.id AS bottom FROM dock_asnpack p WHERE p.asn_id = %s AND p.parent_id IS NULL
            UNION ALL SELECT c.id, t.bottom FROM dock_asnpack c JOIN tree t ON c.parent_id = t.id
        )
        SELECT count(*), count(*) FILTER (WHERE NOT came) FROM (
            SELECT bool_and(l.received_units > 0) AS came
            FROM tree t JOIN dock_asnline l ON l.pack_id = t.id GROUP BY t.bottom) AS x
        """,
        (asn_id,),
    )
    assert row is not None
    return row[0], row[1]
