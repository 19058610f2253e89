"""Reads of confirmations: tolerances, lines that wait for the buyer, orders that nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.types_confirmations import HOUSE, ConfirmationTolerance
from flowrack.purchasing.types_versions import LineMoved

# What the supplier says of a PO line `l` and no buyer has accepted: a promise must not be better than that.
SAID = """
    LEFT JOIN LATERAL (
        SELECT max(c.confirmed_on) AS confirmed_on, min(c.units) AS units FROM purchasing_confirmationline c
        WHERE c.po_line_id = l.id AND (c.state = 'open' OR c.state = 'accepted' AND EXISTS (
            SELECT FROM purchasing_poversion v WHERE v.id = c.version_id AND v.state = 'waiting'))
    ) AS said ON true
"""
SAID_ON = "greatest(l.expected_on, said.confirmed_on)"
SAID_OWED = "greatest(least(l.units, said.units) - l.short_units - l.received_units, 0)"
_NEWEST = """
    SELECT DISTINCT ON (coalesce(supplier_id, 0)) * FROM purchasing_confirmationtolerancerow
    ORDER BY coalesce(supplier_id, 0), id DESC
"""


def tolerances_for(supplier_ids: Sequence[int]) -> dict[int, ConfirmationTolerance]:
    """What counts for each supplier: its own, else the house's, else the built-in one. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT coalesce(supplier_id, 0), late_days, early_days, cut_pct, price_up_pct, price_up_amount,
               confirm_within_days
        FROM ({_NEWEST}) AS t WHERE supplier_id IS NULL OR supplier_id = ANY(%s)
        """,  # noqa: S608 - a constant
        (list(supplier_ids),),
    )
    found = {row[0]: ConfirmationTolerance(*row[1:]) for row in rows}
    return {supplier_id: found.get(supplier_id) or found.get(0) or HOUSE for supplier_id in supplier_ids}


@dataclass(frozen=True, slots=True)
class ToleranceRow:
    """A tolerance that counts now."""

    id: int
    supplier: str
    late_days: int
    early_days: int
    cut_pct: Decimal
    price_up_pct: Decimal
    price_up_amount: Decimal
    confirm_within_days: int
    reason: str
    set_by: str
    set_at: datetime


def tolerance_page(query: ListQuery) -> Page[ToleranceRow]:
    """The tolerances that count now. Two queries."""
    return sql_page(
        query,
        ToleranceRow,
        f"""
        SELECT t.id, coalesce(s.name, 'every supplier') AS supplier, t.late_days, t.early_days, t.cut_pct,
               t.price_up_pct, t.price_up_amount, t.confirm_within_days, t.reason, u.full_name AS set_by, t.set_at
        FROM ({_NEWEST}) AS t LEFT JOIN parties_party s ON s.id = t.supplier_id
        JOIN platform_user u ON u.id = t.set_by_id
        """,  # noqa: S608 - a constant
        search=("supplier",),
    )


@dataclass(frozen=True, slots=True)
class ConfirmedRow:
    """A confirmed line in a list."""

    id: int
    po_id: int
    number: str
    supplier: str
    site_id: int
    site: str
    line_no: int
    sku: str
    name: str
    asked_units: int
    units: int
    asked_on: date
    confirmed_on: date
    asked_cost: Decimal
    unit_cost: Decimal
    days_late: int
    units_cut: int
    price_up_pct: Decimal | None
    value: Decimal
    state: str
    reason: str
    reference: str
    recorded_by: str
    recorded_at: datetime
    decided_by: str
    decision_reason: str
    version_no: int | None


_LINES = """
    SELECT l.id, po.id AS po_id, po.number, s.name AS supplier, po.site_id, site.code AS site, p.line_no, i.sku, i.name,
           l.asked_units, l.units, l.asked_on, l.confirmed_on, l.asked_cost, l.unit_cost, l.days_late, l.units_cut,
           l.price_up_pct, round(l.units * l.unit_cost, 2) AS value, l.state, l.reason,
           CASE WHEN l.reference <> '' THEN l.reference ELSE c.reference END AS reference, r.full_name AS recorded_by,
           c.recorded_at, coalesce(d.full_name, '') AS decided_by, l.decision_reason, v.version_no
    FROM purchasing_confirmationline l
    JOIN purchasing_confirmation c ON c.id = l.confirmation_id
    JOIN purchasing_po po ON po.id = c.po_id
    JOIN purchasing_poline p ON p.id = l.po_line_id
    JOIN catalog_item i ON i.id = p.item_id
    JOIN parties_party s ON s.id = po.supplier_id
    JOIN locations_site site ON site.id = po.site_id
    JOIN platform_user r ON r.id = c.recorded_by_id
    LEFT JOIN platform_user d ON d.id = l.decided_by_id
    LEFT JOIN purchasing_poversion v ON v.id = l.version_id
