"""Reads of claims and debit notes: the list, one with its discrepancies, and what its paper says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.inbound.queries_discrepancies import DISCREPANCY, DiscrepancyRow
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim or debit note in a list and on its page."""

    id: int
    number: str
    kind: str
    state: str
    site_id: int
    site: str
    supplier_id: int
    supplier: str
    responsible: str
    carrier: str
    amount: Decimal
    settled_amount: Decimal | None
    lines: int
    note: str
    created_by: str
    created_at: datetime
    sent_by: str
    sent_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    end_reason: str

    @property
    def asked_of(self) -> str:
        """Who is asked for the money."""
        return (self.carrier or "the carrier") if self.responsible == "carrier" else self.supplier


CLAIM = """
    SELECT c.id, c.number, c.kind, c.state, c.site_id, site.code AS site, coalesce(c.supplier_id, 0) AS supplier_id,
           coalesce(s.name, '') AS supplier, c.responsible,
           coalesce(p.name, '') AS carrier, c.amount,
           c.settled_amount, d.lines, c.note, u.full_name AS created_by, c.created_at,
           coalesce(su.full_name, '') AS sent_by, c.sent_at, coalesce(eu.full_name, '') AS ended_by, c.ended_at,
           c.end_reason
    FROM inbound_claim c JOIN locations_site site ON site.id = c.site_id
    LEFT JOIN parties_party s ON s.id = c.supplier_id LEFT JOIN parties_party p ON p.id = c.carrier_id
    JOIN platform_user u ON u.id = c.created_by_id LEFT JOIN platform_user su ON su.id = c.sent_by_id
    LEFT JOIN platform_user eu ON eu.id = c.ended_by_id
    CROSS JOIN LATERAL (SELECT count(*) AS lines FROM inbound_discrepancy x WHERE x.document = c.number) AS d
"""


def claim_page(query: ListQuery) -> Page[ClaimRow]:
    """Claims and debit notes at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        ClaimRow,
        CLAIM
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, c.site_id) AND 'inbound.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "supplier", "carrier", "note"),
        totals={"amount": "sum(amount)", "settled_amount": "sum(settled_amount)"},
        site_column="site_id",
    )


def claims(site_ids: Sequence[int], *, state: str = "", before: int | None = None, limit: int = 50) -> list[ClaimRow]:
    """Claims at sites (0 = all), newest first, from the id `before` on. One query."""
    rows = sql.fetch_all(
        CLAIM
        + """
        WHERE (0 = ANY(%s::bigint[]) OR c.site_id = ANY(%s::bigint[])) AND (%s = '' OR c.state = %s)
          AND (%s::bigint IS NULL OR c.id < %s::bigint)
        ORDER BY c.id DESC LIMIT %s
        """,
        (list(site_ids), list(site_ids), state, state, before, before, limit),
    )
    return [ClaimRow(*row) for row in rows]


def access(claim_id: int, site_ids: frozenset[int]) -> tuple[ClaimRow, list[DiscrepancyRow]]:
    """The claim with its discrepancies, if it is of a site that the person may see (0 = all). Two queries."""
    row = sql.fetch_one(CLAIM + " WHERE c.id = %s", (claim_id,))
    found = ClaimRow(*row) if row else None
    if found is None or not (0 in site_ids or found.site_id in site_ids):
        raise NotFound(f"There is no claim or debit note with id {claim_id}.")
    lines = sql.fetch_all(DISCREPANCY + " WHERE d.document = %s ORDER BY d.id", (found.number,))
    return found, [DiscrepancyRow(*one) for one in lines]


def id_of(number: str) -> int:
    """The id of the claim with this number; 0 when there is none. One query."""
    return int(sql.fetch_value("SELECT id FROM inbound_claim WHERE number = %s", (number,)) or 0)
