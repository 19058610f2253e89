"""Reads of purchasing for its pages: what a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.platform import sql
from flowrack.platform.lookup import Found, begun
from flowrack.platform.lookup import look_up as _look_up
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.queries import PO_ROW, PoRecord, PoRow, po
from flowrack.purchasing.queries_confirmations import SAID, SAID_ON, SAID_OWED
from flowrack.shared.errors import NotFound


def po_page(query: ListQuery) -> Page[PoRow]:
    """POs at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        PoRow,
        PO_ROW
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, po.site_id) AND 'purchasing.view' = ANY(r.permissions)
        )
        """,
        [query.actor_id],
        search=("number", "supplier"),
        totals={
            "ordered_units": "sum(ordered_units)",
            "received_units": "sum(received_units)",
            "owed_units": "sum(owed_units)",
            "total": "sum(total)",
        },
        site_column="site_id",
    )


def access_po(po_id: int, site_ids: frozenset[int]) -> PoRecord:
    """The PO, if it exists at a site that the person may see (0 = all). Three queries."""
    found = po(po_id)
    if 0 not in site_ids and found.head.site_id not in site_ids:
        raise NotFound(f"There is no PO with id {po_id}.")
    return found


@dataclass(frozen=True, slots=True)
class Incoming:
    """Units of an item that a supplier still owes, on an approved order; `due_on` is when the line is expected. What he
    said since counts, where it is later or less."""

    po_id: int
    number: str
    supplier: str
    due_on: date
    units: int


def incoming(item_id: int, site_id: int, *, limit: int = 20) -> list[Incoming]:
    """What suppliers still owe of an item at a site, by the day it is expected. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT po.id, po.number, p.name, {SAID_ON} AS due_on, {SAID_OWED}
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id AND po.state IN ('approved', 'receiving')
        JOIN parties_party p ON p.id = po.supplier_id
        {SAID}
        WHERE l.item_id = %s AND po.site_id = %s AND l.received_units < l.units - l.short_units AND {SAID_OWED} > 0
        ORDER BY due_on, po.id, l.line_no LIMIT %s
        """,  # noqa: S608 - constants
        (item_id, site_id, limit),
    )
    return [Incoming(*row) for row in rows]


_LOOK_UP = f"""
SELECT o.id, o.number, s.name || ', ' || o.state, o.number = ANY(%(exact)s::text[])
FROM purchasing_po o JOIN parties_party s ON s.id = o.supplier_id
WHERE o.id = ANY (ARRAY(
    SELECT id FROM purchasing_po WHERE number = ANY(%(exact)s::text[])
    UNION ALL
    {begun("purchasing_po", "(0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))")}
    UNION ALL
    (SELECT last.id FROM (
        SELECT id FROM parties_party
        WHERE is_supplier AND (code = ANY(%(exact)s::text[]) OR name ILIKE %(inside)s) ORDER BY code LIMIT %(limit)s
     ) c CROSS JOIN LATERAL (
        SELECT n.id FROM purchasing_po n WHERE n.supplier_id = c.id
        AND (0 = ANY(%(sites)s::bigint[]) OR n.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY n.id DESC LIMIT %(limit)s) last)
)) AND (0 = ANY(%(sites)s::bigint[]) OR o.site_id = ANY(%(sites)s::bigint[]))
ORDER BY 4 DESC, o.id DESC LIMIT %(limit)s
"""  # noqa: S608 - our own text


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """POs by number, or the last ones of a supplier. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
