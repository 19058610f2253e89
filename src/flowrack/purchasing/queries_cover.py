"""Reads of cover: what comes to a site already, what leaves until then, and what was bought in spite of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.purchasing import rules_cover as rules
from flowrack.purchasing.types import PO_KIND
from flowrack.purchasing.types_cover import (
    CLAIMS,
    DRAFT_DAYS,
    SOURCES,
    Cover,
    CoverSource,
    Key,
    NetNeed,
    register_source,
)
from flowrack.purchasing.types_requisitions import REQUISITION_KIND

ORDERED_UNITS = """
    (SELECT coalesce(sum(CASE WHEN po.state = 'closed' THEN pl.received_units ELSE pl.units - pl.short_units END), 0)
     FROM purchasing_requisitionorder ro
     JOIN purchasing_poline pl ON pl.id = ro.po_line_id JOIN purchasing_po po ON po.id = pl.po_id
     WHERE ro.requisition_line_id = l.id AND po.state <> 'cancelled')::bigint
"""  # units of requisition line `l` on orders; of a closed order what came

FORGOTTEN = """
    po.state = 'draft'
    AND NOT EXISTS (SELECT FROM approvals_request r WHERE r.subject = 'purchasing.po:' || po.id
                    AND r.kind = 'purchasing.po' AND r.state IN ('waiting', 'approved'))
    AND NOT EXISTS (SELECT FROM purchasing_requisitionorder ro WHERE ro.po_line_id = l.id)
"""  # line `l` of a draft that nobody asks approval for, and no requisition asks for


def _columns(keys: Sequence[Key]) -> tuple[list[int], list[int]]:
    return [site for site, _ in keys], [item for _, item in keys]


def of_pos(keys: Sequence[Key]) -> list[Cover]:
    """What suppliers owe on drafts and binding POs. A draft counts for some days; for as long as it asks for approval,
    or orders what a requisition asks for. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT %s, po.site_id, l.item_id, l.units - l.received_units - l.short_units, po.number, po.id,
               l.expected_on, s.name, l.id, CASE WHEN {FORGOTTEN} THEN po.ordered_on + {DRAFT_DAYS} END
        FROM unnest(%s::bigint[], %s::bigint[]) AS a(site, item)
        JOIN purchasing_poline l ON l.item_id = a.item AND l.received_units < l.units - l.short_units
        JOIN purchasing_po po ON po.id = l.po_id AND po.site_id = a.site
             AND po.state IN ('draft', 'approved', 'receiving')
        JOIN parties_party s ON s.id = po.supplier_id
        ORDER BY l.id
        """,  # noqa: S608 (constants)
        (PO_KIND, *_columns(keys)),
    )
    return [Cover(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line of a draft that no longer counts as coming; `reason` buys it in spite of cover, as was said before."""

    po_id: int
    line_no: int
    supplier_id: int
    site_id: int
    due_on: date
    item_id: int
    units: int
    unit_cost: Decimal
    reason: str


def late_lines(po_ids: Sequence[int], today: date) -> list[LateLine]:
    """The lines of POs that are drafts which waited too long to be sent for approval. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT po.id, l.line_no, po.supplier_id, po.site_id, po.due_on, l.item_id, l.units, l.unit_cost,
               coalesce((SELECT o.reason FROM purchasing_coveroverride o
                         WHERE o.po_id = po.id AND o.item_id = l.item_id ORDER BY o.id DESC LIMIT 1), '')
        FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
        WHERE po.id = ANY(%s) AND po.ordered_on + {DRAFT_DAYS} < %s AND {FORGOTTEN}
        ORDER BY po.id, l.line_no
        """,  # noqa: S608 (constants)
        (list(po_ids), today),
    )
    return [LateLine(*row) for row in rows]


