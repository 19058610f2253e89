"""Reads of planning for its pages: what a person may see."""

from __future__ import annotations

from datetime import datetime

from flowrack.planning.queries import PROPOSAL, ProposalRow
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


def proposal_page(query: ListQuery) -> Page[ProposalRow]:
    """Proposals at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        ProposalRow,
        PROPOSAL
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, p.site_id) AND 'planning.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("sku", "name", "supplier"),
        totals={"value": "sum(value)"},
        site_column="site_id",
    )


def last_looked(site_id: int) -> datetime | None:
    """When somebody last looked what runs low at a site (0 = anywhere); None = never. One query."""
    found: datetime | None = sql.fetch_value(
        """
        SELECT occurred_at FROM platform_commandrecord
        WHERE command = 'planning.propose' AND (%s = 0 OR (request ->> 'site_id')::bigint = %s)
        ORDER BY id DESC LIMIT 1
        """,
        (site_id, site_id),
    )
    return found
