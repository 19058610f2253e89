"""Reads of inbound for its pages: what a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flowrack.inbound.queries import RECEIPT, ReceiptRow, receipt
from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound


def receipt_page(query: ListQuery) -> Page[ReceiptRow]:
    """Receipts at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        ReceiptRow,
        RECEIPT
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, r.site_id) AND 'inbound.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "po_number", "supplier"),
        totals={"units": "sum(units)", "value": "sum(value)"},
        site_column="site_id",
    )


def access_receipt(receipt_id: int, site_ids: frozenset[int]) -> ReceiptRow:
    """The receipt, if it exists at a site that the person may see (0 = all). One query."""
    found = receipt(receipt_id)
    if 0 not in site_ids and found.site_id not in site_ids:
        raise NotFound(f"There is no receipt with id {receipt_id}.")
    return found


def reasons_of(posting_ids: Sequence[int]) -> list[str]:
    """Why goods of some postings are held or expired, in sentences, the gravest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT reason FROM inbound_discrepancy WHERE posting_id = ANY(%s::bigint[]) AND outcome = 'hold'
        ORDER BY kind <> 'expired', kind <> 'short_dated', id
        """,
        (list(posting_ids),),
    )
    return [row[0] for row in rows]


_LOOK_UP = numbered(
    "inbound_receipt",
    "p.name || ', ' || d.state",
    joins="JOIN purchasing_po o ON o.id = d.po_id JOIN parties_party p ON p.id = o.supplier_id",
)


def look_up_receipts(text: str, sites: frozenset[int]) -> list[Found]:
    """Receipts by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)


_LOOK_UP_DISCREPANCIES = numbered("inbound_discrepancy", "replace(d.kind, '_', ' ') || ', ' || d.state")


def look_up_discrepancies(text: str, sites: frozenset[int]) -> list[Found]:
    """Discrepancies by number. One query."""
    return look_up(_LOOK_UP_DISCREPANCIES, text, sites=sites)


class OpenCounts(NamedTuple):
    """How much is open, each counted up to 99."""

    receipts: int
    discrepancies: int
    claims: int


def open_counts(site_id: int) -> OpenCounts:
    """Open receipts, open discrepancies, and claims in draft or sent, of a site (0 = all). One query."""
    row = sql.fetch_one(
        """
        SELECT (SELECT count(*) FROM (SELECT FROM inbound_receipt
                                      WHERE state = 'open' AND (%(site)s = 0 OR site_id = %(site)s) LIMIT 99) AS r),
               (SELECT count(*) FROM (SELECT FROM inbound_discrepancy
                                      WHERE state = 'open' AND (%(site)s = 0 OR site_id = %(site)s) LIMIT 99) AS d),
               (SELECT count(*) FROM (SELECT FROM inbound_claim WHERE state IN ('draft', 'sent')
                                      AND (%(site)s = 0 OR site_id = %(site)s) LIMIT 99) AS c)
        """,
        {"site": site_id},
    )
    assert row is not None
    return OpenCounts(*row)