"""
_SEEN = """
    EXISTS (SELECT FROM platform_userrole held JOIN platform_role r ON r.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, po.site_id) AND 'purchasing.view' = ANY(r.permissions))
"""


def confirmed_page(query: ListQuery) -> Page[ConfirmedRow]:
    """Confirmed lines at the sites where the viewer may see POs. Two queries."""
    return sql_page(
        query,
        ConfirmedRow,
        f"{_LINES} WHERE {_SEEN}",
        [query.actor_id],
        search=("number", "supplier", "sku", "reference"),
        totals={"value": "sum(value)"},
        site_column="site_id",
    )


def confirmed_lines(
    site_ids: Sequence[int], *, po_id: int = 0, state: str = "", after_id: int = 0, limit: int = 500
) -> list[ConfirmedRow]:
    """Confirmed lines at sites (0 = all), of one PO or of all, oldest first. One query."""
    rows = sql.fetch_all(
        f"""
        {_LINES} WHERE (0 = ANY(%(sites)s::bigint[]) OR po.site_id = ANY(%(sites)s::bigint[]))
          AND (%(po)s = 0 OR po.id = %(po)s) AND (%(state)s = '' OR l.state = %(state)s) AND l.id > %(after)s
        ORDER BY l.id LIMIT %(limit)s
        """,
        {"sites": list(site_ids), "po": po_id, "state": state, "after": after_id, "limit": limit},
    )
    return [ConfirmedRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A confirmed line that waits for the buyer, with its PO."""

    id: int
    po_id: int
    line_no: int
    units: int
    confirmed_on: date
    unit_cost: Decimal
    reference: str
    state: str


