"""What a draft agreement looks like to those who must approve it: its head, what counted before, what we buy of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class AskedAgreement:
    """The head of a draft that asks; `before_id` 0 when no version of it was ever in force."""

    agreement_id: int
    number: str
    version: int
    site_id: int
    site: str
    site_code: str
    supplier_id: int
    supplier: str
    supplier_code: str
    changed_by: int
    writer_ids: list[int]
    note: str
    before_id: int
    is_new_supplier: bool


def asked_agreement(agreement_id: int) -> AskedAgreement:
    """The head of a draft. One query."""
    row = sql.fetch_one(
        """
        SELECT g.id, g.number, g.version, coalesce(g.site_id, 0), coalesce(site.name, 'every site'),
               coalesce(site.code, ''), g.supplier_id, s.name, s.code, g.changed_by_id, g.writer_ids, g.note,
               coalesce((SELECT b.id FROM purchasing_agreement b
                         WHERE b.number = g.number AND b.version < g.version AND b.state IN ('active', 'replaced')
                         ORDER BY b.version DESC LIMIT 1), 0),
               NOT EXISTS (SELECT FROM purchasing_po p
                           WHERE p.supplier_id = g.supplier_id AND p.approved_at IS NOT NULL)
        FROM purchasing_agreement g JOIN parties_party s ON s.id = g.supplier_id
        LEFT JOIN locations_site site ON site.id = g.site_id WHERE g.id = %s
        """,
        (agreement_id,),
    )
    assert row is not None, "it is locked"
    return AskedAgreement(*row)


def ordered_in_a_year(supplier_id: int, site_id: int, *, until: date) -> list[tuple[int, int, int]]:
    """What we ordered of a supplier for a site (0 = all) in twelve months: (item, family, units). One query."""
    return sql.fetch_all(
        """
        SELECT l.item_id, coalesce(i.family_id, 0), sum(l.units)::bigint
        FROM purchasing_po p JOIN purchasing_poline l ON l.po_id = p.id JOIN catalog_item i ON i.id = l.item_id
        WHERE p.supplier_id = %s AND (%s = 0 OR p.site_id = %s) AND p.approved_at IS NOT NULL
          AND p.state <> 'cancelled' AND p.ordered_on > %s AND p.ordered_on <= %s
        GROUP BY 1, 2 ORDER BY 1
        """,
        (supplier_id, site_id, site_id, until - timedelta(days=365), until),
    )


def in_the_way(agreement_id: int) -> str:
    """Another agreement that is in force when this draft would be; empty if there is none. One query."""
    found = sql.fetch_value(
        """
        SELECT o.number FROM purchasing_agreement g JOIN purchasing_agreement o
               ON o.supplier_id = g.supplier_id AND coalesce(o.site_id, 0) = coalesce(g.site_id, 0)
              AND o.number <> g.number AND o.state = 'active'
              AND daterange(o.valid_from, o.valid_to, '[]') && daterange(g.valid_from, g.valid_to, '[]')
        WHERE g.id = %s ORDER BY o.id LIMIT 1
        """,
        (agreement_id,),
    )
    return str(found or "")


def revisions_waiting() -> dict[int, int]:
    """The revision of each draft that waits for approval. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT g.id, g.revision FROM purchasing_agreement g
            WHERE g.state = 'draft' AND EXISTS (
                SELECT FROM approvals_request r
                WHERE r.kind = 'purchasing.agreement' AND r.subject = 'purchasing.agreement:' || g.id
                  AND r.state = 'waiting')
            """
        )
    )


def revisions(agreement_ids: Sequence[int]) -> dict[int, int]:
    """The revision of each agreement. One query."""
    return dict(
        sql.fetch_all(
            "SELECT id, revision FROM purchasing_agreement WHERE id = ANY(%s::bigint[])", (list(agreement_ids),)
        )
    )