def of_requisitions(keys: Sequence[Key]) -> list[Cover]:
    """What requisitions ask for and no order orders yet. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT %s, r.site_id, l.item_id, l.units - o.units, r.number, r.id, l.wanted_on, u.full_name
        FROM unnest(%s::bigint[], %s::bigint[]) AS a(site, item)
        JOIN purchasing_requisitionline l ON l.item_id = a.item
        JOIN purchasing_requisition r ON r.id = l.requisition_id AND r.site_id = a.site
             AND r.state IN ('requested', 'approved')
        JOIN platform_user u ON u.id = r.requested_by_id
        CROSS JOIN LATERAL (SELECT {ORDERED_UNITS} AS units) AS o
        WHERE l.units > o.units
        ORDER BY l.id
        """,  # noqa: S608 (a constant of this module)
        (REQUISITION_KIND, *_columns(keys)),
    )
    return [Cover(*row) for row in rows]


register_source(CoverSource(PO_KIND, "Order", "purchasing_po", of_pos))
register_source(CoverSource(REQUISITION_KIND, "Requisition", "purchasing_requisition", of_requisitions))
OWN = (PO_KIND, REQUISITION_KIND)


def covers(
    keys: Sequence[Key], *, today: date, without: Sequence[tuple[str, int]] = (), announced: bool = False
) -> list[Cover]:
    """All that is coming as of today, each unit once; `without` some documents (kind, id). One query for each kind.

    `announced`: only what comes without an order or a requisition.
    """
    load_subscribers()
    keys = sorted(set(keys))
    if not keys:
        return []
    found = [cover for source in SOURCES.values() for cover in source.find(keys)]
    left = rules.counting(rules.not_twice(found), today)
    if announced:
        left = [cover for cover in left if cover.kind not in OWN and not cover.po_line_id]
    return [cover for cover in left if (cover.kind, cover.document_id) not in set(without)]


def claims(until: Mapping[Key, date], now: datetime) -> dict[Key, int]:
    """Units that leave each site until a day beyond what is there, as all who know of it say. A query for each."""
    total: dict[Key, int] = {}
    for find in CLAIMS.values() if until else ():
        for key, units in find(until, now).items():
            total[key] = total.get(key, 0) + units
    return total


def net_needs(wanted: Mapping[Key, tuple[int, date]], *, now: datetime) -> dict[Key, NetNeed]:
    """For units wanted until a day: what is coming, and what must still be bought. A query for each kind."""
    found = rules.by_key(covers(list(wanted), today=now.date()))
    claimed = claims({key: day for key, (_, day) in wanted.items() if key in found}, now)
    return {
        key: rules.net_need(
            key,
            need=units,
            until=day,
            covers=found.get(key, []),
            claimed=claimed.get(key, 0),
        )
        for key, (units, day) in wanted.items()
    }


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """Units that were bought or asked for in spite of cover."""

    document_id: int
    item_id: int
    sku: str
    need_units: int
    covered_units: int
    documents: str
    reason: str
    by: str
    at: datetime


def overrides(kind: str, document_ids: Sequence[int]) -> list[OverrideRow]:
    """What documents of a kind buy in spite of cover, newest first. One query."""
    column = "po_id" if kind == PO_KIND else "requisition_id"
    rows = sql.fetch_all(
        f"""
        SELECT o.{column}, o.item_id, i.sku, o.need_units, o.covered_units, o.documents, o.reason, u.full_name, o.at
        FROM purchasing_coveroverride o JOIN catalog_item i ON i.id = o.item_id JOIN platform_user u ON u.id = o.by_id
        WHERE o.{column} = ANY(%s) ORDER BY o.id DESC
        """,  # noqa: S608 (one of two constants)
        (list(document_ids),),
    )
    return [OverrideRow(*row) for row in rows]


def on_top(kind: str, document_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Units that documents buy in spite of cover, with the newest reason. One query."""
    found: dict[int, tuple[int, str]] = {}
    for row in overrides(kind, document_ids):
        units, reason = found.get(row.document_id, (0, row.reason))
        found[row.document_id] = (units + row.covered_units, reason)
    return found