def lines_by_id(line_ids: Sequence[int]) -> list[OpenLine]:
    """Confirmed lines as a decision needs them, in order of id. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, p.po_id, p.line_no, l.units, l.confirmed_on, l.unit_cost, l.reference, l.state
        FROM purchasing_confirmationline l JOIN purchasing_poline p ON p.id = l.po_line_id
        WHERE l.id = ANY(%s) ORDER BY l.id
        """,
        (list(line_ids),),
    )
    return [OpenLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A PO line: what is owed and when, by the order and as the supplier says where that is worse."""

    po_line_id: int
    po_id: int
    item_id: int
    site_id: int
    ordered: tuple[int, date]
    owed: int
    on: date


def foreseen(po_ids: Sequence[int]) -> dict[int, Foreseen]:
    """What is foreseen of the lines of POs, by their ids. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT l.id, l.po_id, l.item_id, po.site_id, l.units - l.short_units - l.received_units, l.expected_on,
               {SAID_OWED}, {SAID_ON}
        FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id {SAID}
        WHERE l.po_id = ANY(%s::bigint[]) ORDER BY l.id
        """,  # noqa: S608 - constants
        (list(po_ids),),
    )
    return {r[0]: Foreseen(r[0], r[1], r[2], r[3], (r[4], r[5]), r[6], r[7]) for r in rows}


def foreseen_moved(before: dict[int, Foreseen], after: dict[int, Foreseen]) -> list[LineMoved]:
    """Lines of which another thing is foreseen though the order says the same. Pure."""
    return [
        LineMoved(now.po_line_id, now.po_id, now.item_id, now.site_id, was.owed, now.owed, was.on, now.on)
        for key, now in after.items()
        if (was := before.get(key)) and now.ordered == was.ordered and (now.owed, now.on) != (was.owed, was.on)
    ]


@dataclass(frozen=True, slots=True)
class UnconfirmedRow:
    """An open order with lines that its supplier has not confirmed since it was approved or changed last."""

    id: int
    number: str
    supplier: str
    supplier_id: int
    site_id: int
    site: str
    due_on: date
    approved_at: datetime
    sent_at: datetime | None
    means: str
    days: int | None
    within_days: int
    is_overdue: str
    line_count: int
    value: Decimal
    buyer: str


_UNCONFIRMED = f"""
    SELECT po.id, po.number, s.name AS supplier, po.supplier_id, po.site_id, site.code AS site, po.due_on,
           asked.decided_at AS approved_at, sent.sent_at, coalesce(sent.means, '') AS means,
           (%(now)s::timestamptz AT TIME ZONE site.timezone)::date - (sent.sent_at AT TIME ZONE site.timezone)::date
               AS days,
           coalesce(own.confirm_within_days, house.confirm_within_days, {HOUSE.confirm_within_days}) AS within_days,
           CASE WHEN sent.sent_at IS NULL THEN 'not sent'
                WHEN (%(now)s::timestamptz AT TIME ZONE site.timezone)::date
                     - (sent.sent_at AT TIME ZONE site.timezone)::date
                     > coalesce(own.confirm_within_days, house.confirm_within_days, {HOUSE.confirm_within_days})
                THEN 'overdue' ELSE 'in time' END AS is_overdue,
           owed.line_count, owed.value, u.full_name AS buyer
    FROM purchasing_po po
    JOIN parties_party s ON s.id = po.supplier_id
    JOIN locations_site site ON site.id = po.site_id
    JOIN platform_user u ON u.id = po.created_by_id
    JOIN LATERAL (
        SELECT v.version_no, v.decided_at FROM purchasing_poversion v
        WHERE v.po_id = po.id AND v.state = 'approved' AND v.origin <> 'confirmation'
        ORDER BY v.version_no DESC LIMIT 1
    ) AS asked ON true
    LEFT JOIN LATERAL (
        SELECT x.sent_at, x.means FROM purchasing_posent x JOIN purchasing_poversion v ON v.id = x.version_id
        WHERE v.po_id = po.id AND v.version_no >= asked.version_no ORDER BY x.id LIMIT 1
    ) AS sent ON true
    LEFT JOIN ({_NEWEST}) AS own ON own.supplier_id = po.supplier_id
    LEFT JOIN ({_NEWEST}) AS house ON house.supplier_id IS NULL
    JOIN LATERAL (
        SELECT count(*) AS line_count,
               sum(round((l.units - l.received_units - l.short_units) * l.unit_cost, 2)) AS value
        FROM purchasing_poline l
        WHERE l.po_id = po.id AND l.units > l.received_units + l.short_units AND NOT EXISTS (
            SELECT FROM purchasing_confirmationline cl JOIN purchasing_confirmation c ON c.id = cl.confirmation_id
            WHERE cl.po_line_id = l.id AND cl.state IN ('as_ordered', 'accepted', 'open')
              AND c.recorded_at >= asked.decided_at)
    ) AS owed ON owed.line_count > 0
    WHERE po.state IN ('approved', 'receiving')
"""  # noqa: S608 - constants


def unconfirmed(site_ids: Sequence[int], *, now: datetime, limit: int | None = None) -> list[UnconfirmedRow]:
    """Open orders at sites (0 = all) that are not confirmed, the longest sent first, unsent ones last. One query."""
    rows = sql.fetch_all(
        f"""
        {_UNCONFIRMED} AND (0 = ANY(%(sites)s::bigint[]) OR po.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY sent.sent_at NULLS LAST, po.id LIMIT %(limit)s
        """,
        {"now": now, "sites": list(site_ids), "limit": limit},
    )
    return [UnconfirmedRow(*row) for row in rows]
