"""Reads of planning for its pages: what a person may see."""

from __future__ import annotations

from flowrack.planning.queries import PROPOSAL, ProposalRow
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
